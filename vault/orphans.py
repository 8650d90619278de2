"""Sweeping objects that no entry names: left by an intake that died after storing and before filing.

Only while no intake is at work, and only after the whole journal, proven against its signature, has been read again.
"""

from dataclasses import dataclass, field

from vault import acts, journalcheck
from vault.authority import Action, require
from vault.digest import Digest
from vault.errors import Refused, StoreUnavailable
from vault.filelist import files_of
from vault.journal import read_edge
from vault.permits import permit_for_orphan
from vault.replay import proven_acts
from vault.store import Vault
from vault.text import Text


@dataclass(slots=True)
class Swept:
    """What was removed, and what a store would not remove (it is locked there)."""

    removed: list[acts.OrphanSwept] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def sweep_orphans(vault: Vault) -> Swept:
    """Remove them from every store that takes writes. Busy while an intake is at work."""
    require(vault, Action.ORPHANS_SWEEP)
    with vault.no_intake():
        vault.publish()
        named = _named_in_journal(vault)
        swept = Swept()
        for store in vault.writable.values():
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
                try:
                    store.delete(info.digest, permit)
                except Refused as error:
                    swept.refused.append(error)
                else:
                    swept.removed.append(act)
        return swept


def _named_in_journal(vault: Vault) -> frozenset[Digest]:
    """Every object that the proven journal names: 32 bytes each in memory, for this rare work alone.

    A file of it may come from any store; one without a good copy anywhere stops the sweep (JournalBroken).
    """
    stores = list(vault.stores.values())
    with vault.journal.still(), vault.database.reading() as connection:
        agreed = journalcheck.agree(stores, vault.verifier)
        published = read_edge(connection).size
    if agreed.checkpoint.size < published:
        raise StoreUnavailable(
            Text(
                en=f"No store that answers has the whole journal of {published} entries; nothing was removed.",
                zh=f"目前可用的存储都没有完整的 {published} 条日志；未清理任何内容。",
            )
        )
    journalcheck.require_one_history(agreed, stores)
    named: set[Digest] = set()
    doomed: dict[str, set[Digest]] = {}  # disposal -> what it is destroying; named until that is proven
    for act in proven_acts(journalcheck.check_journal(stores, agreed)):
        if isinstance(act, acts.RecordStored):
            mine = {file.digest for file in files_of(act, stores)}
            if act.file_list is not None:
                mine.add(Digest.parse(act.file_list.sha256))
            named |= mine
            for gone in doomed.values():
                gone -= mine  # the content came in anew
        elif isinstance(act, acts.DestructionBegun):
            begun = {Digest.parse(sha256) for one in act.doomed for sha256 in one.objects}
            doomed.setdefault(act.disposal, set()).update(begun)
        elif isinstance(act, acts.DestructionProven):
            named -= doomed.pop(act.disposal, set())
    return frozenset(named)
