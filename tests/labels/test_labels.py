"""Labels of every kind for every profile, judged by what lies on the page: poppler's text, zbar's code, and ink."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations
from math import hypot

import msgspec
import pytest

from labels.draw import Drawn, Options, draw
from labels.kinds import Kind
from labels.lacking import lacking
from labels.qr import qr_text
from tests.labels.discs import CHECKPOINT, FULL, IMAGE, NAMES, SET, STATEMENT, copy_of, saying
from tests.labels.page import SCALE, Ink, boxes, code, ink, rendered, sizes, words
from vault.discs.model import COPIES, DiscCopy, DiscSet, Statement
from vault.errors import BadInput, Refused
from vault.profile import LabelField, LabelRule, StatementField, load_profile, shipped_profiles

PROFILES = {name: load_profile(name) for name in shipped_profiles()}
DENGZHOU, JIANGYUAN = PROFILES["dengzhou"], PROFILES["jiangyuan"]
BARE = Options(sheet="bare")
SAYS_ALL = (Kind.DISC, Kind.SLEEVE, Kind.TRAY, Kind.KEEP_CASE)  # on a label or a sleeve: 在光盘标签或者封套上


@lru_cache(maxsize=64)
def drawn(kind: Kind, disc_set: DiscSet = SET, profile: str = "dengzhou") -> Drawn:
    """Copy A of the set's last disc, on a page of its own."""
    return draw(kind, [copy_of(disc_set)], PROFILES[profile], BARE, [STATEMENT])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", Kind)
def test_every_label_says_what_its_profile_demands(kind: Kind, profile: str) -> None:
    label, rules = drawn(kind, FULL, profile), PROFILES[profile]
    text = words(label.pdf)
    said = {
        LabelField.PRODUCING_UNIT: "邓州市财政局",
        LabelField.PRODUCER: "王芳",
        LabelField.PRODUCED_ON: "2026年7月14日15:04",  # Beijing time
        LabelField.TITLE: "某采购代理机构违规收费现场检查",
        LabelField.NUMBER: "2026-0001-3",
    }
    if kind in SAYS_ALL:
        for rule in rules.disc_label:
            assert rule.zh + said[rule.label_field] in text
        for expected in (
            "第3张共3张",
            "一式两份·A份",
            "扫码核对2026-0001-3A",
            IMAGE.hex[:8],
            "密级内部",
            "保管期限长期保存",
        ):
            assert expected in text
        for expected in (
            "案号邓财罚字〔2026〕第0012号",
            "当事人河南某招标代理有限公司",
            "介质DVD+R",
            "保管期限长期保存",
        ):
            assert expected in text
    stated = {
        StatementField.MAKER: "李强",
        StatementField.EXTRACTOR: "张建国",
        StatementField.EXTRACTED_AT: "2026年7月15日09:30",
    }
    if kind is Kind.SLIP and rules.evidence_disc is not None:
        for one in rules.evidence_disc.statement:
            assert one.zh + stated[one.statement_field] in text
        assert f"依据《{rules.regulation.zh}》第{rules.evidence_disc.article}条".replace(" ", "") in text
    assert {Kind.SPINE: "长期保存·内部", Kind.SLIP: "保管期限长期保存"}.get(kind, "密级内部") in text
    assert "2026-0001-3" in text
    assert set(said[LabelField.TITLE]) <= set(text)


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("kind", Kind)
def test_no_ink_where_none_may_be_and_no_word_on_another(kind: Kind, names: str) -> None:
    label = drawn(kind, NAMES[names])
    (png,) = label.pngs
    picture = ink(png)
    assert picture.on(forbidden(kind, picture)) == 0
    for one, other in combinations([shrunk(box) for box in boxes(label.pdf)], 2):
        assert not overlapping(one, other), (one, other)


