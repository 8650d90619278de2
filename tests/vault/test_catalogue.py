"""The catalogue: its schema and migrations, what acts make of it, and finding Chinese text in it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, update

from ops.wiring import Working, closed_vault, open_vault
from tests import catalogues
from tests.catalogues import lose, new_catalogue
from tests.vault.scene import apply, export, facts, noise, place_of, rows_of, scrubbed, sql, stored, take_in, tree
from vault import acts, corrections
from vault.catalogue import copies, queries, schema
from vault.catalogue.database import Catalogue
from vault.catalogue.figures import figures
from vault.catalogue.holdings import pause
from vault.catalogue.rows import serial_of
from vault.digest import Digest
from vault.errors import Busy, CatalogueBroken, NewerFormat
from vault.facts import Facts
from vault.profile import Profile, load_profile
from vault.records import Record, RecordFile, Standing
from vault.store import Vault
from vault.terms import RetentionClass

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
MIGRATIONS = Path(schema.__file__).parents[2] / "migrations"


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile("dengzhou")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Catalogue]:
    made = new_catalogue(tmp_path / "目录 100%.db")
    made.create()
    yield made
    made.close()


@pytest.fixture
def connection(database: Catalogue) -> Iterator[Connection]:
    with database.writing() as opened:
        yield opened


# the schema


def test_the_migrations_lead_to_the_tables_that_the_program_uses(connection: Connection) -> None:
    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("record_text"))

    context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
    assert compare_metadata(context, schema.metadata) == []
    assert context.get_current_revision() == schema.HEAD


@pytest.mark.sqlite("the columns of its index of texts")
def test_the_index_of_texts_has_the_columns_that_are_searched(connection: Connection) -> None:
    columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(record_text)")]
    assert tuple(columns) == schema.SEARCHED
    (made,) = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'record_text'").scalars()
    assert made == schema.CREATE_RECORD_TEXT


def test_there_is_one_head_and_it_is_the_one_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


@pytest.mark.sqlite("what its own check compares")
def test_indexes_that_hold_every_column_hold_every_column(connection: Connection) -> None:
    """SQLite's own check compares them with their tables; of what they leave out, nobody would notice rot."""
    for table, index in (("copy", "copy_oldest"), ("lock", "lock_due"), ("intake", "intake_by_request")):
        columns = {row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{table}")')}
        indexed = {row[2] for row in connection.exec_driver_sql(f'PRAGMA index_xinfo("{index}")')}
        assert columns - {"id"} <= indexed


@pytest.mark.sqlite("its settings")
def test_commits_are_synced(database: Catalogue) -> None:
    with database.reading() as opened:
        assert opened.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert opened.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert opened.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_readers_do_not_wait_and_see_one_state(database: Catalogue) -> None:
    with database.reading() as opened:
        assert opened.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0
        with database.writing() as writer:
            writer.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            assert opened.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0
        assert opened.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0


def test_a_transaction_that_fails_never_was(database: Catalogue) -> None:
    def fail() -> None:
        with database.writing() as opened:
            opened.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as opened:
        assert opened.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0


@pytest.mark.parametrize("patience", [0.3], indirect=True)
def test_two_writers_take_turns(patience: float, tmp_path: Path) -> None:
    one, other = new_catalogue(tmp_path / "目录.db"), new_catalogue(tmp_path / "目录.db")
    one.create()
    with one.writing(), pytest.raises(Busy, match="is in use"), other.writing():
        pass
    with other.writing() as opened:
        opened.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
    one.close()
    other.close()


@pytest.fixture
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that a writer waits for its turn."""
    seconds: float = request.param
    monkeypatch.setattr("vault.catalogue.sqlite.PATIENCE", seconds)
    if catalogues.CHOSEN == "postgresql":
        monkeypatch.setattr("vault.catalogue.postgresql.database.PATIENCE", seconds)
    return seconds


@pytest.mark.parametrize("revision", ["0002", "0010", "0011", "9999"])
def test_a_newer_schema_is_refused_and_left_as_it_is(home: Path, working: Working, revision: str) -> None:
    with open_vault(home, working) as vault:
        sql(vault, f"UPDATE alembic_version SET version_num = '{revision}'")
    before = tree(home)
    with pytest.raises(NewerFormat, match=revision), open_vault(home, working):
        pass
    assert tree(home) == before


@pytest.mark.parametrize("statement", ["UPDATE alembic_version SET version_num = '0000'", "DROP TABLE alembic_version"])
def test_a_catalogue_whose_schema_has_no_known_number_is_broken(home: Path, working: Working, statement: str) -> None:
    """Alembic ended in a traceback."""
    with open_vault(home, working) as vault:
        sql(vault, statement)
    with pytest.raises(CatalogueBroken), open_vault(home, working):
        pass


def test_no_catalogue_is_broken_and_none_is_made(home: Path, working: Working) -> None:
    lose(home)
    with pytest.raises(CatalogueBroken, match="is missing"), open_vault(home, working):
        pass
    with closed_vault(home, working) as vault:
        assert not vault.database.exists()


# what acts make of it


def test_a_record_is_read_back_as_it_was_filed(connection: Connection, profile: Profile) -> None:
    said = facts(1).over(Facts(recorded_at=NOW - timedelta(days=2), confidentiality="内部"))
    act = stored(42, said, "现场\\n录像.mp4", "照片.jpg")
    apply(connection, profile, act)
    record = queries.get_record(connection, "2026-0000042")
    assert record == Record(
        number="2026-0000042",
        facts=said,
        origins={},
        files=act.files,
        stored_at=NOW,
        stored_by="李建国",
        standing=Standing.KEPT,
    )


def test_objects_are_kept_once_and_owed_where_they_are_not(vault: Vault) -> None:
    take_in(vault, [b"one", b"two"], on=["甲"])
    take_in(vault, [b"one"], [b"three"])
    copies = rows_of(
        vault,
        "SELECT store.name, object.id, state FROM copy JOIN store ON store.id = store_id "
        "JOIN object ON object.id = object_id ORDER BY 2, 1",
    )
    assert copies == [
        ("乙", 1, "good"),  # it came along with the second record
        ("甲", 1, "good"),
        ("乙", 2, "owed"),
        ("甲", 2, "good"),
        ("乙", 3, "good"),
        ("甲", 3, "good"),
    ]


def test_the_same_catalogue_follows_however_acts_are_bundled(tmp_path: Path, profile: Profile) -> None:
    """Two records of one object, filed together or apart: a copy was owed in the one case and good in the other."""
    attached = [acts.StoreAttached(at=NOW, by="李建国", store=s, kind="disk", location=s) for s in ("甲", "乙")]
    shared = RecordFile(sha256=Digest.of(b"shared").hex, size=6, name="视频.mp4")
    happened: list[acts.AnyAct] = [*attached]
    for number, stores in enumerate((("甲", "乙"), ("甲",), ("乙",)), 1):
        happened.append(
            acts.RecordStored(
                at=NOW + timedelta(hours=number),
                by="李建国",
                record=f"2026-{number:07d}",
                facts=Facts(),
                files=(shared,),
                stores=stores,
                standing=Standing.KEPT,
            )
        )
    dumps = []
    for size in (1, 2, 5):
        made = new_catalogue(tmp_path / f"{size}.db")
        made.create()
        with made.writing() as opened:
            for start in range(0, len(happened), size):
                apply(opened, profile, *happened[start : start + size])
            dumps.append(sorted(tuple(row) for row in opened.exec_driver_sql("SELECT * FROM copy")))
        made.close()
    assert dumps[0] == dumps[1] == dumps[2]
    assert {state for _, _, state, _ in dumps[0]} == {"good"}


def test_damage_and_healing_change_a_copys_state(vault: Vault) -> None:
    take_in(vault, [b"one"])
    with vault.database.reading() as opened:
        assert [(c.store, c.state) for c in queries.copies(opened, Digest.of(b"one"))] == [
            ("甲", "good"),
            ("乙", "good"),
        ]
    for store in ("甲", "乙"):
        place_of(vault, store, b"one").unlink()
    scrubbed(vault)
    with vault.database.reading() as opened:
        assert {(c.state, c.verified_at) for c in queries.copies(opened, Digest.of(b"one"))} == {("damaged", None)}
        assert figures(opened, date(2026, 11, 21)).stores[0].copies == {"damaged": 1}


def test_what_decides_on_a_term_changes_the_term(vault: Vault) -> None:
    numbers = take_in(vault, *([noise(10, n)] for n in range(4)))
    of_no_case, of_a_case = numbers[0], numbers[1]

    def term(number: str) -> tuple[object, ...]:
        return rows_of(vault, f"SELECT retention_class, expires_on FROM record WHERE number = '{number}'")[0]

    assert term(of_no_case) == ("1-year", "2027-11-22")
    assert term(of_a_case)[1] is None
    case = facts(1).case_number
    corrections.open_case(vault, case, "占道经营案", date(2026, 11, 20), "立案")
    assert term(of_a_case)[1] is None
    corrections.close_case(vault, case, date(2026, 11, 21), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    assert term(of_a_case) == ("case-lifetime", "2028-11-22")
    corrections.reopen_case(vault, case, "重新启动")
    assert term(of_a_case)[1] is None
    hold = corrections.place_hold(vault, of_no_case, "行政复议", "法制科")
    held = term(of_no_case)
    corrections.release_hold(vault, hold, "复议终结")
    assert term(of_no_case) == ("1-year", "2027-11-22")
    assert held[1] in (None, "2027-11-22")
    corrections.raise_class(vault, of_no_case, RetentionClass.PERMANENT, "重大案件", "第9条")
    assert term(of_no_case) == ("permanent", None)


def test_a_pause_begins_with_a_rebuild_and_ends_with_a_release(connection: Connection, profile: Profile) -> None:
    for _ in range(2):
        apply(connection, profile, acts.CatalogueRebuilt(at=NOW, by="李建国", store="甲", entries=3))
        assert pause(connection) is not None
    apply(connection, profile, acts.ExpiryReleased(at=NOW, by="赵局长", why="已核对"))
    assert pause(connection) is None


def test_history_is_by_record_and_in_order(vault: Vault) -> None:
    one, two = take_in(vault, [b"one"], [b"two"])
    corrections.place_hold(vault, two, "信访", "办公室")
    take_in(vault, [b"two"])
    with vault.database.reading() as opened:
        assert [h.act for h in queries.history(opened, two)] == ["record.stored", "hold.placed", "record.seen-again"]
        assert [h.act for h in queries.history(opened, one)] == ["record.stored"]
    assert serial_of(two) == 2


def test_every_act_changes_only_what_it_is_about(vault: Vault) -> None:
    one, _ = take_in(vault, [b"one"], [b"two"])
    before = export(vault)
    viewed = acts.RecordViewed(at=NOW, by="王芳", record=one, how="get", approved_by=("赵局长",), why="查阅")
    vault.commit(lambda _: [viewed])
    after = export(vault)
    assert [table for table in before if before[table] != after[table]] == ["journal", "viewing"]


def test_a_record_whose_row_has_rotted_is_a_broken_catalogue_and_no_traceback(vault: Vault) -> None:
    (one,) = take_in(vault, [b"one"])
    for column, value in (("origins", "'{'"), ("standing", "'kepu'"), ("stored_at", "'2026-13-21'")):
        (good,) = rows_of(vault, f"SELECT {column} FROM record")[0]
        sql(vault, f"UPDATE record SET {column} = {value}")
        with vault.database.reading() as opened, pytest.raises(CatalogueBroken, match="is damaged"):
            queries.get_record(opened, one)
        sql(vault, f"UPDATE record SET {column} = '{good}'")
    with vault.database.writing() as opened:
        opened.execute(update(schema.record_file).values(details=b'{"\xff'))
    with vault.database.reading() as opened, pytest.raises(CatalogueBroken, match="is damaged"):
        queries.get_record(opened, one)


def test_figures_count_what_is_there(vault: Vault) -> None:
    take_in(vault, [b"one", b"two"], [b"three"])
    with vault.database.reading() as opened:
        counted = figures(opened, NOW.date())
    assert (counted.objects, counted.bytes, counted.entries) == (3, 11, 5)
    assert sum(counted.records.values()) == 2
    assert [(s.name, s.copies, s.bytes, s.journal_size) for s in counted.stores] == [
        ("甲", {"good": 3}, 11, 5),
        ("乙", {"good": 3}, 11, 5),
    ]


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_the_copies_of_some_objects_are_found_by_their_key(connection: Connection) -> None:
    """Once every question read all copies: taking a file in again cost twice as much at 100,000 records."""
    query = copies._STATES
    asked = str(query.where(schema.copy.c.object_id.in_([1, 2, 3])).compile(compile_kwargs={"literal_binds": True}))
    steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    assert any(step.startswith("SEARCH copy USING PRIMARY KEY (store_id=? AND object_id=?)") for step in steps), steps
