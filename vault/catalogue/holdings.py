"""What the retention decision needs to know of a record, gathered from the catalogue; and its answer as columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, or_, select

from vault import acts
from vault.casenumbers import case_key
from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_date, read_list, read_time, spell_date
from vault.locking import claim
from vault.profile import Profile
from vault.records import Standing
from vault.retention import AFTER_REBUILD, Assigned, CaseClaim, Extension, Floor, Hold, Holding, expiry, own_day
from vault.terms import RetentionClass
from vault.text import Text

_PAGE = 500  # records at a time


def new_holding(connection: Connection, act: acts.RecordStored) -> Holding:
    """A record that is just being filed: nobody has held or raised it yet, but its case may be known."""
    return Holding(
        stored_at=act.at,
        recorded_at=act.facts.recorded_at,
        activity_ended_at=act.facts.activity_ended_at,
        kind=act.facts.kind,
        standing=act.standing,
        circumstances=act.facts.circumstances,
        cases=claims_of(connection, [act.facts.case_number] if act.facts.case_number else []),
        case_name=act.facts.case_name,
    )


_RECORDS = select(
    *(
        schema.record.c[name]
        for name in (
            *("id", "stored_at", "recorded_at", "activity_ended_at", "kind"),
            *("standing", "circumstances", "case_number", "case_name", "floor"),
        )
    )
)
_ASSIGNED, _EXTENSIONS = select(schema.assigned), select(schema.extension)
_HOLDS, _CASES, _ALSO = select(schema.hold), select(schema.case_file), select(schema.also_claimed)
_ROWS = dict[int, list[Any]]


def holding_of(connection: Connection, serial: int, paused: Text | None = None) -> Holding:
    """A filed record as it stands now; `paused` says why expiry is paused, where it is."""
    return replace(holdings_of(connection, [serial])[serial], expiry_paused=paused)


def all_holdings(connection: Connection) -> Iterator[dict[int, Holding]]:
    """Every record as it stands, by serial and in its order, a page at a time; destroyed ones are left out."""
    record, after = schema.record.c, 0
    kept = select(record.id).where(record.standing != Standing.DESTROYED.value).order_by(record.id).limit(_PAGE)
    while serials := connection.execute(kept.where(record.id > after)).scalars().all():
        yield holdings_of(connection, serials)
        after = serials[-1]


def holdings_of(connection: Connection, serials: Sequence[int]) -> dict[int, Holding]:
    """Filed records as they stand, by serial and in the order asked for: a few questions for all of them."""
    rows = {row.id: row for row in select_in(connection, _RECORDS, schema.record.c.id, serials)}
    assigned = _by_record(select_in(connection, _ASSIGNED, schema.assigned.c.record_id, serials))
    extensions = _by_record(select_in(connection, _EXTENSIONS, schema.extension.c.record_id, serials))
    holds = _by_record(select_in(connection, _HOLDS, schema.hold.c.record_id, serials))
    also = _by_record(select_in(connection, _ALSO, schema.also_claimed.c.record_id, serials))
    claiming = {serial: _numbers(row.case_number, also.get(serial, [])) for serial, row in rows.items()}
    cases = _filed(connection, {number for numbers in claiming.values() for number in numbers})
    return {
        serial: Holding(
            stored_at=read_time(row.stored_at),
            recorded_at=read_time(row.recorded_at) if row.recorded_at else None,
            activity_ended_at=read_time(row.activity_ended_at) if row.activity_ended_at else None,
            kind=row.kind or "",
            standing=Standing(row.standing),
            circumstances=read_list(row.circumstances),
            assigned=_assigned(assigned.get(serial, [])),
            extensions=_extensions(extensions.get(serial, [])),
            holds=_holds(holds.get(serial, [])),
            cases=_claimed(claiming[serial], cases),
            case_name=row.case_name or "",
            floor=msgspec.json.decode(row.floor, type=Floor) if row.floor else None,
        )
        for serial, row in ((serial, rows[serial]) for serial in serials)
    }


def _by_record(rows: Iterable[Any]) -> _ROWS:
    found: _ROWS = {}
    for row in rows:
        found.setdefault(row.record_id, []).append(row)
    return found


def _assigned(rows: Sequence[Any]) -> tuple[Assigned, ...]:
    given = sorted(rows, key=lambda one: one.at)
    return tuple(Assigned(RetentionClass(r.retention_class), r.why, r.by, r.citation) for r in given)


def _extensions(rows: Sequence[Any]) -> tuple[Extension, ...]:
    given = sorted(rows, key=lambda one: one.at)
    return tuple(Extension(date.fromisoformat(r.until), r.why, r.by) for r in given)


def _holds(rows: Sequence[Any]) -> tuple[Hold, ...]:
    in_force = sorted((one for one in rows if one.released_at is None), key=lambda one: one.id)
    return tuple(Hold(r.id, r.why, r.authority, read_time(r.placed_at)) for r in in_force)


def _filed(connection: Connection, numbers: Iterable[str]) -> dict[str, CaseClaim]:
    rows = select_in(connection, _CASES, schema.case_file.c.key, sorted({case_key(number) for number in numbers}))
    return {row.key: _claim(row) for row in rows}


def _numbers(first: str | None, also: Sequence[Any]) -> Sequence[str]:
    """Of all cases of a record, each once: the one that is a fact of it before those that claim it, too."""
    numbers = {case_key(first): first} if first else {}
    for row in sorted(also, key=lambda row: row.case_key):
        numbers.setdefault(row.case_key, row.case_number)
    return tuple(numbers.values())


def _claimed(numbers: Iterable[str], cases: Mapping[str, CaseClaim]) -> tuple[CaseClaim, ...]:
    """A case that nobody has filed yet counts as open: not to know of its end is not to know that it ended."""
    return tuple(cases.get(case_key(number)) or CaseClaim(number) for number in numbers)


_OWN = select(schema.record.c.id, schema.record.c.case_number)


def cases_of(connection: Connection, serials: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Of each record the numbers of all its cases, as these were opened: its own first."""
    own = {row.id: row.case_number for row in select_in(connection, _OWN, schema.record.c.id, serials)}
    also = _by_record(select_in(connection, _ALSO, schema.also_claimed.c.record_id, serials))
    claiming = {serial: _numbers(first, also.get(serial, [])) for serial, first in own.items()}
    filed = _filed(connection, {number for numbers in claiming.values() for number in numbers})
    return {serial: tuple(claim.number for claim in _claimed(numbers, filed)) for serial, numbers in claiming.items()}


