"""Texts of which one is looked at at a time, packed meanwhile: of a disc with 20,000 files the tag files are 20 MB."""

import zlib
from collections.abc import Iterator, Mapping


class Packed(Mapping[str, bytes]):
    """Bytes by name, in the order in which they were put there."""

    __slots__ = ("_packed",)

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._packed: dict[str, tuple[int, bytes]] = {}
        for name, text in texts.items():
            self.put(name, text)

    def put(self, name: str, text: bytes) -> None:
        self._packed[name] = len(text), zlib.compress(text, level=1)

    def size(self, name: str) -> int:
        """Bytes of one, without unpacking it."""
        return self._packed[name][0]

    def __getitem__(self, name: str) -> bytes:
        size, packed = self._packed[name]
        return zlib.decompress(packed, bufsize=max(size, 1))  # at once: a buffer that grows is held twice

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)
