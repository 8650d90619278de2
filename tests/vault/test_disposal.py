"""Disposal, the whole way: exactly what was agreed ends, everywhere, and everything else stays."""

import itertools
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.config import StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests.conftest import SettableClock
from tests.vault.disposal_scene import (
    CUSTODIAN,
    LEADER,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    Office,
)
from tests.vault.scene import (
    assert_sound,
    away,
    export,
    flip,
    land,
    noise,
    place_of,
    rows_of,
    scrubbed,
    take_in,
    told,
)
from vault import acts
from vault.catalogue import disposals, queries
from vault.corrections import close_case, flag, open_case, place_hold, raise_class, release_hold
from vault.digest import Digest
from vault.disposal import agreeing, destruction
from vault.disposal.discs import staying_on
from vault.disposal.register import certificate, register_rows
from vault.disposal.rules import State
from vault.errors import BadInput, Busy, ClockSuspect, Refused, StoreUnavailable
from vault.membership import detach
from vault.orphans import sweep_orphans
from vault.permits import DeletionPermit
from vault.rebuild import rebuild
from vault.records import Standing
from vault.retention import State as Term
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text

NAMES = ("甲", "乙", "丙")
CONTENTS = [noise(2_000 + number, number) for number in range(8)]


BEGAN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three stores, and four records that are due: one file each, and the last with two, one of them the first's."""
    home, clock = tmp_path_factory.mktemp("模板") / "档案库", SettableClock(BEGAN)
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES)
    init_vault(home, "", "dengzhou", stores, Working(person=OPERATOR, clock=clock))
    office = Office(home, clock)
    office.enrol()
    with office.by(CUSTODIAN) as vault:
        take_in(vault, [CONTENTS[0]])
        take_in(vault, [CONTENTS[1]])
        take_in(vault, [CONTENTS[2]])
        take_in(vault, [CONTENTS[0], CONTENTS[3]])
    clock.advance(days=380)
    return office


@pytest.fixture
def office(template: Office, tmp_path: Path, clock: SettableClock) -> Office:
    """A copy of it to work with."""
    clock.now = template.clock.now
    return Office(Path(shutil.copytree(template.home, tmp_path / "档案库")), clock)


ONE, TWO, THREE, FOUR = (f"2026-{n:07d}" for n in range(1, 5))


def there(vault: Vault, data: bytes) -> set[str]:
    return {name for name in vault.stores if place_of(vault, name, data).exists()}


def assert_rebuilt_alike(vault: Vault) -> None:
    """What a rebuild makes of the journal is what the vault works with, but for the rebuild itself."""
    before = export(vault)
    rebuild(vault, None)
    after = export(vault)
    for table in before:
        if table not in ("meta", "journal"):
            assert after[table] == before[table], table


def test_the_whole_way(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (2, 3, State.CLOSED)  # what the fourth record holds stays
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[0]) == set(NAMES)
        assert there(vault, CONTENTS[1]) == set()
        assert there(vault, CONTENTS[2]) == there(vault, CONTENTS[3]) == set(NAMES)
        assert_sound(vault)
        scrubbed(vault)
        with vault.database.reading() as connection:
            found = {record.number for record in queries.find(connection, queries.Wanted())}
            assert found == {THREE, FOUR}
            assert not list(queries.find(connection, queries.Wanted(words=["2026-0000002"])))
            gone = queries.get_record(connection, TWO)
            assert (gone.standing, gone.files, gone.facts.party) == (Standing.DESTROYED, (), "")
            assert [
                (row.place, row.record, row.files, row.outcome)
                for row in register_rows(connection, number, vault.profile)
            ] == [
                (1, ONE, 1, "destroyed"),
                (2, TWO, 1, "destroyed"),
            ]
            done = certificate(connection, number)
            assert done.approval is not None
            assert (done.approval.by, [one.by for one in done.supervisors]) == (LEADER, list(SUPERVISORS))
            assert done.closed_at is not None
        assert_rebuilt_alike(vault)
        assert_sound(vault)


# who agrees, and to what


