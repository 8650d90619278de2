"""Arrivals for a place over a network, gathered on this machine: only its digest says where one goes."""

import errno
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from vault.digest import Block, Digest
from vault.errors import StoreUnavailable, StrongroomError
from vault.text import Text

_IN_MEMORY = 64 << 10  # bytes of an arrival that do not need a file


class Gathering:
    """One arrival; see `Incoming`. `scratch`: a folder for a large one."""

    def __init__(self, scratch: Path | None, say: Callable[[OSError], StrongroomError]) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(scratch) if scratch else None)  # noqa: SIM115  # abandon closes it
        self._say = say
        self._size = 0
        self.finished = False

    def write(self, block: Block) -> None:
        try:
            self._file.write(block)
        except OSError as error:
            raise self._no_room(error) from error
        self._size += len(block)

    def _no_room(self, error: OSError) -> StrongroomError:
        """It is this machine that has no room, not the store."""
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return self._say(error)
        return StoreUnavailable(
            Text(
                en=f"No room on this machine for {self._size:,} bytes on their way to a store.",
                zh=f"本机没有空间暂存发往存储的 {self._size:,} 字节。",
            ),
            hint=Text(
                en="Make room in the vault's folder, then run the command again.",
                zh="请在档案库文件夹所在磁盘腾出空间后重试。",
            ),
        )

    def finish(self) -> None:
        self.finished = True

    def abandon(self) -> None:
        self._file.close()

    __del__ = abandon

    def content(self, digest: Digest) -> "_Gathered":
        return _Gathered(cast(BinaryIO, self._file), self._size, digest.raw)


class _Gathered:
    """An arrival as content."""

    def __init__(self, file: BinaryIO, size: int, sha256: bytes) -> None:
        self._file = file
        self.size = size
        self.sha256 = sha256

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        self._file.seek(0)
        yield self._file
