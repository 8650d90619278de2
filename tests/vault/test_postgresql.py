"""The catalogue on a server: what is so there and not in a file. What is the same in both, the other tests say:
STRONGROOM_TEST_CATALOGUE=postgresql.
"""

import random
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.servers import PostgresServer, postgresql
from tests.vault.scene import apply, stored
from tests.vault.test_search import PEOPLE, found
from tests.vault.test_upgrading import NEXT
from vault.catalogue import schema
from vault.catalogue.database import MIGRATIONS, Catalogue
from vault.catalogue.postgresql import schemas
from vault.catalogue.postgresql.database import _NOTICED, PostgresDatabase
from vault.catalogue.postgresql.schemas import _BY_INDEX, _SUM, Schemas
from vault.catalogue.sqlite import SqliteDatabase
from vault.errors import BadInput, CatalogueBroken, NewerFormat, StoreUnavailable
from vault.facts import Facts
from vault.profile import load_profile
from vault.text import Text
from vault.turns import taking

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
PROFILE = load_profile("dengzhou")


def database_on(server: PostgresServer, schema_name: str = "") -> PostgresDatabase:
    return PostgresDatabase(server.url, server.password, schema_name or f"t{secrets.token_hex(8)}")


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    made = database_on(postgres_server)
    made.create()
    yield made
    made.remove()
    made.close()


def test_texts_sort_by_their_bytes_whatever_the_databases_language(database: PostgresDatabase) -> None:
    """By the language of this cluster 李 comes before 王, and a before B."""
    names = ["王", "李", "b", "A", "a", "B", "", "é"]
    with database.writing() as connection:
        connection.execute(schema.meta.insert(), [{"key": name, "value": ""} for name in names])
    with database.reading() as connection:
        sorted_by_it = connection.exec_driver_sql(
            "SELECT key FROM unnest(ARRAY['王', '李', 'b', 'B']) AS key ORDER BY key"
        )
        assert sorted_by_it.scalars().all() != sorted(["王", "李", "b", "B"])
        assert connection.execute(select(schema.meta.c.key).order_by(schema.meta.c.key)).scalars().all() == sorted(
            names
        )


def test_whole_numbers_are_as_wide_as_in_a_file(database: PostgresDatabase) -> None:
    with database.writing() as connection:
        connection.execute(schema.object_.insert(), {"id": 2**40, "sha256": bytes(32), "size": 2**62})
    with database.reading() as connection:
        assert connection.execute(select(schema.object_.c.id, schema.object_.c.size)).one() == (2**40, 2**62)


def test_a_transaction_that_failed_leaves_no_gap_in_numbers(database: PostgresDatabase) -> None:
    """A sequence would: a rebuilt catalogue was another then."""
    row = {"at": "", "by": "", "via": "", "action": "", "about": "", "why": "[]"}
    for fails in (False, True, False):
        try:
            with database.writing() as connection:
                connection.execute(schema.refusal.insert(), row)
                assert not fails
        except AssertionError:
            continue
    with database.reading() as connection:
        assert connection.execute(select(schema.refusal.c.id).order_by(schema.refusal.c.id)).scalars().all() == [1, 2]


def test_words_lead_to_the_same_records_as_in_a_file(database: PostgresDatabase, tmp_path: Path) -> None:
    dice = random.Random(20261121)
    alphabet = "王芳李建国阳ABCabc019·— 〔〕号①ｶ㈱é々〇_\ue863𬭎%'\\"
    said = [*PEOPLE, *("".join(dice.choices(alphabet, k=dice.randint(1, 14))) for _ in range(60))]
    said += [f"{dice.randrange(10**18)}段" for _ in range(20)]
    asked = {*PEOPLE, *(one[start : start + dice.choice((1, 2, 5, 17))] for one in said for start in (0, 1))}
    file = SqliteDatabase(tmp_path / "catalogue.db")
    file.create()
    filed = [stored(n, Facts(party=one, place=said[-n]), f"{one[::-1]}.mp4") for n, one in enumerate(said, 1)]
    for made in (file, database):
        with made.writing() as connection:
            apply(connection, PROFILE, *filed)
    for words in sorted(asked):
        assert _answers(database, words) == _answers(file, words), words
    file.close()