def test_nobody_signs_what_they_had_a_part_in(office: Office) -> None:
    number = office.listed(ONE, by=CUSTODIAN)
    with pytest.raises(Refused):
        office.supervise(number, SUPERVISORS[0])  # nothing is approved
    office.submit(number, by=OTHER_CUSTODIAN)
    for login in (CUSTODIAN, OTHER_CUSTODIAN, OPERATOR, SUPERVISORS[0]):
        with pytest.raises(Refused):
            office.approve(number, by=login)
    office.approve(number)
    office.supervise(number, SUPERVISORS[0])
    for login in (SUPERVISORS[0], LEADER, CUSTODIAN, OTHER_CUSTODIAN, OPERATOR):
        with pytest.raises(Refused):
            office.supervise(number, login)
    with pytest.raises(Refused):
        office.run(number)
    office.supervise(number, SUPERVISORS[1])
    with pytest.raises(Refused):
        office.run(number)  # the grace period
    office.clock.advance(days=7, seconds=-1)
    with pytest.raises(Refused):
        office.run(number)
    office.clock.advance(seconds=1)
    assert office.run(number).state is State.CLOSED


def test_a_signature_is_ones_own(office: Office) -> None:
    number = office.listed(ONE)
    office.submit(number)
    as_leader = Working(person=LEADER, via="root", clock=office.clock)
    with open_vault(office.home, as_leader) as vault, pytest.raises(Refused, match="in the name of"):
        agreeing.approve(vault, number, office.digest(vault, number))


@pytest.mark.parametrize("signed", range(4))
def test_a_change_of_the_list_takes_back_what_was_agreed(office: Office, signed: int) -> None:
    number = office.listed(ONE, TWO)
    with office.by(LEADER) as vault:
        before = office.digest(vault, number)
    steps: list[Callable[[], object]] = [
        lambda: office.submit(number),
        lambda: office.approve(number),
        lambda: office.supervise(number, SUPERVISORS[0]),
        lambda: office.supervise(number, SUPERVISORS[1]),
    ]
    for step in steps[: signed + 1]:
        step()
    office.appraise(number, THREE, by=OTHER_CUSTODIAN)
    standing = office.standing(number)
    assert standing.disposal.state is State.APPRAISING
    assert (standing.disposal.approval, standing.disposal.signatures) == (None, ())
    office.submit(number)
    with pytest.raises(Refused, match="digest"):
        office.approve(number, sha256=before)
    office.approve(number)
    with pytest.raises(Refused):
        office.run(number)


def test_an_approval_ends_and_is_used_once(office: Office) -> None:
    number = office.listed(ONE)
    office.submit(number)
    office.approve(number)
    office.supervise(number, SUPERVISORS[0])
    office.clock.advance(days=90)
    with pytest.raises(Refused, match="ended"):
        office.supervise(number, SUPERVISORS[1])
    office.approve(number)
    assert office.standing(number).disposal.signatures == ()
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=90)
    with pytest.raises(Refused, match="ended"):
        office.run(number)
    office.approve(number)
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=7)
    assert office.run(number).begun == 1
    assert office.run(number).begun == 0
    for again in (
        lambda: office.supervise(number, OPERATOR),
        lambda: office.approve(number),
        lambda: office.stop(number),
    ):
        with pytest.raises(Refused):
            again()


