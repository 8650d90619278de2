"""The tag files of a bag that say what is in it: manifests, bag-info.txt, records.json and 清单.csv."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from vault.bagfile import BagFile, BagInfo, Placed
from vault.facts import FACTS, Fact
from vault.moments import local

FORMAT = "strongroom-bag 1"


def encoded_path(path: str) -> str:
    """A path as manifests write it: CR, LF and % percent-encoded, and only those (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def manifest(entries: Iterable[tuple[str, str]]) -> bytes:
    """A manifest of paths with their SHA-256."""
    return "".join(f"{sha256}  {encoded_path(path)}\n" for path, sha256 in entries).encode()


def bag_info(info: BagInfo, payload: Sequence[BagFile]) -> bytes:
    """bag-info.txt."""
    octets = sum(entry.size for entry in payload)
    lines = {
        "Source-Organization": info.organization,
        "Bagging-Date": info.bagged_on.isoformat(),
        "External-Identifier": info.identifier,
        "External-Description": info.description,
        "Bag-Group-Identifier": info.group,
        "Bag-Count": info.count,
        "Payload-Oxum": f"{octets}.{len(payload)}",
        "Bag-Software-Agent": "Strongroom",
    }
    # A value may not break its line: whatever is white space becomes one space.
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in lines.items() if value.strip()).encode()


def records_json(placed: Sequence[Placed]) -> bytes:
    """Everything that is known of the records, original names included."""
    labels = {fact.name: {"zh": fact.label.zh, "en": fact.label.en} for fact in FACTS}
    records = [msgspec.Raw(msgspec.json.encode(_described(one))) for one in placed]  # a disc may have very many
    document = {"format": FORMAT, "labels": labels, "records": records}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def table(placed: Sequence[Placed], info: BagInfo) -> bytes:
    """One row a file, headed in both languages, times on the office's clock, identifiers in the profile's words. The
    mark at its beginning makes Excel read UTF-8."""
    written = io.BytesIO()
    text = io.TextIOWrapper(written, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\r\n")
    heads = [f"{f.label.zh} {f.label.en}" for f in FACTS]
    rows.writerow(["记录编号 record", *heads, "文件 file", "原文件名 name", "字节 bytes", "SHA-256"])
    for one in placed:
        rows.writerows(_rows(one, info))
    text.flush()
    return written.getvalue()


def _described(one: Placed) -> dict[str, Any]:
    record = one.record
    return {
        "number": record.number,
        "facts": msgspec.to_builtins(record.facts.known()),
        "origins": record.origins,
        "stored_at": msgspec.to_builtins(record.stored_at),
        "stored_by": record.stored_by,
        "standing": record.standing.value,
        "files": [_described_file(entry) for entry in one.files],
    }


def _described_file(entry: BagFile) -> dict[str, Any]:
    described: dict[str, Any] = {"path": entry.path, **msgspec.to_builtins(entry.file)}
    if entry.part is not None:
        described["part"] = {"start": entry.part.start, "size": entry.part.size, "sha256": entry.part.digest.hex}
    return described


def _rows(one: Placed, info: BagInfo) -> Iterator[list[str]]:
    facts = [_spelled(fact, getattr(one.record.facts, fact.name), info) for fact in FACTS]
    for entry in one.files:
        row = [_cell(one.record.number, info.zone), *facts, entry.path, _cell(entry.file.name, info.zone)]
        yield [*row, str(entry.size), entry.digest.hex]


def _spelled(fact: Fact, value: str | tuple[str, ...] | datetime | None, info: BagInfo) -> str:
    if value and fact.is_of_the_profile and not isinstance(value, datetime):
        said = info.words(fact.name, (value,) if isinstance(value, str) else value)
        return _cell(" · ".join(dict.fromkeys((said.zh, said.en))), info.zone)
    return _cell(value, info.zone)


def _cell(value: str | tuple[str, ...] | datetime | None, zone: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value, zone)
    text = value if isinstance(value, str) else "、".join(value)
    # A spreadsheet would run such a cell as a formula; records.json has it as it was.
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
