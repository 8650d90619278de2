"""Reading an object so that its bytes are proven before the last of them is handed on.

Whatever leaves the vault (an export, a disc) passes through here. The stream hashes what it reads and knows from the
journal how long the object is and what it must hash to; the last block is given out only after both agreed. A part of
an object is proven in the same way by the part's own digest, which was taken while the whole object was proven.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import BinaryIO

from vault.bagfile import Part
from vault.digest import Hasher
from vault.errors import BlobCorrupt
from vault.records import RecordFile
from vault.text import Text

BLOCK = 1 << 20  # bytes; what one read asks for, and all that is held of an object

OpenObject = Callable[[RecordFile], AbstractContextManager[BinaryIO]]


class VerifiedStream:
    """One object, or a part of one, read once from start to end, opened at the first read. Not for several threads."""

    __slots__ = (
        "_digest",
        "_ends",
        "_file",
        "_hasher",
        "_left",
        "_open_object",
        "_opened",
        "_size",
        "_start",
        "_stream",
    )

    def __init__(self, file: RecordFile, open_object: OpenObject, part: Part | None = None) -> None:
        self._file = file
        self._open_object = open_object
        self._opened = ExitStack()
        self._stream: BinaryIO | None = None
        self._hasher = Hasher()
        self._start, self._size, self._digest = 0, file.size, file.digest
        if part is not None:
            self._start, self._size, self._digest = part.start, part.size, part.digest
        self._ends = self._start + self._size == file.size
        self._left = self._size

    def __enter__(self) -> "VerifiedStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_over(self) -> bool:
        """Whether the last of it was handed on."""
        return self._left == 0

    def close(self) -> None:
        """Give the store's stream back; may be repeated."""
        self._opened.close()
        self._stream = None

    def read(self, count: int = BLOCK) -> bytes:
        """The next bytes: `count` of them, or all that are left; b"" at the end.

        BlobCorrupt where the copy is shorter or longer than the journal says or does not hash to its name; what the
        store raises (BlobMissing, StoreUnavailable) comes through.
        """
        if self._stream is None:
            if self._left == 0 and self._size:
                return b""
            self._stream = self._opened.enter_context(self._open_object(self._file))
            self._skip(self._start)
        block = self._exactly(min(count, self._left), self._left)
        self._hasher.update(block)
        self._left -= len(block)
        if self._left == 0:
            self._check()
        return block

    def _skip(self, count: int) -> None:
        """Not every store's stream can seek."""
        assert self._stream is not None
        if count and self._stream.seekable():
            self._stream.seek(count)
            return
        while count:
            count -= len(self._exactly(min(count, BLOCK), count + self._left))

    def _exactly(self, count: int, left: int) -> bytes:
        """`count` bytes, of `left` that are still to come."""
        assert self._stream is not None
        block = self._stream.read(count)
        if len(block) == count:
            return block
        whole = bytearray(block)
        while block and len(whole) < count:
            block = self._stream.read(count - len(whole))
            whole += block
        if len(whole) < count:
            short = left - len(whole)
            raise self._corrupt(Text(en=f"{short} bytes are missing at its end", zh=f"末尾缺少 {short} 字节"))
        return bytes(whole)

    def _check(self) -> None:
        assert self._stream is not None
        if self._ends and self._stream.read(1):
            raise self._corrupt(Text(en="it is longer than it was", zh="比原来更长"))
        if self._hasher.digest() != self._digest:
            found = self._hasher.digest().hex
            raise self._corrupt(Text(en=f"its bytes hash to {found}", zh=f"实际内容的 SHA-256 为 {found}"))
        self.close()

    def _corrupt(self, why: Text) -> BlobCorrupt:
        name, sha256 = self._file.name, self._file.sha256
        return BlobCorrupt(
            Text(
                en=f"The copy of {name!r} (object {sha256}) is damaged: {why.en}.",
                zh=f"文件 {name!r}（对象 {sha256}）的副本已损坏：{why.zh}。",
            )
        )
