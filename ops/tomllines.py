"""On which line of a TOML file a key stands.

tomllib tells no lines but those of its own errors. So it is asked: a key stands where the file, read up to there, has
it for the first time. What is no TOML up to some line (a list over several lines) is read on; its key stands where it
began.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any


def lines_of(text: str) -> dict[str, int]:
    """The line, from 1, of every key and table, as `store[1].tier`. Nothing of a file that is no TOML."""
    found: dict[str, int] = {}
    lines, begin = text.splitlines(keepends=True), 1
    for number in range(1, len(lines) + 1):
        try:
            read = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        for key in _keys(read):
            found.setdefault(key, begin)
        begin = number + 1
    return found


def line_of(text: str, key: str) -> int | None:
    """Of the key, or of the nearest table around it; None where the file has neither."""
    found = lines_of(text)
    while key and key not in found:
        key = re.sub(r"(^|\.)[^.\[\]]*$|\[\d+\]$", "", key)
    return found.get(key)


def _keys(value: Any, key: str = "") -> Iterator[str]:
    if key:
        yield key
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _keys(inner, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for place, one in enumerate(value):
            yield from _keys(one, f"{key}[{place}]")
