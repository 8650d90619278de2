"""The recovery sheet, judged by what lies on the page: poppler's words, zbar's code, no word on another."""

from datetime import UTC, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from labels.recovery import draw_sheet
from tests.labels.page import boxes, code, rendered, sizes, words
from vault.typedkey import TypedKey, read_typed

KEY = TypedKey("609e4c8f7e33b27f", bytes(range(3, 35)))
AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
TOML = 'format = 1\n\n[vault]\nid = "609e4c8f7e33b27f"\noffice = "邓州市财政局"\n\n[[store]]\nname = "甲"\n'
LONG = TOML + f'location = "{"x" * 300}"\n' + "".join(f"# 第{n}行 {'说明' * 40}\n" for n in range(120))
OFFICE = "邓州市财政局"


def drawn(office: str = OFFICE, configuration: str = TOML, *, sealed: bool = False, key: TypedKey = KEY) -> bytes:
    return draw_sheet(key, office, configuration, AT, ZoneInfo("Asia/Shanghai"), sealed=sealed)


def test_all_of_the_key_is_there_as_text_and_as_a_code() -> None:
    pdf = drawn()
    text = words(pdf)
    for said in (*KEY.groups, KEY.vault_id, OFFICE, "2026-11-2116:30", "密钥恢复单", "Keyrecoverysheet", "保管人"):
        assert said in text
    assert "AGE-SECRET-KEY" not in text
    assert 'name="甲"' in text
    assert sizes(pdf) == [(210.0, 297.0)] * 2
    for dpi in (100, 150, 300):
        assert code(rendered(pdf, dpi)) == KEY.text
    assert read_typed(code(rendered(pdf, 150))) == KEY


def test_the_same_key_gives_the_same_sheet() -> None:
    assert drawn() == drawn()


def test_that_a_store_is_sealed_is_said() -> None:
    assert "AGE-SECRET-KEY-1" in words(drawn(sealed=True))


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("office", [OFFICE, "𠅤州市" + "某某某某人民政府综合行政执法局" * 5, "Office of " + "x" * 120])
def test_nothing_runs_over_anything(office: str, sealed: bool) -> None:
    pdf = drawn(office, LONG, sealed=sealed)
    first = rendered(pdf, 100)
    assert code(first) == KEY.text
    assert len(sizes(pdf)) < 8
    text = words(pdf)
    assert "第119行" in text
    assert text.count("x" * 40) >= 1
    for left, _, right, _, word in boxes(pdf):
        assert 50 < left < right < 210 / 25.4 * 72 - 50, word
    page = first_page(pdf)
    for one, other in combinations(page, 2):
        assert not overlapping(one, other), (one, other)


Box = tuple[float, float, float, float, str]


def first_page(pdf: bytes) -> list[Box]:
    """Words of the first page, without the empty part above and below letters."""
    found: list[Box] = []
    last = 0.0
    for left, top, right, bottom, word in boxes(pdf):
        found.append((left + 0.4, top + 0.22 * (bottom - top), right - 0.4, bottom - 0.22 * (bottom - top), word))
        last = max(last, bottom)
        if word.endswith("1/") or word == "/":
            break
    return found


def overlapping(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_a_character_that_no_font_has_stops_nothing() -> None:
    assert "〔U+E5E5〕" in words(drawn("邓州\ue5e5局", TOML + "# \ue5e5\n"))