def shrunk(box: tuple[float, float, float, float, str]) -> tuple[float, float, float, float, str]:
    """Without the empty part above and below letters, and the kerning beside them."""
    left, top, right, bottom, word = box
    return left + 0.4, top + 0.22 * (bottom - top), right - 0.4, bottom - 0.22 * (bottom - top), word


def overlapping(one: tuple[float, float, float, float, str], other: tuple[float, float, float, float, str]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@lru_cache(maxsize=16)
def _mask(kind: Kind, width: int, height: int) -> bytes:
    edge = 2.0  # mm of white around the picture

    def free(x: float, y: float) -> bool:
        """Whether ink may lie there: millimetres from the piece's corner."""
        wide, high = kind.piece.width, kind.piece.height
        if not (0 <= x <= wide and 0 <= y <= high):
            return -0.4 < x < wide + 0.4 and -0.4 < y < high + 0.4  # where a line on the very edge shows
        match kind:
            case Kind.DISC:
                r = hypot(x - 60, y - 60)
                on_a_line = r > 59.5 or 56.8 < r < 58 or 11 < r < 23.1 or 7 < r < 8
                return on_a_line or 23.5 < r < 56.8
            case Kind.SPINE:
                return 1.2 < y < high - 1.2 or x < high
            case Kind.TRAY:  # a panel between two spines
                return x < 6.9 or x > wide - 6.9 or (14 < x < wide - 14 and 7.5 < y < high - 7.5)
            case Kind.KEEP_CASE:
                back, front = 7.5 < x < 122, 151 < x < wide - 7.5
                return 129 < x < 144 or ((back or front) and 7.5 < y < high - 7.5)
            case _:
                return 7.5 < x < wide - 7.5 and 7.5 < y < high - 7.5

    return bytes(
        0 if free((i + 0.5) / SCALE - edge, (j + 0.5) / SCALE - edge) else 255
        for j in range(height)
        for i in range(width)
    )


def forbidden(kind: Kind, picture: Ink) -> bytes:
    return _mask(kind, picture.width, picture.height)


@pytest.mark.parametrize(
    ("kind", "dpi"),
    [*((kind, 150) for kind in Kind if kind is not Kind.SPINE), *((Kind.DISC, dpi) for dpi in (200, 300))],
)
def test_a_telephone_reads_the_code(kind: Kind, dpi: int) -> None:
    assert code(rendered(drawn(kind).pdf, dpi)) == qr_text(copy_of(SET)).rstrip("\n")


@pytest.mark.parametrize("letter", COPIES)
def test_the_code_is_the_copys_own(letter: str) -> None:
    disc = copy_of(SET, letter, generation=2)  # type: ignore[arg-type]
    said = code(draw(Kind.SLEEVE, [disc], DENGZHOU).pngs[0])
    assert said.splitlines()[:3] == ["STRONGROOM DISC 1", f"2026-0001-3{letter}2", f"sha256 {IMAGE}"]
    assert said.endswith(CHECKPOINT.rstrip("\n"))


@pytest.mark.parametrize("kind", Kind)
def test_fonts_are_embedded_and_the_bytes_are_the_same_again(kind: Kind) -> None:
    label = drawn(kind)
    listed = subprocess.run(["pdffonts", "-"], input=label.pdf, check=True, capture_output=True).stdout.decode()
    rows = listed.splitlines()[2:]
    assert rows
    for row in rows:
        assert re.search(r"Noto(Sans|Serif).* yes yes yes ", row), row
    assert draw(kind, [copy_of(SET)], DENGZHOU, BARE, [STATEMENT]) == label


@pytest.mark.parametrize("field", ["unit", "producer", "activity"])
@pytest.mark.parametrize("empty", ["", " \n"])
def test_no_label_while_a_demanded_field_is_empty(field: str, empty: str) -> None:
    with pytest.raises(Refused, match="article 12, demands it") as caught:
        draw(Kind.SPINE, [copy_of(replace(SET, **{field: empty}))], DENGZHOU)  # type: ignore[arg-type]
    assert "第 12 条" in caught.value.what.zh
    assert {"unit": "制作单位", "producer": "制作人", "activity": "执法活动或者案件名称"}[field] in caught.value.what.zh
    assert caught.value.hint.zh


@pytest.mark.parametrize("field", LabelField)
def test_a_profile_may_demand_any_field(field: LabelField) -> None:
    rule = LabelRule(zh="某项", en="some field", article="1", label_field=field)
    profile = msgspec.structs.replace(DENGZHOU, disc_label=(rule,))
    assert "某项" in words(draw(Kind.SLEEVE, [copy_of(FULL)], profile).pdf)
    bare = DiscSet("2026-0001", (), "", "", SET.produced_at, "")
    if field not in (LabelField.NUMBER, LabelField.PRODUCED_ON):  # which are never empty
        with pytest.raises(Refused, match="some field"):
            draw(Kind.SLEEVE, [copy_of(bare)], profile)


@pytest.mark.parametrize("missing", ["maker", "extractor", "extracted_at"])
def test_no_slip_while_its_statement_lacks_what_is_demanded(missing: str) -> None:
    lacking = replace(STATEMENT, **{missing: None if missing == "extracted_at" else ""})
    with pytest.raises(Refused, match="statement lacks") as caught:
        draw(Kind.SLIP, [copy_of(SET)], JIANGYUAN, statements=[lacking])
    assert "第 15 条" in caught.value.what.zh
    draw(Kind.SLEEVE, [copy_of(SET)], JIANGYUAN, statements=[lacking])  # which does not say it


def test_a_slip_goes_into_the_case_file_where_the_profile_says_so() -> None:
    assert "音像记录证据光盘附卷说明" in words(drawn(Kind.SLIP, SET, "jiangyuan").pdf)
    assert "附卷" not in words(drawn(Kind.SLIP, SET, "chanhe").pdf)


def test_what_nobody_demands_and_nobody_said_is_left_to_the_hand() -> None:
    text = words(draw(Kind.SLIP, [copy_of(SET)], DENGZHOU, statements=[Statement()]).pdf)
    assert "提取人提取时间光盘标号" in text


def test_a_slip_counts_the_records_that_it_cannot_name() -> None:
    assert "2026-0000008等399件" in words(drawn(Kind.SLIP, NAMES["longest"]).pdf)


def test_no_line_of_a_heading_begins_with_the_dot_of_a_name() -> None:
    title = ("阿卜杜拉·买买提·阿布都热合曼诉古丽娜尔·买买提江·吐尔逊拖欠工程款投诉" * 9)[:300]
    label = draw(Kind.SLEEVE, [copy_of(replace(SET, activity=title))], DENGZHOU)
    begun = [word for *_, word in boxes(label.pdf) if word.startswith("·")]
    assert begun == ["·"]  # that of 一式两份 · A 份


def test_a_spine_says_as_much_of_a_long_name_as_it_has_room_for() -> None:
    text = words(drawn(Kind.SPINE, NAMES["longest"]).pdf)
    assert "邓州市财政局对某建设工程招标代理有限公司" in text
    assert "…" in text


def test_both_spines_of_a_jewel_case_say_how_secret_it_is() -> None:
    """Beside the panel; where nothing is said there is no frame either."""
    assert words(drawn(Kind.TRAY, NAMES["full"]).pdf).count("内部") == 3
    text = words(drawn(Kind.TRAY, NAMES["longest"]).pdf)
    assert (text.count("工作秘密"), text.count("商业秘密")) == (3, 3)
    assert "密级" not in words(drawn(Kind.TRAY, NAMES["usual"]).pdf)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SPINE])
