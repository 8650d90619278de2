"""A sheet that shows by how much a printer is off: printed once on plain paper, measured with a ruler.

A cross stands at each corner where it would be exactly 20 mm from both edges, if the printer took its paper in exactly.
What is missing there to 20 mm goes into strongroom.toml, `[labels]`. Of a sheet with round labels the outlines are
drawn, too, each with a comb of millimetres across its edges: held against the light over a real sheet, the comb says
what is left.
"""

from datetime import datetime
from pathlib import Path

from labels.fonts import font_directory
from labels.sheets import SHEETS
from labels.typesetting import typeset_pdf
from vault.errors import BadInput
from vault.text import Text

_TEMPLATE = Path(__file__).with_name("templates") / "calibration.typ"
CORNER = 20  # mm from both edges


def draw_calibration(sheet: str, right: float, down: float, made_at: datetime, fonts: Path | None = None) -> bytes:
    """The page, moved as labels would be. BadInput: there is no such sheet of A4."""
    known = {name: one for name, one in SHEETS.items() if not one.bare}
    if sheet not in known:
        raise BadInput(
            Text(
                en=f"There is no sheet {sheet!r} of A4. There are: {', '.join(known)}.",
                zh=f"没有 A4 标签纸 {sheet!r}；可用：{'、'.join(known)}。",
            )
        )
    found = known[sheet]
    data = {
        "title": f"{_TITLE.zh} {_TITLE.en}",
        "sheet": f"{sheet} · {found.label.zh}",
        "moved": f"right = {right:+.1f} mm · down = {down:+.1f} mm",
        "right": right,
        "down": down,
        "corner": CORNER,
        "centres": found.centres,
        "outer": 117,
        "said": [text for line in _SAID for text in (line.zh, line.en)],
    }
    return typeset_pdf(_TEMPLATE, data, fonts or font_directory(), made_at)


_TITLE = Text(en="Calibration", zh="打印校准")
_SAID = (
    Text(
        en="Print it at 100 per cent, without fitting it to the page. Measure from the paper's left and upper edge "
        "to the cross in the upper left corner, in millimetres.",
        zh="请按 100% 打印，不要“适应页面”。用直尺量出左上角十字到纸张左边缘、上边缘的距离（毫米）。",
    ),
    Text(
        en="In strongroom.toml, under [labels], add to right: 20 minus the first; to down: 20 minus the second. "
        "Print this again: both must be 20 now.",
        zh="在 strongroom.toml 的 [labels] 中：right 加上（20 − 左距），down 加上（20 − 上距），"
        "再打印一次，两者应均为 20。",
    ),
    Text(
        en="If the crosses to the right or below are off by something else, the printer has changed the size.",
        zh="若右侧、下方十字的偏差与此不同，说明打印机缩放了页面，请关闭缩放。",
    ),
)
