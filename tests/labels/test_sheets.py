"""Sheets: where the places are, in millimetres; and the page that a printer is measured by."""

from datetime import UTC, datetime
from itertools import pairwise
from math import hypot

import pytest

from labels.calibration import CORNER, draw_calibration
from labels.draw import Options, draw
from labels.kinds import Kind
from labels.sheets import ROUND, SHEETS, page, sheet_for, usual
from tests.labels.discs import SET, copy_of
from tests.labels.page import SCALE, ink, rendered, sizes, words
from vault.errors import BadInput
from vault.profile import load_profile

PROFILE = load_profile("dengzhou")
NOW = datetime(2026, 7, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sheet", "centres"),
    [  # of each sheet's own drawing: where the box begins, plus half the label
        ("L7676", [(105.0, 80.5), (105.0, 217.5)]),
        ("L6043", [(104.7, 80.5), (104.7, 217.5)]),
        ("L6015", [(105.0, 79.9), (105.0, 218.3)]),
    ],
)
def test_round_labels_lie_where_the_sheet_has_them(sheet: str, centres: list[tuple[float, float]]) -> None:
    places = page(SHEETS[sheet], Kind.DISC).places
    assert [(round(x + 60, 2), round(y + 60, 2)) for x, y in places] == centres


@pytest.mark.parametrize(("kind", "count"), [(Kind.SLEEVE, 2), (Kind.TRAY, 2), (Kind.KEEP_CASE, 1), (Kind.SPINE, 13)])
def test_pieces_to_be_cut_out_keep_clear_of_one_another_and_of_the_edge(kind: Kind, count: int) -> None:
    paper = page(SHEETS["A4"], kind)
    assert paper.cut
    assert len(paper.places) == count
    for x, y in paper.places:
        assert x >= 5
        assert y >= 5
        assert x + kind.piece.width <= paper.width - 5
        assert y + kind.piece.height <= paper.height - 5
    tops = [y for _, y in paper.places]
    assert all(after - before >= kind.piece.height + 7.9 for before, after in pairwise(tops))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_usual_sheet_and_a_wrong_one_names_those_that_fit(kind: Kind) -> None:
    assert page(sheet_for(kind, usual(kind)), kind).places
    with pytest.raises(BadInput, match=usual(kind)):
        sheet_for(kind, "L9999")


def test_a_card_does_not_go_on_a_round_label() -> None:
    with pytest.raises(BadInput, match="There are: A4, bare"):
        sheet_for(Kind.SLEEVE, "L7676")


def test_no_ink_inside_a_hub_that_takes_none() -> None:
    for sheet in ROUND:
        label = draw(Kind.DISC, [copy_of(SET)], PROFILE, Options(sheet=sheet))
        picture = ink(label.pngs[0])
        within = [
            (hypot((i + 0.5) / SCALE - 62, (j + 0.5) / SCALE - 62), picture.pixels[j * picture.width + i])
            for j in range(picture.height // 2 - 60, picture.height // 2 + 60)
            for i in range(picture.width // 2 - 60, picture.width // 2 + 60)
        ]
        hub = SHEETS[sheet].hub / 2
        assert all(grey > 235 for r, grey in within if 8 < r < hub - 0.3)
        assert any(grey < 235 for r, grey in within if hub - 0.3 < r < hub + 1)


def test_everything_is_moved_by_what_the_printer_is_off() -> None:
    straight, moved = (
        ink(rendered(draw(Kind.DISC, [copy_of(SET)], PROFILE, options).pdf, 100), per_mm=2, dpi=100)
        for options in (Options(), Options(right=2.0, down=-3.0))
    )
    shifted = b"".join(  # by 4 pixels to the right, and 6 up
        b"\xff" * 4 + straight.pixels[row * straight.width : (row + 1) * straight.width - 4] for row in range(6, 500)
    )
    same = sum(abs(a - b) < 90 for a, b in zip(shifted, moved.pixels[: len(shifted)], strict=True))
    assert same > 0.99 * len(shifted)
    assert moved.pixels != straight.pixels


def test_the_calibration_page_has_its_crosses_where_it_says() -> None:
    pdf = draw_calibration("L7676", 0, 0, NOW)
    assert sizes(pdf) == [(210.0, 297.0)]
    assert "right=+0.0mm" in words(pdf)
    page_ = ink(rendered(pdf, 127), per_mm=5, dpi=127)
    for x in (CORNER, 210 - CORNER):
        for y in (CORNER, 297 - CORNER):
            row = [
                page_.pixels[(y * 5 + n) * page_.width + (x - 5) * 5] for n in range(-5, 5)
            ]  # across it, to its left
            column = [page_.pixels[(y - 5) * 5 * page_.width + x * 5 + n] for n in range(-5, 5)]
            for line in (row, column):
                assert min(line) < 200
                assert line.index(min(line)) in (4, 5)


def test_the_calibration_page_is_moved_as_labels_are() -> None:
    assert draw_calibration("L7676", 1.5, -0.5, NOW) != draw_calibration("L7676", 0, 0, NOW)
    assert "right=+1.5mm·down=-0.5mm" in words(draw_calibration("A4", 1.5, -0.5, NOW))
    with pytest.raises(BadInput, match="L7676"):
        draw_calibration("bare", 0, 0, NOW)