def _answers(database: Catalogue, words: str) -> list[list[str]] | str:
    with database.reading() as connection:
        try:
            return [found(connection, words), found(connection, party=words), found(connection, "王", place=words)]
        except BadInput as error:
            return error.what.en


def test_a_question_of_words_is_answered_by_the_index_of_grams(database: PostgresDatabase) -> None:
    with database.writing() as connection:
        apply(connection, PROFILE, *(stored(n, Facts(party=f"王{n:04d}芳")) for n in range(1, 400)))
        connection.exec_driver_sql("ANALYZE record_text")
        connection.exec_driver_sql("SELECT set_config('enable_seqscan', 'off', true)")
        plan = connection.exec_driver_sql("EXPLAIN SELECT rowid FROM record_text WHERE grams @> ARRAY['0017', '芳']")
        assert "record_text_grams" in "\n".join(plan.scalars())


def test_the_index_of_copies_is_read_where_it_is_held_against_its_table(database: PostgresDatabase) -> None:
    with database.writing() as connection:
        for way, on in _BY_INDEX.items():
            connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (way, on))
        plan = connection.exec_driver_sql(f"EXPLAIN {_SUM}").scalars().all()
    assert any("Index Only Scan using copy_oldest" in line for line in plan), plan
    assert database.structure_faults() == []


