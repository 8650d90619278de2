"""Sheets: what they say of which file, and how they are told what is wrong with them."""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from vault.errors import BadInput
from vault.facts import Facts
from vault.intake.sheets import Sheet, read_sheet
from vault.profile import load_profile

XINZHOU = load_profile("xinzhou")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MOMENT = datetime(2026, 3, 1, 1, 30, 15, tzinfo=UTC)
HEADINGS = ["文件", "记录组", "案件名称", "party", "执法人员", "记录时间"]
ROWS = [
    ["DCIM/1.mp4", "A-1", "某公司行政检查", "王芳", "李强、张伟", "2026-03-01 09:30:15"],
    ["DCIM\\2.mp4", "A-1", "", "", "", ""],
    ["说明.wav", "", "某商户检查", "赵敏", "", ""],
]


local = datetime.fromisoformat  # what a date cell holds: a time without a zone


def csv_text(rows: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def xlsx(path: Path, rows: Any, merged: str = "") -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.create_sheet("空表")
    book.save(path)
    book.close()
    return path


def read(path: Path) -> Sheet:
    return read_sheet(path, XINZHOU, NOW)


def wrong(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read(path)
    assert len(refused.value.what.zh.splitlines()) == len(refused.value.what.en.splitlines())
    return refused.value.what.en


def check(sheet: Sheet) -> None:
    first, second = sheet.facts_for("/media/usb/DCIM/1.mp4"), sheet.facts_for("/media/usb/DCIM/2.mp4")
    assert first is not None
    assert first.facts == Facts(case_name="某公司行政检查", party="王芳", officers=("李强", "张伟"), recorded_at=MOMENT)
    assert (first.number, first.record) == (2, "A-1")
    assert second is not None
    assert (second.number, second.record, second.facts) == (3, "A-1", Facts())
    assert [row.file for row in sheet.unmatched()] == ["说明.wav"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_the_encodings_and_separators_that_offices_have(tmp_path: Path, encoding: str, delimiter: str) -> None:
    (tmp_path / "表.csv").write_bytes(csv_text([HEADINGS, *ROWS], delimiter).encode(encoding))
    check(read(tmp_path / "表.csv"))


def test_xlsx_with_text_and_with_real_dates(tmp_path: Path) -> None:
    check(read(xlsx(tmp_path / "表.xlsx", [HEADINGS, *ROWS])))
    dated = [[*ROWS[0][:5], local("2026-03-01 09:30:15")], *ROWS[1:]]
    check(read(xlsx(tmp_path / "日期.xlsx", [HEADINGS, *dated])))


@pytest.mark.parametrize("second", range(0, 60, 7))
def test_a_date_cell_gives_its_very_second(tmp_path: Path, second: int) -> None:
    rows = [["file", "recorded at"], ["1.mp4", local(f"2026-03-01 23:59:{second:02}")]]
    row = read(xlsx(tmp_path / "表.xlsx", rows)).facts_for("1.mp4")
    assert row is not None
    assert row.facts.recorded_at == datetime(2026, 3, 1, 15, 59, second, tzinfo=UTC)


def test_a_date_that_another_program_rounded_gives_its_second(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["file", "recorded_at"])
    book.active.append(["1.mp4", 46082.3960069])  # 2026-03-01 09:30:15, less 4 milliseconds
    book.active["B2"].number_format = "yyyy-mm-dd hh:mm:ss"
    book.save(tmp_path / "表.xlsx")
    book.close()
    row = read(tmp_path / "表.xlsx").facts_for("1.mp4")
    assert row is not None
    assert row.facts.recorded_at == MOMENT


def test_numbers_in_cells_are_what_a_person_sees(tmp_path: Path) -> None:
    rows = [["file", "case_number", "device_number"], ["1.mp4", 20260301, 7.0]]
    row = read(xlsx(tmp_path / "表.xlsx", rows)).facts_for("x/1.mp4")
    assert row is not None
    assert row.facts == Facts(case_number="20260301", device_number="7")


def test_the_longest_row_that_fits_counts(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("file,party\n1.mp4,甲\nb/1.mp4,乙\ncam.zip/DCIM/1.mp4,丙\n", encoding="utf-8")
    sheet = read(tmp_path / "s.csv")
    said = {
        p: row.facts.party for p in ("/a/1.mp4", "/a/b/1.mp4", "/a/cam.zip/DCIM/1.mp4") if (row := sheet.facts_for(p))
    }
    assert list(said.values()) == ["甲", "乙", "丙"]
    assert sheet.unmatched() == []
    assert sheet.facts_for("/a/21.mp4") is None


def test_one_row_is_for_one_file(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("file,party\n1.mp4,甲\n", encoding="utf-8")
    sheet = read(tmp_path / "s.csv")
    assert sheet.facts_for("/a/1.mp4") == sheet.facts_for("/a/1.mp4")
    with pytest.raises(BadInput, match=r"fits both /a/1\.mp4 and /b/1\.mp4"):
        sheet.facts_for("/b/1.mp4")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("party\n甲\n", "row 1: there is no column 'file'"),
        ("file,备注\n1.mp4,x\n", "row 1, column B (备注): no such column"),
        ("file,party,当事人\n1.mp4,甲,乙\n", "row 1, column C (当事人): the column stands twice"),
        ("file,文件\n1.mp4,1.mp4\n", "row 1, column B (文件): the column stands twice"),
        (
            "file,recorded_at\n1.mp4,2026-02-30 09:30\n",
            "row 2, column B (recorded_at): recorded at: '2026-02-30 09:30' is no",
        ),
        ("file,recorded_at\n1.mp4,2026-03-01\n", "is a date without a time"),
        ("file,recorded_at\n1.mp4,1970-01-01 08:00\n", "before 2000"),
        ("file,party\n1.mp4,甲\n./1.mp4,乙\n", "row 3, column A (file): the file stands in row 2 too"),
        ("file,party\n,甲\n", "row 2: no file is named"),
        ("file,party\n1.mp4,甲,乙\n", "row 2, column C: a value under no heading"),
        ("file,party\n1.mp4,=A1\n", "row 2, column B (party): a formula"),
        ('file,party\n1.mp4,"甲\n', "is no CSV"),
        ("file,party\n", "no rows"),
        ("\n\n", "is empty"),
        ("file,party\n1.mp4,\0\n", "NUL"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    said = wrong(tmp_path / "s.csv")
    assert why in said
    assert "s.csv" in said


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("=A1", "a formula"),
        (date(2026, 3, 1), "date without a time"),
        (local("2026-03-01 09:30").time(), "a time alone"),
        (True, "true or false"),
        (1234567890123456789, "more than 15 digits"),
        (local("2099-01-01 09:30"), "in the future"),
        ("#N/A", "the error #N/A"),
    ],
)
def test_cells_that_cannot_be_taken_for_what_they_show(tmp_path: Path, cell: object, why: str) -> None:
    said = wrong(xlsx(tmp_path / "表.xlsx", [["file", "recorded_at"], ["1.mp4", cell]]))
    assert why in said
    assert "表.xlsx [Sheet], row 2, column B (recorded_at)" in said


def test_a_date_where_text_is_meant(tmp_path: Path) -> None:
    assert "a date where text is meant" in wrong(
        xlsx(tmp_path / "表.xlsx", [["file", "party"], ["1.mp4", local("2026-03-01 09:30")]])
    )


def test_all_errors_are_reported_together_up_to_twenty(tmp_path: Path) -> None:
    rows = "".join(f"{i}.mp4,yesterday\n" for i in range(25))
    (tmp_path / "s.csv").write_text("file,recorded_at\n" + rows, encoding="utf-8")
    said = wrong(tmp_path / "s.csv").splitlines()
    assert len(said) == 21
    assert "row 21," in said[19]
    assert said[20] == "… and 5 more."


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "表.xlsx", [["file", "record"], ["1.mp4", "甲"], ["2.mp4", None]], merged="B2:B3")
    assert "merged cells" in wrong(path)


def test_a_workbook_with_two_filled_sheets_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["file"])
    book.create_sheet("二").append(["file"])
    book.save(tmp_path / "表.xlsx")
    book.close()
    assert "2 worksheets" in wrong(tmp_path / "表.xlsx")


def test_rows_behind_what_the_file_says_of_its_size_are_read(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "表.xlsx", [["file", "party"], ["1.mp4", "甲"], ["2.mp4", "乙"]])
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            assert member.filename != "xl/worksheets/sheet1.xml" or b'ref="A1:B3"' in data
            new.writestr(member, data.replace(b'ref="A1:B3"', b'ref="A1:B2"'))
    assert list(read(path).rows) == ["1.mp4", "2.mp4"]


CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("旧.xls", CFB + bytes(500), "old XLS"),
        ("旧.xlsx", CFB + bytes(500), "old XLS"),
        ("加密.xlsx", CFB + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(80), "protected by a password"),
        ("改名.xlsx", "文件,科室\n1.mp4,会计科\n".encode(), "is no workbook"),
        ("网页.xls", b"<html><table><tr><td>1.mp4</td></tr></table></html>", "is no workbook"),
        ("空.xlsx", b"", "is no workbook"),
        ("坏.csv", b"PK\x03\x04" + bytes(500), "is no workbook"),
        ("乱.csv", b"file\n\xff\xff\n", "neither UTF-8 nor GB 18030"),
    ],
)
def test_files_that_are_no_sheets(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert why in wrong(tmp_path / name)


@pytest.mark.parametrize("left", [4, 100, 2_000, -1])
def test_a_workbook_that_was_cut_short_is_refused_with_the_way_out(tmp_path: Path, left: int) -> None:
    path = xlsx(tmp_path / "表.xlsx", [["file", "party"], *([f"{n}.mp4", "甲"] for n in range(300))])
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BadInput, match="damaged or cut short") as refused:
        read(path)
    assert "另存为不带密码的 .xlsx 或 .csv" in refused.value.hint.zh


