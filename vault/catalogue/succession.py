"""What the catalogue knows of a vault that this one goes on for (vault/succession.py)."""

from sqlalchemy import Connection, func, select

from vault.catalogue import schema
from vault.catalogue.rows import serial_of

FIRST_SERIAL = "first_serial"
FIRST_SET = "first_set"
PREDECESSOR = "predecessor"  # the lost vault's key, which has its id for a name


def last_serial(connection: Connection) -> int:
    """The highest that a record has, or that a lost one of the vault before may have had."""
    last: int = connection.execute(select(func.coalesce(func.max(schema.record.c.id), 0))).scalar_one()
    first = _said(connection, FIRST_SERIAL)
    return max(last, int(first) - 1) if first else last


def first_set(connection: Connection, year: int) -> int:
    """The lowest running number that a new disc set of that year may have."""
    of_year, _, number = (_said(connection, FIRST_SET) or "").partition("-")
    return int(number) if of_year == str(year) else 1


def predecessor(connection: Connection) -> str | None:
    """The key of the vault that this one goes on for, None where it goes on for none."""
    return _said(connection, PREDECESSOR)


def taken_of(connection: Connection, number: str) -> frozenset[int]:
    """Places in the lost journal of the entries about a record that were taken over."""
    taken = schema.taken_over.c
    return frozenset(connection.execute(select(taken.was).where(taken.record_id == serial_of(number))).scalars())


def has_work_of_its_own(connection: Connection) -> bool:
    """Whether anything was done with a record that was not taken over, viewings apart. By an index."""
    journal, taken = schema.journal.c, schema.taken_over.c
    own = (
        select(journal.seq)
        .outerjoin(schema.taken_over, taken.seq == journal.seq)
        .where(journal.record_id.is_not(None), taken.seq.is_(None), journal.act != "record.viewed")
    )
    return connection.execute(own.limit(1)).first() is not None


def _said(connection: Connection, key: str) -> str | None:
    return connection.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar()
