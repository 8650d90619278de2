"""Registers as sheets, read back by another program than wrote them (openpyxl), and the file itself by the standard
library."""

import gc
import tempfile
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from labels.wording import Languages
from labels.workbook import write_workbook
from tests.labels.registers import CASE, NOW, SCOPE, certificate, destruction, one_row, sample
from vault.registers import MAKERS
from vault.registers.model import Column, Form, Kind, Register, tallied
from vault.text import Text

HEAD = 4  # title; unit and period; article; and then


def written(register: Register, folder: Path, languages: Languages = "zh") -> Worksheet:
    target = folder / "登记簿.xlsx"
    write_workbook(register, target, languages)
    (sheet,) = openpyxl.load_workbook(target).worksheets
    assert isinstance(sheet, Worksheet)
    target.unlink()
    return sheet


def column(sheet: Worksheet, heading: str) -> int:
    return next(cell.column for cell in sheet[HEAD] if cell.value == heading)


def test_cells_have_types(tmp_path: Path) -> None:
    sheet = written(sample("intake", 3), tmp_path)
    row = {head.value: cell for head, cell in zip(sheet[HEAD], sheet[HEAD + 1], strict=True)}
    assert row["序号"].value == 1
    assert row["记录编号"].value == "2026-0000001"
    assert row["入库时间"].value == datetime(2026, 11, 3, 10, 30)  # noqa: DTZ001  # Beijing's, as sheets have no zones
    assert row["入库时间"].is_date
    assert row["入库时间"].number_format == "yyyy-mm-dd hh:mm"
    assert row["案件名称"].value == CASE
    assert row["大小\n（字节）"].value == 1_234_567
    assert row["时长"].value == timedelta(seconds=61)
    assert row["时长"].number_format == "[h]:mm:ss"
    total = {head.value: cell.value for head, cell in zip(sheet[HEAD], sheet[HEAD + 4], strict=True)}
    assert (total["记录编号"], total["文件数"], total["时长"]) == ("合计", 6, timedelta(seconds=366))
    assert written(destruction(1), tmp_path)["F8"].value == datetime(2025, 10, 3)  # noqa: DTZ001  # 形成日期


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.cn","点我")',
        "+86 139",
        "-2",
        "@SUM(A1)",
        "\t=1+1",
        "\r\n=1+1",
        " =1+1",
        "＝1",
    ],
)
def test_a_text_never_becomes_a_formula(text: str, tmp_path: Path) -> None:
    sheet = written(one_row(party=text), tmp_path)
    cell = sheet.cell(HEAD + 1, column(sheet, "当事人"))
    assert cell.data_type == "s"
    assert cell.value == " ".join(text.split())
    assert bool(cell.quotePrefix) == (text.strip()[0] in "=+-@")


def test_no_formula_is_in_the_file(tmp_path: Path) -> None:
    target = tmp_path / "登记簿.xlsx"
    write_workbook(one_row(party="=1+1", case_name="=cmd|' /C calc'!A0"), target, "zh")
    with zipfile.ZipFile(target) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=cmd|" in sheet


@pytest.mark.parametrize("text", ["\x01\x02王芳", "_x0041_", "𠮷㐂\ue5e5", "王\ufffe芳", "<b>&amp;", "长" * 40_000])
def test_whatever_a_text_holds_the_sheet_can_be_opened(text: str, tmp_path: Path) -> None:
    sheet = written(one_row(party=text), tmp_path)
    said = sheet.cell(HEAD + 1, column(sheet, "当事人")).value
    assert isinstance(said, str)
    if len(text) > 32_767:
        assert len(said) == 32_767
        assert said.endswith("余下见日志〕")
    elif text.isprintable() or "\ue5e5" in text:
        assert said.replace("_x005F", "") == text  # Excel's own escape of an escape, which openpyxl does not undo


def test_times_that_no_sheet_knows_are_texts(tmp_path: Path) -> None:
    form = Form(
        kind="intake",
        title=Text(en="Times", zh="时间"),
        columns=(
            Column("serial", Text(en="No.", zh="序号"), 9, Kind.NUMBER),
            Column("day", Text(en="Day", zh="日"), 30, Kind.DATE),
            Column("at", Text(en="At", zh="时"), 30, Kind.MOMENT),
            Column("name", Text(en="Name", zh="名"), 30),
        ),
        signatures=(Text(en="Drawn up by", zh="制表人"),),
    )
    days = [
        (date(1899, 12, 31), datetime(1899, 1, 1, tzinfo=UTC)),
        (date(2026, 1, 2), datetime.max.replace(tzinfo=UTC)),
    ]
    rows = tallied(form, ((day, at, "王芳") for day, at in days))
    sheet = written(Register(form, SCOPE, None, rows), tmp_path)
    values = [[cell.value for cell in sheet[row][1:3]] for row in (HEAD, HEAD + 1)]
    assert values[0][0] == "1899-12-31"
    assert str(values[0][1]).startswith("1899-01-01")
    assert values[1][0] == datetime(2026, 1, 2)  # noqa: DTZ001
    assert str(values[1][1]).startswith("9999-12-31")


