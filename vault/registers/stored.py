"""Records by when they were stored, page by page from the index, with what their files come to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from vault.catalogue import schema
from vault.catalogue.holdings import cases_of
from vault.catalogue.quantities import Quantity, quantities
from vault.catalogue.rows import read_facts, read_time, spell_time
from vault.catalogue.schema.records import RECORDED_AHEAD
from vault.catalogue.timeliness import Judged, judged_in
from vault.catalogue.understood import understood
from vault.facts import Facts
from vault.records import Standing
from vault.registers.pages import pages


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as a line of a register: `files` of `bytes` in all, that play for `length`; how its deadline was met.
    `cases`: the numbers of all of them."""

    serial: int
    number: str
    facts: Facts
    stored_at: datetime
    stored_by: str
    standing: Standing
    files: int
    bytes: int
    length: timedelta
    due: Judged
    cases: str


def stored_in(connection: Connection, span: tuple[datetime, datetime], section: str = "") -> Iterator[Stored]:
    """Records that were stored in a span of time, in that order; those of one section, or of all."""
    record = schema.record.c
    since, before = map(spell_time, span)
    wanted = select(schema.record).where(record.stored_at < before)
    if section:
        wanted = wanted.where(record.section == section)
    for page in pages(connection, wanted, record.stored_at, record.id, since):
        serials = [row["id"] for row in page]
        amounts, cases = quantities(connection, serials), cases_of(connection, serials)
        for row in page:
            amount = amounts.get(row["id"], Quantity())
            with understood("record", row["id"]):
                one = Stored(
                    row["id"],
                    row["number"],
                    read_facts(dict(row)),
                    read_time(row["stored_at"]),
                    row["stored_by"],
                    Standing(row["standing"]),
                    amount.files,
                    amount.bytes,
                    timedelta(milliseconds=amount.milliseconds),
                    judged_in(row),
                    "、".join(cases[row["id"]]),
                )
            yield one


def ahead_in(connection: Connection, span: tuple[datetime, datetime], section: str = "") -> int:
    """How many records that were stored then were recorded, by their own time, after that."""
    record = schema.record.c
    since, before = map(spell_time, span)
    wanted = select(func.count()).select_from(schema.record).where(text(f"({RECORDED_AHEAD})"))
    wanted = wanted.where(record.stored_at >= since, record.stored_at < before)
    if section:
        wanted = wanted.where(record.section == section)
    return int(connection.execute(wanted).scalar_one())
