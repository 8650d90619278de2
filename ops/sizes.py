"""Sizes and speeds as people write them: "500 MB", "20G", "20 MB/s"."""

import re

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(?:([KMGT])(I?B)?|B)?", re.IGNORECASE)


def read_size(text: str) -> int:
    """Bytes. KB, MB, GB and TB are powers of 1000, K or KiB and so on of 1024. ValueError where it is none, or zero."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    number, unit, ending = found.groups()
    base = 1000 if (ending or "").upper() == "B" else 1024
    size = int(float(number) * base ** (" KMGT".index(unit.upper()) if unit else 0))
    if size < 1:
        raise ValueError(text)
    return size


def read_speed(text: str) -> int:
    """Bytes a second, from a size and "/s". ValueError as `read_size`."""
    if not text.strip().lower().endswith("/s"):
        raise ValueError(text)
    return read_size(text.strip()[:-2])
