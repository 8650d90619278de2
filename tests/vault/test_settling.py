"""Who says how long a record is kept, where nothing else has said it: not an officer, by way of its kind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.config import StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests.conftest import SettableClock
from tests.vault.scene import land, rows_of
from vault import corrections
from vault.adoption import adopt
from vault.catalogue import queries
from vault.digest import Digest
from vault.enrolling import enrol
from vault.errors import Refused
from vault.facts import Facts
from vault.intake.filing import Filed, Ready, file_records
from vault.people import Role
from vault.profile import load_profile
from vault.records import RecordFile, Standing
from vault.retention import State
from vault.store import Vault

DATA = "巡查录像".encode()
KEPT = Facts(
    section="监督科",
    recorded_at=datetime(2026, 11, 20, 2, tzinfo=UTC),
    device_number="DSJ-0001",
    officers=("王芳",),
    party="李伟",
    cause="咨询",
)
PATROL = Facts(kind="routine-patrol")
By = Callable[[str], Vault]


@pytest.fixture
def by(tmp_path: Path, clock: SettableClock) -> Iterator[By]:
    """A vault as somebody opens it, under a regulation that gives no figure for what is of no kind."""
    home = tmp_path / "档案库"
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(home, "", "xinzhou", stores, Working(person="root", clock=clock))
    with ExitStack() as open_ones:

        def opened(login: str) -> Vault:
            return open_ones.enter_context(open_vault(home, Working(person=login, clock=clock)))

        enrol(opened("root"), "wangju", "王建军", [Role.PRINCIPAL_LEADER], "")
        for login, name, role in (("zhaoxd", "赵晓东", Role.OFFICER), ("zhangmin", "张敏", Role.CUSTODIAN)):
            enrol(opened("wangju"), login, name, [role], "")
        yield opened


def file_one(vault: Vault, facts: Facts) -> Filed:
    for store in vault.stores.values():
        land(store, DATA)
    file = RecordFile(sha256=Digest.of(DATA).hex, size=len(DATA), name="巡查.mp4", media_type="video/mp4")
    ready = Ready(
        files=(file,), stores=tuple(vault.stores), facts=facts, origins=dict.fromkeys(facts.known(), "option")
    )
    (filed,) = file_records(vault, [ready], None)
    return filed


def state(vault: Vault, number: str) -> State:
    with vault.database.reading() as connection:
        return queries.explain(connection, number, vault.profile, vault.now()).state


@pytest.mark.parametrize("case", ["", "忻财罚〔2026〕3号"])
def test_an_officer_does_not_settle_how_long_a_record_is_kept(by: By, case: str) -> None:
    """They gave a record without an end a kind of six months, also behind an open case."""
    officer, custodian = by("zhaoxd"), by("zhangmin")
    number = file_one(officer, Facts(case_number=case).over(KEPT)).number
    before = state(officer, number)
    with pytest.raises(Refused, match=f"How long record {number} is kept is still to be settled") as refused:
        corrections.correct(officer, number, PATROL, "补录")
    assert refused.value.exit_code == 4
    assert "custodian" in refused.value.hint.en
    assert rows_of(officer, "SELECT action, why, about FROM refusal") == [("class.raise", '["role"]', number)]
    assert state(officer, number) is before
    corrections.correct(officer, number, Facts(place="某处"), "补录")  # other facts are theirs
    assert corrections.correct(custodian, number, PATROL, "补录").facts.kind == "routine-patrol"


def test_an_officer_gives_the_kind_at_intake_and_completes_what_is_in_quarantine(by: By) -> None:
    officer = by("zhaoxd")
    filed = file_one(officer, Facts(section="监督科"))
    assert filed.standing is Standing.QUARANTINED
    done = corrections.correct(officer, filed.number, PATROL.over(KEPT), "补录")
    assert (done.facts.kind, done.standing) == ("routine-patrol", Standing.KEPT)


def test_handing_a_recording_in_again_with_a_kind_settles_nothing_either(by: By) -> None:
    officer, custodian = by("zhaoxd"), by("zhangmin")
    number = file_one(officer, KEPT).number
    again = file_one(officer, Facts(kind="routine-patrol", place="某处").over(KEPT))
    assert (again.number, state(officer, number)) == (number, State.UNSET)
    assert any("is still to be settled" in note.en for note in again.notes)
    assert rows_of(officer, "SELECT action, about FROM refusal") == [("class.raise", number)]
    with officer.database.reading() as connection:
        assert queries.get_record(connection, number).facts.place == "某处"
    file_one(custodian, PATROL.over(KEPT))
    assert state(custodian, number) is State.RUNNING


def test_while_nobody_is_enrolled_the_one_clerk_settles_it(vault: Vault) -> None:
    adopt(vault, load_profile("xinzhou"), "局务会议纪要")
    number = file_one(vault, KEPT).number
    assert corrections.correct(vault, number, PATROL, "").facts.kind == "routine-patrol"