def test_a_text_that_does_not_fit_in_the_smallest_letters_is_said(kind: Kind) -> None:
    with pytest.raises(BadInput, match="too long for the label") as caught:
        draw(kind, [copy_of(replace(SET, activity="长" * 9_000))], DENGZHOU, statements=[STATEMENT])
    assert kind.piece.label.zh in caught.value.what.zh


def test_a_character_that_no_font_has_is_printed_as_its_number() -> None:
    label = draw(Kind.SLEEVE, [copy_of(replace(SET, activity="现场🎬录像", producer="王\ue5e5"))], DENGZHOU)
    assert "现场〔U+1F3AC〕录像" in words(label.pdf)
    assert "王〔U+E5E5〕" in words(label.pdf)


def test_values_are_never_markup() -> None:
    hostile = '*粗* #panic("x") $x^2$ [y] \\ "引" `raw` <a> @b // c /* d */ = e'
    assert "".join(hostile.split()) in words(draw(Kind.SLEEVE, [copy_of(replace(SET, activity=hostile))], DENGZHOU).pdf)


def test_what_the_profile_does_not_demand_may_be_empty() -> None:
    lenient = msgspec.structs.replace(DENGZHOU, disc_label=())
    for kind in Kind:
        bare = DiscSet("2026-0001", (), "", "", SET.produced_at, "")
        assert "2026-0001-1" in words(draw(kind, [copy_of(bare)], lenient).pdf)