@pytest.mark.parametrize(
    ("was", "becomes"),
    [(b"</row></sheetData>", b"</row></sheetDat>"), (b'<c r="A300" t="n"><v>300', b'<c r="A300" t="n"><v>3x0')],
)
def test_a_workbook_that_is_broken_in_its_last_row_is_refused_like_any(
    tmp_path: Path, was: bytes, becomes: bytes
) -> None:
    """Rows are read one by one: the fault comes to light when hundreds have been taken."""
    path = xlsx(tmp_path / "表.xlsx", [["file"], *([n] for n in range(2, 301))])
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            assert member.filename != "xl/worksheets/sheet1.xml" or was in data
            new.writestr(member, data.replace(was, becomes))
    assert "damaged or cut short" in wrong(path)


def test_the_profiles_words_are_taken_in_either_language(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "文件,记录类别,特殊情形\n1.mp4,日常巡查,\n2.mp4,Routine patrol,其他需要长期保存的重要情况\n"
        "3.mp4,routine-patrol,当事人逃避、拒绝、阻碍执行公务，或者谩骂、侮辱、殴打执法人员；important\n",
        encoding="utf-8-sig",
    )
    rows = read(tmp_path / "s.csv").rows.values()
    assert [row.facts.kind for row in rows] == ["routine-patrol"] * 3
    assert [row.facts.circumstances for row in rows] == [(), ("important",), ("obstruction", "important")]


