"""Events, for whoever collects logs. Nothing is written until `begin` was told where (ops/loglines.py: how).

`log("scrub.ended", store="甲", checked=12)` is all that a caller needs; fields name things and count them. Each act has
an event, after it was entered: of the act only what names something (IDS), who did it by their login, and where in the
journal it stands. Who wants more asks the journal, which asks back who they are: a log lies open to more people than a
record does.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vault.errors import BlobCorrupt, BlobMissing, Busy, ClockSuspect, DiscWanted, StoreUnavailable, StrongroomError

if TYPE_CHECKING:
    from vault.acts import AnyAct

Value = str | int | float | bool | datetime | Path | None
Level = Literal["info", "warning", "error"]

IDS = ("record", "store", "disposal", "request", "hold", "explanation", "register", "disc_set", "disc", "mark")
"""Fields of acts that name something by a number, or by a name from strongroom.toml, in whatever act they stand."""

_LEVELS: dict[Level, int] = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_BAD = {"copy.damaged", "copies.left", "action.refused", "disc.burn-failed", "disc.degraded"}  # acts to look at
_ABOUT_NOBODY = (StoreUnavailable, BlobMissing, BlobCorrupt, ClockSuspect, Busy)  # errors whose words name no one

_logger = logging.getLogger("strongroom")
_logger.propagate = False
_logger.setLevel(logging.CRITICAL + 1)  # until there is somewhere to write to


def begin(target: str) -> None:
    """From now on into a file, at its end; "-": on standard error. TargetProblem where that file cannot be written."""
    from ops.loglines import handler  # most commands of most offices log nothing

    for before in tuple(_logger.handlers):
        _logger.removeHandler(before)
        with suppress(OSError):  # what it could not write until now is lost
            before.close()
    _logger.addHandler(handler(target))
    _logger.setLevel(logging.INFO)


def log(event: str, /, *, level: Level = "info", **fields: Value) -> None:
    """One event. What somebody is called or wrote is no field, nor is anything secret."""
    if _logger.isEnabledFor(_LEVELS[level]):
        _logger.log(_LEVELS[level], event, extra={"fields": fields})


def log_acts(start: int, happened: "Sequence[AnyAct]") -> None:
    """Acts that were entered in the journal, from that place on."""
    if not _logger.isEnabledFor(logging.INFO):  # an intake enters thousands, and most offices log nothing
        return
    for entry, act in enumerate(happened, start):
        tag = str(act.__struct_config__.tag)
        fields: dict[str, Value] = {"entry": entry, "by": act.by}
        if act.via:
            fields["via"] = act.via
        fields |= {name: getattr(act, name) for name in IDS if getattr(act, name, "") != ""}
        log(tag, level="warning" if tag in _BAD else "info", **fields)


def log_failure(error: Exception) -> None:
    """What ended a command, by its kind; in its own words only where these cannot be about people."""
    fields: dict[str, Value] = {"error": type(error).__name__}
    if isinstance(error, StrongroomError) and isinstance(error, _ABOUT_NOBODY) and not isinstance(error, DiscWanted):
        fields["what"] = error.what.en
    log("command.failed", level="error", **fields)
