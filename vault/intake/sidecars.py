"""Sidecars: small files of facts that lie beside recordings, as collectors and scripts write them.

    video.mp4.facts.json     speaks of video.mp4
    video.facts.json         speaks of every file here with that stem: video.mp4, video.wav
    facts.json               speaks of every file in this folder (not of folders below it)

The more particular one wins, fact by fact. TOML does as well as JSON (`.facts.toml`), but not both for the same thing.
The keys are the names of vault/facts.py or their labels in either language; a value is a string, a list of strings
where several are meant, or in TOML a date and time. A sidecar is no recording and is not taken in itself. One that
lies inside an archive is an ordinary file of that archive; one beside the archive speaks of all its members.
"""

import json
import os
import tomllib
from collections.abc import Container, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vault.errors import BadInput, SourceUnreadable
from vault.facts import Fact, Facts, Kind
from vault.intake.facts_text import FactValue, date_alone, fact_named, facts_of, moment_in, parse_fact, parse_list
from vault.intake.items import open_source, unreadable
from vault.intake.names import shown
from vault.profile import Profile
from vault.profile.known import keys_of
from vault.text import Text

LARGEST = 1 << 20  # bytes of one sidecar
_ENDINGS = (".facts.json", ".facts.toml")
_FOLDER = ("facts.json", "facts.toml")
_REMEMBERED = 64  # sidecars held parsed: a folder's own one is asked for with every file in it


def is_sidecar(name: str) -> bool:
    """Whether a file of this name holds facts."""
    return name.endswith(_ENDINGS) or name in _FOLDER


def is_folders(name: str) -> bool:
    """Whether a sidecar of this name speaks of every file in its folder."""
    return name in _FOLDER


def names_beside(name: str) -> Iterator[str]:
    """Every name under which a sidecar could speak of the file `name`, the most particular first."""
    stem = os.path.splitext(name)[0]
    yield from (name + ending for ending in _ENDINGS)
    if stem != name:
        yield from (stem + ending for ending in _ENDINGS)
    yield from _FOLDER


def sidecars_among(name: str, present: Container[str]) -> tuple[str, ...]:
    """Those of the names `present` in a folder that speak of `name`, the most particular first."""
    return tuple(beside for beside in names_beside(name) if beside in present)


def sidecars_beside(path: Path) -> tuple[Path, ...]:
    """The same by looking at the disk, for a file that was named by itself."""
    return tuple(beside for n in names_beside(path.name) if os.path.lexists(beside := path.parent / n))


class Subjects:
    """Of a folder's recordings, which sidecars have something to speak of."""

    __slots__ = ("_names",)

    def __init__(self, recordings: Iterable[str]) -> None:
        self._names = {said for name in recordings for said in (name, os.path.splitext(name)[0])}

    def has(self, sidecar: str) -> bool:
        """Whether any of the recordings is meant by the sidecar of this name."""
        if sidecar in _FOLDER:
            return bool(self._names)
        return sidecar[: -len(_ENDINGS[0])] in self._names


class Sidecars:
    """Reads sidecars and remembers the last ones. Not for several threads at once."""

    def __init__(self, profile: Profile, now: datetime) -> None:
        self._profile = profile
        self._now = now
        self._read: dict[Path, Facts] = {}

    def facts(self, paths: tuple[Path, ...]) -> Facts | None:
        """What `Item.sidecars` say together; None where there are none. BadInput or SourceUnreadable names the file."""
        if not paths:
            return None
        said = Facts()
        for i, path in enumerate(paths):
            if i and paths[i - 1].with_suffix("") == path.with_suffix(""):
                raise BadInput(
                    Text(
                        en=f"{shown(str(paths[i - 1]))} and {shown(path.name)} speak of the same; keep one of them.",
                        zh=f"{shown(str(paths[i - 1]))} 与 {shown(path.name)} 描述同一文件，请只保留一个。",
                    )
                )
            said = said.over(self._one(path))
        return said

    def _one(self, path: Path) -> Facts:
        if path not in self._read:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[path] = read_sidecar(path, self._profile, self._now)
        return self._read[path]


def read_sidecar(path: Path, profile: Profile, now: datetime) -> Facts:
    """The facts in one sidecar. BadInput names the file and the key."""
    found: dict[str, FactValue] = {}
    for key, value in _pairs(path):
        fact = fact_named(key)
        if fact is None:
            raise _bad(path, key, Text(en="no such fact", zh="没有这个字段"))
        if fact.name in found:
            raise _bad(path, key, Text(en="the fact is given twice", zh="该字段重复"))
        try:
            found[fact.name] = keys_of(profile, fact.name, _value(fact, value, profile.zone, now))
        except BadInput as error:
            raise _bad(path, key, error.what, error.hint) from error
    return facts_of(found)


def _value(fact: Fact, value: object, zone: ZoneInfo, now: datetime) -> FactValue:
    match value:
        case str():
            return parse_fact(fact, value, zone, now)
        case list() if fact.kind in (Kind.PEOPLE, Kind.CODES):
            if all(isinstance(v, str) for v in value):
                return parse_list(fact, value)
        case datetime() if fact.kind is Kind.TIME:
            return moment_in(fact, value, zone, now)
        case date() if fact.kind is Kind.TIME:
            raise date_alone(fact, value.isoformat())
        case _:
            pass
    raise BadInput(
        Text(
            en="write the value as text in quotes" + (" or a list of such" if _several(fact) else ""),
            zh="请写成带引号的文字" + ("或其列表" if _several(fact) else ""),
        )
    )


def _several(fact: Fact) -> bool:
    return fact.kind in (Kind.PEOPLE, Kind.CODES)


def _pairs(path: Path) -> list[tuple[str, Any]]:
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
        if path.suffix == ".toml":
            return list(tomllib.loads(text).items())
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (
        ValueError,
        RecursionError,
    ) as error:  # UnicodeDecodeError, JSONDecodeError and TOMLDecodeError are ValueErrors
        cause = str(error) if not isinstance(error, UnicodeDecodeError) else "UTF-8"
        raise BadInput(
            Text(
                en=f"{shown(str(path))} cannot be understood: {shown(cause)}. "
                f"It must be {path.suffix[1:].upper()} in UTF-8.",
                zh=f"{shown(str(path))} 无法解析：{shown(cause)}。须为 UTF-8 编码的 {path.suffix[1:].upper()} 文件。",
            )
        ) from error
    if not isinstance(pairs, _Pairs):
        raise BadInput(
            Text(
                en=f'{shown(str(path))} must hold names and values: {{"party": "…"}}.',
                zh=f'{shown(str(path))} 的内容应为字段与值，例如 {{"当事人": "…"}}。',
            )
        )
    return list(pairs)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a key that stands twice is seen."""


def _bytes(path: Path) -> bytes:
    descriptor = open_source(str(path))
    try:
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(shown(str(path)), error) from error
    if len(data) > LARGEST:
        raise SourceUnreadable(
            Text(
                en=f"{shown(str(path))} is larger than {LARGEST:,} bytes: no sidecar.",
                zh=f"{shown(str(path))} 超过 {LARGEST:,} 字节，不是有效的附属信息文件。",
            )
        )
    return data


def _bad(path: Path, key: str, cause: Text, hint: Text | None = None) -> BadInput:
    return BadInput(
        Text(
            en=f"{shown(str(path))}, '{shown(key)}': {cause.en}",
            zh=f"{shown(str(path))}，“{shown(key)}”：{cause.zh}",
        ),
        hint,
    )
