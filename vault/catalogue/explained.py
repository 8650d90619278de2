"""Interruptions and explanations: the questions asked of them. Each reads by an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from vault.casenumbers import case_key
from vault.catalogue import schema
from vault.catalogue.rows import read_time
from vault.facts import Facts

_gap = schema.interruption.c
_explanation = schema.explanation.c
_facts = msgspec.json.Decoder(Facts)
_TO_REVIEW = (_explanation.reviewer != "") & _explanation.reviewed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Interruption:
    """A gap in a record. `began` None: some of its segments cannot be placed, and may hide one.

    `settled`: explained, and reviewed where somebody has to.
    """

    record: str
    device: str
    began: datetime | None
    ended: datetime | None
    explanation: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation as it stands. `record` is empty where there is no recording; `facts` say then of what."""

    number: str
    lack: str
    record: str
    case: str
    facts: Facts
    cause: str
    why: str
    basis: str
    filed_by: str
    filed_at: datetime
    reviewer: str
    reviewed_by: str
    reviewed_at: datetime | None

    @property
    def settled(self) -> bool:
        """Whether it was reviewed, or nobody has to."""
        return not self.reviewer or self.reviewed_at is not None


def _interruptions() -> Select[Any]:
    explained = schema.interruption.outerjoin(schema.explanation, _gap.explanation == _explanation.number)
    return (
        select(schema.record.c.number, schema.interruption, _explanation.reviewer, _explanation.reviewed_at)
        .select_from(explained.join(schema.record, schema.record.c.id == _gap.record_id))
        .order_by(_gap.record_id, _gap.device, _gap.began)
    )


def unexplained(connection: Connection) -> Iterator[Interruption]:
    """All that nobody has explained."""
    for row in connection.execute(_interruptions().where(_gap.explanation.is_(None))):
        yield _interruption(row)


def interruptions_of(connection: Connection, serial: int) -> Sequence[Interruption]:
    """Those of one record, explained or not."""
    return [_interruption(row) for row in connection.execute(_interruptions().where(_gap.record_id == serial))]


def _interruption(row: Row[Any]) -> Interruption:
    settled = row.explanation is not None and (not row.reviewer or row.reviewed_at is not None)
    began, ended = (read_time(text) if text else None for text in (row.began, row.ended))
    return Interruption(row.number, row.device, began, ended, row.explanation or "", settled)


def _explanations() -> Select[Any]:
    recorded = schema.explanation.outerjoin(schema.record, schema.record.c.id == _explanation.record_id)
    return (
        select(schema.explanation, schema.record.c.number.label("record"))
        .select_from(recorded)
        .order_by(_explanation.number)
    )


def explanation(connection: Connection, number: str) -> Explained | None:
    """The explanation of that number, None where there is no such."""
    row = connection.execute(_explanations().where(_explanation.number == number)).first()
    return _explained(row) if row is not None else None


def to_review(connection: Connection) -> Iterator[Explained]:
    """Those that wait for their review, in the order in which they were filed."""
    for row in connection.execute(_explanations().where(_TO_REVIEW)):
        yield _explained(row)


def explanations_of_record(connection: Connection, serial: int) -> Sequence[Explained]:
    """What was said of one record's interruptions."""
    return [_explained(row) for row in connection.execute(_explanations().where(_explanation.record_id == serial))]


def missing_of_case(connection: Connection, case: str) -> Sequence[Explained]:
    """Recordings of a case that were not made, as explained."""
    mine = (_explanation.case_key == case_key(case)) & (_explanation.lack == "not-recorded")
    return [_explained(row) for row in connection.execute(_explanations().where(mine))]


def _explained(row: Row[Any]) -> Explained:
    return Explained(
        number=row.number,
        lack=row.lack,
        record=row.record or "",
        case=row.case_number or "",
        facts=_facts.decode(row.facts),
        cause=row.cause,
        why=row.why,
        basis=row.basis,
        filed_by=row.filed_by,
        filed_at=read_time(row.filed_at),
        reviewer=row.reviewer,
        reviewed_by=row.reviewed_by or "",
        reviewed_at=read_time(row.reviewed_at) if row.reviewed_at else None,
    )


def count_open(connection: Connection) -> tuple[int, int]:
    """How many interruptions nobody has explained, and how many explanations wait for their review."""
    gaps = select(func.count()).select_from(schema.interruption).where(_gap.explanation.is_(None))
    reviews = select(func.count()).select_from(schema.explanation).where(_TO_REVIEW)
    return connection.execute(gaps).scalar_one(), connection.execute(reviews).scalar_one()
