"""Destruction: stores that are away, what turns up again, discs, and interruptions at every step."""

import itertools
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from backends.disk import DiskStore
from tests.vault.disc_scene import begin, bring, degrade, fail, keep, plan, shred, state_of
from tests.vault.disposal_scene import (
    CONTENTS,
    CUSTODIAN,
    FOUR,
    LEADER,
    NAMES,
    ONE,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    THREE,
    TWO,
    Office,
    assert_rebuilt_alike,
    there,
)
from tests.vault.scene import (
    assert_sound,
    away,
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
from vault.catalogue import spoiled
from vault.clock import Running
from vault.corrections import place_hold
from vault.digest import Digest
from vault.discs import stepping
from vault.discs.model import Mark, Spoiled
from vault.discs.spoiling import shred_spoiled
from vault.discs.states import State as DiscState
from vault.discs.stepping import step
from vault.disposal import destruction
from vault.disposal.discs import what_stays
from vault.disposal.register import certificate, require_done
from vault.disposal.rules import State
from vault.enrolling import enrol
from vault.errors import Busy, Refused, StoreUnavailable
from vault.membership import detach
from vault.orphans import sweep_orphans
from vault.people import Role
from vault.permits import DeletionPermit
from vault.rebuild import rebuild
from vault.store import Vault
from vault.text import Text
from vault.timekeeping import trusted_time

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
    begun = f"destruction of record {TWO} has begun .* neither held nor given out any more"
    with office.by(CUSTODIAN) as vault, pytest.raises(Refused, match=begun):  # "its content is no more" was not so
        place_hold(vault, TWO, "太晚", "县监委")
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == {"丙"}
        assert {(kind, store) for kind, store, _ in told(vault)} == {("doomed", "丙")}  # no fault, and no orphan
        assert sweep_orphans(vault).removed == []
        scrubbed(vault)
        assert there(vault, CONTENTS[1]) == {"丙"}
        with pytest.raises(Refused, match="being destroyed"):
            detach(vault, "丙")
        assert_rebuilt_alike(vault)
    with pytest.raises(Refused):
        office.run(number)  # rebuilt: nothing ends until a manager has looked
    with office.by(LEADER) as vault:
        release_expiry(vault)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (0, 1, State.CLOSED)
    with office.by(CUSTODIAN) as vault, pytest.raises(Refused, match=f"Record {TWO} was destroyed"):
        place_hold(vault, TWO, "太晚", "县监委")
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set()
        assert_sound(vault)


def test_nothing_is_destroyed_on_a_store_whose_own_journal_does_not_know_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three stores are enough for an entry; the third one alone would tell of a record that is nowhere."""
    number = office.agreed(TWO)
    real = DiskStore.replace_file

    def failing(self: DiskStore, path: str, data: bytes) -> None:
        if self.name == "丙":
            raise StoreUnavailable(Text(en="an error of the disk", zh="磁盘错误"))
        real(self, path, data)

    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "replace_file", failing)
        ran = office.run(number)
    assert (ran.begun, ran.copies, set(ran.waiting), ran.state) == (1, 2, {"丙"}, State.DESTROYING)
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == {"丙"}
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
    with pytest.raises(Refused, match="rebuilt") as refused:
        office.run(number)
    assert "主管领导、主要领导" in refused.value.hint.zh  # who can let it go on
    assert "retention release" in refused.value.hint.en
    with office.by(LEADER) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
        release_expiry(vault)
    assert office.run(number).begun == 1


def test_no_person_can_vouch_for_the_clock(office: Office) -> None:
    number = office.agreed(TWO)
    office.clock.advance(days=500)
    office.vouched = True
    with pytest.raises(Refused):
        office.run(number)
    office.clock.advance(days=-1000)
    with pytest.raises(Refused, match="Expiry waits"):
        office.run(number)


def test_nothing_goes_while_nobody_confirms_the_clock(office: Office) -> None:
    number = office.agreed(TWO)
    with office.by(OPERATOR) as vault:
        vault.setting = replace(vault.setting, machine=lambda: Running("另一次启动", 60.0))
        with pytest.raises(Refused, match="nothing else confirms it") as refused:
            destruction.run(vault, number)
        assert "两名" in refused.value.hint.zh
        vault.setting = replace(vault.setting, clock_vouched=True)
        with pytest.raises(Refused):
            destruction.run(vault, number)
        assert there(vault, CONTENTS[1]) == set(NAMES)
    assert office.run(number).begun == 1


@pytest.mark.parametrize(
    ("words", "enough"),
    [
        (("没有的人", "也没有"), False),
        ((OPERATOR, LEADER), False),
        ((CUSTODIAN, OTHER_CUSTODIAN), False),
        ((LEADER, "wangjj"), False),  # one person under two logins
        ((LEADER, "sunli"), True),
    ],
)
def test_only_the_word_of_two_who_may_let_expiry_go_on_is_taken_for_the_clock(
    office: Office, words: tuple[str, str], enough: bool
) -> None:
    """Two logins that nobody had enrolled ended the week of grace at once."""
    with office.by(LEADER) as vault:
        enrol(vault, "sunli", "孙丽", [Role.SECTION_HEAD], "")
        enrol(vault, "wangjj", "王建军", [Role.SECTION_HEAD], "")
    number = office.listed(TWO)
    office.submit(number)
    office.approve(number)
    for login in SUPERVISORS:
        office.supervise(number, login)
    up = office.machine()
    office.machine = lambda: up  # the machine has not run that long
    office.clock.advance(days=8)
    for login in words:
        office.vouched = True
        with office.by(login) as vault:
            trusted_time(vault)
    office.vouched = False
    if enough:
        assert office.run(number).begun == 1
    else:
        with pytest.raises(Refused, match="nothing else confirms it"):
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
        with vault.database.reading() as connection:
            proof, _ = require_done(certificate(connection, number))
        assert (proof.objects, proof.returned, proof.absent) == (1, 1, dict.fromkeys(sorted(NAMES), 0))
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_sound(vault)
        assert sweep_orphans(vault).removed == []
        assert there(vault, CONTENTS[1]) == set(NAMES)
        assert_rebuilt_alike(vault)


def test_what_turns_up_again_later_belongs_to_no_record_and_is_swept(office: Office) -> None:
    office.run(office.agreed(TWO))
    with office.by(OPERATOR) as vault:
        land(vault.stores["丙"], CONTENTS[1])
        assert {(kind, store) for kind, store, _ in told(vault)} == {("orphan", "丙")}
        assert [swept.store for swept in sweep_orphans(vault).removed] == ["丙"]
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
        keep(vault, plan(vault, [TWO, THREE], [THREE]).number, "A")
        for act in (begin, fail):  # copy B was never burnt to its end, and may be readable
            step(vault, act("2027-0001-1B", vault))
        keep(vault, plan(vault, [THREE]).number)
        degrade(vault, "2027-0001-1A")
        assert str(stepping.replace(vault, Mark.parse("2027-0001-1A"), "划伤")) == "2027-0001-1A2"
        bring(vault, "2027-0001-1A2", DiscState.BURNT)
        shred(vault, "2027-0001-2A", degraded=True)
    number = office.agreed(TWO)
    assert office.run(number).state is State.DESTROYING
    standing = office.standing(number)
    waiting = ["2027-0001-1A", "2027-0001-1A2", "2027-0001-1B/1"]
    assert [(task.disc, task.open) for task in standing.discs] == [(disc, True) for disc in waiting]
    assert standing.proven_at is not None
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        assert not [*what_stays(connection, "2027-0001-1A"), *what_stays(connection, "2027-0001-1B/1")]
        with pytest.raises(Refused, match="2027-0001-1A, 2027-0001-1A2, 2027-0001-1B/1"):
            require_done(certificate(connection, number))
    with office.by(CUSTODIAN) as vault:
        with pytest.raises(Refused, match=f"Disposal {number} waits"):
            shred(vault, "2027-0001-1A")
        with pytest.raises(Refused, match=f"Disposal {number} waits"):
            shred_spoiled(vault, Spoiled(Mark.parse("2027-0001-1B"), 1), "已粉碎")
        with pytest.raises(Refused, match=f"{TWO}, which has been destroyed"):
            bring(vault, "2027-0001-1B", DiscState.BURNT)
    first, second = OTHER_CUSTODIAN, SUPERVISORS[0]
    for disc in ("2027-0001-1A", "2027-0001-1A2"):
        with pytest.raises(Refused):
            office.confirm(number, disc, OPERATOR)
        assert office.confirm(number, disc, first) is State.DESTROYING
        with office.by(CUSTODIAN) as vault:
            assert state_of(vault, disc) is not DiscState.DESTROYED
        with pytest.raises(Refused, match="already"):
            office.confirm(number, disc, first)
        state = office.confirm(number, disc, second)
        with office.by(CUSTODIAN) as vault:
            assert state_of(vault, disc) is DiscState.DESTROYED
    office.confirm(number, "2027-0001-1B/1", first)
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        assert [str(one.name) for one in spoiled.to_shred(connection)] == ["2027-0001-1B/1"]
    state = office.confirm(number, "2027-0001-1B/1", second)
    assert state is State.CLOSED
    with office.by(OPERATOR) as vault:
        with vault.database.reading() as connection:
            assert list(spoiled.to_shred(connection)) == []
        assert_rebuilt_alike(vault)
        with vault.database.reading() as connection:
            proof, approval = require_done(certificate(connection, number))
        assert (proof.objects, proof.returned, proof.absent) == (1, 0, dict.fromkeys(sorted(NAMES), 1))
        assert [consent.by for consent in approval.consents] == [LEADER]


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
    """At every third act on a store or commit, others each time; `./campaign kills` ends it at every call."""
    number = office.agreed(ONE, FOUR)  # they share an object
    for steps in itertools.count(secrets.randbelow(3), 3):
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
            if steps % 4 == 1:
                assert_sound(vault)
            asked = rows_of(vault, "SELECT seq FROM journal WHERE act = 'destruction.proven'")
            assert len(asked) == 1
            if steps % 8 == 0:
                assert_rebuilt_alike(vault)
        shutil.rmtree(home.parent)
        if finished:
            break
    assert steps >= 25
