"""Files and folders written for people: all or nothing under the final name, and never over something that is there.

Stores have durability rules of their own (backends); this is for exports, disc images and labels, whose place a person
named. Everything is written beside its final place under a hidden name, synced, and renamed at the end.
"""

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vault.causes import cause
from vault.errors import BadInput, SourceUnreadable, TargetProblem
from vault.text import Text

Progress = Callable[[int], object]
"""Told the number of bytes done since it was last told."""

PARTIAL = r"\.strongroom-{}-[0-9a-f]{{16}}\.partial"
"""Such a name; to be filled with a pattern for the target's."""

_NAMED = 24  # characters of the target's name, which may itself be as long as a name can be
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Around every system call that writes: says of its failure which target it was. Not around reads of stores."""
    try:
        yield
    except OSError as error:
        why = cause(error)
        raise TargetProblem(
            Text(
                en=f"Cannot write {target}: {why.en}. Nothing was left there.",
                zh=f"无法写入 {target}：{why.zh}。未留下任何内容。",
            )
        ) from error


@contextmanager
def reading_from(source: Path) -> Iterator[None]:
    """Around the reading of a file that was written here: says of a failure which file it was."""
    try:
        yield
    except OSError as error:
        why = cause(error)
        raise SourceUnreadable(
            Text(en=f"Cannot read {source}: {why.en}.", zh=f"无法读取 {source}：{why.zh}。")
        ) from error


def refuse_existing(target: Path, size: int) -> None:
    """BadInput where something has the target's name; TargetProblem where `size` bytes certainly do not fit."""
    with writing_to(target):
        if os.path.lexists(target):
            raise _exists(target)
        space = os.statvfs(target.parent)
    free = space.f_bavail * space.f_frsize
    if free < size:
        raise TargetProblem(
            Text(
                en=f"Cannot write {target}: {size} bytes are needed and {free} are free.",
                zh=f"无法写入 {target}：需要 {size} 字节，仅剩 {free} 字节。",
            )
        )


def partial_name(target: Path) -> Path:
    """A hidden name beside the target for what is not complete yet: it says of what."""
    return target.parent / f".strongroom-{target.name[:_NAMED]}-{secrets.token_hex(8)}.partial"


def publish_file(partial: Path, target: Path) -> None:
    """Give a complete, synced file its final name, durably. BadInput where something has taken the name meanwhile."""
    with writing_to(target):
        try:
            os.link(partial, target)
            partial.unlink()
        except FileExistsError as error:
            raise _exists(target) from error
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:  # exFAT and some network shares have none
                raise
            if os.path.lexists(target):
                raise _exists(target) from error
            partial.rename(target)
        sync(target.parent)


def publish_folder(partial: Path, target: Path) -> None:
    """Give a complete, synced folder its final name, durably. BadInput where something has taken it meanwhile."""
    with writing_to(target):
        if os.path.lexists(target):
            raise _exists(target)
        partial.rename(target)
        sync(target.parent)


def sync(path: Path) -> None:
    """fsync a file or a folder by name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists(target: Path) -> BadInput:
    return BadInput(
        Text(
            en=f"{target} exists already and was left as it is. Choose another name.",
            zh=f"{target} 已存在，保持原样。请换一个名称。",
        )
    )


def replace_file(target: Path, data: bytes) -> None:
    """Write a small derived file (a label) durably and all or nothing; what had the name before is replaced."""
    partial = partial_name(target)
    with writing_to(target):
        try:
            partial.write_bytes(data)
            sync(partial)
            partial.replace(target)
            sync(target.parent)
        finally:
            partial.unlink(missing_ok=True)
