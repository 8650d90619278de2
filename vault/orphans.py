"""Sweeping objects that no entry names: left by an intake that died after storing and before filing.

Only while no intake is at work, and only after the whole journal, proven against its signature, has been read again.
"""

from collections.abc import Sequence

from vault import acts, tlog
from vault.digest import Digest
from vault.filelist import read_file_list
from vault.journal import read_bundle
from vault.permits import permit_for_orphan
from vault.rebuild import choose_lender
from vault.store import Vault


def sweep_orphans(vault: Vault) -> Sequence[acts.OrphanSwept]:
    """Remove them from every store; what was removed. Busy while an intake is at work."""
    with vault.no_intake():
        vault.publish()
        named = _named_in_journal(vault)
        swept: list[acts.OrphanSwept] = []
        for store in vault.stores.values():
            for info in store.list():
                if info.digest in named:
                    continue
                permit = permit_for_orphan(info.digest, named)
                act = acts.OrphanSwept(
                    at=vault.now(),
                    by=vault.setting.person,
                    store=store.name,
                    sha256=info.digest.hex,
                    size=info.size,
                )
                vault.commit(lambda _, act=act: [act])  # type: ignore[misc]  # bound now, called now
                store.delete(info.digest, permit)
                swept.append(act)
        return swept


def _named_in_journal(vault: Vault) -> frozenset[Digest]:
    """Every object that the proven journal names: 32 bytes each in memory, for this rare work alone."""
    lender, agreed = choose_lender(vault, None)
    named: set[Digest] = set()
    size = agreed.checkpoint.size
    for index in range(-(-size // tlog.TILE_WIDTH)):
        for entry in read_bundle(lender, index, min(tlog.TILE_WIDTH, size - index * tlog.TILE_WIDTH)):
            act = acts.decode(entry)
            if not isinstance(act, acts.RecordStored):
                continue
            files = act.files
            if act.file_list is not None:
                named.add(Digest.parse(act.file_list.sha256))
                files = tuple(read_file_list(act.file_list, vault.open_object))
            named.update(file.digest for file in files)
    return frozenset(named)
