"""What is due to be locked: noted where it becomes so, walked over page by page, and never lost on the way."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.vault.scene import NOW, facts, noise, rows_of, take_in
from vault import acts
from vault.catalogue import locks
from vault.catalogue.lockers import differ
from vault.catalogue.projection import project
from vault.corrections import close_case, flag, open_case, place_hold, release_hold
from vault.digest import Digest
from vault.facts import Facts
from vault.filelist import encode_file_list
from vault.locking import Claim
from vault.records import RecordFile, Standing
from vault.store import Vault
from vault.terms import RetentionClass

A, B, C = (noise(100, n) for n in range(3))
NEVER: None = None


@pytest.fixture
def locking(vault: Vault) -> Vault:
    """A vault whose store 甲 locks."""
    with vault.database.writing() as connection:
        locks.enrol(connection, ["甲"])
    return vault


def due(vault: Vault, now: datetime = NOW) -> dict[str, int]:
    with vault.database.reading() as connection:
        return locks.count_due(connection, now)


def take(vault: Vault, after: locks.Due | None = None, now: datetime = NOW) -> list[locks.Due]:
    with vault.database.writing() as connection:
        return list(locks.take(connection, "甲", now, after))


def settle(vault: Vault, look_on: datetime | None = NEVER) -> set[Digest]:
    """As if every lock that is due had been set; which they were."""
    taken = take(vault)
    with vault.database.writing() as connection:
        locks.give_back(connection, "甲", dict.fromkeys([one.object_id for one in taken], look_on), [])
    return {one.digest for one in taken}


def claimed(vault: Vault) -> dict[Digest, locks.Claimed]:
    with vault.database.reading() as connection:
        page = locks.copies(connection, "甲", 0)
        claims = locks.claims(connection, [one.object_id for one in page])
    return {one.digest: claims[one.object_id] for one in page}


def test_nothing_is_noted_where_no_store_locks(vault: Vault) -> None:
    take_in(vault, [A], [B])
    assert (due(vault), rows_of(vault, "SELECT * FROM lock")) == ({}, [])


def test_what_was_there_is_due_once_a_store_locks_and_not_again(vault: Vault) -> None:
    take_in(vault, [A], [B])
    with vault.database.reading() as connection:
        assert differ(connection, ["甲"])
        assert not differ(connection, [])
        assert not differ(connection, ["没有接入的"])
    for _ in range(2):
        with vault.database.writing() as connection:
            locks.enrol(connection, ["甲"])
        assert settle(vault) in ({Digest.of(A), Digest.of(B)}, set())
    assert due(vault) == {"甲": 0}
    with vault.database.writing() as connection:
        locks.enrol(connection, [])
    assert due(vault) == {}


def changes(vault: Vault, number: str, case: str) -> Any:
    """Everything that can make a lock other than it was; each is to make it due."""
    yield flag(vault, number, ("objection",), "当事人异议")
    hold = place_hold(vault, number, "线索核查", "县监委")
    yield hold
    yield release_hold(vault, hold, "核查结束")
    yield open_case(vault, case, "占道经营案", date(2026, 11, 1), "")
    yield close_case(vault, case, date(2026, 11, 20), RetentionClass.PERMANENT, "")


def test_what_changes_retention_makes_the_objects_of_the_record_due_and_no_others(locking: Vault) -> None:
    _, second = take_in(locking, [C], [A, B])
    assert settle(locking) == {Digest.of(A), Digest.of(B), Digest.of(C)}
    case = facts(1).case_number
    assert case is not None
    for _ in changes(locking, second, case):
        assert settle(locking) == {Digest.of(A), Digest.of(B)}


def test_a_known_object_in_a_new_record_is_due(locking: Vault) -> None:
    take_in(locking, [A])
    settle(locking)
    take_in(locking, [A, B])
    assert settle(locking) == {Digest.of(A), Digest.of(B)}


def test_a_damaged_copy_has_no_lock_to_set_until_it_is_healed(locking: Vault) -> None:
    take_in(locking, [A])
    here = {"at": NOW, "by": "李建国", "store": "甲", "sha256": Digest.of(A).hex}
    locking.commit(lambda _: [acts.CopyDamaged(**here, state="corrupt")])
    assert due(locking) == {"甲": 0}
    locking.commit(lambda _: [acts.CopyHealed(**here, source="乙")])
    assert settle(locking) == {Digest.of(A)}


def test_a_store_that_is_renewed_has_no_locks(locking: Vault) -> None:
    take_in(locking, [A])
    locking.commit(lambda _: [acts.StoreAttached(at=NOW, by="李建国", store="甲", kind="disk", location="甲")])
    assert rows_of(locking, "SELECT * FROM lock") == []


def test_what_becomes_due_while_it_is_worked_on_stays_due(locking: Vault) -> None:
    (number,) = take_in(locking, [A])
    (taken,) = take(locking)
    place_hold(locking, number, "线索核查", "县监委")
    with locking.database.writing() as connection:
        locks.give_back(connection, "甲", {taken.object_id: NEVER}, [])
    assert due(locking) == {"甲": 1}
    assert settle(locking) == {Digest.of(A)}


def test_what_was_taken_and_never_given_back_is_taken_again(locking: Vault) -> None:
    take_in(locking, [A])
    take(locking)
    assert due(locking) == {"甲": 1}
    assert settle(locking) == {Digest.of(A)}


def test_a_walk_meets_each_once_even_what_could_not_be_done(locking: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PAGE", 2)
    take_in(locking, *[[noise(50, n)] for n in range(5)])
    met: list[int] = []
    last: locks.Due | None = None
    while page := take(locking, last):
        met += [one.object_id for one in page]
        with locking.database.writing() as connection:
            locks.give_back(connection, "甲", {}, [one.object_id for one in page])
        last = page[-1]
    assert met == [1, 2, 3, 4, 5]
    assert due(locking) == {"甲": 5}


def test_a_renewal_comes_on_its_day(locking: Vault) -> None:
    take_in(locking, [A])
    day = NOW + timedelta(days=90)
    settle(locking, day)
    assert due(locking, day - timedelta(seconds=1)) == {"甲": 0}
    assert due(locking, day) == {"甲": 1}


def test_the_longest_claim_wins(locking: Vault) -> None:
    take_in(locking, [A, B])  # no case: a year
    _, held = take_in(locking, [noise(9, 9)], [B, C])  # its case is open
    claims = claimed(locking)
    year = Claim(date(2027, 11, 22), held=False)
    assert (claims[Digest.of(A)].claim, claims[Digest.of(A)].records) == (year, 1)
    assert (claims[Digest.of(B)].claim, claims[Digest.of(B)].records) == (Claim(None, held=True), 2)
    case = facts(1).case_number
    assert case is not None
    open_case(locking, case, "", date(2026, 11, 1), "")
    close_case(locking, case, date(2026, 11, 20), RetentionClass.TWENTY_FOUR_MONTHS, "")  # counts from the records' day
    for data in (B, C):
        assert claimed(locking)[Digest.of(data)].claim == Claim(date(2028, 11, 22), held=False)
    place_hold(locking, held, "线索核查", "县监委")
    assert claimed(locking)[Digest.of(B)].claim == Claim(date(2028, 11, 22), held=True)
    assert claimed(locking)[Digest.of(A)].claim == year


def test_a_list_of_files_is_kept_as_long_as_the_journal_that_names_it(locking: Vault) -> None:
    files = (RecordFile(sha256=Digest.of(A).hex, size=100, name="视频.mp4"),)
    listed = Digest.of(encode_file_list(files))
    act = acts.RecordStored(
        at=NOW,
        by="李建国",
        record="2026-0000001",
        facts=Facts(),
        file_list=acts.FileList(sha256=listed.hex, size=200, count=1),
        stores=("甲",),
        standing=Standing.KEPT,
    )
    with locking.database.writing() as connection:
        project(connection, [(3, act)], lambda _: files)
    claims = claimed(locking)
    assert claims[listed] == locks.Claimed(Claim(None, held=True))
    assert claims[Digest.of(A)].claim.day is not None


def test_only_holds_of_ours_are_known_as_ours(locking: Vault) -> None:
    take_in(locking, [A], [B])

    def locked(held: bool | None, data: bytes) -> acts.ObjectsLocked:
        return acts.ObjectsLocked(at=NOW, by="李建国", store="甲", held=held, objects=(Digest.of(data).hex,))

    locking.commit(lambda _: [locked(True, A), locked(None, B)])
    assert {one.digest: one.held for one in take(locking)} == {Digest.of(A): True, Digest.of(B): False}
    locking.commit(lambda _: [locked(None, A)])
    assert {one.digest: one.held for one in take(locking)}[Digest.of(A)] is True
    locking.commit(lambda _: [locked(False, A)])
    assert not any(one.held for one in take(locking))


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_no_step_reads_more_of_a_larger_vault(locking: Vault) -> None:
    """Every statement finds its rows by an index; of the stores there are a few."""
    take_in(locking, [A])
    asked: list[tuple[str, Any]] = []
    with locking.database.writing() as connection:

        def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        (one,) = locks.take(connection, "甲", NOW, None)
        locks.take(connection, "甲", NOW, one)
        locks.give_back(connection, "甲", {1: NOW}, [2])
        locks.look_again(connection, [1, 2])
        locks.look_again_at_record(connection, 1)
        locks.note_holds(connection, "甲", [Digest.of(A).hex], held=True)
        locks.count_due(connection, NOW)
        locks.copies(connection, "甲", 0)
        locks.claims(connection, [1, 2])
        event.remove(connection, "before_cursor_execute", note)
        assert len(asked) > 15
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[3] for row in plan]
            assert not [step for step in steps if step.startswith("SCAN") and "store" not in step], (statement, steps)
            assert not [step for step in steps if step.endswith("(store_id=?)")], (statement, steps)
            if "ORDER BY" in statement:
                assert not [step for step in steps if "B-TREE FOR ORDER" in step], (statement, steps)
