"""What a list says already is not said again, so that an appraisal that was drawn can be handed back, put right.

A decision that stands there word for word changes nothing: it neither needs a record that is due, nor takes back what
others have agreed to. A record that was to be destroyed and is not any more what the list says of it is decided anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from vault import acts
from vault.batches import batched
from vault.catalogue import schema
from vault.catalogue.dooming import Waiting
from vault.catalogue.holdings import holding_of
from vault.catalogue.queries import PAGE, kept_records
from vault.catalogue.rows import read_date, read_list, read_listed, serial_of
from vault.disposal.frozen import differs
from vault.profile import Profile
from vault.registers.appraisal import decision
from vault.text import Text

Decided = Mapping[str, Row[Any]]  # record -> its line


def decided(connection: Connection, disposal: str, appraised: Sequence[acts.Appraisal]) -> Decided:
    """The lines of a list that these decisions are of. BadInput names a record that is not kept."""
    row = schema.appraised.c
    kept = {serial_of(one.number): one.number for one in kept_records(connection, [one.record for one in appraised])}
    found: dict[str, Row[Any]] = {}
    for some in batched(kept, PAGE):
        lines = select(schema.appraised).where(row.disposal == disposal, row.record_id.in_(some))
        found |= {kept[line.record_id]: line for line in connection.execute(lines)}
    return found


def stands(connection: Connection, line: Row[Any] | None, one: acts.Appraisal, profile: Profile) -> bool:
    """Whether the list says that already: the same decision for the same reason, of a record that is what it was."""
    if line is None or (line.fate, read_date(line.until), line.why.strip()) != (one.fate, one.until, one.why.strip()):
        return False
    if one.fate != "dispose":
        return True
    waits = Waiting(line.record_id, one.record, read_listed(line.said), read_list(line.returned))
    holding = holding_of(connection, line.record_id)
    return line.outcome == "" and differs(connection, waits, holding, profile) is None


def otherwise(line: Row[Any] | None, one: acts.Appraisal) -> Text | None:
    """What the list says of a record by now, where that is another decision."""
    if line is None or (line.fate, read_date(line.until)) == (one.fate, one.until):
        return None
    said = decision(line.fate, read_date(line.until))
    return Text(en=f"the list says of it by now: {said.en}", zh=f"清册中现为“{said.zh}”")
