"""The table on the terminal and in docs/benchmarks.md: every figure with its spread, every limit with its verdict.

A limit that is missed stands there as NOT met; rows are never left out. Limits are judged on the median.
"""

import os
import platform
import shutil
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contenders import STRONGROOM
from timing import Figure, own_peak

HEAD = """# Benchmarks

Written by `./bench`, whose first lines say what writes which; what stands between the markers is replaced by each run.
How it is measured: the first lines of [tests/bench/timing.py](../tests/bench/timing.py) and
[tests/bench/contenders.py](../tests/bench/contenders.py). In short: whole processes, everything durable at the end,
sources out of the page cache before each run, contenders in turns within a round, ratios formed inside a round. Figures
are medians with the lowest and the highest in brackets; a limit is the one the project set itself before it measured,
and is judged on the median.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison or one figure. `limit` is on the ratio where there is one, else on the figure itself."""

    what: str
    own: Figure
    unit: str = "s"
    against: str = ""
    other: Figure | None = None
    limit: float | None = None
    below: bool = False  # strictly: being as quick is not enough

    @property
    def ratio(self) -> Figure | None:
        return self.own.over(self.other) if self.other is not None else None

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        judged = (self.ratio or self.own).median
        return "met" if judged < self.limit or (judged == self.limit and not self.below) else "**NOT met**"

    def cells(self) -> tuple[str, ...]:
        ratio = self.ratio
        sign = "<" if self.below else "≤"
        unit = "" if ratio is not None else f" {self.unit}"
        return (
            self.what,
            spell(self.own, self.unit),
            f"{self.against}: {spell(self.other, self.unit)}" if self.other is not None else self.against,
            spell(ratio, "") if ratio is not None else "",
            f"{sign} {self.limit:g}{unit}" if self.limit is not None else "",
            self.verdict,
        )


COLUMNS = ("what", "strongroom", "against", "ratio", "limit", "verdict")


def spell(figure: Figure, unit: str) -> str:
    """Median (lowest–highest) unit."""
    digits = 0 if unit == "MiB" else 2 if figure.median < 100 else 1
    spread = f" ({figure.low:.{digits}f}–{figure.high:.{digits}f})" if len(figure.values) > 1 else ""
    return f"{figure.median:.{digits}f}{spread}" + (f" {unit}" if unit else "")


def table(rows: Sequence[Row], *, judged: bool) -> list[str]:
    """Markdown, its columns padded so that it can be read as it is. `judged`: with verdicts."""
    cells = [line if judged else line[:-1] for line in (COLUMNS, *(row.cells() for row in rows))]
    widths = [max(_width(line[n]) for line in cells) for n in range(len(cells[0]))]
    lines = ["| " + " | ".join(map(_padded, line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return lines


def _width(cell: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def section(title: str, said: Sequence[str], rows: Sequence[Row], took: float, *, judged: bool) -> str:
    """One part of the document. `said`: lines about corpora, machine and versions; `took` in seconds."""
    lines = [f"## {title}", "", *(f"- {line}" for line in said)]
    lines.append(f"- the whole run took {took / 60:.1f} minutes")
    lines.append(f"- no process can show less memory than the harness itself: {own_peak():.0f} MiB")
    return "\n".join(
        [*lines, "", _summary(rows) if judged else "A trial of the harness.", "", *table(rows, judged=judged)]
    )


def _summary(rows: Sequence[Row]) -> str:
    verdicts = [row.verdict for row in rows if row.verdict]
    missed = sum(verdict != "met" for verdict in verdicts)
    return f"{len(verdicts) - missed} of {len(verdicts)} limits met" + (f", **{missed} NOT met**." if missed else ".")


def write(path: Path, name: str, text: str) -> None:
    """Put a part between its markers; the others stay as they are. The file is made where it is missing."""
    begin, end = f"<!-- bench:{name}:begin -->", f"<!-- bench:{name}:end -->"
    whole = path.read_text(encoding="utf-8") if path.exists() else HEAD
    part = f"{begin}\n{text}\n{end}"
    if begin in whole and end in whole:
        before, _, rest = whole.partition(begin)
        whole = before + part + rest.partition(end)[2]
    else:
        whole = whole.rstrip("\n") + f"\n\n{part}\n"
    path.write_text(whole, encoding="utf-8")


def machine(folder: Path) -> list[str]:
    """What the figures were measured on, and how busy it was before."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_model()}, {os.cpu_count()} processors, {memory:.0f} GiB of memory",
        f"Linux {platform.release()}, {_first_line('findmnt', '-n', '-o', 'FSTYPE', '-T', str(folder))}, "
        f"Python {platform.python_version()}, {_first_line(STRONGROOM, '--version')} ({_commit()})",
        f"load average at the start: {load[0]:.2f} over 1 minute, {load[1]:.2f} over 5"
        + ("; **the machine was not idle**" if load[0] > 0.5 else ""),
    ]


def versions(*commands: str) -> str:
    """The programs' own words for what they are."""
    option = {"openssl": "version", "restic": "version", "rclone": "version", "git-annex": "version"}
    option |= {"weed": "version", "ssh": "-V", "7z": "i"}
    return "; ".join(_first_line(command, option.get(command, "--version")) for command in commands)


def _model() -> str:
    for line in subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("Model name:"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    """Which state of the source: known only in a git checkout."""
    if shutil.which("git") is None or not Path(".git").exists():
        return "not a git checkout"
    commit = _first_line("git", "rev-parse", "--short", "HEAD")
    return commit + (", with changes" if _first_line("git", "status", "--porcelain", "--untracked-files=no") else "")


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]
