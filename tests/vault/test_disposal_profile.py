"""What people agreed to, they agreed to under one profile: under another nothing is destroyed on their word."""

from collections.abc import Callable

import msgspec
import pytest

from backends.disk import DiskStore
from tests.vault.disposal_paper import Paper
from tests.vault.disposal_scene import (
    CONTENTS,
    CUSTODIAN,
    GRACE,
    LEADER,
    NAMES,
    ONE,
    OPERATOR,
    SUPERVISORS,
    TWO,
    Office,
    assert_rebuilt_alike,
    there,
)
from tests.vault.scene import assert_sound, entries_so_far, journal_acts, rows_of
from vault import acts, adoption
from vault.catalogue import disposals, dooming
from vault.catalogue.inforce import adoption_in_force
from vault.catalogue.waiting import waiting
from vault.digest import Digest
from vault.disposal.rules import State
from vault.enrolling import enrol
from vault.errors import BadInput, Refused, StoreUnavailable
from vault.people import Role
from vault.permits import DeletionPermit
from vault.profile import Approver, Profile, load_profile
from vault.profile.edition import Adoption, edition_of
from vault.text import Text

DENGZHOU, WUGANG, JIANGYUAN = (load_profile(name) for name in ("dengzhou", "wugang", "jiangyuan"))
assert DENGZHOU.disposal is not None
STRICTER = msgspec.structs.replace(
    DENGZHOU,
    version=2,
    disposal=msgspec.structs.replace(
        DENGZHOU.disposal,
        approvers=(Approver(role=Role.PRINCIPAL_LEADER, zh="主要领导", en="principal leader"),),
        supervisors=3,
        article="12",
    ),
)
THIRD = "sunli"
STEPS: dict[str, Callable[[Office, str], object]] = {
    "submitted": lambda office, number: office.approve(number),
    "approved": lambda office, number: office.supervise(number, SUPERVISORS[0]),
    "supervised": lambda office, number: office.run(number),
}


def brought(office: Office, number: str, to: str) -> None:
    office.submit(number)
    if to != "submitted":
        office.approve(number)
    if to == "supervised":
        for login in SUPERVISORS:
            office.supervise(number, login)
        office.clock.advance(days=GRACE.days)


def test_a_draft_has_a_line_to_sign_for_each_supervisor_that_the_profile_wants(office: Office) -> None:
    office.adopt(STRICTER)
    form = Paper(office, "register", office.listed(ONE)).register.form
    assert [one.zh for one in form.signatures].count("监销人") == 3


@pytest.mark.parametrize("state", STEPS)
def test_what_was_agreed_under_another_profile_is_refused_journalled_and_submitted_anew(
    office: Office, state: str
) -> None:
    """It was destroyed under the old agreement, though the profile in force asks for others and for more."""
    number = office.listed(ONE, TWO)
    brought(office, number, state)
    assert office.adopt(STRICTER) == [number]
    with pytest.raises(Refused, match="submitted under the profile dengzhou, version 1") as refused:
        STEPS[state](office, number)
    assert refused.value.exit_code == 4
    assert "现行的是 dengzhou（第2版）" in refused.value.what.zh
    assert f"strongroom disposal submit {number}" in refused.value.hint.zh
    with office.by(OPERATOR) as vault:
        assert rows_of(vault, "SELECT why, about FROM refusal") == [('["other-profile"]', number)]
        assert there(vault, CONTENTS[1]) == set(NAMES)
        now = vault.now()
        with vault.database.reading() as connection:
            assert disposals.get(connection, number).at(now) is State.APPRAISING
            assert waiting(connection, now, vault.profile.zone).disposals == {"appraising": 1}
    office.submit(number)
    asked = office.standing(number).disposal
    assert asked.approval is not None
    assert (asked.approval.needs, asked.takes) == ((Role.PRINCIPAL_LEADER,), 3)
    assert asked.under == Adoption(2, edition_of(STRICTER))
    office.approve(number)
    with office.by(LEADER) as vault:
        enrol(vault, THIRD, "孙丽", [Role.DESTRUCTION_SUPERVISOR], "")
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=GRACE.days)
    with pytest.raises(Refused, match="have not all signed"):
        office.run(number)
    office.supervise(number, THIRD)
    office.clock.advance(days=GRACE.days)
    assert office.run(number).begun == 2
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_the_very_same_profile_changes_nothing_and_one_that_is_back_revives_no_agreement(office: Office) -> None:
    """What was agreed before held again, though an office had meanwhile gone by other rules."""
    number = office.agreed(TWO)
    with pytest.raises(Refused, match="in force already"):
        office.adopt(DENGZHOU)
    assert office.standing(number).disposal.at(office.clock()) is State.SUPERVISED
    assert office.adopt(STRICTER) == [number]
    with pytest.raises(Refused, match="in force now is"):
        office.run(number)
    with office.by(LEADER) as vault, vault.database.reading() as connection:
        assert adoption.overtaken_lists(connection, vault, DENGZHOU).submit_anew == []  # that is so already
    assert office.adopt(DENGZHOU) == []
    with pytest.raises(Refused, match="in force again; another was adopted in between") as refused:
        office.run(number)
    assert refused.value.exit_code == 4
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set(NAMES)
    office.submit(number)
    assert office.standing(number).disposal.under == Adoption(3, edition_of(DENGZHOU))
    office.approve(number)
    for login in SUPERVISORS:
        office.supervise(number, login)
    office.clock.advance(days=GRACE.days)
    assert office.run(number).begun == 1
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_a_list_of_which_some_is_gone_is_not_gone_on_with_once_the_profile_is_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = halfway(office, monkeypatch)
    office.adopt(STRICTER)
    office.adopt(DENGZHOU)
    ran = office.run(number)
    assert (ran.begun, set(ran.spared), ran.state) == (0, {"2026-0000003"}, State.CLOSED)