def test_a_look_through_tells_what_is_wrong_and_when_it_had_not_the_time(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.size() > 100_000
    assert database.look_through(20) == ""
    monkeypatch.setattr(schemas, "_SUM", "SELECT random()")
    assert database.look_through(20) == "the index copy_oldest disagrees with its table"
    monkeypatch.setattr(schemas, "_SUM", "SELECT 1 FROM pg_sleep(20)")
    assert database.look_through(0.2) is None
    monkeypatch.undo()
    database.remove()
    assert "does not exist" in (database.look_through(20) or "")


# an older catalogue


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's next version: a migration more. Its file."""
    folder = tmp_path / "下一版"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    step = folder / "versions/0002_next.py"
    step.write_text(NEXT.format(more="pass"))
    monkeypatch.setattr("vault.catalogue.database.MIGRATIONS", folder)
    monkeypatch.setattr("vault.catalogue.database.HEAD", "0002")
    return step


def made_of(database: PostgresDatabase) -> dict[str, list[tuple[object, ...]]]:
    """All that a schema has: what its tables are made of, and their rows."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with database.reading() as connection:
        for name, query in (Schemas.structure | _CONSTRAINTS | {t: f'SELECT * FROM "{t}"' for t in _TABLES}).items():
            rows = connection.exec_driver_sql(query.format(place=database.schema).replace("%", "%%"))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


_CONSTRAINTS = {
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = '{place}'::regnamespace",
    "defaults": "SELECT adrelid::regclass::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid IN"
    " (SELECT oid FROM pg_class WHERE relnamespace = '{place}'::regnamespace)",
}
_TABLES = (*schema.metadata.tables, "record_text", "alembic_version")


def test_an_older_one_is_copied_moved_and_the_older_program_goes_on_with_the_copy(
    database: PostgresDatabase, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as connection:
        apply(connection, PROFILE, *(stored(n, Facts(party="100%王芳"), f"{n}.mp4") for n in range(1, 9)))
    before = made_of(database)
    assert before["defaults"]
    assert {row[2][:11] for row in before["constraints"] if isinstance(row[2], str)} > {"FOREIGN KEY", "PRIMARY KEY"}
    newer.write_text(NEXT.format(more="op.execute('SELECT * FROM nothing')"))
    with pytest.raises(CatalogueBroken, match="nothing"):
        database.move_forward()
    assert not database.is_current()
    assert made_of(database) == before
    newer.write_text(NEXT.format(more="pass"))
    kept = database.move_forward()
    assert kept == f"{database.schema}_before_0002"
    assert database.is_current()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT DISTINCT note FROM adopted").scalars().all() == ["new"]
    monkeypatch.undo()
    with pytest.raises(NewerFormat):
        database.is_current()
    database.remove()
    with database.writing() as connection:
        connection.exec_driver_sql(f"ALTER SCHEMA {kept} RENAME TO {database.schema}")
    assert made_of(database) == before
    with database.writing() as connection:
        row = {"at": "", "by": "", "via": "", "action": "", "about": "", "why": "[]"}
        connection.execute(schema.refusal.insert(), [row])
        apply(connection, PROFILE, stored(9, Facts(party="李芳")))
        assert found(connection, "芳") == [f"2026-{n:07d}" for n in range(9, 0, -1)]


# turns


def test_a_turn_is_had_by_one_or_shared(database: PostgresDatabase, postgres_server: PostgresServer) -> None:
    other = database_on(postgres_server, database.schema)
    mine, theirs = database.turns.turn("open"), other.turns.turn("open")
    assert mine.take(shared=True)
    assert theirs.take(shared=True)
    assert not mine.take(wait=False)
    theirs.give_back()
    assert mine.take(wait=False)
    assert not theirs.take(shared=True, wait=False)
    another = other.turns.turn("publish")
    assert another.take(wait=False)
    another.give_back()
    strangers = database_on(postgres_server)
    with taking(strangers.turns, "open", busy=Text(en="it is another vault's", zh="它属于其他档案库")):
        pass
    strangers.close()
    assert mine.take(shared=True)
    assert theirs.take(shared=True, wait=False)
    mine.give_back()
    assert theirs.take(wait=False)
    theirs.give_back()
    other.close()


def test_a_machine_without_power_is_noticed_before_long(database: PostgresDatabase) -> None:
    """Or a turn that it held would be held for two hours."""
    with database.reading() as connection:
        said = [connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar() for name in _NOTICED]
    turns = database.advisory.borrow()
    for name, value in zip(_NOTICED, said, strict=True):
        assert value == str(_NOTICED[name])
        assert (turns.execute(f"SHOW tcp_keepalives_{name}").fetchone() or ())[0] == value
    database.advisory.bring_back(turns)


def test_a_turn_ends_with_its_session(database: PostgresDatabase) -> None:
    mine, theirs = database.turns.turn("open"), database.turns.turn("open")
    assert mine.take()
    with database.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid != pg_backend_pid()"
        )
    assert theirs.take()
    theirs.give_back()
    mine.give_back()


# what goes wrong


def test_what_cannot_be_reached_is_unavailable_and_its_password_is_not_told(postgres_server: PostgresServer) -> None:
    wrong = "s3cr3t-" + secrets.token_hex(8)
    for url, password in (
        (postgres_server.url, wrong),
        (postgres_server.url.replace("/postgres", "/nirgends"), postgres_server.password),
        ("postgresql://strongroom@127.0.0.1:1/postgres", wrong),
    ):
        database = PostgresDatabase(url, password, "t1")
        for ask in (database.exists, database.is_current, database.turns.turn("open").take):
            with pytest.raises(StoreUnavailable) as raised:
                ask()
            told = f"{raised.value.what.en}{raised.value.what.zh}{raised.value.__cause__!r}{database!r}"
            assert password not in told
            assert url in raised.value.what.en


def test_no_schema_is_a_catalogue_that_is_missing(postgres_server: PostgresServer) -> None:
    database = database_on(postgres_server)
    assert not database.exists()
    with pytest.raises(CatalogueBroken, match="is missing"):
        database.is_current()
    database.close()


def test_a_server_that_was_restarted_is_used_again(tmp_path: Path) -> None:
    with postgresql(tmp_path) as server:
        database = database_on(server)
        database.create()
        turn = database.turns.turn("publish")
        assert turn.take()
        server.server.kill()
        with pytest.raises(StoreUnavailable), database.reading():
            pass
        turn.give_back()
        server.server.start()
        database.is_current()
        assert turn.take()
        turn.give_back()
        database.close()


def test_what_comes_back_after_the_end_is_kept_by_nobody(postgres_server: PostgresServer) -> None:
    """From a thread that hung in a store and was left behind: its connection was left to the garbage collector."""
    database = database_on(postgres_server)
    with database.reading() as out:
        lines = [out.connection.driver_connection, database.advisory.borrow()]
        database.close()
    database.advisory.bring_back(lines[1])
    with database.reading() as later:
        lines.append(later.connection.driver_connection)
    assert [line.closed for line in lines] == [True, True, True]
