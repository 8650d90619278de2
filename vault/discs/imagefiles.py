"""The files that images are written into: entered before the first byte, and erased so that a kill leaves no doubt.

    lay(vault, …)          an image is about to lie there
    erase(vault, laid)     it goes, if what lies there is that image; else why it stays
    shred(vault, name)     the same; what cannot be reached is gone by the word of whoever says so

An image carries every record of its disc, and outlives none of them unseen: a disposal asks for each of its files
(vault/disposal/images.py). What is erased is proven first: by its SHA-256 it is an image that the journal knows. It is
entered before it goes. What is missing after that was erased by a run that was killed; what is missing without it was
taken away by somebody, and may lie anywhere.

Labels name people as the records do. Once a record on the disc was destroyed, or its set was given up, those that lie
where the image is, or was, go too, before it; so does what a kill left half written there.
"""

import fcntl
import os
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import discs, imagefiles
from vault.catalogue.imagefiles import LaidImage
from vault.causes import cause
from vault.digest import Digest, Hasher
from vault.discs.beside import labels_of, remove_partials
from vault.discs.finishing import require_whole
from vault.discs.model import ImageFile
from vault.discs.stepping import require_no_disposal
from vault.errors import Busy, Refused, TargetProblem
from vault.outputs import Progress, sync
from vault.store import Vault
from vault.text import Text
from vault.verified import BLOCK

MACHINE = socket.gethostname()
_NOT_THERE = Text(en="nothing of that name lies there, and it may have been moved", zh="该处没有此文件，可能已被移走")
_OTHER = Text(en="what lies there is not that image", zh="该处的文件不是此映像")
_LINKED = Text(en="it has another name as well (a hard link)", zh="该文件另有名称（硬链接）")


def lay(vault: Vault, disc_set: str, disc: int, generation: int, path: Path) -> None:
    """Enter that the image of a generation is about to lie there, once. Refused where a record of the set was
    destroyed."""
    path = path.resolve()
    for laid in _here(vault, disc_set, path):
        if laid.erasing:  # a run was killed before it could say so
            take_away(vault, laid)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        require_whole(connection, disc_set)
        if any(one.path == path and one.machine == MACHINE for one in imagefiles.of_set(connection, disc_set)):
            return []
        name = str(imagefiles.next_name(connection, disc_set, disc, generation))
        return [acts.DiscImageLaid(at=now, by=by, disc_set=disc_set, file=name, machine=MACHINE, path=str(path))]

    vault.commit(draft)


def drop(vault: Vault, disc_set: str, path: Path) -> None:
    """What was to lie there does not: whoever was to write it says so, or has no use for it any more."""
    for laid in _here(vault, disc_set, path.resolve()):
        take_away(vault, laid)


def _here(vault: Vault, disc_set: str, path: Path) -> Sequence[LaidImage]:
    with vault.database.reading() as connection:
        laid = imagefiles.of_set(connection, disc_set)
    return [one for one in laid if one.path == path and one.machine == MACHINE]


def erase(vault: Vault, laid: LaidImage, progress: Progress = int) -> Text | None:
    """Why it stays; None once it is gone. `progress`: of bytes that are read to prove that it is the image."""
    if laid.machine != MACHINE:
        return Text(en=f"it lies on another machine: {laid.machine}", zh=f"在另一台计算机上：{laid.machine}")
    try:
        with alone_in(laid.path.parent):
            if _is_void(vault, laid.name):
                remove_partials(laid.path.parent, laid.name.disc_set)
            why = None if _was_erased(laid) else _why_it_stays(vault, laid, progress)
            if why is None:
                take_away(vault, laid)
            else:
                _take_labels_away(vault, laid)
            return why
    except (Busy, TargetProblem) as error:
        return Text(en=error.what.en.rstrip("."), zh=error.what.zh.rstrip("。"))
    except FileNotFoundError:
        return _NOT_THERE
    except OSError as error:
        return cause(error)


def _was_erased(laid: LaidImage) -> bool:
    """By a run that was killed before it could say so."""
    try:
        laid.path.lstat()
    except FileNotFoundError:
        return laid.erasing == _inode(laid.path.parent)
    return False


def _why_it_stays(vault: Vault, laid: LaidImage, progress: Progress) -> Text | None:
    try:
        return _why_not(vault, laid, progress)
    except FileNotFoundError:
        return _NOT_THERE
    except OSError as error:
        return cause(error)


