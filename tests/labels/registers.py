"""Registers to be drawn, with the names and numbers that an office's would have."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from vault.actions import Action
from vault.acts import AsListed, ListedCase
from vault.approvals import Approval, Consent
from vault.catalogue.disctasks import DiscTask
from vault.catalogue.disposals import Amount, Appraised, Proof, Standing
from vault.catalogue.signatures import Carried
from vault.digest import Digest
from vault.disposal.register import Certificate, RegisterRow
from vault.disposal.rules import Disposal, Signed, State
from vault.facts import Facts
from vault.people import Role, Signature
from vault.profile import load_profile
from vault.registers import MAKERS
from vault.registers.appraisal import appraisal_form
from vault.registers.certificate import destruction_certificate
from vault.registers.disposal import destruction_register
from vault.registers.model import Cell, Column, Form, Kind, Register, Scope, basis, tallied
from vault.registers.period import Period
from vault.terms import RetentionClass
from vault.text import Text

NAMES = ("王芳", "李娜", "欧阳建国", "杨𠅤", "赵㛃", "𠮷田㐂", "买买提·吐尔逊")
NOW = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)  # 09:30 in Beijing
SCOPE = Scope(
    office="邓州市财政局",
    zone=ZoneInfo("Asia/Shanghai"),
    period=Period.month_of(date(2026, 11, 1)),
    drawn_at=datetime(2026, 12, 1, 1, 30, tzinfo=UTC),
    entries=1284,
)
PROFILE = load_profile("dengzhou")
CASE = "某采购代理机构违规收费现场检查"
LONGEST = (CASE * 40)[:300]


def cell_for(column: Column, number: int) -> Cell:
    """What such a column might hold."""
    by_name: dict[str, Cell] = {
        "record": f"2026-{number:07d}",
        "case_number": f"邓财罚字〔2026〕第{number:04d}号",
        "case_name": CASE,
        "party": NAMES[number % len(NAMES)],
        "standing": Text(en="in quarantine", zh="待补全"),
        "hold": f"H{number:05d}",
    }
    match column.kind:
        case Kind.TEXT:
            return by_name.get(column.name, NAMES[(number + len(column.name)) % len(NAMES)])
        case Kind.MOMENT:
            return NOW + timedelta(hours=number)
        case Kind.DATE:
            return date(2026, 11, 3)
        case Kind.LENGTH:
            return timedelta(seconds=61 * number)
        case Kind.DELAY:
            return timedelta(hours=20 * number)
        case _:
            return 1_234_567 * number if column.kind is Kind.BYTES else number


def entries(form: Form, count: int) -> Iterable[tuple[Cell, ...]]:
    return (tuple(cell_for(column, n) for column in form.columns[1:]) for n in range(1, count + 1))


def sample(kind: str, count: int) -> Register:
    """A register from the catalogue with so many entries."""
    maker = MAKERS[kind]
    return Register(
        maker.form, SCOPE, basis(PROFILE, maker.articles(PROFILE)), tallied(maker.form, entries(maker.form, count))
    )


def one_row(**cells: Cell) -> Register:
    """A register of intake with one entry, in which these cells are as given."""
    form = MAKERS["intake"].form
    row = tuple(cells.get(column.name, cell_for(column, 1)) for column in form.columns[1:])
    return Register(form, SCOPE, basis(PROFILE, ["9"]), tallied(form, [row]))


LIST = Digest.of("销毁清册".encode())
PEOPLE = {"wangju": "王建军", "zhangjianguo": "张建国", "chenjing": "陈静", "zhaoxd": "赵晓东"}
APPROVAL = Approval(
    number="A00001",
    action=Action.DISPOSAL_APPROVE,
    sha256=LIST.hex,
    asked_by="zhangjianguo",
    asked_at=NOW,
    until=NOW + timedelta(days=90),
    needs=(Role.SUPERVISING_LEADER,),
    why="",
    consents=(Consent("wangju", Role.SUPERVISING_LEADER, NOW, "王建军"),),
)
SUPERVISED = tuple(
    Signed(login, NOW + timedelta(days=1), LIST.hex, NOW, name=PEOPLE[login], title=Role.DESTRUCTION_SUPERVISOR)
    for login in ("chenjing", "zhaoxd")
)
OPENED = Signature("zhangjianguo", NOW, name="张建国", title=Role.CUSTODIAN)
LISTED = Disposal(
    number="D2026-0001",
    state=State.SUPERVISED,
    sha256=LIST.hex,
    appraised_by=frozenset({"zhangjianguo"}),
    approval=APPROVAL,
    signatures=SUPERVISED,
)
STANDING = Standing(LISTED, "期满", OPENED, None, None, None, None, {}, {}, 0, {}, ())


def destruction(count: int, outcome: str = "", why: Text | None = None) -> Register:
    rows = (
        RegisterRow(
            place=n,
            record=f"2026-{n:07d}",
            case_number=f"邓财罚字〔2025〕第{n:04d}号",
            title=CASE,
            section="政府采购监督管理科",
            recorded_on=date(2025, 10, 3),
            stored_on=date(2025, 10, 4),
            retention_class=RetentionClass.ONE_YEAR,
            kept=RetentionClass.ONE_YEAR.label,
            cases=(ListedCase(number=f"邓财罚字〔2025〕第{n:04d}号", closed_on=date(2025, 12, 31)),),
            files=3,
            bytes=123_456_789,
            why="保存期限届满，经鉴定无继续保存价值",
            appraised_by="zhangjianguo",
            appraiser=OPENED,
            outcome=outcome,
            outcome_why=why,
        )
        for n in range(1, count + 1)
    )
    return destruction_register(SCOPE, basis(PROFILE, ["11"]), STANDING, rows)


def appraisal(count: int) -> Register:
    """Decisions of every kind, of records with long names."""
    fates = (("dispose", None), ("extend", date(2033, 12, 31)), ("keep", None))
    facts = Facts(case_number="邓财罚字〔2025〕第0001号", case_name=CASE, section="政府采购监督管理科", recorded_at=NOW)
    case = ListedCase(number=facts.case_number, closed_on=date(2025, 12, 31), keep=RetentionClass.TWENTY_FOUR_MONTHS)
    of_two_years = AsListed(facts=facts, retention_class=RetentionClass.TWENTY_FOUR_MONTHS, cases=(case,))
    as_its_case = replace(of_two_years, retention_class=RetentionClass.CASE_LIFETIME)
    why = "保存期限届满，经鉴定无继续保存价值"
    lines = (
        Appraised(
            f"2026-{n:07d}",
            as_its_case if n == 1 else of_two_years,
            NOW,
            fate,
            why,
            until,
            OPENED,
            3,
            123_456_789,
            "",
            None,
        )
        for n, (fate, until) in ((n, fates[n % 3]) for n in range(1, count + 1))
    )
    return appraisal_form(SCOPE, PROFILE, STANDING, lines)


def certificate(*stores: str, discs: tuple[DiscTask, ...] = (), takes: int = 2) -> Register:
    """384 objects, of which 4 came in anew."""
    begun = NOW + timedelta(days=9)
    done = Certificate(
        disposal="D2026-0001",
        state=State.CLOSED,
        sha256=LIST.hex,
        appraised_by=("zhangjianguo",),
        submitted_by="zhangjianguo",
        approval=APPROVAL,
        supervisors=SUPERVISED,
        begun=Signature("yunwei", begun, name="周运维", title=Role.OPERATOR),
        proof=Proof(NOW + timedelta(days=10), 384, 4, dict.fromkeys(stores, 380)),
        closed_at=NOW + timedelta(days=11),
        destroyed=Amount(128, 384, 123_456_789),
        ended=Amount(),
        spared=Amount(2, 6, 1_234_567),
        stopped=None,
        why="期满",
        copies=dict.fromkeys(stores, 384),
        staying=3,
        stays={},
        discs=discs,
        carried_out=(Carried("yunwei", begun, begun + timedelta(days=3), name="周运维", title=Role.OPERATOR),),
        takes=takes,
    )
    return destruction_certificate(SCOPE, basis(PROFILE, ["11"]), done, ())