@pytest.mark.parametrize("languages", ["zh", "en", "both"])
@pytest.mark.parametrize("kind", MAKERS)
def test_it_is_ready_to_be_printed(kind: str, languages: Languages, tmp_path: Path) -> None:
    sheet = written(sample(kind, 2), tmp_path, languages)
    head = next(row for row in range(1, 9) if sheet.cell(row, 2).value and sheet.cell(row, 2).font.b)
    assert sheet.freeze_panes == f"A{head + 1}"
    assert sheet.print_title_rows == f"${head}:${head}"
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in ((None, 0), (1, 0), ("1", "0"))
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P" in str(sheet.oddFooter.center.text)
    assert "&N" in str(sheet.oddFooter.center.text)
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[head]]
    assert min(widths) > 4
    assert len(sheet.title) <= 31
    assert not set(sheet.title) & set("[]:*?/\\")
    said = "\n".join(str(cell.value) for row in sheet for cell in row if cell.value is not None)
    form = MAKERS[kind].form
    for text in (form.title, *form.signatures, *form.notes):
        assert languages == "zh" or text.en in said
        assert languages == "en" or text.zh in said


def test_a_delay_stays_a_number_and_is_shown_in_days_where_it_is_long(tmp_path: Path) -> None:
    sheet = written(sample("late", 3), tmp_path)
    cell = sheet.cell(HEAD + 3, column(sheet, "逾期时长"))
    assert cell.value == 2.5
    assert cell.number_format == '[>2]0.0" 天";[h]:mm:ss'


def test_in_both_languages_the_foot_and_the_dates_are_in_both(tmp_path: Path) -> None:
    sheet = written(sample("viewing", 1), tmp_path, "both")
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页\nPage &P of &N"
    said = [str(cell.value) for row in sheet for cell in row if cell.value is not None]
    assert (
        "2026-12-01 09:30 制，据日志前 1,284 条 Drawn up 2026-12-01 09:30 from the first 1,284 journal entries" in said
    )
    dated = [text for text in said if text.endswith("____________    日期：        年      月      日 Date:")]
    assert len(dated) == len(MAKERS["viewing"].form.signatures)


def test_whoever_signs_has_a_date_of_their_own(tmp_path: Path) -> None:
    """Four people signed over one date."""
    register = destruction(1)
    sheet = written(register, tmp_path)
    said = [str(cell.value) for row in sheet for cell in row if cell.value is not None]
    assert [line.partition("：")[0] for line in said if line.endswith("年      月      日")] == [
        text.zh for text in register.form.signatures
    ]


def test_a_certificate_stands_upright_and_keeps_its_statement(tmp_path: Path) -> None:
    sheet = written(certificate("甲", "乙"), tmp_path)
    assert sheet.page_setup.orientation in (None, "portrait")
    said = "\n".join(str(cell.value) for row in sheet for cell in row if cell.value is not None)
    assert "监销人：陈静（监销人，于2026年11月4日签字）、赵晓东" in said
    assert said.count("均已不存在") == 2


def test_nothing_in_it_says_so(tmp_path: Path) -> None:
    sheet = written(sample("viewing", 0), tmp_path)
    assert sheet.cell(HEAD + 1, 1).value == "本期无记录"


def test_the_same_register_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("一.xlsx", "二.xlsx"):
        assert write_workbook(sample("late", 3), tmp_path / name, "zh") == 3
    assert (tmp_path / "一.xlsx").read_bytes() == (tmp_path / "二.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "一.xlsx") as file:
        assert f"{SCOPE.drawn_at:%Y-%m-%dT%H:%M:%SZ}" in file.read("docProps/core.xml").decode()
    assert SCOPE.drawn_at != NOW


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # XlsxWriter leaves its scratch file to the garbage collector,
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # which finds it here and not later
def test_a_place_that_cannot_be_written_is_an_oserror_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OSError, match="没有"):
        write_workbook(sample("late", 1), tmp_path / "没有" / "x.xlsx", "zh")
    gc.collect()
    assert not list(tmp_path.iterdir())
