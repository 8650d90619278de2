"""Letting a register go out: people's names and the facts of cases leave the vault, so the journal says so first.

The entry carries the file's SHA-256: whoever is handed a register later can be told whether it is the one that was
drawn, and from which state of the journal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vault import acts
from vault.digest import Hasher
from vault.outputs import partial_name, publish_file, reading_from, refuse_existing, sync, writing_to
from vault.registers.model import Register
from vault.store import Vault

Draw = Callable[[Register, Path], int]
"""Draws a register into a file that is not there yet; the number of its entries."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Issued:
    """A register that went out."""

    file: Path
    rows: int
    sha256: str


def issue(vault: Vault, register: Register, target: Path, draw: Draw) -> Issued:
    """Draw a register and give it its name once the journal says that it goes. BadInput where the name is taken."""
    refuse_existing(target, 0)
    partial = partial_name(target)
    try:
        with writing_to(target):
            rows = draw(register, partial)
            sync(partial)
        sha256 = _hash(partial)
        scope = register.scope
        act = acts.RegisterIssued(
            at=vault.now(),
            by=vault.setting.person,
            register=register.form.kind,
            first=scope.period.first,
            last=scope.period.last,
            section=scope.section,
            disposal=scope.disposal,
            rows=rows,
            sha256=sha256,
        )
        vault.commit(lambda _: [act])
        publish_file(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Issued(target, rows, sha256)


def _hash(path: Path) -> str:
    hasher = Hasher()
    with reading_from(path), path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            hasher.update(block)
    return hasher.digest().hex
