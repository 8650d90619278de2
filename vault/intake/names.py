"""Names as files bring them: bytes that are mostly, not always, UTF-8, and that may hold anything but NUL and `/`.

Three rules:
- A name is evidence. It is kept exactly: valid UTF-8 as it is (no normalisation: NFC and NFD twins are two names),
  anything else with each stray byte as \\xNN and the bytes themselves in hexadecimal beside it.
- A name is never a path of ours. Nothing here is ever opened by a name that came out of an archive.
- A name in a message cannot break the message: `shown` escapes line ends, control characters and the direction
  marks with which one name can pose as another.
"""

import os
import unicodedata
from dataclasses import dataclass

# Cc control, Cf format (direction marks, zero width), Zl and Zp line ends, Cs surrogates, Cn not assigned.
_ESCAPED = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as text that any program can carry, and its bytes in hexadecimal where the text alone cannot give them."""

    text: str
    raw: str = ""

    @property
    def as_bytes(self) -> bytes:
        """The bytes the source had."""
        return bytes.fromhex(self.raw) if self.raw else self.text.encode()


def name_of(raw: bytes) -> Name:
    """The name in these bytes. The text is valid Unicode; `Name.as_bytes` gives back exactly `raw`."""
    try:
        return Name(raw.decode())
    except UnicodeDecodeError:
        return Name(raw.decode(errors="backslashreplace"), raw.hex())


def name_on_disk(path: str) -> Name:
    """The name in a path as Python hands it out (undecodable bytes as surrogates, PEP 383)."""
    return name_of(os.fsencode(path))


def name_in_archive(raw: bytes) -> Name:
    """The name of an archive's member. Where it is not UTF-8 it is tried as GB 18030, which holds GBK and GB 2312.

    Chinese Windows wrote ZIP names in GBK, without the flag that says UTF-8 (APPNOTE 4.4.4, bit 11). That it is GBK is
    a guess, so the bytes are kept beside the text.
    """
    try:
        return Name(raw.decode())
    except UnicodeDecodeError:
        try:
            return Name(raw.decode("gb18030"), raw.hex())
        except UnicodeDecodeError:
            return name_of(raw)


def shown(name: str) -> str:
    """The name for a message: one line, nothing invisible; what would be is written as \\n, \\x07, \\u202e."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(_escaped(c) if unicodedata.category(c) in _ESCAPED else c for c in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: the byte that could not be decoded
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("ascii", "backslashreplace").decode() if code > 0x7F else repr(character)[1:-1]
