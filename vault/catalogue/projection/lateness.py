"""Late stays late: what is put right afterwards can make a record later, and never less late than it was found.

Whoever came late could otherwise correct the end of the activity, and be in time. What was said first, and what it was
corrected to, is kept beside the record for those who read the register of late intake.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from vault import acts
from vault.catalogue import schema
from vault.catalogue.rows import read_time, serial_of, spell_json, spell_time
from vault.catalogue.timeliness import is_explained, timeliness_columns
from vault.deadlines import DECISIVE, deadline
from vault.facts import Facts
from vault.profile import Profile

LATE = ("late", "explained")


def judged_anew(
    connection: Connection,
    profile: Profile,
    act: acts.RecordCorrected,
    row: Mapping[str, Any],
    before: Facts,
    facts: Facts,
) -> dict[str, str | None]:
    """What the catalogue keeps of the deadline after a correction; nothing where it decides nothing. `row`: the
    record's own from before, as the facts `before`; `facts`: those of now."""
    if not DECISIVE & {*act.facts.known(), *act.emptied}:
        return {}
    serial = serial_of(act.record)
    explained = is_explained(connection, serial)
    stored_at = read_time(row["stored_at"])
    judged = timeliness_columns(deadline(facts, profile, stored_at), stored_at, explained)
    was_late = row["lateness"] in LATE
    if not was_late and judged["lateness"] not in LATE:
        return judged
    was, becomes = _decisive(before), _decisive(facts)
    if was != becomes:
        corrected = {"record_id": serial, "at": spell_time(act.at), "by": act.by, "why": act.why}
        said = {"store_by": row["store_by"], "was": spell_json(was), "becomes": spell_json(becomes)}
        connection.execute(insert(schema.late_corrected), corrected | said)
    if not was_late:
        return judged
    if judged["lateness"] == row["lateness"] and str(judged["store_by"]) <= row["store_by"]:
        return judged
    return {}


def _decisive(facts: Facts) -> Facts:
    return Facts(**{name: value for name, value in facts.known().items() if name in DECISIVE})
