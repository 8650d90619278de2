"""QR codes. That of a disc binds the thing on the shelf to its image and to the journal.

Plain text in UTF-8, one fact a line, so that whoever scans it in thirty years can read it:

    STRONGROOM DISC 1
    2026-0001-1A                       set, disc, copy
    sha256 <64 hexadecimal digits>     of the image
    <the journal's signed checkpoint>  C2SP tlog-checkpoint, several lines
"""

import io
from dataclasses import dataclass

from vault.discs.model import DiscCopy
from vault.errors import BadInput
from vault.text import Text

_LARGEST = 18  # version: 89 modules; on 27 mm a module is then still 0.28 mm, three dots at 300 dpi
_QUIET = 4  # modules


def qr_text(disc: DiscCopy) -> str:
    """What the code says."""
    return f"STRONGROOM DISC 1\n{disc.mark}\nsha256 {disc.image}\n{disc.checkpoint}"


@dataclass(frozen=True, slots=True)
class Code:
    """A picture of the code, and which share of its side the quiet zone takes on either edge."""

    svg: str
    quiet: float


def qr_code(disc: DiscCopy) -> Code:
    """The disc's. BadInput: it would be too fine to be read."""
    code, version = drawn_code(qr_text(disc))
    if version > _LARGEST:
        raise BadInput(
            Text(
                en="The journal's checkpoint is too long for the QR code of a disc's label.",
                zh="日志检查点过长，无法放入光盘标签的二维码。",
            )
        )
    return code


def drawn_code(text: str) -> tuple[Code, int]:
    """The code as SVG, error correction M, with the quiet zone of four modules of ISO/IEC 18004; its version."""
    import segno

    code = segno.make(text, error="m", boost_error=False, micro=False, encoding="utf-8")
    out = io.BytesIO()
    code.save(out, kind="svg", border=_QUIET, xmldecl=False, omitsize=True)
    return Code(out.getvalue().decode(), _QUIET / code.symbol_size(border=_QUIET)[0]), int(code.version)
