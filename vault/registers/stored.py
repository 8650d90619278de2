"""Records by when they were stored, page by page from the index, with what their files come to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.rows import read_facts, read_time, spell_time
from vault.catalogue.timeliness import Judged, judged_in
from vault.facts import Facts
from vault.records import Standing
from vault.registers.pages import pages, understood


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as a line of a register: `files` of `bytes` in all, that play for `length`; how its deadline was met."""

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


class _Length(msgspec.Struct):
    """What a register needs of a vault.records.RecordFile."""

    size: int
    duration_ms: int = 0


_length = msgspec.json.Decoder(_Length)


def stored_in(connection: Connection, span: tuple[datetime, datetime], section: str = "") -> Iterator[Stored]:
    """Records that were stored in a span of time, in that order; those of one section, or of all."""
    record = schema.record.c
    since, before = map(spell_time, span)
    wanted = select(schema.record).where(record.stored_at < before)
    if section:
        wanted = wanted.where(record.section == section)
    for page in pages(connection, wanted, record.stored_at, record.id, since):
        sizes = _sizes(connection, [row["id"] for row in page])
        for row in page:
            files, size, length = sizes.get(row["id"], (0, 0, 0))
            with understood("record", row["id"]):
                one = Stored(
                    row["id"],
                    row["number"],
                    read_facts(dict(row)),
                    read_time(row["stored_at"]),
                    row["stored_by"],
                    Standing(row["standing"]),
                    files,
                    size,
                    timedelta(milliseconds=length),
                    judged_in(row),
                )
            yield one


def _sizes(connection: Connection, serials: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Files, bytes and milliseconds of each record."""
    file = schema.record_file.c
    sums: dict[int, tuple[int, int, int]] = {}
    listed = select(file.record_id, file.details).where(file.record_id.in_(serials))
    for serial, details in connection.execute(listed):
        with understood("record_file", serial):
            one = _length.decode(details)
        files, size, length = sums.get(serial, (0, 0, 0))
        sums[serial] = files + 1, size + one.size, length + one.duration_ms
    return sums
