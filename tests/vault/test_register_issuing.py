"""A register goes out only after the journal has said so, and under a name that was free."""

from datetime import date
from pathlib import Path

import pytest

from tests.vault.scene import journal_acts, rows_of, take_in
from tests.vault.test_registers import scope
from vault import acts
from vault.digest import Digest
from vault.errors import BadInput, StoreUnavailable, TargetProblem
from vault.registers import MAKERS
from vault.registers.issuing import Draw, Issued, issue
from vault.registers.model import Register
from vault.store import Vault


def issued_to(vault: Vault, target: Path, draw: Draw) -> Issued:
    with vault.database.reading() as connection:
        return issue(vault, MAKERS["intake"].draw(connection, vault.profile, scope()), target, draw)


def plain(register: Register, target: Path) -> int:
    """Draws as plainly as can be: a line for each row."""
    rows = list(register.rows)
    target.write_text("\n".join(str(row.cells) for row in rows), encoding="utf-8")
    return sum(not row.sum for row in rows)


def test_a_register_is_in_the_journal_before_it_is_there(vault: Vault, tmp_path: Path) -> None:
    take_in(vault, ["录像".encode()], ["照片".encode()])
    target = tmp_path / "入库.txt"
    there: list[bool] = []
    commit = vault.commit

    def watched(*args: object, **more: object) -> object:
        there.append(target.exists())
        return commit(*args, **more)  # type: ignore[arg-type]

    vault.commit = watched  # type: ignore[assignment,method-assign]
    issued = issued_to(vault, target, plain)
    assert there == [False]
    assert issued.sha256 == Digest.of(target.read_bytes()).hex
    (act,) = journal_acts(vault, -1)
    assert isinstance(act, acts.RegisterIssued)
    assert (act.register, act.first, act.last) == ("intake", date(2026, 11, 1), date(2026, 11, 30))
    assert (act.rows, act.sha256, act.by, act.section) == (2, issued.sha256, "李建国", "")


def test_what_cannot_be_journalled_does_not_go_out(vault: Vault, home: Path, tmp_path: Path) -> None:
    take_in(vault, ["录像".encode()])
    (home / "乙").rename(home / "别处")
    with pytest.raises(StoreUnavailable):
        issued_to(vault, tmp_path / "入库.txt", plain)
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_a_file_that_is_there_is_left_alone(vault: Vault, tmp_path: Path) -> None:
    target = tmp_path / "入库.txt"
    target.write_text("别的")
    before = rows_of(vault, "SELECT count(*) FROM journal")
    with pytest.raises(BadInput, match="exists already"):
        issued_to(vault, target, plain)
    assert target.read_text() == "别的"
    assert rows_of(vault, "SELECT count(*) FROM journal") == before


def test_a_register_that_cannot_be_written_says_where(vault: Vault, tmp_path: Path) -> None:
    def full(register: Register, target: Path) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(TargetProblem, match="入库"):
        issued_to(vault, tmp_path / "入库.txt", full)
