"""Recordings that were announced, came late, were interrupted or not made, and what was said of them."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from vault import acts
from vault.casenumbers import case_key
from vault.catalogue import announced, schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import serial_of, spell_time
from vault.facts import Facts
from vault.gaps import timeline
from vault.profile import Profile
from vault.records import RecordFile

_interruption = schema.interruption.c


def note_interruptions(connection: Connection, came: Iterable[tuple[int, Sequence[RecordFile]]]) -> None:
    """Where the segments of records that come in do not meet. A row without times: some cannot be placed."""
    rows = []
    for serial, files in came:
        if len(files) < 2:
            continue
        found = timeline(files)
        rows += [
            {"record_id": serial, "device": g.device, "began": spell_time(g.began), "ended": spell_time(g.ended)}
            for g in found.gaps
        ]
        if found.unplaced:
            rows.append({"record_id": serial, "device": "", "began": "", "ended": ""})
    insert_rows(connection, schema.interruption, rows)


def _announce(connection: Connection, profile: Profile, act: acts.ActivityAnnounced) -> None:
    connection.execute(delete(schema.activity).where(schema.activity.c.number == act.activity))
    connection.execute(
        insert(schema.activity),
        {
            "number": act.activity,
            "announced_by": act.by,
            "announced_at": spell_time(act.at),
            **announced.activity_columns(act.facts, profile),
        },
    )


def _close(connection: Connection, profile: Profile, act: acts.ActivityClosed) -> None:
    announced.close(connection, act.activity, act.at, "")


def _explain_late(connection: Connection, profile: Profile, act: acts.LateExplained) -> None:
    serial = serial_of(act.record)
    row = {"record_id": serial, "at": spell_time(act.at), "by": act.by, "why": act.why}
    connection.execute(insert(schema.late_explained), row)
    late = (schema.record.c.id == serial) & (schema.record.c.lateness == "late")
    connection.execute(update(schema.record).where(late).values(lateness="explained"))


def _explain_interruption(connection: Connection, profile: Profile, act: acts.InterruptionExplained) -> None:
    serial = serial_of(act.record)
    case = connection.execute(select(schema.record.c.case_number).where(schema.record.c.id == serial)).scalar()
    _file(connection, act, "interrupted", serial, case, Facts())
    meant = _interruption.record_id == serial
    if act.began:
        meant &= _interruption.began.in_([spell_time(moment) for moment in act.began])
    connection.execute(update(schema.interruption).where(meant).values(explanation=act.explanation))


def _file_missing(connection: Connection, profile: Profile, act: acts.RecordingMissing) -> None:
    _file(connection, act, "not-recorded", None, act.facts.case_number or None, act.facts)
    if act.activity:
        announced.close(connection, act.activity, act.at, act.explanation)


def _file(
    connection: Connection,
    act: acts.InterruptionExplained | acts.RecordingMissing,
    lack: str,
    serial: int | None,
    case: str | None,
    facts: Facts,
) -> None:
    connection.execute(
        insert(schema.explanation),
        {
            "number": act.explanation,
            "lack": lack,
            "record_id": serial,
            "case_key": case_key(case) if case else None,
            "case_number": case,
            "facts": msgspec.json.encode(facts, order="sorted").decode(),
            "cause": act.cause,
            "why": act.why,
            "basis": act.basis,
            "filed_by": act.by,
            "filed_at": spell_time(act.at),
            "reviewer": act.reviewer,
        },
    )


def _review(connection: Connection, profile: Profile, act: acts.ExplanationReviewed) -> None:
    connection.execute(
        update(schema.explanation)
        .where(schema.explanation.c.number == act.explanation)
        .values(reviewed_by=act.by, reviewed_at=spell_time(act.at))
    )


CHANGES: Changes = {
    acts.ActivityAnnounced: _announce,
    acts.ActivityClosed: _close,
    acts.LateExplained: _explain_late,
    acts.InterruptionExplained: _explain_interruption,
    acts.RecordingMissing: _file_missing,
    acts.ExplanationReviewed: _review,
}
