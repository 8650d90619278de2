"""Releasing sources: a source file is removed only after every copy of it has been read back and hashed.

Asked for by an option, never done by itself. The act is in the journal before the file goes.
"""

import os
from dataclasses import dataclass

from vault import acts
from vault.errors import StrongroomError
from vault.intake.bringing import Arrived
from vault.intake.filing import Filed
from vault.intake.items import Fingerprint
from vault.scrub import hash_copy
from vault.store import Vault
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Released:
    """Whether the source was removed; if not, why it was left."""

    removed: bool
    why_not: Text | None = None


def release(vault: Vault, filed: Filed, arrived: Arrived) -> Released:
    """Read every copy back; if all are good and the source is still what was taken in, remove the source."""
    fingerprint = arrived.item.fingerprint
    if fingerprint is None:
        return Released(False, Text(en="it is in an archive", zh="位于压缩包内"))
    for name in arrived.brought.stores:
        try:
            good = hash_copy(vault.stores[name], arrived.brought.digest) == arrived.brought.digest
        except StrongroomError as error:
            return Released(False, error.what)
        if not good:
            return Released(False, Text(en=f"its copy on {name} is not good", zh=f"存储 {name} 上的副本不完好"))
    try:
        if Fingerprint.of(os.lstat(arrived.item.path)) != fingerprint:
            return Released(False, Text(en="it changed meanwhile", zh="其间发生了变化"))
        act = acts.SourceReleased(
            at=vault.now(), by=vault.setting.person, record=filed.number, names=(arrived.file.name,)
        )
        vault.commit(lambda _: [act])
        os.unlink(arrived.item.path)
    except OSError as error:
        said = error.strerror or str(error)
        return Released(False, Text(en=said, zh=said))
    return Released(True)
