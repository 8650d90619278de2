"""Drawing pages with typst. The same input gives the same bytes.

Values travel as JSON in `sys.inputs.data`. PDFs are PDF/A-2u: made to be kept, their text can be searched, and a
character that no font has stops them.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vault.errors import BadInput, StrongroomError
from vault.text import Text

if TYPE_CHECKING:
    import typst

_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')


class Unset(StrongroomError):
    """Typst refused; `message` is its word, or the template's own."""

    def __init__(self, message: str) -> None:
        super().__init__(Text(en=f"The page cannot be drawn: {message}", zh=f"页面无法生成：{message}"))
        self.message = message


def typeset_pdf(template: Path, data: Mapping[str, Any], fonts: Path, made_at: datetime, *, tags: bool = True) -> bytes:
    """A PDF. BadInput names a character that no font has. `tags`: for screen readers; large tables go without."""
    stamp = int(made_at.timestamp())
    (pdf,) = _compile(template, data, fonts, format="pdf", pdf_standards="a-2u", timestamp=stamp, pdf_tags=tags)
    return pdf


def typeset_pngs(template: Path, data: Mapping[str, Any], fonts: Path, ppi: int) -> tuple[bytes, ...]:
    """A picture of each page."""
    return _compile(template, data, fonts, format="png", ppi=ppi)


def breakable(value: str, run: int) -> str:
    """The value with invisible places to break a line in runs of letters and digits longer than `run`, which have none
    of their own (a serial number)."""
    return re.sub(rf"[!-~\u00a1-\u02ff]{{{run + 1},}}", lambda found: torn(found[0], run), value)


def torn(value: str, run: int) -> str:
    """The value with an invisible place to break a line after every `run` characters, whatever they are."""
    return "\u200b".join(re.findall(f".{{1,{run}}}", value))


def _compile(template: Path, data: Mapping[str, Any], fonts: Path, **options: Any) -> tuple[bytes, ...]:
    import typst

    try:
        made = typst.compile(
            template,
            root=template.parent,
            font_paths=_fonts(fonts),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            **options,
        )
    except typst.TypstError as error:
        raise _explained(error.message) from error
    return (made,) if isinstance(made, bytes) else tuple(made)  # of several pages it is a list


@lru_cache(maxsize=4)
def _fonts(directory: Path) -> "typst.Fonts":
    """Read once: they are 100 MB, and typst knows again what it has set in them."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])


def _explained(message: str) -> StrongroomError:
    found = _NO_GLYPH.search(message)
    if found is None:
        return Unset(message)
    codes = " ".join(f"U+{ord(c):04X}" for c in found[1])
    return BadInput(
        Text(
            en=f"The fonts have no character {found[1]!r} ({codes}); the paper would show an empty box.",
            zh=f"字体中没有“{found[1]}”（{codes}），纸面上会显示为空框，请改用其他写法。",
        )
    )
