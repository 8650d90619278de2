"""What is kept beside the stores, and whether a store alone would suffice."""

from typing import Literal

from vault.acts.act import Act


class BackupMade(Act, tag="backup.made", frozen=True, kw_only=True):
    """What no store has, the key above all, was about to leave the vault: in a file, or on paper. `sha256`: of that
    file; `recipients`: the age keys that it is sealed for."""

    form: Literal["file", "sheet"]
    sha256: str
    recipients: tuple[str, ...] = ()


class RestoreDrilled(Act, tag="restore.drilled", frozen=True, kw_only=True):
    """A rebuild from one store was rehearsed: journal entries replayed, catalogue rows compared, objects read back.

    `failed`: what was not as it should be; `skipped`: what the store did not tell.
    """

    store: str
    entries: int
    rows: int
    objects: int
    bytes: int
    failed: int
    skipped: int
