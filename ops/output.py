"""What a command prints: results on standard output, one JSON object a line where asked; the rest on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from ops.language import said
from vault.errors import StrongroomError
from vault.intake.names import shown
from vault.sizes import size as size
from vault.text import Text


def line(words: str) -> None:
    """One line of a result, for people. A terminal shows it at once; elsewhere `flush` brings many together."""
    sys.stdout.write(words + "\n")


def note(words: str) -> None:
    """Something to know beside the result; it comes after the lines that were written before it."""
    with suppress(OSError):  # who reads the results has gone, or the disk they go to is full: said when all is done
        flush()
    click.echo(words, err=True)


def flush() -> None:
    """Hand over what has been written: whoever reads it may act on it from now on."""
    sys.stdout.flush()


def json_line(value: dict[str, Any], type_: str = "") -> None:
    """One object of a result, for programs (docs/operations.md). Texts come in both languages, times in UTC. `type_`:
    which of several sorts of line it is, where a command has several."""
    typed = {"type": type_} | value if type_ else value
    spelled = msgspec.json.encode(typed, enc_hook=_plain, order="deterministic")
    sys.stdout.buffer.write(spelled + b"\n")  # bytes: JSON is always UTF-8


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Path):
        return shown(str(value))
    raise TypeError(f"no JSON for {type(value).__name__}")


def complain(error: StrongroomError) -> None:
    """An error in one or two lines: what happened, and what to do."""
    hint = said(error.hint)
    note(f"strongroom: {said(error.what)}" + (f"\n  {hint}" if hint else ""))


Tick = Callable[[int], object]  # told of every piece of progress, in bytes or another unit


@contextmanager
def progress(total: int | None, quiet: bool, unit: str = "B") -> Iterator[Tick]:
    """A bar on a terminal's standard error, once the work has taken a second; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _count: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=unit, unit_scale=True, unit_divisor=1024, delay=1, leave=False) as bar:
        yield bar.update
