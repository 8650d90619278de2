"""How an event becomes a line: JSON in UTF-8, on standard error, in a file, or in systemd's journal.

    {"at":"2026-11-22T03:05:05.123+00:00","level":"info","event":"hold.placed","process":123,"entry":17, …}

Whatever could end a line, or steer a terminal, is escaped. In front of a line for systemd's journal stands its priority
(sd-daemon(3)), which the journal takes off again. A log that cannot be written stops nobody: what it would have said is
in the journal of the vault.
"""

import json
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from vault.outputs import writing_to

_PRIORITIES = {logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}  # those that JSON lets stand


def handler(target: str) -> logging.Handler:
    """What writes into that file, or, "-", on standard error. TargetProblem where the file cannot be written."""
    logging.raiseExceptions = False  # no traceback either, where the disk that it goes to is full
    if target == "-":
        stream = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        made: logging.Handler = logging.StreamHandler(stream)
        made.setFormatter(Line(priority=_is_the_journal()))
        return made
    with writing_to(Path(target)):
        made = _LogFile(target, encoding="utf-8", errors="backslashreplace")
    made.setFormatter(Line(priority=False))
    return made


def _is_the_journal() -> bool:
    """Whether standard error leads to systemd's journal ($JOURNAL_STREAM, systemd.exec(5))."""
    there = os.fstat(2)
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


class _LogFile(WatchedFileHandler):
    """Begun anew where logrotate has moved it away."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # it was moved, and its folder takes no new one
            super().emit(record)


class Line(logging.Formatter):
    """One line of an event."""

    def __init__(self, *, priority: bool) -> None:
        super().__init__()
        self._priority = priority

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.msg,
            "process": record.process,
            **record.__dict__["fields"],
        }
        line = json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=_plain).translate(_ESCAPED)
        return f"<{_PRIORITIES[record.levelno]}>{line}" if self._priority else line


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