def test_what_is_stopped_is_not_run_and_its_records_are_free(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    office.stop(number, by=SUPERVISORS[0])
    with pytest.raises(Refused):
        office.run(number)
    again = office.agreed(ONE)
    assert office.run(again).begun == 1


def test_only_what_is_due_gets_on_a_list_and_only_on_one(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        place_hold(vault, ONE, "线索核查", "县监委")
        take_in(vault, [CONTENTS[5]])
    with pytest.raises(Refused, match="not due"):
        office.listed(ONE)
    with pytest.raises(Refused, match="not due"):
        office.listed("2027-0000005")
    with pytest.raises(BadInput):
        office.listed("2026-0000099")
    number = office.listed()
    assert {line.record for line in lines_of(office, number)} == {TWO, THREE, FOUR}
    with pytest.raises(Refused, match=number):
        office.listed(TWO)


def lines_of(office: Office, number: str) -> list[acts.Appraisal]:
    with office.by(OPERATOR) as vault, vault.database.reading() as connection:
        return [
            acts.Appraisal(record=one.record, fate=one.fate, why=one.why, until=one.until)  # type: ignore[arg-type]
            for one in disposals.appraisals(connection, number)
        ]


def test_what_is_extended_or_kept_is_so_at_once_and_stays_so(office: Office) -> None:
    number = office.listed(ONE, TWO, THREE)
    office.appraise(number, TWO, fate="extend", until=date(2029, 12, 31))
    office.appraise(number, THREE, fate="keep")
    office.stop(number)
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        decisions = {
            record: queries.explain(connection, record, vault.profile, vault.now()) for record in (ONE, TWO, THREE)
        }
    assert decisions[ONE].state is Term.DUE
    assert (decisions[TWO].state, decisions[TWO].last_day) == (Term.RUNNING, date(2029, 12, 31))
    assert decisions[THREE].state is Term.PERMANENT
    with pytest.raises(Refused):
        office.listed(TWO)
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


# what happens in between


CHANGES: dict[str, Callable[[Vault], object]] = {
    "hold": lambda vault: place_hold(vault, TWO, "线索核查", "县监委"),
    "class": lambda vault: raise_class(vault, TWO, RetentionClass.PERMANENT, "典型案例", ""),
    "circumstance": lambda vault: flag(vault, TWO, ("objection",), "当事人异议"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("after", ["listed", "submitted", "approved", "signed", "agreed"])
def test_what_must_stay_is_taken_out_whenever_it_is_said(office: Office, change: str, after: str) -> None:
    number = office.listed(ONE, TWO)
    steps: dict[str, Callable[[], object]] = {
        "listed": lambda: None,
        "submitted": lambda: office.submit(number),
        "approved": lambda: office.approve(number),
        "signed": lambda: office.supervise(number, SUPERVISORS[0]),
        "agreed": lambda: office.supervise(number, SUPERVISORS[1]),
    }
    for name, step in steps.items():
        step()
        if name == after:
            with office.by(CUSTODIAN) as vault:
                CHANGES[change](vault)
    office.clock.advance(days=7)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (1, {TWO}, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_sound(vault)
        with vault.database.reading() as connection:
            rows = {row.record: row for row in register_rows(connection, number, vault.profile)}
        assert (rows[TWO].outcome, rows[ONE].outcome) == ("spared", "destroyed")
        assert rows[TWO].outcome_why
        assert_rebuilt_alike(vault)


def test_a_reopened_case_keeps_its_records(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        _, record = take_in(vault, [CONTENTS[5]], [CONTENTS[6]])
        with vault.database.reading() as connection:
            case = queries.get_record(connection, record).facts.case_number
        assert case
        open_case(vault, case, "占道经营案", date(2027, 12, 1), "")
        close_case(vault, case, date(2027, 12, 2), RetentionClass.SIX_MONTHS, "")
    office.clock.advance(days=380)
    number = office.agreed(record)
    with office.by(CUSTODIAN) as vault:
        open_case(vault, case, "", date(2028, 12, 30), "复议")
    ran = office.run(number)
    assert (ran.begun, set(ran.spared)) == (0, {record})
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[6]) == set(NAMES)
        assert_sound(vault)


def test_a_released_hold_brings_a_record_back_on_no_list_that_spared_it(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    with office.by(CUSTODIAN) as vault:
        placed = place_hold(vault, TWO, "线索核查", "县监委")
    office.run(number)
    with office.by(LEADER) as vault:
        release_hold(vault, placed, "核查结束")
    assert (office.run(number).begun, office.run(number).state) == (0, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
    assert office.run(office.agreed(TWO)).begun == 1


# stores, locks, discs


def test_a_store_that_is_away_keeps_everything_whole_and_the_disposal_open(office: Office) -> None:
    number = office.agreed(TWO)
    with office.by(OPERATOR) as vault, away(vault, "丙"):
        ran = destruction.run(vault, number)
        assert (ran.begun, ran.copies, set(ran.waiting)) == (0, 0, {"丙"})
    assert ran.state is State.SUPERVISED
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
    assert office.run(number).state is State.CLOSED


def test_a_store_that_goes_in_the_middle_is_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.agreed(TWO)
    real = DiskStore.delete

    def failing(self: DiskStore, digest: Digest, permit: DeletionPermit) -> None:
        if self.name == "丙":
            raise StoreUnavailable(Text(en="gone", zh="断开"))
        real(self, digest, permit)

    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "delete", failing)
        ran = office.run(number)
    assert (ran.begun, ran.copies, set(ran.waiting), ran.state) == (1, 2, {"丙"}, State.DESTROYING)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == {"丙"}
        assert {(kind, store) for kind, store, _ in told(vault)} == {("doomed", "丙")}  # no fault, and no orphan
        assert not sweep_orphans(vault)
        scrubbed(vault)
        assert there(vault, CONTENTS[1]) == {"丙"}
        with pytest.raises(Refused):
            place_hold(vault, TWO, "太晚", "县监委")
        with pytest.raises(Refused, match="being destroyed"):
            detach(vault, "丙")
        assert_rebuilt_alike(vault)
    with pytest.raises(Refused):
        office.run(number)  # rebuilt: nothing ends until a manager has looked
    with office.by(LEADER) as vault:
        release_expiry(vault)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (0, 1, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set()
        assert_sound(vault)


def release_expiry(vault: Vault) -> None:
    act = acts.ExpiryReleased(at=vault.now(), by=vault.setting.person, why="已核对")
    vault.commit(lambda _: [act])


def test_after_a_rebuild_nothing_runs_until_expiry_is_released(office: Office) -> None:
    number = office.agreed(TWO)
    with office.by(OPERATOR) as vault:
        rebuild(vault, None)
    with pytest.raises(Refused, match="rebuilt"):
        office.run(number)
    with office.by(LEADER) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        release_expiry(vault)
    assert office.run(number).begun == 1


def test_no_person_can_vouch_for_the_clock(office: Office) -> None:
    number = office.agreed(TWO)
    office.clock.advance(days=500)
    office.vouched = True
    with pytest.raises((ClockSuspect, Refused)):
        office.run(number)
    office.clock.advance(days=-1000)
    with pytest.raises(ClockSuspect):
        office.run(number)


def test_damaged_copies_that_were_set_aside_go_too(office: Office) -> None:
    with office.by(OPERATOR) as vault:
        flip(place_of(vault, "甲", CONTENTS[1]))
        flip(place_of(vault, "乙", CONTENTS[2]))
        scrubbed(vault)
        aside = sorted(path.name for name in NAMES for path in (office.home / name / "damaged").glob("*"))
        assert len(aside) == 2
    office.run(office.agreed(TWO))
    with office.by(OPERATOR) as vault:
        assert_sound(vault)
        assert not list((office.home / "甲" / "damaged").glob("*"))
        assert len(list((office.home / "乙" / "damaged").glob("*"))) == 1
        flip(place_of(vault, "甲", CONTENTS[2]))  # its folder went with it; the next one makes it anew
        scrubbed(vault)
        assert len(list((office.home / "甲" / "damaged").glob("*"))) == 1


def test_what_is_found_again_when_the_stores_are_asked_is_destroyed_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.agreed(TWO)
    real = DiskStore.delete
    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "delete", lambda self, digest, permit: None)  # it says so, and does not
        ran = office.run(number)
    assert ran.state is State.DESTROYING
    assert office.standing(number).outstanding == dict.fromkeys(sorted(NAMES), 1)
    assert DiskStore.delete is real
    assert office.run(number).state is State.CLOSED
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set()
        assert_rebuilt_alike(vault)


def test_content_that_comes_in_anew_meanwhile_is_a_new_record_and_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.agreed(TWO)

    def gone(self: DiskStore, digest: Digest, permit: DeletionPermit) -> None:
        raise StoreUnavailable(Text(en="gone", zh="断开"))

    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "delete", gone)
        office.run(number)
    with office.by(CUSTODIAN) as vault:
        assert take_in(vault, [CONTENTS[1]]) == ["2027-0000005"]
    assert office.run(number).state is State.CLOSED
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_sound(vault)
        assert not sweep_orphans(vault)
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_rebuilt_alike(vault)


def test_what_turns_up_again_later_belongs_to_no_record_and_is_swept(office: Office) -> None:
    office.run(office.agreed(TWO))
    with office.by(OPERATOR) as vault:
        land(vault.stores["丙"], CONTENTS[1])
        assert {(kind, store) for kind, store, _ in told(vault)} == {("orphan", "丙")}
        assert [swept.store for swept in sweep_orphans(vault)] == ["丙"]
        assert_sound(vault)


def test_a_long_list_of_files_goes_piece_by_piece_and_the_list_itself_stays(office: Office) -> None:
    many = [noise(20, 1_000 + n) for n in range(720)]
    with office.by(CUSTODIAN) as vault:
        (record,) = take_in(vault, many)
        (held,) = rows_of(vault, f"SELECT list_id FROM record WHERE number = '{record}'")
        assert held[0] is not None
    office.clock.advance(days=380)
    number = office.agreed(record)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (1, 3 * 720, State.CLOSED)
    with office.by(OPERATOR) as vault:
        assert_sound(vault)
        assert len(rows_of(vault, "SELECT seq FROM journal WHERE act = 'destruction.begun'")) == 2
        assert_rebuilt_alike(vault)
        assert_sound(vault)


def test_discs_keep_a_disposal_open_until_two_people_saw_each_destroyed(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        built = acts.DiscBuilt(
            at=vault.now(), by=CUSTODIAN, disc_set="2027-0001", records=(TWO, THREE), sha256="0" * 64, size=1
        )
        vault.commit(lambda _: [built])
    number = office.agreed(TWO)
    assert office.run(number).state is State.DESTROYING
    standing = office.standing(number)
    assert [(task.disc, task.open) for task in standing.discs] == [("2027-0001-1A", True), ("2027-0001-1B", True)]
    assert standing.proven_at is not None
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        assert staying_on(connection, "2027-0001-1A") == [THREE]
    first, second = CUSTODIAN, SUPERVISORS[0]
    for disc in ("2027-0001-1A", "2027-0001-1B"):
        with pytest.raises(Refused):
            office.confirm(number, disc, OPERATOR)
        assert office.confirm(number, disc, first) is State.DESTROYING
        with pytest.raises(Refused, match="already"):
            office.confirm(number, disc, first)
        state = office.confirm(number, disc, second)
    assert state is State.CLOSED
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_nothing_is_destroyed_while_an_intake_is_at_work(office: Office) -> None:
    number = office.agreed(TWO)
    with office.by(OPERATOR) as vault, vault.shared_intake(), pytest.raises(Busy):
        destruction.run(vault, number)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)


# interrupted


class _Stopped(Exception):
    """Instead of a crash."""


def test_stopped_anywhere_it_goes_on_and_destroys_exactly_the_list(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every act on a store and every commit, one after the other."""
    number = office.agreed(ONE, FOUR)  # they share an object
    for steps in itertools.count():
        home = tmp_path / f"第{steps}次" / "档案库"
        shutil.copytree(office.home, home)
        trial = Office(home, office.clock)
        left = [steps]

        def countdown(real: Callable[..., object], left: list[int] = left) -> Callable[..., object]:
            def stopping(*arguments: object, **named: object) -> object:
                if left[0] == 0:
                    raise _Stopped
                left[0] -= 1
                return real(*arguments, **named)

            return stopping

        finished = False
        with monkeypatch.context() as patched, suppress(_Stopped):
            for kind, name in (
                *((DiskStore, name) for name in ("delete", "stat")),
                *((Vault, name) for name in ("commit", "publish")),
            ):
                patched.setattr(kind, name, countdown(getattr(kind, name)))
            assert trial.run(number).state is State.CLOSED
            finished = True
        with trial.by(OPERATOR) as vault:
            if steps % 4 == 0:
                assert not {kind for kind, _, _ in told(vault)} - {"doomed", "pending", "behind"}, steps
            for data in CONTENTS[1:3]:
                assert there(vault, data) == set(NAMES)
        if not finished:
            assert trial.run(number).state is State.CLOSED
        with trial.by(OPERATOR) as vault:
            assert there(vault, CONTENTS[0]) == there(vault, CONTENTS[3]) == set()
            assert there(vault, CONTENTS[1]) == there(vault, CONTENTS[2]) == set(NAMES)
            assert_sound(vault)
            asked = rows_of(vault, "SELECT seq FROM journal WHERE act = 'destruction.proven'")
            assert len(asked) == 1
            if steps % 8 == 0:
                assert_rebuilt_alike(vault)
        shutil.rmtree(home.parent)
        if finished:
            break
    assert steps >= 25