def test_the_entry_says_under_which_profile_and_so_does_a_rebuilt_catalogue(office: Office) -> None:
    office.adopt(STRICTER)
    with office.by(CUSTODIAN) as vault:
        since = entries_so_far(vault)
    number = office.listed(ONE)
    office.submit(number)
    with office.by(OPERATOR) as vault:
        (act,) = (one for one in journal_acts(vault, since) if isinstance(one, acts.DisposalSubmitted))
        with vault.database.reading() as connection:
            assert act.profile == edition_of(STRICTER) == adoption_in_force(connection).edition
        assert_rebuilt_alike(vault)


def test_other_rules_under_a_name_and_version_that_were_in_force_are_refused_however_long_ago(office: Office) -> None:
    """Nobody could tell later under which of them a list was submitted."""
    office.adopt(STRICTER)
    office.adopt(DENGZHOU)
    assert STRICTER.disposal is not None
    other = msgspec.structs.replace(STRICTER, disposal=msgspec.structs.replace(STRICTER.disposal, supervisors=4))
    with pytest.raises(BadInput, match="others than those adopted as dengzhou, version 2"):
        office.adopt(other)


class Later(Profile, frozen=True, kw_only=True):
    """What a later program knows of profiles."""

    more: tuple[str, ...] = ()
    another: str | None = None


def test_a_rule_that_only_a_later_program_knows_makes_no_other_profile() -> None:
    builtins = msgspec.to_builtins(DENGZHOU)
    assert edition_of(msgspec.convert(builtins, Later)) == edition_of(DENGZHOU)
    assert edition_of(msgspec.convert({**builtins, "more": ["x"]}, Later)) != edition_of(DENGZHOU)


def halfway(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """A list of which one record has begun and lies on a store still, and another has not."""
    number = office.agreed(TWO, "2026-0000003")
    real = DiskStore.delete

    def failing(self: DiskStore, digest: Digest, permit: DeletionPermit) -> None:
        if self.name == "丙":
            raise StoreUnavailable(Text(en="gone", zh="断开"))
        real(self, digest, permit)

    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "delete", failing)
        patched.setattr(dooming, "PAGE", 1)
        ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (1, 2, State.DESTROYING)
    return number


@pytest.mark.parametrize("profiles", [(STRICTER,), (WUGANG,), (WUGANG, JIANGYUAN)], ids=["stricter", "longer", "two"])
def test_what_has_begun_is_finished_and_what_has_not_is_spared(
    office: Office, monkeypatch: pytest.MonkeyPatch, profiles: tuple[Profile, ...]
) -> None:
    """Under a longer profile what was begun would not be due: nothing of it is left to be kept."""
    number = halfway(office, monkeypatch)
    for profile in profiles:
        assert office.adopt(profile) == []  # it cannot be submitted any more
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == {"丙"}
    ran = office.run(number)
    assert (ran.begun, ran.copies, set(ran.spared), ran.state) == (0, 1, {"2026-0000003"}, State.CLOSED)
    assert "submitted under the profile dengzhou, version 1" in ran.spared["2026-0000003"].en
    assert "重新鉴定" in ran.spared["2026-0000003"].zh
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[1]) == set()
        assert there(vault, CONTENTS[2]) == set(NAMES)
        assert_rebuilt_alike(vault)
        assert_sound(vault)


def test_a_preview_names_the_lists_of_which_the_rest_would_be_spared(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = halfway(office, monkeypatch)
    for profile, cut_short in ((DENGZHOU, []), (STRICTER, [number])):
        with office.by(LEADER) as vault, vault.database.reading() as connection:
            assert adoption.overtaken_lists(connection, vault, profile) == adoption.Overtaken([], cut_short)
    with office.by(LEADER) as vault:
        assert adoption.adopt(vault, STRICTER, "局务会议纪要").cut_short == [number]
    with office.by(LEADER) as vault, vault.database.reading() as connection:
        assert adoption.overtaken_lists(connection, vault, WUGANG).cut_short == []  # that is so already
    assert set(office.run(number).spared) == {"2026-0000003"}


def test_papers_cite_the_profile_under_which_the_list_was_submitted(office: Office) -> None:
    """They cited the one in force when they were drawn."""
    number = office.agreed(TWO)
    office.run(number)
    waits = office.listed(ONE)
    before = {kind: Paper(office, kind, number) for kind in ("register", "appraisal", "certificate")}
    office.adopt(WUGANG)
    for kind, paper in before.items():
        after = Paper(office, kind, number)
        assert after.register.basis == paper.register.basis
        assert "邓州市财政局" in after.register.basis.zh  # type: ignore[union-attr]
        assert (after.en, after.zh, after.rows) == (paper.en, paper.zh, paper.rows)
    assert "舞钢市商务局" in Paper(office, "register", waits).register.basis.zh  # type: ignore[union-attr]  # nobody has agreed


def test_a_preview_names_the_lists_that_would_have_to_be_submitted_anew(office: Office) -> None:
    asked, draft, stopped = office.listed(ONE), office.listed(TWO), office.listed("2026-0000003")
    for number in (asked, stopped):
        office.submit(number)
    office.stop(stopped)
    with office.by(LEADER) as vault, vault.database.reading() as connection:
        assert adoption.overtaken_lists(connection, vault, WUGANG) == adoption.Overtaken([asked], [])
        assert adoption.overtaken_lists(connection, vault, DENGZHOU) == adoption.Overtaken([], [])
    assert office.standing(draft).disposal.under is None
    assert office.adopt(WUGANG) == [asked]
    assert office.adopt(JIANGYUAN) == []  # that is so already
