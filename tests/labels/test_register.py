"""Registers on paper, judged by what lies on the pages: poppler's text, where each word stands, and pixels."""

import subprocess
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from labels.coverage import coverage
from labels.fonts import REGISTERS, font_directory
from labels.register import MOST_ROWS, draw_register
from labels.wording import Languages, cell_words, head_lines
from tests.labels import registers
from tests.labels.registers import (
    LIST,
    LONGEST,
    NOW,
    SCOPE,
    appraisal,
    cell_for,
    certificate,
    destruction,
    one_row,
    sample,
)
from vault.catalogue.disctasks import DiscTask
from vault.errors import BadInput
from vault.people import Role, Signature
from vault.registers import MAKERS
from vault.registers.model import Register, tallied
from vault.text import Text

LEFT = 14.0  # mm: the margin, where the table begins
DPI = 150
PT = 25.4 / 72


@dataclass(frozen=True)
class Word:
    """A word on a page; millimetres from the page's top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def ink_left(self) -> float:
        """An opening bracket at the beginning of a line hangs out by its empty half."""
        return self.left + (1.5 if self.text[:1] in set("〔（《“") else 0)


class Paper:
    """A drawn register as a reader finds it."""

    def __init__(self, register: Register, folder: Path, languages: Languages = "zh") -> None:
        self.file = folder / "登记簿.pdf"
        self.entries = draw_register(register, self.file, languages)
        said = subprocess.run(["pdftotext", "-bbox", self.file, "-"], check=True, capture_output=True).stdout
        pages = ElementTree.fromstring(said).iter("{http://www.w3.org/1999/xhtml}page")
        self.sizes: list[tuple[float, float]] = []
        self.pages: list[list[Word]] = []
        for page in pages:
            self.sizes.append((float(page.attrib["width"]) * PT, float(page.attrib["height"]) * PT))
            self.pages.append([self._word(word) for word in page])
        self._tables = [self._table(page) for page in range(len(self.pages))]

    @staticmethod
    def _word(word: ElementTree.Element) -> Word:
        sides = (float(word.attrib[side]) * PT for side in ("xMin", "yMin", "xMax", "yMax"))
        return Word((word.text or "").replace("\u200b", ""), *sides)

    def text(self, page: int) -> str:
        """All text of a page, without spaces; words in the order of reading."""
        return "".join("".join(word.text.split()) for word in self.pages[page])

    def _table(self, page: int) -> tuple[float, float]:
        """Where the table begins and ends: its first and its last line, the only ones that go right across."""
        command = ["pdftoppm", "-r", str(DPI), "-gray", "-f", str(page + 1), "-l", str(page + 1), self.file]
        pgm = subprocess.run(command, check=True, capture_output=True).stdout
        _, size, _, pixels = pgm.split(b"\n", 3)
        width, height = map(int, size.split())
        begin, end = (int(mm / 25.4 * DPI) for mm in (LEFT + 1, self.sizes[page][0] - LEFT - 1))
        drawn = [y for y in range(height) if max(pixels[y * width + begin : y * width + end]) < 225]
        return drawn[0] / DPI * 25.4, drawn[-1] / DPI * 25.4

    def column(self, register: Register, name: str) -> str:
        """All that begins in a column of the table, from top to bottom, the heads included. Nothing leaves it."""
        place = next(n for n, column in enumerate(register.form.columns) if column.name == name)
        left = LEFT + sum(column.width for column in register.form.columns[:place])
        right = left + register.form.columns[place].width
        said = ""
        for page, words in enumerate(self.pages):
            top, bottom = self._tables[page]
            found = [w for w in words if left < (w.left + w.right) / 2 < right and top < w.top and w.bottom < bottom]
            assert all(left < word.ink_left and word.right < right for word in found), name
            said += "".join(word.text for word in sorted(found, key=lambda word: (round(word.bottom, 1), word.left)))
        return said


SHREDDED = DiscTask(
    "2026-0001-1A",
    (
        Signature("zhangjianguo", NOW, name="张建国", title=Role.CUSTODIAN),
        Signature("chenjing", NOW, name="陈静", title=Role.DESTRUCTION_SUPERVISOR),
    ),
    "粉碎",
)

EVERY = {
    **{kind: lambda count, kind=kind: sample(kind, count) for kind in MAKERS},
    "disposal": destruction,
    "appraisal": appraisal,
    "certificate": lambda count: certificate(*[f"存储{n}" for n in range(count - 1)], discs=(SHREDDED,)),
}


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("languages", get_args(Languages))
def test_every_word_stands_in_its_column(kind: str, languages: Languages, tmp_path: Path) -> None:
    """Between the lines of a column stands what belongs there and nothing else: no text runs over, none is lost."""
    count = {"appraisal": 2, "disposal": 4}.get(kind, 6)  # their rows are high; with the sums that is a page
    register, rows = EVERY[kind](count), [*EVERY[kind](count).rows]
    form = register.form
    paper = Paper(register, tmp_path, languages)
    assert paper.entries == count
    (page,), ((across, down),) = paper.pages, paper.sizes
    assert (round(across), round(down)) == ((210, 297) if form.upright else (297, 210))
    assert sum(column.width for column in form.columns) == round(across - 2 * LEFT)
    assert all(word.left >= LEFT - 0.1 and word.right <= across - LEFT + 0.1 for word in page)
    for place, column in enumerate(form.columns):
        expected = "".join(head_lines(column, languages))
        expected += "".join(cell_words(row.cells[place], column, SCOPE.zone, languages) for row in rows)
        assert paper.column(register, column.name) == "".join(expected.split()), column.name


def test_a_register_says_whose_it_is_when_under_what_and_who_signs(tmp_path: Path) -> None:
    text = Paper(sample("viewing", 1), tmp_path).text(0)
    for expected in (
        "执法音像记录查阅登记簿",
        "单位：邓州市财政局",
        "依据：《邓州市财政局行政执法音像记录管理制度》第十三条",
        "期间：2026年11月",
        "登记人：",
        "主管领导：",
        "日期：年月日",
        "第1页共1页",
        "2026-12-0109:30制，据日志前1,284条",
    ):
        assert expected in text, expected
    section = replace(sample("viewing", 1), scope=replace(SCOPE, section="会计监督科"))
    assert "科室：会计监督科" in Paper(section, tmp_path).text(0)


def test_in_both_languages_the_foot_of_every_page_and_the_dates_are_in_both(tmp_path: Path) -> None:
    paper = Paper(sample("viewing", 20), tmp_path, "both")
    assert len(paper.pages) == 2
    for page in (1, 2):
        for expected in (f"第{page}页共2页", f"Page{page}of2", "据日志前1,284条", "fromthefirst1,284journalentries"):
            assert expected in paper.text(page - 1), (page, expected)
    assert (paper.text(1).count("日期："), paper.text(1).count("Date:")) == (3, 3)


def test_a_register_with_nothing_in_it_says_so(tmp_path: Path) -> None:
    paper = Paper(sample("intake", 0), tmp_path)
    assert paper.entries == 0
    assert len(paper.pages) == 1
    assert "本期无记录" in paper.text(0)
    assert "合计" not in paper.text(0)
    assert "制表人：" in paper.text(0)
    assert "None in this period." in " ".join(w.text for w in Paper(sample("intake", 0), tmp_path, "en").pages[0])


def test_the_head_is_on_every_page_and_every_entry_once(tmp_path: Path) -> None:
    paper = Paper(sample("intake", 45), tmp_path)
    assert len(paper.pages) >= 3
    for page in range(len(paper.pages)):
        assert "记录编号" in paper.text(page)
        assert f"第{page + 1}页共{len(paper.pages)}页" in paper.text(page)
    said = paper.column(sample("intake", 45), "record").replace("记录编号", "")
    assert said == "".join(f"2026-{n:07d}" for n in range(1, 46)) + "合计"
    signed = [page for page in range(len(paper.pages)) if "制表人" in paper.text(page)]
    assert signed == [len(paper.pages) - 1]


def test_signatures_never_stand_without_an_entry(tmp_path: Path) -> None:
    """Whatever room the last page has: from an almost empty one to one that the signatures just overflow."""
    ends = set()
    for count in range(12, 18):
        paper = Paper(sample("viewing", count), tmp_path)
        ends.add(len(paper.pages))
        last = len(paper.pages) - 1
        assert "登记人" in paper.text(last)
        assert f"2026-{count:07d}" in paper.text(last)
    assert ends == {1, 2}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("case_name", LONGEST),
        ("party", LONGEST),
        ("party", "W" * 300),
        ("device_number", "0123456789" * 6),
        ("case_name", "https://example.gov.cn/" + "a/" * 80),
        ("officers", "、".join(registers.NAMES * 9)),
    ],
)
def test_a_long_text_wraps_within_its_column(column: str, value: str, tmp_path: Path) -> None:
    register = one_row(**{column: value})
    paper = Paper(register, tmp_path)
    heading = next(c.heading.zh for c in register.form.columns if c.name == column)
    assert paper.column(register, column).replace(heading, "") == value
    for words, (across, down) in zip(paper.pages, paper.sizes, strict=True):
        assert all(word.left >= LEFT - 0.1 and word.right <= across - LEFT + 0.1 for word in words)
        assert all(word.bottom < down - 5 for word in words)


@pytest.mark.parametrize(
    ("delay", "languages", "said"),
    [
        (timedelta(hours=48), "zh", "48:00:00"),
        (timedelta(days=1096), "zh", "1096 天 0 小时"),
        (timedelta(days=2, hours=1, minutes=59), "en", "2 days 1 h"),
        (timedelta(days=3, hours=5), "both", "3 天 5 小时 3 days 5 h"),
    ],
)
def test_a_delay_of_more_than_two_days_is_said_in_days(delay: timedelta, languages: Languages, said: str) -> None:
    (column,) = (column for column in MAKERS["late"].form.columns if column.name == "late_by")
    assert cell_words(delay, column, SCOPE.zone, languages) == said


BEFORE, AFTER = "2026-11-22 11:20:00", "2026-11-22 11:10:00"
CORRECTED = Text(en=f"Activity ended at: {BEFORE} → {AFTER}", zh=f"活动结束时间：{BEFORE}→{AFTER}")


@pytest.mark.parametrize("languages", get_args(Languages))
@pytest.mark.parametrize(
    "value",
    [
        CORRECTED,
        f"{CORRECTED.zh}；".replace(" ", "T") * 3,
        "W" * 9 + "）。",
        "甲“" + "W" * 40 + "”乙",
        "！" * 40,
        "甲" + "→" * 40,
        "……——" * 20,
        "№Ⅷ①" * 20,
    ],
    ids=str,
)
def test_any_text_breaks_within_any_column(value: str | Text, languages: Languages, tmp_path: Path) -> None:
    """In the columns as narrow as any, and the one that corrections stand in; arrows and marks are broken as well."""
    form = MAKERS["late"].form
    wide = [column for column in form.columns if column.name in ("stored_by", "why", "corrected")]
    cells = tuple(value if column in wide else cell_for(column, 1) for column in form.columns[1:])
    register = Register(form, SCOPE, None, tallied(form, [cells]))
    paper = Paper(register, tmp_path, languages)
    for column in wide:
        expected = "".join(head_lines(column, languages)) + cell_words(value, column, SCOPE.zone, languages)
        assert paper.column(register, column.name) == "".join(expected.split()), column.name


def test_sizes_stand_in_bytes_so_that_they_add_up_and_a_year_of_them_fits(tmp_path: Path) -> None:
    """Rounded apart, 24.8 and 37.3 KiB came to 62.0 in all."""
    form = MAKERS["intake"].form
    (column,) = (column for column in form.columns if column.name == "bytes")
    cells = tuple(99_999_999_999_999 if one is column else cell_for(one, 1) for one in form.columns[1:])
    paper = Paper(Register(form, SCOPE, None, tallied(form, [cells])), tmp_path)
    assert paper.column(register=Register(form, SCOPE, None, iter(())), name="bytes") == (
        "大小（字节）" + "99,999,999,999,999" * 2
    )


def test_rare_characters_are_set_and_those_without_a_shape_are_numbered(tmp_path: Path) -> None:
    register = one_row(party="𠮷㐂㛃䶮𬭎𠅤𰻞", case_name="现场🎬录像\ue5e5\u202e号")
    paper = Paper(register, tmp_path)
    assert paper.column(register, "party") == "当事人𠮷㐂㛃䶮𬭎𠅤𰻞"
    assert paper.column(register, "case_name") == "案件名称现场〔U+1F3AC〕录像〔U+E5E5〕〔U+202E〕号"
    assert "为打印字体中没有的字的编码" in paper.text(0)
    assert "编码" not in Paper(one_row(party="𠮷㐂㛃"), tmp_path).text(0)


def test_a_font_knows_its_characters() -> None:
    font = coverage(font_directory() / REGISTERS)
    for character in "王𠮷㐂a〔。·，\u00e9":
        assert character in font, character
    for character in "\ue000🎬\u0001\u202e\U000f0000":
        assert character not in font, character


def test_values_are_never_markup(tmp_path: Path) -> None:
    hostile = '*粗* #panic("x") $x^2$ [y] \\ "引" `raw` <a> @b // c /* d */ = e'
    register = one_row(case_name=hostile)
    assert Paper(register, tmp_path).column(register, "case_name") == "案件名称" + "".join(hostile.split())


def test_numbers_stand_at_the_right(tmp_path: Path) -> None:
    paper = Paper(sample("intake", 12), tmp_path)
    columns = sample("intake", 1).form.columns
    right = LEFT + sum(column.width for column in columns[: [column.name for column in columns].index("files") + 1])
    found = [word for word in paper.pages[0] if word.text.isdecimal() and right - 11 < word.left < right]
    assert len({len(word.text) for word in found}) > 1
    assert {round(word.right, 1) for word in found} == {round(right - 1.2, 1)}


def test_the_same_register_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (Paper(sample("late", 3), tmp_path).file.read_bytes() for _ in range(2))
    assert one == two


def test_a_certificate_says_what_was_destroyed_and_what_each_store_answered(tmp_path: Path) -> None:
    paper = Paper(certificate("甲", "乙", discs=(SHREDDED,)), tmp_path)
    text = paper.text(0)
    assert "邓州市财政局按照王建军（主管领导）于2026年11月3日的批准，自2026年11月12日起将" in text
    assert "处置编号D2026-0001所列128条记录（384个文件，123,456,789字节）销毁" in text
    assert "监销人：陈静（监销人，于2026年11月4日签字）、赵晓东（监销人，于2026年11月4日签字）。" in text
    assert "销毁执行人：周运维（运维人员，于2026年11月12日至2026年11月15日执行）。" in text
    assert "另有2条记录（6个文件，1,234,567字节）免予销毁，继续保存" in text
    assert "另有3个对象同属其他记录" in text
    assert paper.column(certificate("甲"), "copies") == "销毁副本数384384"
    assert LIST.hex in text
    assert text.count("均已不存在") == 2
    assert paper.column(certificate("甲"), "absent") == "确认不存在380380"
    assert "光盘2026-0001-1A" in text
    said = "已销毁（粉碎），确认人：张建国（档案管理员，于2026年11月3日确认）、陈静（监销人，于2026年11月3日确认）"
    assert said in paper.column(certificate("甲"), "found")
    assert text.count("监销人：") == 3  # the sentence, and two lines to sign


def test_of_three_supervisors_each_has_a_line_to_sign_with_room_to_write(tmp_path: Path) -> None:
    """Two in a line on upright paper: four beside each other left a name no room."""
    (words,) = Paper(certificate("甲", takes=3), tmp_path).pages
    labels = [word for word in words if word.text in ("销毁执行人：", "监销人：")]
    assert len(labels) == 1 + 3
    assert (len({round(word.left) for word in labels}), len({round(word.top) for word in labels})) == (2, 2)


def test_a_destruction_register_is_of_one_list_and_says_who_has_agreed(tmp_path: Path) -> None:
    text = Paper(destruction(2), tmp_path).text(0)
    assert f"处置编号：D2026-0001。清册摘要（SHA-256）：{LIST}" in text
    assert "批准人：王建军（主管领导，于2026年11月3日批准）。" in text
    assert "监销人：陈静（监销人，于2026年11月4日签字）、赵晓东（监销人，于2026年11月4日签字）。" in text
    assert text.count("监销人：") == 3
    assert text.count("张建国") == 3  # the proposer, and a line each


def test_a_destruction_register_says_who_was_spared(tmp_path: Path) -> None:
    paper = Paper(destruction(1, "spared", Text(en="inquiry", zh="线索核查")), tmp_path)
    assert paper.column(destruction(1), "outcome") == "处置结果免予销毁：线索核查"


def test_more_than_paper_holds_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="too many for one PDF") as caught:
        draw_register(sample("viewing", MOST_ROWS + 1), tmp_path / "x.pdf", "zh")
    assert ".xlsx" in caught.value.hint.zh
    assert not (tmp_path / "x.pdf").exists()
