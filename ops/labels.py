"""How an office prints discs' labels: `[labels]` of strongroom.toml."""

from pathlib import Path

import msgspec

from labels.sheets import ROUND
from ops.misread import wrong_at
from vault.text import Text

_MOST = 15  # mm: a printer that is off by more has taken the wrong paper


class LabelsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sheet of round labels (labels/sheets.py); by how many millimetres to the right and down everything is moved,
    because the printer is off (`strongroom disc calibrate`); CUPS's queue.
    """

    sheet: str = ROUND[0]
    right: float = 0.0
    down: float = 0.0
    queue: str = ""

    def require_sound(self, path: Path) -> None:
        """BadInput; `path` is the file that says it."""
        if self.sheet not in ROUND:
            en, zh = ", ".join(ROUND), "、".join(ROUND)
            what = Text(en=f"there is no {self.sheet!r}; there are: {en}", zh=f"没有 {self.sheet!r}；可用：{zh}")
            raise wrong_at(path, "labels.sheet", what)
        for key, moved in (("right", self.right), ("down", self.down)):
            if not -_MOST <= moved <= _MOST:
                span = f"-{_MOST} … {_MOST} mm"
                raise wrong_at(path, f"labels.{key}", Text(en=span, zh=f"应为 {span}"))
