"""Content addresses: SHA-256, because courts and offices can check it with the tools they have.

SM3 (GB/T 32905-2016) is computed in the same pass where a profile asks for it, and kept beside the address.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

from vault.errors import BadInput
from vault.text import Text

Block = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The SHA-256 of an object's bytes: 32 bytes, shown as 64 lower-case hexadecimal digits."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """From 64 hexadecimal digits; BadInput for anything else."""
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raw = b""
        if len(raw) != 32 or raw.hex() != text.lower():
            raise BadInput(Text(en=f"Not a SHA-256: {text!r}", zh=f"不是 SHA-256 值：{text!r}"))
        return cls(raw)

    @classmethod
    def of(cls, data: Block) -> Self:
        """The address of bytes already in memory (tests, manifests, journal tiles)."""
        return cls(hashlib.sha256(data).digest())

    @property
    def hex(self) -> str:
        return self.raw.hex()

    def __str__(self) -> str:
        return self.raw.hex()


class Hasher:
    """Hashes a stream once; `update` releases the interpreter lock, so workers hash side by side."""

    __slots__ = ("_sha256", "_sm3")

    def __init__(self, *, sm3: bool = False) -> None:
        self._sha256 = hashlib.sha256()
        self._sm3 = hashlib.new("sm3") if sm3 else None

    def update(self, block: Block) -> None:
        self._sha256.update(block)
        if self._sm3 is not None:
            self._sm3.update(block)

    def digest(self) -> Digest:
        return Digest(self._sha256.digest())

    def sm3(self) -> str | None:
        """The SM3 in hexadecimal, or None where it was not asked for."""
        return self._sm3.hexdigest() if self._sm3 is not None else None