def _why_not(vault: Vault, laid: LaidImage, progress: Progress) -> Text | None:
    descriptor = os.open(laid.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return _OTHER
        if found.st_nlink > 1:
            return _LINKED
        hasher = Hasher()
        while block := file.read(BLOCK):
            hasher.update(block)
            progress(len(block))
    return None if _is_known(vault, laid.name, hasher.digest()) else _OTHER


def _is_known(vault: Vault, name: ImageFile, digest: Digest) -> bool:
    """Whether an image of that generation was ever that, be another made in its place since."""
    with vault.database.reading() as connection:
        return discs.imaged_before(connection, name.disc_set, name.disc, name.generation, digest.hex) is not None


def take_away(vault: Vault, laid: LaidImage) -> None:
    """Erase what lies there, or say that nothing does; entered before and after."""
    inode, labels = _inode(laid.path.parent), _labels_to_go(vault, laid)
    if laid.erasing != inode or labels:
        _say_erasing(vault, laid, inode, labels)
    for path in (*labels, laid.path):
        _unlink(path)
    _say_gone(vault, laid.name, "")


def _take_labels_away(vault: Vault, laid: LaidImage) -> None:
    """What lies in the image's place stays."""
    if labels := _labels_to_go(vault, laid):
        _say_erasing(vault, laid, "", labels)
        for path in labels:
            _unlink(path)


def _say_erasing(vault: Vault, laid: LaidImage, folder: str, labels: Sequence[Path]) -> None:
    erasing = acts.DiscImageErasing(
        at=vault.now(),
        by=vault.setting.person,
        disc_set=laid.name.disc_set,
        file=str(laid.name),
        folder=folder,
        labels=tuple(label.name for label in labels),
    )
    vault.commit(lambda _: [erasing])


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        sync(path.parent)
    except OSError as error:
        why = cause(error)
        raise TargetProblem(Text(en=f"Cannot erase {path}: {why.en}.", zh=f"无法删除 {path}：{why.zh}。")) from error


def _labels_to_go(vault: Vault, laid: LaidImage) -> Sequence[Path]:
    return labels_of(laid.path.parent, laid.name) if _is_void(vault, laid.name) else ()


def _is_void(vault: Vault, name: ImageFile) -> bool:
    """Whether nothing may be left of the disc but what was burnt: a record on it was destroyed, or its set was given
    up."""
    with vault.database.reading() as connection:
        cancelled = discs.find_set(connection, name.disc_set).cancelled_at is not None
        return cancelled or bool(discs.destroyed_on(connection, name.disc_set, name.disc))


def _say_gone(vault: Vault, name: ImageFile, why: str) -> None:
    at, by = vault.now(), vault.setting.person
    gone = acts.DiscImageErased(at=at, by=by, disc_set=name.disc_set, file=str(name), why=why)
    vault.commit(lambda _: [gone], happened_already=True)


def shred(vault: Vault, name: ImageFile, why: str) -> None:
    """It is no more. Refused where a disposal waits for it, it is gone already, or a command works there."""
    require(vault, Action.DISC_SHRED, about=str(name))
    with vault.database.reading() as connection:
        laid = imagefiles.find(connection, name)
        if laid.gone_at is not None:
            raise Refused(
                Text(en=f"Image {name} is gone.", zh=f"映像 {name} 已删除。"),
                hint=Text(en="There is nothing to do: strongroom disc list", zh="无需办理：strongroom disc list"),
            )
        require_no_disposal(connection, str(name))
    if erase(vault, laid) is not None:
        if left := still_there(vault, laid):
            raise not_gone(laid, left)
        _say_gone(vault, name, why)


def still_there(vault: Vault, laid: LaidImage) -> Sequence[Path]:
    """What can be seen to be there still, a file by the image's name or labels that go with it: nobody's word stands
    against that. Of a build that was killed nothing tells whether it is the image."""
    if laid.machine != MACHINE:
        return []
    image = [laid.path] if os.path.lexists(laid.path) else []
    try:
        return [*image, *_labels_to_go(vault, laid)]
    except OSError:  # nor can the image be seen, or by its name alone
        return image


def not_gone(laid: LaidImage, left: Sequence[Path]) -> Refused:
    """Whoever says that it is gone has not looked."""
    if laid.path in left:
        what = Text(
            en=f"Image {laid.name} still lies there, or another file by its name: {laid.where}",
            zh=f"映像 {laid.name} 仍在，或有同名文件：{laid.where}",
        )
    else:
        en, zh = ", ".join(map(str, left)), "、".join(map(str, left))
        what = Text(
            en=f"Labels of image {laid.name} still lie there: {en}", zh=f"映像 {laid.name} 的标签文件仍在：{zh}"
        )
    return Refused(
        what,
        hint=Text(
            en="Delete it, or give it another name where it is another file; then say so.",
            zh="请先删除；确属其他文件的，请改名；再办理确认。",
        ),
    )


def _inode(folder: Path) -> str:
    """What tells the folder from the empty mount point of a medium that was taken out."""
    return str(folder.stat().st_ino)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One command at a time makes or erases images there; Busy for every other."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                Text(en=f"Another command makes discs in {folder}.", zh=f"另有命令正在 {folder} 中制作光盘。")
            ) from error
        yield
    finally:
        os.close(descriptor)
