"""Walks over what was named on the command line: files, folders with all that is below them, and archives.

Order is fixed: what was named, by path; in a folder first its files, then its folders, each by the bytes of their
names. So a folder's files come together, and two runs see the same sequence. Memory holds one folder's names and the
names of folders still to be visited. What lies below a folder that was named too comes once.

- Links, devices, fifos and sockets are rejected, never followed or waited for; so are files of zero bytes.
- Sidecars (sidecars.py) travel with the items they speak of; one that speaks of nothing here is skipped, and said.
- What operating systems drop into folders is skipped, and said; named by itself it is taken.
- What belongs to the vault itself (`own`: its stores, its key) is left out, and said; named by itself it is rejected,
  under whatever name: a folder is known by its device and inode.
- A file with an archive's ending (containers.py) is a Container; with `open_containers=False` a file like any other.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from vault.errors import SourceUnreadable
from vault.intake.containers import is_container_name
from vault.intake.items import Container, FileItem, Fingerprint, Rejected, Skipped, empty, unreadable
from vault.intake.names import name_on_disk, shown
from vault.intake.sidecars import Subjects, is_sidecar, sidecars_among, sidecars_beside
from vault.text import Text

Found = FileItem | Container | Rejected | Skipped

_DROPPINGS = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"})
_DROPPED_FOLDERS = frozenset(
    {
        "system volume information",
        "$recycle.bin",
        "recycler",
        "lost+found",
        ".trashes",
        ".fseventsd",
        ".spotlight-v100",
        ".temporaryitems",
    }
)


def is_dropping(name: str, *, is_folder: bool) -> bool:
    """Whether an operating system drops such a thing into folders."""
    return name.casefold() in (_DROPPED_FOLDERS if is_folder else _DROPPINGS)


def walk(paths: Sequence[Path], *, open_containers: bool = True, own: Sequence[Path] = ()) -> Iterator[Found]:
    """Everything at and below `paths`, once, in a fixed order. Trouble with one is a Rejected, never an end."""
    visit = _Visit(open_containers, frozenset(filter(None, map(_identity, own))))
    last_folder: bytes | None = None
    for path in sorted({os.fsencode(os.path.abspath(p)) for p in paths}, key=lambda p: p.split(b"/")):
        try:
            status = os.lstat(path)
        except OSError as error:
            where = shown(os.fsdecode(path))
            yield Rejected(where, unreadable(where, error))
            continue
        if last_folder is not None and path.startswith(last_folder):
            continue
        if visit.belongs_to_vault(path):
            yield Rejected(shown(os.fsdecode(path)), _own(shown(os.fsdecode(path))))
            continue
        if stat.S_ISDIR(status.st_mode):
            last_folder = path.rstrip(b"/") + b"/"
            yield from visit.below(path)
        else:
            yield visit.named(path, status)


class _Visit:
    """One walk's settings and its two ways of meeting a file: in a folder, or named by itself."""

    __slots__ = ("_open_containers", "_own")

    def __init__(self, open_containers: bool, own: frozenset[tuple[int, int]]) -> None:
        self._open_containers = open_containers
        self._own = own

    def belongs_to_vault(self, path: bytes) -> bool:
        """Whether it is one of the vault's own places, or lies in one."""
        return bool(self._own) and any(_identity(p) in self._own for p in (path, *_parents(path)))

    def named(self, path: bytes, status: os.stat_result) -> Found:
        """A file that was named by itself."""
        text = os.fsdecode(path)
        if is_sidecar(os.path.basename(text)):
            return Skipped(shown(text), Text(en="holds facts of files beside it", zh="是旁边文件的附属信息"))
        return self._found(text, os.path.basename(text), status, sidecars_beside(Path(text)), direct=True)

    def below(self, top: bytes) -> Iterator[Found]:
        """All files below one folder."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                names = sorted(os.listdir(folder))
            except OSError as error:
                where = shown(os.fsdecode(folder))
                yield Rejected(where, unreadable(where, error))
                continue
            folders: list[bytes] = []
            yield from self._files(top, folder, names, folders)
            waiting.extend(reversed(folders))

    def _files(self, top: bytes, folder: bytes, names: list[bytes], folders: list[bytes]) -> Iterator[Found]:
        """The files in one folder; its folders are put into `folders`."""
        beside = {n for raw in names if is_sidecar(n := os.fsdecode(raw))}
        subjects = Subjects(n for raw in names if (n := os.fsdecode(raw)) not in beside) if beside else None
        within = folder.rstrip(b"/") + b"/"
        above = len(top.rstrip(b"/")) + 1
        for raw in names:
            path, name = within + raw, os.fsdecode(raw)
            text = os.fsdecode(path)
            try:
                status = os.lstat(path)
            except OSError as error:
                yield Rejected(shown(text), unreadable(shown(text), error))
                continue
            is_folder = stat.S_ISDIR(status.st_mode)
            if (status.st_dev, status.st_ino) in self._own:
                yield Skipped(shown(text), Text(en="it is the vault's own", zh="属于档案库自身"))
            elif is_dropping(name, is_folder=is_folder):
                yield Skipped(shown(text), Text(en="left by an operating system", zh="操作系统留下的文件"))
            elif is_folder:
                folders.append(path)
            elif subjects and name in beside and stat.S_ISREG(status.st_mode):
                if not subjects.has(name):
                    reason = Text(en="holds facts of a file that is not here", zh="附属信息所描述的文件不在此处")
                    yield Skipped(shown(text), reason)
            else:
                sidecars = tuple(Path(os.fsdecode(folder), s) for s in sidecars_among(name, beside)) if beside else ()
                yield self._found(text, os.fsdecode(path[above:]), status, sidecars, direct=False)

    def _found(
        self, path: str, name: str, status: os.stat_result, sidecars: tuple[Path, ...], *, direct: bool
    ) -> Found:
        where = shown(path)
        if not stat.S_ISREG(status.st_mode):
            return Rejected(where, _no_file(where, status.st_mode))
        if not status.st_size:
            return Rejected(where, empty(where))
        known = name_on_disk(name)
        folder = os.path.dirname(path)
        if self._open_containers and is_container_name(name):
            return Container(path, known.text, known.raw, folder, direct, status.st_size, sidecars)
        return FileItem(path, known.text, known.raw, folder, direct, Fingerprint.of(status), sidecars)


def _identity(path: Path | bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None  # what cannot be reached cannot be walked into either
    return status.st_dev, status.st_ino


def _parents(path: bytes) -> Iterator[bytes]:
    while path != (parent := os.path.dirname(path)):
        yield parent
        path = parent


def _own(where: str) -> SourceUnreadable:
    return SourceUnreadable(
        Text(en=f"{where} belongs to the vault itself.", zh=f"{where} 属于档案库自身。"),
        Text(en="Name the folder in which the recordings lie.", zh="请指明录像所在的文件夹。"),
    )


_KINDS = {
    stat.S_IFLNK: Text(en="a symbolic link; name the file it points to", zh="符号链接；请直接指明它所指向的文件"),
    stat.S_IFIFO: Text(en="a fifo", zh="命名管道"),
    stat.S_IFSOCK: Text(en="a socket", zh="套接字"),
    stat.S_IFCHR: Text(en="a character device", zh="字符设备"),
    stat.S_IFBLK: Text(en="a block device; mount it and name its folder", zh="块设备；请挂载后指明其文件夹"),
}


def _no_file(where: str, mode: int) -> SourceUnreadable:
    kind = _KINDS.get(stat.S_IFMT(mode), Text(en="no regular file", zh="特殊文件"))
    return SourceUnreadable(Text(en=f"{where} is {kind.en}.", zh=f"{where} 是{kind.zh}。"))
