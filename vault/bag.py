"""The layout of a bag (RFC 8493), as a pure function: the same for an export and for a disc (media/layout.py).

Payload paths are `data/<record number>/<file name>`, made safe by vault/safenames.py. The manifest is written from the
digests that intake computed: nothing is hashed for it. A bag stands alone: README.txt says in Chinese and English how
to check it with sha256sum, records.json holds every fact and every original name, 清单.csv the same for a spreadsheet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from vault import bagtags
from vault.bagfile import BagFile, BagInfo, Placed
from vault.bagtexts import readme
from vault.digest import Digest
from vault.packed import Packed
from vault.records import Record
from vault.safenames import FolderNames

MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"


@dataclass(frozen=True, slots=True)
class BagLayout:
    """All files of a bag. Tag files come with their bytes; payload is read from a store when the bag is written."""

    payload: tuple[BagFile, ...]
    tags: Packed = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of all files, without what a file system adds."""
        return sum(entry.size for entry in self.payload) + sum(map(self.tags.size, self.tags))

    def expected(self) -> Iterator[tuple[str, int, Digest]]:
        """Path, size in bytes and SHA-256 of every file, tag files first: what a reader must find, and nothing else."""
        for path in self.tags:
            yield path, self.tags.size(path), Digest.of(self.tags[path])
        for entry in self.payload:
            yield entry.path, entry.size, entry.digest


def lay_bag(records: Sequence[Record], info: BagInfo, extra: Mapping[str, bytes] | None = None) -> BagLayout:
    """The bag that carries these records' files; `extra` are tag files by path, such as the journal's proofs.

    ValueError for a path in `extra` that is taken or would not be safe everywhere (the caller's mistake).
    """
    extra = extra or {}
    folders = FolderNames()
    placed = [_whole(record, folders.claim(record.number)) for record in records]
    count, size = sum(len(one.files) for one in placed), sum(entry.size for one in placed for entry in one.files)
    return fill_bag(placed, info, {"README.txt": readme(info.organization, info.identifier, count, size, extra)}, extra)


def fill_bag(
    placed: Sequence[Placed], info: BagInfo, texts: Mapping[str, bytes], extra: Mapping[str, bytes]
) -> BagLayout:
    """The bag of what is placed already. `texts` are tag files that come first, `extra` those that come last."""
    payload = tuple(entry for one in placed for entry in one.files)
    tags = Packed(texts)
    tags.put("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    tags.put("bag-info.txt", bagtags.bag_info(info, payload))
    tags.put(MANIFEST, bagtags.manifest((entry.path, entry.digest.hex) for entry in payload))
    tags.put("records.json", bagtags.records_json(placed))
    tags.put("清单.csv", bagtags.table(placed, info))
    for path, data in extra.items():
        if path in tags or path == TAG_MANIFEST or not _safe_tag_path(path):
            raise ValueError(f"not a path for a tag file: {path!r}")
        tags.put(path, data)
    tags.put(TAG_MANIFEST, bagtags.manifest((path, Digest.of(tags[path]).hex) for path in tags))
    return BagLayout(payload, tags)


def _whole(record: Record, folder: str) -> Placed:
    names = FolderNames()
    return Placed(record, tuple(BagFile(f"data/{folder}/{names.claim(file.name)}", file) for file in record.files))


def _safe_tag_path(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and path == "/".join(parts)
        and parts[0] not in ("/", "data", "fetch.txt")
        and all(FolderNames().claim(part) == part for part in parts)
    )
