"""Between the catalogue's rows and the vault's values: the spelling of times, lists and records in columns."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from vault.acts.disposal import AsListed
from vault.casenumbers import case_key
from vault.facts import FACTS, Facts, Kind
from vault.records import Record, RecordFile, Standing
from vault.text import Text

_json = msgspec.json.Encoder(order="sorted")
_file = msgspec.json.Decoder(RecordFile)
_listed = msgspec.json.Decoder(AsListed)


def serial_of(number: str) -> int:
    """The serial in a record's number: 2026-0000042 -> 42."""
    return int(number.rpartition("-")[2])


@lru_cache(maxsize=1024)  # what is filed together was stored at one time
def spell_time(moment: datetime) -> str:
    """UTC, whole seconds, as text that sorts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spell_date(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def read_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def spell_json(value: object) -> str:
    return _json.encode(value).decode()


def read_origins(spelled: str) -> dict[str, str]:
    """Where each fact was said."""
    return msgspec.json.decode(spelled, type=dict[str, str])


def read_list(spelled: str | None) -> tuple[str, ...]:
    """A fact that is several words."""
    return msgspec.json.decode(spelled, type=tuple[str, ...]) if spelled else ()


def spell_file(file: RecordFile) -> bytes:
    return _json.encode(file)


def read_file(details: bytes) -> RecordFile:
    return _file.decode(details)


_FACTS = tuple((fact.name, fact.kind) for fact in FACTS)


def fact_columns(facts: Facts) -> dict[str, str]:
    """What is known, as the record table keeps it, and what its case is found by."""
    columns: dict[str, str] = {}
    if facts.case_number:
        columns["case_key"] = case_key(facts.case_number)
    for name, kind in _FACTS:
        value = getattr(facts, name)
        if value:
            columns[name] = value if kind is Kind.TEXT else _spell(kind, value)
    return columns


def _spell(kind: Kind, value: Any) -> str:
    return spell_time(value) if kind is Kind.TIME else spell_json(value)


def read_facts(row: Mapping[str, Any]) -> Facts:
    """Back from `fact_columns`."""
    values: dict[str, Any] = {}
    for fact in FACTS:
        value = row[fact.name]
        if not value:
            continue
        if fact.kind is Kind.TIME:
            value = read_time(value)
        elif fact.kind is not Kind.TEXT:
            value = read_list(value)
        values[fact.name] = value
    return Facts(**values)


def read_listed(spelled: str) -> AsListed:
    """What was said of a record when it was put on a list of disposal."""
    return _listed.decode(spelled)


def read_record(row: Mapping[str, Any], files: Iterable[bytes]) -> Record:
    """A record from its row and its files' details in order."""
    return Record(
        number=row["number"],
        facts=read_facts(row),
        origins=read_origins(row["origins"]),
        files=tuple(read_file(details) for details in files),
        stored_at=read_time(row["stored_at"]),
        stored_by=row["stored_by"],
        standing=Standing(row["standing"]),
    )


def read_why(text: str) -> Text | str:
    """A reason: the program's, in both languages, or a person's words."""
    return msgspec.json.decode(text, type=Text | str)
