"""Releasing sources: a source file is removed only after every copy has been read back and hashed, and none is owed.

Asked for by an option, never done by itself. The act is in the journal before the file goes.
"""

import os
from dataclasses import dataclass

from vault import acts
from vault.catalogue import queries
from vault.causes import cause
from vault.errors import StrongroomError
from vault.intake.bringing import Arrived
from vault.intake.filing import Filed
from vault.intake.items import FileItem, Fingerprint
from vault.readback import read_back
from vault.store import Vault
from vault.text import Text

_CHANGED = Text(en="it changed meanwhile", zh="其间发生了变化")


@dataclass(frozen=True, slots=True)
class Released:
    """Whether the source was removed; if not, why it was left."""

    removed: bool
    why_not: Text | None = None


def release(vault: Vault, filed: Filed, arrived: Arrived, source: FileItem | None) -> Released:
    """Read every copy back; if all are good and the source is still what was taken in, remove the source."""
    if source is None:
        return Released(False, Text(en="it is in an archive", zh="位于压缩包内"))
    with vault.database.reading() as connection:
        copies = queries.copies(connection, arrived.file.digest)
    for copy in copies:
        name = copy.store
        if copy.state == "owed":
            return Released(False, Text(en=f"its copy on {name} is still owed", zh=f"存储 {name} 上尚欠副本"))
        try:
            good = read_back(vault, name, arrived.file.digest) == arrived.file.digest
        except StrongroomError as error:
            return Released(False, error.what)
        if not good:
            return Released(False, Text(en=f"its copy on {name} is not good", zh=f"存储 {name} 上的副本不完好"))
    try:
        if Fingerprint.of(os.lstat(source.path)) != source.fingerprint:
            return Released(False, _CHANGED)
        act = acts.SourceReleased(
            at=vault.now(), by=vault.setting.person, record=filed.number, names=(arrived.file.name,)
        )
        vault.commit(lambda _: [act])
        if Fingerprint.of(os.lstat(source.path)) != source.fingerprint:  # to publish the act may have taken a while
            return Released(False, _CHANGED)
        os.unlink(source.path)
    except OSError as error:
        return Released(False, cause(error))
    return Released(True)
