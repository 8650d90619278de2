"""A catalogue of an older program: copied first, then moved forward; and never by somebody else's side."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from ops.cli.common import Place
from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import all_there_is, put_back
from tests.vault.scene import export, sql, take_in
from vault.catalogue import database
from vault.errors import Busy, NewerFormat, StoreFull
from vault.rebuild import rebuild

KEPT = "before-0002"

NEXT = '''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("adopted", sa.Column("note", sa.String))
    op.execute("UPDATE adopted SET note = 'new'")
    {more}
'''


@pytest.fixture
def filled(home: Path, working: Working) -> Path:
    with open_vault(home, working) as vault:
        take_in(vault, [b"one"], [b"two"])
    return home


@pytest.fixture
def newer(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's next version, on the vault of this one: a migration more. Its file."""
    folder = tmp_path / "下一版"
    shutil.copytree(database.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    step = folder / "versions/0002_next.py"
    step.write_text(NEXT.format(more="pass"))
    monkeypatch.setattr(database, "MIGRATIONS", folder)
    monkeypatch.setattr(database, "HEAD", "0002")
    return step


@pytest.fixture
def as_it_was(filled: Path) -> object:
    """The whole catalogue before."""
    return all_there_is(filled)[""]


def names_the_copy(told: str) -> bool:
    return told.replace("_", "-").endswith(KEPT)


@pytest.mark.usefixtures("newer")
def test_it_is_copied_moved_and_told_once(filled: Path, as_it_was: object, working: Working) -> None:
    with open_vault(filled, working) as vault:
        assert names_the_copy(vault.moved_from)
        with vault.database.reading() as connection:
            assert connection.exec_driver_sql("SELECT DISTINCT note FROM adopted").scalars().all() == ["new"]
        take_in(vault, [b"three"])
    assert all_there_is(filled)[KEPT] == as_it_was
    with open_vault(filled, working) as vault:
        assert vault.moved_from == ""
    assert all_there_is(filled)[KEPT] == as_it_was


def test_the_older_program_refuses_it_and_goes_on_with_the_copy(
    filled: Path, working: Working, monkeypatch: pytest.MonkeyPatch, newer: Path
) -> None:
    with open_vault(filled, working):
        pass
    monkeypatch.undo()
    before = all_there_is(filled)
    with pytest.raises(NewerFormat), open_vault(filled, working):
        pass
    assert all_there_is(filled) == before
    put_back(filled, KEPT)
    with open_vault(filled, working) as vault:
        take_in(vault, [b"three"])


def test_a_migration_that_fails_leaves_everything_as_it_was(
    filled: Path, as_it_was: object, working: Working, newer: Path
) -> None:
    newer.write_text(NEXT.format(more="op.execute('SELECT * FROM nothing')"))
    with pytest.raises(Exception, match="nothing"), open_vault(filled, working):
        pass
    assert all_there_is(filled)[""] == as_it_was
    newer.write_text(NEXT.format(more="pass"))
    with open_vault(filled, working) as vault:
        assert names_the_copy(vault.moved_from)


@pytest.mark.usefixtures("newer")
def test_nobody_is_at_work_meanwhile(filled: Path, as_it_was: object, working: Working) -> None:
    """A process of the program before would go on writing into tables that are not there any more."""
    with closed_vault(filled, working) as other, other.alone(), pytest.raises(Busy), open_vault(filled, working):
        pass
    with closed_vault(filled, working) as other:
        other._be_present(shared=True)  # as one that has it open
        with pytest.raises(Busy), open_vault(filled, working):
            pass
    assert all_there_is(filled) == {"": as_it_was}


@pytest.mark.sqlite("no room for a second file")
@pytest.mark.usefixtures("newer")
def test_without_room_for_the_copy_nothing_is_done(
    filled: Path, as_it_was: object, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (filled / "catalogue.db").stat().st_size
    usage = shutil.disk_usage(filled)
    monkeypatch.setattr("vault.catalogue.keeping.shutil.disk_usage", lambda _path: usage._replace(free=2 * size))
    with pytest.raises(StoreFull, match="has to be copied first"), open_vault(filled, working):
        pass
    assert all_there_is(filled) == {"": as_it_was}


@pytest.mark.sqlite("its log beside its file")
@pytest.mark.usefixtures("newer")
def test_what_is_in_the_log_and_not_yet_in_the_file_is_copied_too(filled: Path, working: Working) -> None:
    writer = sqlite3.connect(filled / "catalogue.db", isolation_level=None)
    writer.execute("INSERT INTO meta VALUES ('王芳', '未折入')")
    try:
        with open_vault(filled, working):
            pass
    finally:
        writer.close()
    assert "未折入" in str(all_there_is(filled)[KEPT])


@pytest.mark.usefixtures("newer")
def test_a_rebuild_over_an_older_catalogue(filled: Path, working: Working) -> None:
    with closed_vault(filled, working) as vault:
        rebuild(vault, None)
        assert {row[0] for row in export(vault)["record"]} == {1, 2}


@pytest.mark.usefixtures("newer")
def test_people_are_told_where_the_copy_is(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for told_where in (True, False):
        with Place(str(filled), "", True).open():
            pass
        told = capsys.readouterr()
        assert told.out == ""
        assert bool(told.err) == told_where
        assert not told_where or names_the_copy(told.err.partition("it is kept: ")[2].split()[0])


def test_every_format_has_its_refusal(filled: Path, working: Working) -> None:
    """Store marker, configuration and catalogue: a newer one is left as it is."""
    for path, old, new in (
        (filled / "甲/strongroom.json", '"format": 1', '"format": 2'),
        (filled / "strongroom.toml", "format = 1", "format = 2"),
    ):
        text = path.read_text(encoding="utf-8")
        path.chmod(0o600)
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(NewerFormat), open_vault(filled, working):
            pass
        assert new in path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
    with open_vault(filled, working) as vault:
        sql(vault, "UPDATE alembic_version SET version_num = '0002'")
    with pytest.raises(NewerFormat), open_vault(filled, working):
        pass
