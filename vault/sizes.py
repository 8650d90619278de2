"""Sizes as people write them: 500M, 20 GB, 1.5 TiB. A K is 1,024 bytes, whatever letters follow it."""

from vault.errors import BadInput
from vault.text import Text

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_size(text: str) -> int:
    """Bytes, one at least. BadInput."""
    spelt = text.upper().replace(" ", "").removesuffix("IB").removesuffix("B")
    unit = spelt[-1:] if spelt[-1:] in _UNITS else ""
    try:
        size = int(float(spelt.removesuffix(unit)) * _UNITS[unit])
    except (ValueError, OverflowError):
        size = 0
    if size < 1:
        raise BadInput(
            Text(en=f"{text!r} is no size such as 500M or 20G.", zh=f"{text!r} 不是大小，例如 500M 或 20G。")
        )
    return size