def claims_of(connection: Connection, numbers: Sequence[str]) -> tuple[CaseClaim, ...]:
    """Cases as they stand, each under the number that it was opened under; open where nobody has filed one."""
    return _claimed(numbers, _filed(connection, numbers))


def claim_of(connection: Connection, number: str) -> CaseClaim:
    """A case as it stands."""
    (claim,) = claims_of(connection, [number])
    return claim


def _claim(row: Any) -> CaseClaim:
    keep = RetentionClass(row.keep) if row.keep else None
    return CaseClaim(row.number, read_date(row.opened_on), read_date(row.closed_on), keep, read_date(row.reopened_on))


def expiry_columns(holding: Holding, profile: Profile) -> dict[str, str | None]:
    """What the catalogue keeps of the decision; nothing of it depends on the clock."""
    decision = expiry(holding, profile)
    return {
        "retention_class": decision.retention_class.value if decision.retention_class else "",
        "retention_state": decision.state.value,
        "expires_on": spell_date(decision.expires_on),
        "lock_day": spell_date(claim(decision).day),
    }


def records_of_case(connection: Connection, case: str) -> Sequence[int]:
    """Serials of the records that a case claims, destroyed ones left out."""
    kept = select(schema.record.c.id).where(of_case(case), schema.record.c.standing != Standing.DESTROYED.value)
    return connection.execute(kept.order_by(schema.record.c.id)).scalars().all()


def of_case(case: str) -> ColumnElement[bool]:
    """Whether the case claims a record: as a fact of it, or too."""
    record, also, key = schema.record.c, schema.also_claimed.c, case_key(case)
    too = select(also.record_id).where(also.case_key == key)
    return or_(record.case_key == key, record.id.in_(too))


def own_days(connection: Connection, case: str, profile: Profile) -> Iterator[tuple[str, date]]:
    """Records of a case by number, each with its own day (vault/retention/rules.py)."""
    serials = records_of_case(connection, case)
    numbers = select(schema.record.c.id, schema.record.c.number)
    for start in range(0, len(serials), _PAGE):
        some = serials[start : start + _PAGE]
        called = {row.id: row.number for row in select_in(connection, numbers, schema.record.c.id, some)}
        for serial, holding in holdings_of(connection, some).items():
            yield called[serial], own_day(holding, profile)


def also_claiming(connection: Connection, serial: int) -> Sequence[str]:
    """Further cases of a record, for which it was handed in again."""
    also = schema.also_claimed.c
    theirs = select(also.case_number).where(also.record_id == serial).order_by(also.case_key)
    return connection.execute(theirs).scalars().all()


def pause(connection: Connection) -> Text | None:
    """Why expiry is paused, if it is: after a rebuild, until a manager releases it."""
    row = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "expiry_paused")).first()
    return AFTER_REBUILD if row is not None else None
