"""Taking stock: what was scanned from labels, held against what the journal says stands there.

    read_scans(text)                          what a scanner has typed
    compare(scans, known, location, origin)   where the two differ

A scanner types a label's whole QR text (labels/qr.py), or somebody types marks alone. It ends lines as it likes, or
puts spaces in their place, and adds characters of its own (zbarimg without --raw says QR-Code: before a label); only
what reads as a mark counts, and what does not is told.
A disc of another vault is known by its checkpoint: another office has a 2026-0001-1A, too.
A disc that was written off bears the name that it got then (2026-0001-1A/1), and does not stand in for the copy.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vault.catalogue.discs import Copy
from vault.catalogue.spoiled import SpoiledDisc
from vault.discs.model import Mark, Spoiled
from vault.discs.states import State
from vault.text import Text


class Finding(StrEnum):
    """How a disc was found otherwise than the journal says."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"
    NOT_SHELVED = "not-shelved"
    LENT = "lent"
    RETIRED = "retired"
    WRITTEN_OFF = "written-off"
    DESTROYED = "destroyed"
    OTHER_IMAGE = "other-image"

    @property
    def label(self) -> Text:
        return _FINDINGS[self]


@dataclass(frozen=True, slots=True)
class Scan:
    """One label; `mark` of a disc that was written off: its name. `image` (SHA-256) and `origin` of the
    checkpoint are empty where only the mark was read."""

    mark: str
    image: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Odd:
    """A disc that was not found as it should be; `known`: as the journal has it, None where it has no such disc."""

    mark: str
    finding: Finding
    known: Copy | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """What a stocktake came to. `right`: discs where they belong; `lent`: not here, as the journal says."""

    right: int
    odd: tuple[Odd, ...]
    lent: tuple[Copy, ...]


_MARK = r"(?<![\w-])(\d{4}-\d{4}-[1-9]\d{0,3}[AB](?:[2-9]|[1-9]\d{1,3})?(?:[/／][1-9]\d{0,3})?)(?![\w/／-])"
_SCAN = re.compile(
    rf"(?:(?:QR-Code:\s*)?STRONGROOM\s+DISC\s+1\s+)?{_MARK}"
    r"(?:\s+sha256\s+([0-9a-f]{64})(?:\s+(\S+)\s+\d+\s+[\w+/]{43}=(?:\s+\S{0,3}\s*\S+\s+[\w+/]{80,}={0,2})*)?)?",
    re.ASCII | re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff]+")  # that scanners put around what they read


def read_scans(text: str) -> tuple[list[Scan], list[str]]:
    """Labels in the order in which they were scanned, each once, and what cannot be read as one."""
    text = _CONTROLS.sub(" ", text)
    scans: dict[Scan, None] = {}
    unread: list[str] = []
    end = 0
    for found in _SCAN.finditer(text):
        unread += text[end : found.start()].splitlines()
        end = found.end()
        scans[Scan(found[1].upper().replace("／", "/"), (found[2] or "").lower(), found[3] or "")] = None
    unread += text[end:].splitlines()
    whole = {scan.mark for scan in scans if scan.image}  # of whose label more than the mark was read
    told = [scan for scan in scans if scan.image or scan.mark not in whole]
    return told, [line.strip() for line in unread if line.strip()]


def compare(
    scans: Sequence[Scan],
    shelved: Sequence[Copy],
    find: Callable[[Mark], Copy | None],
    find_spoiled: Callable[[Spoiled], SpoiledDisc | None],
    image_of: Callable[[Mark], str | None],
    location: str,
    origin: str,
) -> Stock:
    """`shelved`: what belongs to that place, or to any place where `location` is empty; `find`, `find_spoiled` and
    `image_of` know every disc of the vault; `origin`: of its own checkpoints."""
    right: set[str] = set()
    odd: list[Odd] = []
    for scan in scans:
        if (spoiled := Spoiled.parse(scan.mark)) is not None:
            odd.append(Odd(scan.mark, _judge_spoiled(find_spoiled(spoiled))))
            continue
        known = find(Mark.parse(scan.mark))
        finding = _judge(scan, known, image_of, location, origin)
        if finding is None:
            right.add(scan.mark)
        else:
            odd.append(Odd(scan.mark, finding, known))
    seen = right | {one.mark for one in odd if one.known is not None and one.finding is not Finding.FOREIGN}
    away = [copy for copy in shelved if str(copy.mark) not in seen]
    odd += [Odd(str(copy.mark), Finding.MISSING, copy) for copy in away if copy.state is State.SHELVED]
    return Stock(len(right), tuple(odd), tuple(copy for copy in away if copy.holder))


def _judge(
    scan: Scan, known: Copy | None, image_of: Callable[[Mark], str | None], location: str, origin: str
) -> Finding | None:
    if scan.origin and scan.origin != origin:
        return Finding.FOREIGN
    if known is None:
        return Finding.UNKNOWN
    if scan.image and scan.image != image_of(known.mark):
        return Finding.OTHER_IMAGE
    if (finding := _STATES.get(known.state)) is not None:
        return finding
    if known.state is not State.SHELVED:
        return Finding.NOT_SHELVED
    return Finding.ELSEWHERE if location and known.location != location else None


def _judge_spoiled(known: SpoiledDisc | None) -> Finding:
    if known is None:
        return Finding.UNKNOWN
    return Finding.WRITTEN_OFF if known.shredded_at is None else Finding.DESTROYED


_STATES = {
    State.LOANED: Finding.LENT,
    State.DEGRADED: Finding.RETIRED,
    State.REPLACED: Finding.RETIRED,
    State.DESTROYED: Finding.DESTROYED,
}
_FINDINGS = {
    Finding.MISSING: Text(en="missing", zh="缺失"),
    Finding.UNKNOWN: Text(en="not known to the journal", zh="日志中没有此盘"),
    Finding.FOREIGN: Text(en="of another vault", zh="属于其他档案库"),
    Finding.ELSEWHERE: Text(en="belongs elsewhere", zh="应在别处"),
    Finding.NOT_SHELVED: Text(en="never put on a shelf", zh="未办理上架"),
    Finding.LENT: Text(en="on loan, and yet here", zh="登记为借出，实际在架"),
    Finding.RETIRED: Text(en="degraded or replaced, and still here", zh="已劣化或已替换，仍在架"),
    Finding.WRITTEN_OFF: Text(
        en="written off, to be shredded: it must not stand on the shelf", zh="作废盘，应粉碎，不得在架"
    ),
    Finding.DESTROYED: Text(en="destroyed, and yet here", zh="登记为已销毁，实际在架"),
    Finding.OTHER_IMAGE: Text(en="with the label of another image", zh="标签所载映像与日志不符"),
}
