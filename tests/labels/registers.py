"""Registers to be drawn, with the names and numbers that an office's would have."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vault.digest import Digest
from vault.profile import load_profile
from vault.registers import MAKERS
from vault.registers.completeness import Demand, Demanded, completeness_register
from vault.registers.disposal import Answered, Destruction, Disposed, destruction_certificate, destruction_register
from vault.registers.model import Cell, Column, Form, Kind, Register, Scope, basis, tallied
from vault.registers.period import Period
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


def destruction(count: int) -> Register:
    disposed = (
        Disposed(
            record=f"2026-{n:07d}",
            case_number=f"邓财罚字〔2025〕第{n:04d}号",
            title=CASE,
            section="政府采购监督管理科",
            recorded_on=date(2025, 10, 3),
            stored_on=date(2025, 10, 4),
            files=3,
            bytes=123_456_789,
            why="保存期限届满，经鉴定无继续保存价值",
            appraised_by=NAMES[n % len(NAMES)],
        )
        for n in range(1, count + 1)
    )
    return destruction_register(SCOPE, basis(PROFILE, ["11"]), "D-2026-0001", LIST, disposed)


def certificate(*answered: tuple[str, int | None]) -> Register:
    """Stores with how many of 384 objects they certainly do not have."""
    done = Destruction(
        disposal="D-2026-0001",
        digest=LIST,
        records=128,
        approved_by="王局长",
        approved_at=NOW,
        supervised_by=("李建国", "陈静"),
        destroyed_at=NOW + timedelta(days=9),
    )
    answers = (
        Answered(store=name, destroyed=384, objects=384, absent=absent, asked_at=NOW) for name, absent in answered
    )
    return destruction_certificate(SCOPE, basis(PROFILE, ["11"]), done, answers)


def completeness(*found: Demand) -> Register:
    demanded = (
        Demanded(
            case_number=f"邓财罚字〔2026〕第{n:04d}号",
            case_name=CASE,
            party=NAMES[n % len(NAMES)],
            section="会计监督科",
            matter="抽样取证",
            stage="调查取证",
            method=Text(en="photos and video", zh="拍照及录音录像"),
            article="annex 4",
            records=n,
            found=one,
            why="设备故障，经主要领导审核" if one is Demand.EXPLAINED else "",
        )
        for n, one in enumerate(found)
    )
    return completeness_register(SCOPE, basis(PROFILE, ["annex 4"]), demanded)
