"""The layout of a bag (RFC 8493), as a pure function: the same for an export and for a disc.

Payload paths are `data/<record number>/<file name>`, made safe by vault/safenames.py. The manifest is written from the
digests that intake computed: nothing is hashed for it. A bag stands alone: README.txt says in Chinese and English how
to check it with sha256sum, records.json holds every fact and every original name, 清单.csv the same for a spreadsheet.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec

from vault.bagtexts import readme
from vault.digest import Digest
from vault.facts import FACTS, Kind
from vault.records import Record, RecordFile
from vault.safenames import FolderNames

FORMAT = "strongroom-bag 1"
_MANIFEST = "manifest-sha256.txt"
_TAG_MANIFEST = "tagmanifest-sha256.txt"


@dataclass(frozen=True, slots=True)
class BagInfo:
    """What bag-info.txt says (RFC 8493, 2.2.2)."""

    organization: str
    bagged_on: date
    identifier: str  # External-Identifier: a disc set's number, a record's number
    description: str = ""
    group: str = ""  # Bag-Group-Identifier: the disc set, where the bag is one of several
    count: str = ""  # Bag-Count, such as "1 of 2"


@dataclass(frozen=True, slots=True)
class BagFile:
    """One payload file: where it lies in the bag, and the object it is."""

    path: str
    file: RecordFile


@dataclass(frozen=True, slots=True)
class BagLayout:
    """All files of a bag. Tag files come with their bytes; payload is read from a store when the bag is written."""

    payload: tuple[BagFile, ...]
    tags: Mapping[str, bytes] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of all files, without what a file system adds."""
        return sum(entry.file.size for entry in self.payload) + sum(map(len, self.tags.values()))

    def expected(self) -> Iterator[tuple[str, int, Digest]]:
        """Path, size in bytes and SHA-256 of every file, tag files first: what a reader must find, and nothing else."""
        for path, data in self.tags.items():
            yield path, len(data), Digest.of(data)
        for entry in self.payload:
            yield entry.path, entry.file.size, entry.file.digest


def lay_bag(records: Sequence[Record], info: BagInfo, extra: Mapping[str, bytes] | None = None) -> BagLayout:
    """The bag that carries these records' files; `extra` are tag files by path, such as the journal's checkpoint.

    ValueError for a path in `extra` that is taken or would not be safe everywhere (the caller's mistake).
    """
    extra = extra or {}
    payload, described = _payload(records)
    tags: dict[str, bytes] = {
        "README.txt": readme(
            info.organization, info.identifier, len(payload), sum(p.file.size for p in payload), extra
        ),
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": _bag_info(info, payload),
        _MANIFEST: _manifest((entry.path, entry.file.sha256) for entry in payload),
        "records.json": _records_json(described),
        "清单.csv": _table(records, payload),
    }
    for path, data in extra.items():
        if path in tags or path == _TAG_MANIFEST or not _safe_tag_path(path):
            raise ValueError(f"not a path for a tag file: {path!r}")
        tags[path] = data
    tags[_TAG_MANIFEST] = _manifest((path, Digest.of(data).hex) for path, data in tags.items())
    return BagLayout(payload, tags)


def encoded_path(path: str) -> str:
    """A path as manifests write it: CR, LF and % percent-encoded, and only those (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _payload(records: Sequence[Record]) -> tuple[tuple[BagFile, ...], list[dict[str, Any]]]:
    folders = FolderNames()
    payload: list[BagFile] = []
    described: list[dict[str, Any]] = []
    for record in records:
        folder, names = folders.claim(record.number), FolderNames()
        placed = [BagFile(f"data/{folder}/{names.claim(file.name)}", file) for file in record.files]
        payload += placed
        described.append(
            {
                "number": record.number,
                "facts": msgspec.to_builtins(record.facts.known()),
                "origins": record.origins,
                "stored_at": msgspec.to_builtins(record.stored_at),
                "stored_by": record.stored_by,
                "standing": record.standing.value,
                "files": [{"path": p.path, **msgspec.to_builtins(p.file)} for p in placed],
            }
        )
    return tuple(payload), described


def _records_json(described: list[dict[str, Any]]) -> bytes:
    labels = {fact.name: {"zh": fact.label.zh, "en": fact.label.en} for fact in FACTS}
    document = {"format": FORMAT, "labels": labels, "records": described}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _bag_info(info: BagInfo, payload: Sequence[BagFile]) -> bytes:
    octets = sum(entry.file.size for entry in payload)
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


def _manifest(entries: Iterator[tuple[str, str]]) -> bytes:
    return "".join(f"{sha256}  {encoded_path(path)}\n" for path, sha256 in entries).encode()


def _table(records: Sequence[Record], payload: Sequence[BagFile]) -> bytes:
    """One row a file, headed in both languages; the mark at its beginning makes Excel read UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    heads = [f"{f.label.zh}{'（UTC）' if f.kind is Kind.TIME else ''} {f.label.en}" for f in FACTS]
    table.writerow(["记录编号 record", *heads, "文件 file", "原文件名 name", "字节 bytes", "SHA-256"])
    entries = iter(payload)
    for record in records:
        facts = [_cell(getattr(record.facts, fact.name)) for fact in FACTS]
        for _ in record.files:
            entry = next(entries)
            file = entry.file
            row = [_cell(record.number), *facts, entry.path, _cell(file.name), str(file.size), file.sha256]
            table.writerow(row)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _cell(value: str | tuple[str, ...] | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    text = value if isinstance(value, str) else "、".join(value)
    # A spreadsheet would run such a cell as a formula; records.json has it as it was.
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _safe_tag_path(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and path == "/".join(parts)
        and parts[0] not in ("/", "data", "fetch.txt")
        and all(FolderNames().claim(part) == part for part in parts)
    )
