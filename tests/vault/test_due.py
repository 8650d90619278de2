"""What is due comes page by page, each record once; and the counts that are kept are those that counting yields."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from tests.conftest import SettableClock
from tests.vault.disposal_scene import CUSTODIAN, ONE, THREE, TWO, Office
from tests.vault.scene import facts, noise, rows_of, take_in
from vault import adoption, corrections
from vault.catalogue import due as queue
from vault.catalogue import tally
from vault.catalogue.holdings import holding_of
from vault.clock import Running, Verdict
from vault.errors import BadInput
from vault.profile import load_profile
from vault.retention import State, expiry
from vault.store import Vault
from vault.terms import RetentionClass
from vault.timekeeping import trusted_time


def listed(vault: Vault, time: Verdict, start: queue.After | None = None) -> list[tuple[str, str]]:
    """Numbers, and how to go on after each."""
    with vault.database.reading() as connection:
        found = queue.due(connection, vault.profile, time.now.date(), time, start)
        return [(record.number, queue.after(record, decision)) for record, decision in found]


def counted(vault: Vault, day: date) -> list[tally.Count]:
    with vault.database.reading() as connection:
        return list(tally.counts(connection, day))


def sums(vault: Vault, day: date) -> dict[tuple[RetentionClass | None, State], list[int]]:
    return {(one.retention_class, one.state): [one.records, one.due] for one in counted(vault, day)}


def test_pages_follow_one_another_whatever_their_size(
    vault: Vault, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = take_in(vault, *([noise(10, n)] for n in range(9)))
    clock.advance(days=1)
    numbers += take_in(vault, *([noise(10, 100 + n)] for n in range(9)))
    clock.advance(days=390)
    time = trusted_time(vault)
    everything = listed(vault, time)
    assert [number for number, _ in everything] == numbers[::3]  # the others wait for their cases
    for size in (1, 2, 3, 200):
        monkeypatch.setattr(queue, "PAGE", size)
        assert listed(vault, time) == everything
        for shown in range(len(everything)):
            start = queue.read_after(everything[shown][1])
            assert listed(vault, time, start) == everything[shown + 1 :]


def test_a_page_goes_on_though_its_last_record_is_held_meanwhile(vault: Vault, clock: SettableClock) -> None:
    numbers = take_in(vault, *([noise(10, n)] for n in range(9)))
    clock.advance(days=390)
    time = trusted_time(vault)
    everything = listed(vault, time)
    corrections.place_hold(vault, everything[0][0], "行政复议", "市政府")
    assert listed(vault, time, queue.read_after(everything[0][1])) == everything[1:]
    assert [number for number, _ in everything[1:]] == numbers[3::3]


def test_what_is_extended_kept_or_destroyed_is_counted_so(office: Office) -> None:
    office.listed(TWO, fate="extend", until=date(2033, 12, 31))
    office.listed(THREE, fate="keep")
    number = office.agreed(ONE)
    for running in (False, True):
        if running:
            assert office.run(number).begun == 1
        with office.by(CUSTODIAN) as vault:
            for day in (office.clock().date(), date(2034, 1, 1)):
                with vault.database.reading() as connection:
                    assert sums(vault, day) == by_hand(connection, vault, day)
            assert sum(one.records for one in counted(vault, day)) == (3 if running else 4)


def test_nothing_is_due_by_a_clock_that_is_not_believed(vault: Vault, clock: SettableClock) -> None:
    take_in(vault, [noise(10, 0)])
    clock.advance(days=390)
    assert listed(vault, trusted_time(vault))
    vault.setting = replace(vault.setting, machine=lambda: Running("另一次启动", 60.0))
    assert listed(vault, trusted_time(vault)) == []


@pytest.mark.parametrize("spelled", ["", "2031-0000001", "2032-03-04/", "2032-13-04/2031-0000001", "x/2031-1", "/"])
def test_what_is_no_end_of_a_page_is_said(spelled: str) -> None:
    with pytest.raises(BadInput, match="not the end of a page"):
        queue.read_after(spelled)


def by_hand(connection: Connection, vault: Vault, day: date) -> dict[tuple[RetentionClass | None, State], list[int]]:
    """What every record's own decision says, counted one by one."""
    found: dict[tuple[RetentionClass | None, State], list[int]] = {}
    for (serial,) in connection.exec_driver_sql("SELECT id FROM record WHERE standing != 'destroyed'"):
        decision = expiry(holding_of(connection, serial), vault.profile)
        sums = found.setdefault((decision.retention_class, decision.state), [0, 0])
        sums[0] += 1
        sums[1] += decision.expires_on is not None and decision.expires_on <= day
    return found


def test_counts_are_what_counting_yields_after_whatever_happens(vault: Vault, clock: SettableClock) -> None:
    numbers = take_in(vault, *([noise(10, n)] for n in range(12)))
    holds: list[str] = []
    steps = [
        lambda: holds.append(corrections.place_hold(vault, numbers[0], "行政复议", "市政府")),
        lambda: holds.append(corrections.place_hold(vault, numbers[0], "行政诉讼", "市法院")),
        lambda: corrections.release_hold(vault, holds[0], "终结"),
        lambda: corrections.release_hold(vault, holds[1], "终结"),
        lambda: corrections.raise_class(vault, numbers[3], RetentionClass.PERMANENT, "重大案件", "第12条"),
        lambda: corrections.open_case(vault, facts(1).case_number, "占道经营案", date(2026, 11, 20), "立案"),
        lambda: corrections.close_case(
            vault, facts(1).case_number, date(2026, 11, 21), RetentionClass.TWENTY_FOUR_MONTHS, "结案"
        ),
        lambda: corrections.reopen_case(vault, facts(1).case_number, "重新启动"),
        lambda: take_in(vault, [noise(10, 50)], [noise(10, 51)]),
        lambda: adoption.adopt(vault, load_profile("wugang"), "局务会议"),
    ]
    seen = set()
    for step in steps:
        step()
        for day in (clock().date(), clock().date() + timedelta(days=3000)):
            with vault.database.reading() as connection:
                truth = by_hand(connection, vault, day)
            assert sums(vault, day) == truth
            seen |= set(truth)
    assert {state for _, state in seen} == {State.RUNNING, State.HELD, State.PERMANENT, State.WAITING_FOR_CASE}
    assert rows_of(vault, "SELECT count(*) FROM tally WHERE records < 1") == [(0,)]
