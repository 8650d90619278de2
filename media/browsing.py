"""index.html of a disc: one page that shows its records in any browser, without a network and for decades.

Style and script lie beside the page (media/carried/) and are put into it, with the records as JSON. The page's policy
allows exactly that style and that script, and files of the disc; nothing else is loaded and no request goes out. What
people and devices wrote is data: here it can end no element, and the script sets it as text only.
"""

import base64
import hashlib
import html
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import msgspec

from media.carrying import template
from media.placing import Disc, Lying, PlacedFile, PlacedRecord
from vault.facts import FACTS, Fact
from vault.moments import local, minute

# What today's browsers show, by the ending of the name; whatever else there is can be saved.
_VIDEO = frozenset({".mp4", ".m4v", ".webm", ".ogv", ".mov"})
_AUDIO = frozenset({".mp3", ".m4a", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac"})
_IMAGE = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"})
_OPENS = _VIDEO | _AUDIO | _IMAGE | {".pdf", ".txt"}
# What recorders write and a player is needed for.
_OTHER_VIDEO = frozenset({".avi", ".wmv", ".asf", ".mkv", ".flv", ".mpg", ".mpeg", ".ts", ".mts", ".3gp", ".dav"})
_OTHER_AUDIO = frozenset({".amr", ".wma"})

# Inside a script element only these could end it, begin a comment, or be no JavaScript.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def index_page(disc: Disc, placed: Sequence[PlacedRecord], key: str) -> bytes:
    """The page. `key`: the journal's verifier key, "" where the disc carries no proofs."""
    style, script = template("index.css"), template("index.js")
    filled = {
        "policy": "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file: data:; "
        f"media-src 'self' file:; script-src '{_hash(script)}'; style-src '{_hash(style)}'",
        "title": html.escape(f"{disc.set.unit} {disc.volume}"),
        "style": style,
        "script": script,
    }
    first, *pieces = template("index.html").split("{{")
    page = [first.encode()]
    for piece in pieces:
        name, _, rest = piece.partition("}}")
        page += [_data(disc, placed, key) if name == "data" else filled[name].encode(), rest.encode()]
    return b"".join(page)


def _json(value: object) -> msgspec.Raw:
    """As it may stand in a script element."""
    return msgspec.Raw(msgspec.json.encode(value).decode().translate(_ESCAPED).encode())


def _hash(text: str) -> str:
    """As a content security policy names what it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(disc: Disc, placed: Sequence[PlacedRecord], key: str) -> bytes:
    """Record by record, of which a disc may have very many."""
    about = {
        "set": disc.set.number,
        "disc": disc.number,
        "discs": disc.set.discs,
        "volume": disc.volume,
        "unit": disc.set.unit,
        "producer": disc.set.producer,
        "activity": disc.set.activity,
        "made": minute(disc.set.produced_at, disc.zone),
        "first": minute(disc.set.first_produced_at or disc.set.produced_at, disc.zone),
        "generation": disc.generation,
        "zone": f"{disc.set.produced_at.astimezone(disc.zone):UTC%z}",
        "vault": disc.vault,
        "key": key,
    }
    labels = {fact.name: [fact.label.zh, fact.label.en] for fact in FACTS}
    records = [_json(_record(one, disc)) for one in placed]
    return msgspec.json.encode({"disc": _json(about), "labels": _json(labels), "records": records})


def _record(one: PlacedRecord, disc: Disc) -> dict[str, Any]:
    facts = one.record.facts
    at = facts.recorded_at or next((file.recorded_at for file in one.record.files if file.recorded_at), None)
    said = [(fact.name, *_said(fact, value, disc)) for fact in FACTS if (value := getattr(facts, fact.name))]
    return {
        "number": one.record.number,
        "title": facts.case_name or facts.matter or facts.content or facts.party,
        "section": facts.section,
        "when": _spelled(at, disc.zone)[:16] if at else "",
        "year": _spelled(at, disc.zone)[:4] if at else "",
        "facts": said,
        "stored": _spelled(one.record.stored_at, disc.zone),
        "files": [_file(file, piece) for file in one.files for piece in file.on(disc.number)],
        "elsewhere": [
            (file.file.name, sorted(away), bool(file.on(disc.number)))
            for file in one.files
            if (away := {piece.disc for piece in file.pieces} - {disc.number})
        ],
    }


def _said(fact: Fact, value: str | tuple[str, ...] | datetime, disc: Disc) -> tuple[str, ...]:
    """In Chinese and in English where the profile has words for it; else as people wrote it."""
    if not fact.is_of_the_profile or isinstance(value, datetime):
        return (_spelled(value, disc.zone),)
    words = disc.words(fact.name, (value,) if isinstance(value, str) else value)
    return words.zh, words.en


def _file(placed: PlacedFile, piece: Lying) -> dict[str, Any]:
    ending = PurePosixPath(placed.path).suffix.lower()
    told: dict[str, Any] = {
        "name": placed.file.name,
        "href": quote(piece.entry.path),
        "saved": PurePosixPath(piece.entry.path).name,
        "size": piece.entry.size,
        "sha256": piece.entry.digest.hex,
        "kind": _kind(ending, placed.file.media_type),
        "plays": ending in _VIDEO | _AUDIO,
        "opens": ending in _OPENS and not placed.is_cut,
    }
    if placed.is_cut:
        told["part"] = (piece.piece, len(placed.pieces))
    return told


def _kind(ending: str, media_type: str) -> str:
    for kind, endings in (("video", _VIDEO | _OTHER_VIDEO), ("audio", _AUDIO | _OTHER_AUDIO), ("image", _IMAGE)):
        if ending in endings:
            return kind
    kind = media_type.partition("/")[0]
    return kind if kind in ("video", "audio") else "other"


def _spelled(value: str | tuple[str, ...] | datetime, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return local(value, zone)
    return value if isinstance(value, str) else "、".join(value)
