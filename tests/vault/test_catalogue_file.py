"""The catalogue's file: noticed when it is moved away or exchanged under a program that has it open; nobody else's."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.vault.scene import noise, rows_of, take_in
from vault.catalogue.sqlite import SqliteDatabase
from vault.errors import CatalogueBroken, StoreUnavailable
from vault.rebuild import rebuild
from vault.store import Vault

pytestmark = pytest.mark.sqlite("its file")


@pytest.fixture
def vault(home: Path, working: Working) -> Iterator[Vault]:
    with open_vault(home, working) as opened:
        take_in(opened, [noise(2_000, 1)])
        yield opened


@pytest.fixture
def path(home: Path) -> Path:
    return home / "catalogue.db"


def numbers(vault: Vault) -> list[tuple[object, ...]]:
    return rows_of(vault, "SELECT number FROM record ORDER BY id")


def move_away(path: Path) -> Path:
    return path.rename(path.with_name("挪走的目录库"))


def test_one_that_was_moved_away_is_missing_until_it_is_back(vault: Vault, path: Path) -> None:
    """What went wrong once: the service went on with the file it had open, and said that all was well."""
    away = move_away(path)
    for use in (vault.database.reading, vault.database.writing):
        with pytest.raises(CatalogueBroken, match="is missing"), use():
            pass
    assert not path.exists(), "nothing is made in its place"
    away.rename(path)
    take_in(vault, [noise(2_000, 2)])
    assert len(numbers(vault)) == 2


def test_another_file_in_its_place_is_not_taken_for_it(vault: Vault, path: Path) -> None:
    shutil.copy(path, path.with_name("备份"))
    away = move_away(path)
    path.with_name("备份").rename(path)
    for use in (vault.database.reading, vault.database.writing):
        with pytest.raises(CatalogueBroken, match="Another file has taken the place"), use():
            pass
    vault.database.let_go()
    with pytest.raises(CatalogueBroken, match="Another file"), vault.database.reading():
        pass
    os.replace(away, path)
    assert len(numbers(vault)) == 1


def test_every_connection_notices_those_opened_afterwards_too(vault: Vault, path: Path) -> None:
    with vault.database.reading(), vault.database.reading(), vault.database.reading():
        away = move_away(path)
        with pytest.raises(CatalogueBroken, match="is missing"), vault.database.reading():
            pass
        assert not path.exists()
        away.rename(path)


def test_what_is_under_way_when_it_goes_is_not_committed(vault: Vault, path: Path) -> None:
    def enter() -> Path:
        with vault.database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            return move_away(path)

    with pytest.raises(CatalogueBroken, match="is missing"):
        enter()
    path.with_name("挪走的目录库").rename(path)
    with vault.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM meta WHERE key = 'a'").scalar() == 0


def test_nothing_is_acknowledged_meanwhile_and_what_was_is_rebuilt(home: Path, working: Working, path: Path) -> None:
    with open_vault(home, working) as vault:
        take_in(vault, [noise(2_000, 1)])
        acknowledged = numbers(vault)
        move_away(path)
        with pytest.raises(CatalogueBroken, match="is missing"):
            take_in(vault, [noise(2_000, 2)])
    with closed_vault(home, working) as vault:
        rebuild(vault, None)
        assert numbers(vault) == acknowledged, "and the new file is taken for its own"


def test_one_that_cannot_be_told_is_not_missing(vault: Vault, path: Path) -> None:
    away = move_away(path)
    path.symlink_to(path)
    with pytest.raises(StoreUnavailable, match="cannot be used"), vault.database.reading():
        pass
    away.replace(path)
    assert len(numbers(vault)) == 1


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_reads_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = SqliteDatabase(tmp_path / "catalogue.db")
        database.create()
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
        kept = Path(database.keep("before-0002"))
        with database.replacement():
            pass
        database.close()
    finally:
        os.umask(before)
    assert (mode(kept), mode(database.path), mode(tmp_path / "catalogue.db.before-rebuild")) == (0o600,) * 3
