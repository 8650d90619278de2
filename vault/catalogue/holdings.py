"""What the retention decision needs to know of a record, gathered from the catalogue; and its answer as columns."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from vault import acts
from vault.catalogue import schema
from vault.catalogue.rows import read_date, read_facts, read_time, spell_date
from vault.facts import Facts
from vault.locking import claim
from vault.profile import Profile
from vault.records import Standing
from vault.retention import AFTER_REBUILD, Assigned, CaseClaim, Extension, Hold, Holding, expiry
from vault.terms import RetentionClass
from vault.text import Text


def new_holding(connection: Connection, act: acts.RecordStored) -> Holding:
    """A record that is just being filed: nobody has held or raised it yet, but its case may be known."""
    return Holding(
        stored_at=act.at,
        recorded_at=act.facts.recorded_at,
        activity_ended_at=act.facts.activity_ended_at,
        standing=act.standing,
        circumstances=act.facts.circumstances,
        cases=_cases(connection, act.facts),
    )


def holding_of(connection: Connection, serial: int, paused: Text | None = None) -> Holding:
    """A filed record as it stands now; `paused` says why expiry is paused, where it is."""
    row = connection.execute(select(schema.record).where(schema.record.c.id == serial)).mappings().one()
    facts = read_facts(dict(row))
    assigned = connection.execute(
        select(schema.assigned).where(schema.assigned.c.record_id == serial).order_by(schema.assigned.c.at)
    )
    extensions = connection.execute(
        select(schema.extension).where(schema.extension.c.record_id == serial).order_by(schema.extension.c.at)
    )
    holds = connection.execute(
        select(schema.hold)
        .where(schema.hold.c.record_id == serial, schema.hold.c.released_at.is_(None))
        .order_by(schema.hold.c.id)
    )
    return Holding(
        stored_at=read_time(row["stored_at"]),
        recorded_at=facts.recorded_at,
        activity_ended_at=facts.activity_ended_at,
        standing=Standing(row["standing"]),
        circumstances=facts.circumstances,
        assigned=tuple(Assigned(RetentionClass(r.retention_class), r.why, r.by, r.citation) for r in assigned),
        extensions=tuple(Extension(date.fromisoformat(r.until), r.why, r.by) for r in extensions),
        holds=tuple(Hold(r.id, r.why, r.authority, read_time(r.placed_at)) for r in holds),
        cases=_cases(connection, facts),
        expiry_paused=paused,
    )


def _cases(connection: Connection, facts: Facts) -> tuple[CaseClaim, ...]:
    if not facts.case_number:
        return ()
    row = connection.execute(select(schema.case_file).where(schema.case_file.c.number == facts.case_number)).first()
    # A case that nobody has filed yet counts as open: not to know of its end is not to know that it ended.
    return (_claim(row) if row is not None else CaseClaim(facts.case_number),)


def _claim(row: Row[Any]) -> CaseClaim:
    keep = RetentionClass(row.keep) if row.keep else None
    return CaseClaim(row.number, read_date(row.opened_on), read_date(row.closed_on), keep)


def expiry_columns(holding: Holding, profile: Profile) -> dict[str, str | None]:
    """What the catalogue keeps of the decision; nothing of it depends on the clock."""
    decision = expiry(holding, profile)
    return {
        "retention_class": decision.retention_class.value if decision.retention_class else "",
        "expires_on": spell_date(decision.expires_on),
        "lock_day": spell_date(claim(decision).day),
    }


def records_of_case(connection: Connection, case: str) -> Sequence[int]:
    """Serials of the records that a case claims, destroyed ones left out."""
    record = schema.record.c
    mine = select(record.id).where(record.case_number == case, record.standing != Standing.DESTROYED.value)
    return connection.execute(mine).scalars().all()


def pause(connection: Connection) -> Text | None:
    """Why expiry is paused, if it is: after a rebuild, until a manager releases it."""
    row = connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == "expiry_paused")).first()
    return AFTER_REBUILD if row is not None else None
