"""What lies in a drop folder (投放文件夹), and whether it may be taken.

A parcel is what was dropped there: a file, with the sidecars that speak of it, or a folder with all that is in it. It
is taken whole, once nothing of it has changed for a while and nobody has it open to write. That it does not change is
seen by this machine's clock, from one look to the next: the time that a share gives a file may be hours off.

Names that begin with a dot are unfinished: rsync, scp and WinSCP give their copies the final name last.
"""

import fcntl
import hashlib
import os
import signal
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from vault.errors import SourceUnreadable
from vault.intake.items import unreadable
from vault.intake.names import shown
from vault.intake.sidecars import is_folders, is_sidecar, sidecars_beside
from vault.intake.walk import is_dropping
from vault.text import Text

TAKEN, REFUSED = "已入库", "未入库"  # folders in a drop folder: what was taken, what could not be
_READ_ONLY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Parcel:
    """`path` is the file or folder; `sidecars` lie beside it and speak of nothing but files of that stem."""

    path: Path
    is_folder: bool
    sidecars: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def where(self) -> str:
        """Its path as a person would say it, safe to print."""
        return shown(str(self.path))


@dataclass(frozen=True, slots=True)
class Look:
    """A parcel as it was when it was looked at: equal while nothing of it has changed. `since`: since when it is so."""

    signature: str
    since: datetime


def waits(look: Look, now: datetime, settled: timedelta, *, written: bool | None) -> Text | None:
    """Why a parcel is not taken yet. `written`: whether somebody has it open to write; None: nobody can tell."""
    if written:
        return Text(en="somebody is writing it", zh="正在写入")
    if look.since > now:
        return Text(en="it was first seen at a time that has not come", zh="首次发现的时间晚于当前时间")
    if now - look.since < settled:
        return Text(en="it changed a moment ago", zh="刚刚有变化")
    return None


def look_again(before: Look | None, signature: str, now: datetime) -> Look:
    """What is known of a parcel after another look. A time that lies ahead was a wrong clock's."""
    if before is not None and before.signature == signature and before.since <= now:
        return before
    return Look(signature, now)


def parcels(folder: Path) -> Iterator[Parcel]:
    """What lies there, by name. SourceUnreadable where the folder cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        raise unreadable(shown(str(folder)), error) from error
    for name, is_folder in found:
        if name.startswith(".") or is_dropping(name, is_folder=is_folder):
            continue
        if is_folder and name not in (TAKEN, REFUSED):
            yield Parcel(folder / name, is_folder)
        elif not is_folder and not is_sidecar(name):
            beside = (one for one in sidecars_beside(folder / name) if not is_folders(one.name))
            yield Parcel(folder / name, is_folder, tuple(beside))


def signature_of(parcel: Parcel) -> str:
    """What changes with every byte that is written to it, or beside it. That it cannot be read is a state as well; the
    intake then says why.
    """
    digest = hashlib.sha256()
    try:
        for path in _files(parcel):
            status = os.lstat(path)
            said = (os.fsencode(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            digest.update(repr(said).encode())
    except OSError as error:
        digest.update(repr(error.errno).encode())
    return digest.hexdigest()


def is_empty(parcel: Parcel) -> bool:
    """Whether it is a folder that holds no file yet, however many folders. What cannot be read may hold some."""
    if not parcel.is_folder:
        return False
    with suppress(OSError):
        return not any(_counts(path) for path in _files(parcel))
    return False


def _counts(path: Path) -> bool:
    """Whether it is anything but a folder, or what an operating system left there."""
    is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
    return not is_folder and not is_dropping(path.name, is_folder=False)


def is_written(parcel: Parcel) -> bool | None:
    """Whether somebody on this machine has a file of it open to write; None where that cannot be told of one."""
    unknown = False
    with suppress(OSError):
        for path in _files(parcel):
            answer = has_writer(path)
            if answer:
                return True
            unknown = unknown or answer is None
        return None if unknown else False
    return None


def _files(parcel: Parcel) -> Iterator[Path]:
    """Every file and folder of it, in a fixed order. OSError where one cannot be read."""
    yield from (parcel.path, *parcel.sidecars)
    if parcel.is_folder:
        for top, folders, files in os.walk(parcel.path, onerror=_raise):
            folders.sort()
            yield from (Path(top, name) for name in (*folders, *sorted(files)))


def _raise(error: OSError) -> None:
    raise error


def has_writer(path: Path) -> bool | None:
    """Whether somebody has a file open to write; None where nobody can tell.

    By a lease (fcntl(2), F_SETLEASE): the kernel gives one for reading only where nobody writes.

    It gives none to who does not own the file, and on most shares to nobody. Whoever opens the file to write in the
    moment that it is held lets the kernel send a signal: one that is ignored by everybody who did not ask for it.
    """
    try:
        descriptor = os.open(path, _READ_ONLY)
    except OSError:
        return None  # the intake says why
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False


def require_apart(folder: Path, own: Sequence[Path]) -> None:
    """SourceUnreadable where a drop folder lies in one of the vault's own places, or one of them in it."""
    here = os.path.realpath(folder)
    for place in map(os.path.realpath, own):
        if here == place or here.startswith(f"{place}/") or place.startswith(f"{here.rstrip('/')}/"):
            where = shown(here)
            raise SourceUnreadable(
                Text(
                    en=f"{where} cannot be a drop folder: {shown(place)} is the vault's own.",
                    zh=f"{where} 不能作为投放文件夹：{shown(place)} 属于档案库自身。",
                ),
                hint=Text(en="Name a folder that holds nothing else.", zh="请另设专用文件夹。"),
            )