def test_words_that_the_profile_does_not_know_are_told_by_place_and_those_it_knows_once(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("file,记录类别\n1.mp4,巡逻\n2.mp4,日常巡查\n3.mp4,巡视\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read(tmp_path / "s.csv")
    assert refused.value.what.en.splitlines() == [
        "s.csv, row 2, column B (记录类别): Profile xinzhou knows no kind of record '巡逻'.",
        "s.csv, row 4, column B (记录类别): Profile xinzhou knows no kind of record '巡视'.",
    ]
    assert refused.value.hint.zh.count("日常巡查（routine-patrol）") == 1
    assert refused.value.hint.en.count("routine-patrol: routine patrol") == 1


def test_a_column_that_is_not_known_is_told_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("file,设备号,案件名,天气\n1.mp4,7,某案,晴\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read(tmp_path / "s.csv")
    assert refused.value.what.zh.splitlines() == [
        "s.csv 第 1 行 B 列（设备号）：无法识别的列；是否为“设备编号”或“设备型号”？",
        "s.csv 第 1 行 C 列（案件名）：无法识别的列；是否为“案件名称”？",
        "s.csv 第 1 行 D 列（天气）：无法识别的列；请改名或删除",
    ]
    assert "可用的列：文件、记录组、记录类别、案号" in refused.value.hint.zh
    assert refused.value.hint.en.count("Columns: file, record, kind of record") == 1


def test_a_fact_by_the_name_that_papers_give_it_is_the_same_column(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("文件,录制时间\n1.mp4,2026-03-01 09:30:15\n", encoding="utf-8")
    assert read(tmp_path / "s.csv").rows["1.mp4"].facts == Facts(recorded_at=MOMENT)
    (tmp_path / "s.csv").write_text("文件,录制时间,记录时间\n1.mp4,,\n", encoding="utf-8")
    assert "column C (记录时间): the column stands twice" in wrong(tmp_path / "s.csv")


def test_a_recording_that_ended_before_it_began_is_told_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "file,recorded_at,recorded_until\n1.mp4,2026-03-01 09:30,2026-03-01 09:30\n"
        "2.mp4,2026-03-01 09:30,2026-03-01 09:00\n",
        encoding="utf-8",
    )
    assert wrong(tmp_path / "s.csv") == (
        "s.csv, row 3: recorded at 2026-03-01 09:30:00 is later than recorded until 2026-03-01 09:00:00."
    )
