"""Sizes and speeds as people write them: 500 MB, 20G, 1.5 TiB, 20 MB/s."""

import re

from vault.errors import BadInput
from vault.text import Text

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(?:([KMGT])(I?B)?|B)?", re.IGNORECASE)


def read_size(text: str) -> int:
    """Bytes. KB, MB, GB and TB are powers of 1000, K or KiB and so on of 1024. BadInput where it is none, or zero."""
    size = _read(text)
    if size < 1:
        raise BadInput(
            Text(en=f"{text!r} is no size such as 500M or 20G.", zh=f"{text!r} 不是大小，例如 500M 或 20G。")
        )
    return size


def read_speed(text: str) -> int:
    """Bytes a second, from a size and "/s". BadInput as `read_size`."""
    size = _read(text.strip()[:-2]) if text.strip().lower().endswith("/s") else 0
    if size < 1:
        raise BadInput(Text(en=f"{text!r} is no speed such as 20 MB/s.", zh=f"{text!r} 不是速度，例如 20 MB/s。"))
    return size


def _read(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return 0
    number, unit, ending = found.groups()
    base = 1000 if (ending or "").upper() == "B" else 1024
    return int(float(number) * base ** (" KMGT".index(unit.upper()) if unit else 0))


def size(count: int) -> str:
    """Bytes as people say them."""
    value, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