def test_a_checkpoint_that_no_code_can_hold_is_said() -> None:
    with pytest.raises(BadInput, match="too long for the QR code"):
        draw(Kind.DISC, [DiscCopy(SET, 1, "A", IMAGE, "x" * 900)], DENGZHOU)


def test_a_later_generation_says_so() -> None:
    text = words(draw(Kind.DISC, [copy_of(SET, "B", generation=2)], DENGZHOU).pdf)
    assert "一式两份·B份·第2代" in text
    assert "扫码核对2026-0001-3B2" in text


def test_a_set_takes_as_many_sheets_as_its_copies_need() -> None:
    set_of_three = [DiscCopy(SET, disc, letter, IMAGE, CHECKPOINT) for disc in (1, 2, 3) for letter in COPIES]
    label = draw(Kind.DISC, set_of_three, DENGZHOU, Options(first=2))
    assert sizes(label.pdf) == [(210.0, 297.0)] * 4  # one place of the first sheet is used up
    assert len(label.pngs) == 6
    with pytest.raises(BadInput, match="no place 3"):
        draw(Kind.DISC, set_of_three, DENGZHOU, Options(first=3))


def test_a_slip_lists_the_records_of_its_disc_and_says_of_which_only_a_part() -> None:
    made = replace(SET, records=("2026-0000001", "2026-0000007"), parts=frozenset({"2026-0000007"}))
    assert "记录编号2026-0000001、2026-0000007（部分）" in words(drawn(Kind.SLIP, made).pdf)


@pytest.mark.parametrize("kind", [*SAYS_ALL, Kind.SLIP])
def test_a_later_generation_says_when_it_was_made_and_when_the_first(kind: Kind) -> None:
    made = replace(FULL, produced_at=datetime(2036, 3, 1, 2, tzinfo=UTC), first_produced_at=FULL.produced_at)
    assert "2036年3月1日10:00（首次2026年7月14日）" in words(drawn(kind, made).pdf)


def test_what_the_fonts_lack_is_told_field_by_field() -> None:
    disc = copy_of(saying(SET, activity="现场🎬录像🎬\u202e", producer="王\ue5e5", section="会计科"))
    assert [(one.field.zh, one.characters) for one in lacking(disc, DENGZHOU)] == [
        ("制作人", "\ue5e5"),
        ("执法活动或者案件名称", "🎬\u202e"),
    ]
    said = lacking(copy_of(SET), DENGZHOU, Statement(maker="李\ue5e6"))
    assert [(one.field.en, one.characters) for one in said] == [("maker", "\ue5e6")]
    assert lacking(copy_of(NAMES["rarest"]), DENGZHOU, STATEMENT) == ()
