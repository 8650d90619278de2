"""Jobs and their leases: one holder at a time, none after its lease, and no job lost with whoever held it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.catalogues import new_catalogue
from vault.catalogue import jobs
from vault.catalogue.database import Catalogue
from vault.catalogue.jobs import Ended, Job, Why, why

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
LEASE = timedelta(minutes=3)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Catalogue]:
    made = new_catalogue(tmp_path / "目录.db")
    made.create()
    yield made
    made.close()


def row(database: Catalogue, name: str = "回读") -> Job:
    with database.reading() as connection:
        return next(job for job in jobs.rows(connection) if job.name == name)


def enrol(database: Catalogue, **due: datetime) -> None:
    with database.writing() as connection:
        jobs.enrol(connection, due)


def claim(database: Catalogue, now: datetime = NOW, name: str = "回读") -> str | None:
    with database.writing() as connection:
        return jobs.claim(connection, name, f"主机/{now:%S}", now, now + HOUR, LEASE)


def beat(database: Catalogue, token: str, now: datetime) -> bool:
    with database.writing() as connection:
        return jobs.beat(connection, "回读", token, now, LEASE)


def finish(database: Catalogue, token: str, now: datetime, error: str = "", found: int | None = None) -> bool:
    with database.writing() as connection:
        ended = Ended(at=now, seconds=1.5, error=error, found=found)
        return jobs.finish(connection, "回读", token, ended)


CASES = [
    ("due", {"due_at": NOW}, Why.DUE),
    ("a second early", {"due_at": NOW + SECOND}, None),
    ("held", {"token": "甲", "lease_until": NOW + SECOND}, None),
    ("its lease is over", {"token": "甲", "lease_until": NOW}, Why.ABANDONED),
    ("its lease is over, and it is not due", {"due_at": NOW + HOUR, "token": "甲", "lease_until": NOW}, Why.ABANDONED),
    ("a lease of next year: the clock was wrong", {"token": "甲", "lease_until": NOW + 9_000 * HOUR}, Why.ABANDONED),
    ("begun next year", {"due_at": NOW + 9_001 * HOUR, "started_at": NOW + 9_000 * HOUR}, Why.AHEAD),
    (
        "begun in five minutes: a clock was set back a little",
        {"due_at": NOW + HOUR, "started_at": NOW + HOUR / 12},
        None,
    ),
]


@pytest.mark.parametrize(("what", "given", "answer"), CASES, ids=[case[0] for case in CASES])
def test_when_a_job_may_be_taken(what: str, given: dict[str, datetime], answer: Why | None) -> None:
    assert why(Job(**{"name": "回读", "due_at": NOW} | given), NOW) is answer  # type: ignore[arg-type]


def test_from_claim_to_success(database: Catalogue) -> None:
    enrol(database, 回读=NOW)
    token = claim(database)
    assert token
    held = row(database)
    assert (held.holder, held.started_at, held.due_at) == ("主机/00", NOW, NOW + HOUR)
    assert held.is_held(NOW)
    assert beat(database, token, NOW + 2 * LEASE / 3)
    assert finish(database, token, NOW + LEASE + SECOND, found=7), "the heartbeat has kept it for longer"
    done = row(database)
    assert (done.token, done.lease_until, done.succeeded_at) == ("", None, NOW + LEASE + SECOND)
    assert (done.failures, done.error, done.seconds, done.found) == (0, "", 1.5, 7)


def test_failures_are_counted_until_a_success_and_keep_what_was_found(database: Catalogue) -> None:
    enrol(database, 回读=NOW)
    token = claim(database)
    assert token
    assert finish(database, token, NOW, found=3)
    for count in (1, 2):
        token = claim(database, NOW + count * HOUR)
        assert token
        assert finish(database, token, NOW + count * HOUR, error="StoreUnavailable: 乙")
        failed = row(database)
        assert (failed.failures, failed.error, failed.failed_at) == (count, "StoreUnavailable: 乙", NOW + count * HOUR)
        assert (failed.succeeded_at, failed.found) == (NOW, 3)
    token = claim(database, NOW + 3 * HOUR)
    assert token
    assert finish(database, token, NOW + 3 * HOUR)
    assert (row(database).failures, row(database).error) == (0, "")


def test_whoever_slept_through_the_lease_can_neither_keep_nor_finish_nor_hand_back(database: Catalogue) -> None:
    enrol(database, 回读=NOW)
    token = claim(database)
    assert token
    late = NOW + LEASE
    assert not beat(database, token, late), "though nobody else has taken it"
    assert not finish(database, token, late)
    other = claim(database, late)
    assert other
    assert other != token
    for moment in (late, late + SECOND):
        assert not beat(database, token, moment)
        assert not finish(database, token, moment, error="太迟")
        with database.writing() as connection:
            assert not jobs.hand_back(connection, "回读", token, moment, moment)
    assert finish(database, other, late + SECOND)
    assert row(database).failures == 0


def test_what_a_killed_process_held_is_taken_again_after_its_lease(database: Catalogue) -> None:
    enrol(database, 回读=NOW)
    assert claim(database)
    assert claim(database, NOW + LEASE - SECOND) is None
    assert claim(database, NOW + LEASE)


def test_what_is_handed_back_can_be_taken_at_once_and_neither_failed_nor_succeeded(database: Catalogue) -> None:
    enrol(database, 回读=NOW)
    token = claim(database)
    assert token
    with database.writing() as connection:
        assert jobs.hand_back(connection, "回读", token, NOW, NOW + SECOND)
    given = row(database)
    assert (given.token, given.failures, given.succeeded_at, given.failed_at) == ("", 0, None, None)
    assert claim(database, NOW) is None
    assert claim(database, NOW + SECOND)


def test_of_many_who_ask_at_the_same_moment_one_gets_it(database: Catalogue, tmp_path: Path) -> None:
    enrol(database, 回读=NOW)
    others = [new_catalogue(tmp_path / "目录.db") for _ in range(6)]
    with ThreadPoolExecutor(len(others)) as pool:
        tokens = list(pool.map(claim, others))
    for other in others:
        other.close()
    assert len([token for token in tokens if token]) == 1


def test_enrolling_again_forgets_what_is_no_job_and_puts_nothing_off(database: Catalogue) -> None:
    enrol(database, 回读=NOW, 补齐=NOW)
    token = claim(database)
    assert token
    enrol(database, 回读=NOW + 9 * HOUR, 锁定=NOW + HOUR)
    with database.reading() as connection:
        assert [(job.name, job.due_at) for job in jobs.rows(connection)] == [("回读", NOW + HOUR), ("锁定", NOW + HOUR)]
    assert finish(database, token, NOW), "a service that starts takes nothing from one that is at work"
    enrol(database, 回读=NOW + SECOND)
    assert row(database).due_at == NOW + SECOND
