"""disc.json: what a disc says that it is, and where on it, or on which other disc of its set, each object lies.

It lends nothing that is not proven elsewhere: what is read by it is hashed by whoever asked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from media.iso import OTHER_COPY
from media.volume import Volume, read_whole
from vault.digest import Digest
from vault.discs.model import volume_id
from vault.errors import BadInput, BlobMissing, ImageBroken, NewerFormat
from vault.text import Text

FILE = "disc.json"
_FORMAT = "strongroom-disc "
_KNOWN = 1


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an object, mostly all of it. `path` is None where it lies on another disc of the set."""

    disc: int
    path: str | None
    start: int  # in the object, bytes
    size: int
    sha256: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An object that the disc carries, whole or in part; all its pieces in order."""

    sha256: str
    size: int
    pieces: tuple[Piece, ...]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """disc.json, as far as a reader needs it."""

    vault: str
    disc_set: str = msgspec.field(name="set")
    disc: int
    discs: int
    volume: str
    generation: int
    made_at: str
    unit: str
    medium: str
    objects: tuple[Held, ...]


class _AnyFormat(msgspec.Struct):
    format: str


@dataclass(frozen=True, slots=True)
class Disc:
    """One disc, as it lies in a place now."""

    volume: Volume
    contents: Contents
    objects: Mapping[bytes, Held]  # by raw digest, ascending

    @property
    def name(self) -> str:
        """The volume's: 2026-0001-1."""
        return volume_id(self.contents.disc_set, self.contents.disc)


def read_disc(volume: Volume, where: str) -> Disc | None:
    """The disc in a volume, None where it is no disc of any vault. ImageBroken where disc.json contradicts itself."""
    try:
        data = read_whole(volume, FILE)
    except BlobMissing:
        return None
    try:
        number = msgspec.json.decode(data, type=_AnyFormat).format.removeprefix(_FORMAT)
        if not number.isdecimal() or int(number) > _KNOWN:
            raise NewerFormat(
                Text(
                    en=f"The disc in {where} is of a newer format than this program knows.",
                    zh=f"{where} 中光盘的格式比本程序新。",
                )
            )
        contents = msgspec.json.decode(data, type=Contents)
        objects = {Digest.parse(held.sha256).raw: held for held in sorted(contents.objects, key=lambda h: h.sha256)}
    except (msgspec.DecodeError, UnicodeDecodeError, BadInput) as error:
        raise _broken(where, str(error)) from error
    for held in objects.values():
        _require_whole(held, where)
    return Disc(volume, contents, objects)


def _require_whole(held: Held, where: str) -> None:
    """Its pieces follow one another from the first byte to the last."""
    at = 0
    for piece in held.pieces:
        if piece.start != at or piece.size < 0:
            break
        at += piece.size
    if at != held.size or not held.pieces:
        raise _broken(where, held.sha256)


def _broken(where: str, why: str) -> ImageBroken:
    return ImageBroken(
        Text(en=f"{FILE} on the disc in {where} is damaged: {why}.", zh=f"{where} 中光盘上的 {FILE} 已损坏：{why}。"),
        OTHER_COPY,
    )
