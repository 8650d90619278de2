"""What `xorriso -toc` says of the medium in a drive, under LC_ALL=C; nothing else is read from its words.

Its source (libisoburn, xorriso/drive_mgt.c) knows these states: "is blank", "is written , is appendable", "is written ,
is closed", "is not present", "is not recognizable", the first two with a reason behind them why they cannot be
written (" , but next track is damaged"). Whatever is not understood is UNKNOWN, on which nothing is ever written.
"""

import re
from collections.abc import Iterable

from media.drives.port import Condition, Loaded

_FIELD = re.compile(r"Media (current|product|status|blocks) *: (.*)")
_BLOCKS = re.compile(r"(\d+) readable , (\d+) writable , (\d+) overall")
_FATAL = (" , but next track is damaged", " , but no writable address")


def parse(lines: Iterable[str]) -> Loaded:
    """What lies in the drive."""
    said = {found[1]: found[2].strip() for line in lines if (found := _FIELD.match(line))}
    condition = _condition(said.get("status", ""))
    if condition is Condition.EMPTY:
        return Loaded(condition)
    kind = said.get("current", "").partition(",")[0]
    if kind.startswith("is not"):  # recognizable
        condition, kind = Condition.UNKNOWN, ""
    blocks = _BLOCKS.fullmatch(said.get("blocks", ""))
    if blocks is None:
        return Loaded(Condition.UNKNOWN, kind)
    readable, writable, overall = map(int, blocks.groups())
    return Loaded(condition, kind, said.get("product", ""), readable, writable, overall)


def _condition(status: str) -> Condition:
    if any(reason in status for reason in _FATAL):
        return Condition.UNKNOWN
    state = status.partition(" , but")[0]
    return _STATES.get(state, Condition.UNKNOWN)


_STATES = {
    "is not present": Condition.EMPTY,
    "is blank": Condition.BLANK,
    "is written , is appendable": Condition.APPENDABLE,
    "is written , is closed": Condition.CLOSED,
}
