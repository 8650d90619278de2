"""Names that every file system and every reader of a disc can hold: made safe, unique and as readable as before.

A recording comes under any name that its device, its maker or a hostile archive thought of. What leaves the vault is
opened on Linux, Windows and macOS and from discs, so a name given out here

- has no character that Windows forbids (its full-width twin stands in its place: `:` becomes `：`), no `%` (RFC 8493
  and sha256sum disagree on how to write it), no control, format or line-breaking character (`_`);
- does not end in a dot or a space, and is no device of Windows (CON, NUL, COM1 …);
- is NFC, and differs from its neighbours by more than case or Unicode form;
- has at most 255 bytes of UTF-8 (Linux, Rock Ridge) and fits a UDF file identifier (OSTA UDF 2.60, 2.3.4.2: 253
  characters of Latin-1, or 126 units of UTF-16).

What the file was called before stands in records.json: the way back is there, not in the name.
"""

import hashlib
import re
import unicodedata

_FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in '<>:"/\\|?*%'}
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"(?<=.)\.[A-Za-z0-9_-]{1,16}$")
_UTF8_LIMIT = 255
_UDF_LATIN_LIMIT = 253
_UDF_WIDE_LIMIT = 126


class FolderNames:
    """The names given out in one folder. Asking in the same order gives the same names."""

    __slots__ = ("_next", "_taken")

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}  # where to go on counting: ten thousand twins must not cost their square

    def claim(self, original: str, room: int = 0) -> str:
        """A safe name for `original` that nothing else in this folder has; so many characters of ASCII fit after it."""
        wanted = _printable(original)
        number = self._next.get(wanted, 1)
        while True:
            name = _fitted(wanted, original, "" if number == 1 else f"~{number}", room)
            number += 1
            keys = _keys(name)
            if self._taken.isdisjoint(keys):
                self._taken |= keys
                self._next[wanted] = number
                return name


def split_extension(name: str) -> tuple[str, str]:
    """The name's stem and its extension with the dot (ASCII, at most 17 characters); an extension alone is a stem."""
    found = _EXTENSION.search(name)
    return (name[: found.start()], found.group()) if found else (name, "")


def _printable(original: str) -> str:
    name = "".join("_" if unicodedata.category(c) in _UNPRINTABLE else c for c in original)
    name = unicodedata.normalize("NFC", name.translate(_FULL_WIDTH))
    bare = len(name)
    while bare and (name[bare - 1] == "." or name[bare - 1].isspace()):
        bare -= 1
    name = name[:bare] + "_" * (len(name) - bare)
    return "_" + name if not name or _DEVICE.match(name) else name


def _fitted(wanted: str, original: str, tail: str, room: int) -> str:
    """`wanted` with `tail` before its extension; where that is too long, cut and marked with the original's hash."""
    stem, extension = split_extension(wanted)
    name = stem + tail + extension
    if _fits(name, room):
        return name
    tail = "~" + hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:8] + tail
    stem = stem[:_UTF8_LIMIT]
    while not _fits(stem + tail + extension, room):
        stem = stem[:-1]
    return stem.rstrip(". ") + tail + extension


def _fits(name: str, room: int) -> bool:
    if len(name.encode()) + room > _UTF8_LIMIT:
        return False
    if name.isascii() or max(name) <= "\xff":
        return len(name) + room <= _UDF_LATIN_LIMIT
    return len(name.encode("utf-16-be")) // 2 + room <= _UDF_WIDE_LIMIT


def _keys(name: str) -> set[str]:
    """What two names in one folder may not share.

    The second key is a name's bytes as UDF writes them: pycdlib 1.22 keeps a folder's UDF entries by those bytes
    alone, and of the twins `ab` (Latin-1) and `慢` (UTF-16, the same two bytes) it would lose the first.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.casefold()))
    wide = max(name) > "\xff"
    return {"name " + folded, "udf " + (name.encode("utf-16-be").decode("latin-1") if wide else name)}
