"""What the catalogue keeps of a store's last probe."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.rows import read_time
from vault.promises import QUESTIONS, Finding


@dataclass(frozen=True, slots=True)
class Promised:
    """Its findings, in the order of the questions, and when they were found."""

    findings: tuple[Finding, ...]
    found_at: datetime


def last_findings(connection: Connection, store: str) -> Promised | None:
    """None where a store of this name was never probed."""
    finding = schema.finding.c
    rows = connection.execute(
        select(finding.name, finding.answer, finding.value, finding.found_at)
        .join(schema.store, schema.store.c.id == finding.store_id)
        .where(schema.store.c.name == store)
    ).all()
    if not rows:
        return None
    found = {row.name: Finding(name=row.name, answer=row.answer, value=msgspec.json.decode(row.value)) for row in rows}
    return Promised(tuple(found[name] for name in QUESTIONS if name in found), read_time(rows[0].found_at))
