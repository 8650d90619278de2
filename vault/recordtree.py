"""A record's files in folders, as they lay where they came from, under names that are safe everywhere.

A bag makes one level of them, since discs and strangers read it; whoever opens a record in place finds `a/b.m3u8` and
`a/b/1.ts` where they refer to one another. The same record always gives the same names (vault/safenames.py).
"""

from dataclasses import dataclass, field

from vault.records import Record, RecordFile
from vault.safenames import FolderNames


@dataclass(slots=True)
class Folder:
    """What lies in one folder, by its safe name."""

    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: dict[str, RecordFile] = field(default_factory=dict)
    _names: FolderNames = field(default_factory=FolderNames)
    _known: dict[str, "Folder"] = field(default_factory=dict)  # by the name it came under

    def inner(self, original: str) -> "Folder":
        """The folder in this one that came under that name."""
        if original not in self._known:
            self._known[original] = self.folders[self._names.claim(original)] = Folder()
        return self._known[original]

    def add(self, original: str, file: RecordFile) -> None:
        self.files[self._names.claim(original)] = file


def tree_of(record: Record) -> Folder:
    """The record's own folder. What would lead out of it (`..`, a leading `/`) leads nowhere."""
    root = Folder()
    for file in record.files:
        *folders, name = [part for part in file.name.split("/") if part not in ("", ".", "..")] or [""]
        folder = root
        for original in folders:
            folder = folder.inner(original)
        folder.add(name, file)
    return root
