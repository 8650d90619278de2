"""Disc labels, judged by what lies on the page: poppler's text and pixels, and the QR code's own modules."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from math import hypot
from pathlib import Path

import msgspec
import pytest
import segno

from labels.face import DrawnLabel, draw_label
from labels.fonts import FontsMissing, font_directory
from labels.qr import qr_text
from vault.digest import Digest
from vault.discs.model import COPIES, CopyLetter, DiscCopy, DiscSet
from vault.errors import BadInput, Refused
from vault.profile import load_profile

PROFILE = load_profile("dengzhou")
SET = DiscSet(
    number="2026-0001",
    records=("R-2026-000001",),
    unit="邓州市财政局",
    producer="王芳",
    produced_at=datetime(2026, 7, 14, 7, 4, 5, tzinfo=UTC),
    activity="某采购代理机构违规收费现场检查",
)
CHECKPOINT = (
    "dengzhou.example/strongroom\n1284\nq0Yf3sJXb0e8h5xL8vW1h5G6sM0wq3N2vK1bJx4Yd7E=\n\n"
    "— dengzhou.example/strongroom " + "Az08" * 24 + "\n"
)
LONGEST = ("邓州市财政局对某建设工程招标代理有限公司涉嫌违反《中华人民共和国政府采购法》的现场检查、" * 8)[:300]


def drawn(disc_set: DiscSet = SET, copy: CopyLetter = "A") -> DrawnLabel:
    disc = DiscCopy(disc_set, 1, copy, Digest.of(b"image"), CHECKPOINT)
    return draw_label(disc, PROFILE)


def words(label: DrawnLabel) -> str:
    """All text of the page, without what is white or invisible."""
    out = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=label.pdf, check=True, capture_output=True
    ).stdout.decode()
    return "".join(out.replace("\u200b", "").split())


class Page:
    """The printed page in grey: millimetres in, 0 (black) to 255 out."""

    def __init__(self, label: DrawnLabel, dpi: int) -> None:
        command = ["pdftoppm", "-r", str(dpi), "-gray", "-"]
        pgm = subprocess.run(command, input=label.pdf, check=True, capture_output=True).stdout
        magic, size, depth, self.pixels = pgm.split(b"\n", 3)
        assert (magic, depth) == (b"P5", b"255")
        self.width, self.height = map(int, size.split())  # of one page: a second would follow it
        assert len(self.pixels) == self.width * self.height
        self.dots = dpi / 25.4

    def at(self, x: float, y: float) -> int:
        return self.pixels[int(y * self.dots) * self.width + int(x * self.dots)]

    def dark(self, centre: tuple[float, float]) -> list[float]:
        """How far from the centre every dark pixel lies."""
        return [
            hypot((i % self.width + 0.5) / self.dots - centre[0], (i // self.width + 0.5) / self.dots - centre[1])
            for i, grey in enumerate(self.pixels)
            if grey < 150
        ]


CENTRES: dict[CopyLetter, tuple[float, float]] = {"A": (105.0, 80.5), "B": (105.0, 217.5)}


@pytest.mark.parametrize("copy", COPIES)
def test_the_five_fields_of_article_12_are_on_the_disc_with_their_names(copy: CopyLetter) -> None:
    text = words(drawn(copy=copy))
    for expected in (
        "制作单位邓州市财政局",
        "制作人王芳",
        "制作时间2026年7月14日15:04",  # Beijing time
        "执法活动或者案件名称某采购代理机构违规收费现场检查",
        "标号2026-0001-1",
        "第1张共1张",
        f"一式两份·{copy}份",
        Digest.of(b"image").hex[:8],
    ):
        assert expected in text


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"activity": LONGEST},
        {"activity": "W" * 120},
        {"activity": "㛃䶮𬭎𠅤𰻞 " * 40},
        {"unit": "邓州市财政局财政监督检查执法大队第三中队（会计监督科联合检查组）" * 2},
        {"producer": "王芳、李强、张三、李四、欧阳𬭎、㛃䶮、赵六、孙七、周八、吴九"},
        {"number": "9999-9999", "discs": 120},
    ],
    ids=["short", "longest", "one-run", "rare", "long-unit", "many-people", "many-discs"],
)
@pytest.mark.parametrize("copy", COPIES)
def test_nothing_leaves_the_ring_or_enters_the_hub(changes: dict[str, str], copy: CopyLetter) -> None:
    disc_set = replace(SET, **changes)  # type: ignore[arg-type]
    label = drawn(disc_set, copy)
    assert "".join(disc_set.activity.split()) in words(label)
    for distance in Page(label, 120).dark(CENTRES[copy]):
        on_a_line = 22.2 < distance < 22.9 or 56.9 < distance < 57.9
        assert on_a_line or 23.3 < distance < 56.7


@pytest.mark.parametrize("field", ["unit", "producer", "activity"])
@pytest.mark.parametrize("empty", ["", " \n"])
def test_no_label_while_a_demanded_field_is_empty(field: str, empty: str) -> None:
    with pytest.raises(Refused, match="article 12, demands it") as caught:
        drawn(replace(SET, **{field: empty}))  # type: ignore[arg-type]
    assert "第 12 条" in caught.value.what.zh
    assert {"unit": "制作单位", "producer": "制作人", "activity": "执法活动或者案件名称"}[field] in caught.value.what.zh


def test_a_text_that_does_not_fit_in_the_smallest_letters_is_said() -> None:
    with pytest.raises(BadInput, match="执法活动或者案件名称"):
        drawn(replace(SET, activity="长" * 1_000))


def test_a_character_that_would_be_an_empty_box_is_said() -> None:
    with pytest.raises(BadInput, match=r"U\+1F3AC"):
        drawn(replace(SET, activity="现场🎬录像"))


def test_values_are_never_markup() -> None:
    hostile = '*粗* #panic("x") $x^2$ [y] \\ "引" `raw` <a> @b // c /* d */ = e'
    assert "".join(hostile.split()) in words(drawn(replace(SET, activity=hostile)))


def test_the_same_input_gives_the_same_bytes() -> None:
    assert drawn() == drawn()


def test_the_page_is_a4_and_the_picture_is_the_face() -> None:
    label = drawn()
    page = Page(label, 72)
    assert (page.width, page.height) == (596, 842)  # 210 by 297 mm, rounded up
    assert label.png.startswith(b"\x89PNG")
    assert int.from_bytes(label.png[16:20], "big") == int.from_bytes(label.png[20:24], "big") == 976  # 124 mm


@pytest.mark.parametrize("copy", COPIES)
def test_the_code_on_the_page_is_the_discs_own(copy: CopyLetter) -> None:
    disc = DiscCopy(SET, 1, copy, Digest.of(b"image"), CHECKPOINT)
    text = qr_text(disc)
    assert text.splitlines()[1:3] == [f"2026-0001-1{copy}", f"sha256 {Digest.of(b'image')}"]
    assert text.endswith(CHECKPOINT)
    code = segno.make(text, error="m", boost_error=False, micro=False, encoding="utf-8")
    modules = [list(row) for row in code.matrix_iter(border=4)]
    page, (x, y) = Page(drawn(copy=copy), 300), CENTRES[copy]
    pitch = 27 / len(modules)
    assert pitch > 0.28  # mm: a printer of 300 dpi has three dots for it
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            grey = page.at(x + 26.2 + (column + 0.5) * pitch, y - 14.2 + (row + 0.5) * pitch)
            assert (grey < 128) == bool(dark)


def test_a_checkpoint_that_no_code_can_hold_is_said() -> None:
    with pytest.raises(BadInput, match="too long for the QR code"):
        draw_label(DiscCopy(SET, 1, "A", Digest.of(b""), "x" * 900), PROFILE)


def test_what_the_profile_does_not_demand_may_be_empty() -> None:
    lenient = msgspec.structs.replace(PROFILE, disc_label=())
    label = draw_label(DiscCopy(replace(SET, producer=""), 1, "A", Digest.of(b""), CHECKPOINT), lenient)
    assert "制作单位邓州市财政局" in words(label)


def test_missing_fonts_name_the_package(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing) as caught:
        font_directory([tmp_path])
    assert "apt-get install fonts-noto-cjk" in caught.value.hint.zh


@pytest.mark.parametrize("number", ["", "2026-1", "2026/0001", "../0001"])
def test_a_set_number_that_would_confuse_a_shelf_is_refused(number: str) -> None:
    with pytest.raises(BadInput, match="Not a disc set number"):
        replace(SET, number=number)
