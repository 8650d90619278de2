"""The layout is what somebody has looked at: `python -m tests.labels.golden` after it was changed on purpose."""

import pytest

from tests.labels.golden import FOLDER, NAMES, picture
from tests.labels.page import ink, scaled

_CELL = 0.5  # pixels a millimetre: cells of 2 mm, in which it does not matter how a letter's edge is smoothed


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_is_the_one_that_was_looked_at(name: str) -> None:
    now = ink(picture(name), _CELL)
    then = scaled((FOLDER / f"{name}.png").read_bytes(), now.width, now.height)
    apart = [abs(a - b) for a, b in zip(now.pixels, then.pixels, strict=True)]
    assert max(apart) < 40  # one letter of a caption elsewhere is more than that
    assert sum(apart) / len(apart) < 1.5


def test_nothing_else_lies_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.png" for name in NAMES}
