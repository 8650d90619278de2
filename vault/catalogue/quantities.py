"""How much records are: files, their bytes, and how long they play.

Of a destroyed record the list by which it went says so: what came in a month is the same afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from vault.catalogue import schema
from vault.catalogue.understood import understood


@dataclass(frozen=True, slots=True)
class Quantity:
    """`bytes` of all files of a record, whoever else holds their objects."""

    files: int = 0
    bytes: int = 0
    milliseconds: int = 0


class _File(msgspec.Struct):
    """What is needed of a vault.records.RecordFile."""

    size: int
    duration_ms: int = 0


_file = msgspec.json.Decoder(_File)


def quantities(connection: Connection, serials: Sequence[int]) -> dict[int, Quantity]:
    """Of each of a page of records that has files, or had them until it was destroyed."""
    file, line = schema.record_file.c, schema.appraised.c
    ended = select(line.record_id, line.files, line.bytes, line.milliseconds).where(
        line.record_id.in_(serials), line.outcome.in_(("begun", "destroyed"))
    )
    found = {row.record_id: Quantity(row.files, row.bytes, row.milliseconds) for row in connection.execute(ended)}
    for serial, details in connection.execute(select(file.record_id, file.details).where(file.record_id.in_(serials))):
        with understood("record_file", serial):
            one = _file.decode(details)
        so_far = found.get(serial, Quantity())
        found[serial] = Quantity(so_far.files + 1, so_far.bytes + one.size, so_far.milliseconds + one.duration_ms)
    return found
