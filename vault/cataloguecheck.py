"""The catalogue in use against the journal: is every row of it what follows, and can what it alone knows be true?

It is looked at as it was at one moment, at which nobody published, so work may go on meanwhile: what was committed by
then and is on no store yet lies in its outbox, and counts as having happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from vault.catalogue.compare import Difference, compare, structure_faults
from vault.catalogue.database import Database
from vault.catalogue.rows import read_time, spell_time
from vault.errors import CatalogueBroken, StrongroomError
from vault.journal import parse_edge
from vault.journalcheck import Agreed
from vault.replay import Replay
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the catalogue that cannot be right; `table` is empty where it is the whole of it."""

    table: str
    text: Text


@dataclass(frozen=True, slots=True)
class Compared:
    """What was looked at: rows that follow from the journal, entries that no store has yet."""

    rows: int = 0
    pending: int = 0


def first_kept(connection: Connection) -> int | None:
    """The first place in the outbox of the catalogue in use, None where it is empty or cannot be read."""
    try:
        first = connection.exec_driver_sql("SELECT min(seq) FROM used.outbox").scalar()
    except DatabaseError:
        return None  # `check` will say so
    return first if isinstance(first, int) else None


def check(
    connection: Connection, database: Database, replay: Replay, agreed: Agreed, now: datetime
) -> Iterator[Fault | Compared]:
    """Faults of the catalogue `beside` the scratch one that holds the replayed journal, and what was compared."""
    for said in structure_faults(database):
        yield Fault("", Text(en=said, zh=said))
    try:
        pending = _pending(connection, agreed.checkpoint.size)
        replay.go_on(pending)
        yield Compared(pending=len(pending))
        for found in compare(connection):
            yield Compared(rows=found) if isinstance(found, int) else _fault(found)
        yield from _impossible(connection, agreed)
        yield from _misdated(connection, now)
    except SQLAlchemyError as error:
        said = str(error.orig if isinstance(error, DatabaseError) else error)
        yield Fault("", Text(en=said, zh=said))
    except StrongroomError as error:
        yield Fault("outbox", error.what)


def _pending(connection: Connection, size: int) -> Sequence[bytes]:
    rows = connection.exec_driver_sql("SELECT entry FROM used.outbox WHERE seq >= ? ORDER BY seq", (size,))
    pending = list(rows.scalars())
    if not all(isinstance(entry, bytes) for entry in pending):
        raise CatalogueBroken(Text(en="an entry is no sequence of bytes", zh="有条目不是字节序列"))
    return pending


def _fault(found: Difference) -> Fault:
    what = found.fault or found.row
    if found.in_use:
        return Fault(found.table, Text(en=f"{what}: does not follow from the journal", zh=f"{what}：在日志中没有依据"))
    return Fault(found.table, Text(en=f"{what}: is missing", zh=f"{what}：目录库中缺失"))


def _impossible(connection: Connection, agreed: Agreed) -> Iterator[Fault]:
    """What the journal does not tell, and cannot be: how far it was published, and files of no record."""
    noted = connection.exec_driver_sql("SELECT edge FROM used.published").scalars().all()
    try:
        edge = parse_edge(noted[0] if noted else None)
    except CatalogueBroken as error:
        yield Fault("published", error.what)
        return
    newest = agreed.checkpoint
    if edge.size > newest.size or (edge.size == newest.size and edge.root() != newest.root) or len(noted) > 1:
        text = Text(en=f"{edge.size} entries are not what the stores have", zh=f"所记 {edge.size} 条与各存储不符")
        yield Fault("published", text)
    for name, size in connection.exec_driver_sql("SELECT name, journal_size FROM used.store").all():
        there = agreed.of_store.get(name)
        # A publication that was interrupted between the stores and the catalogue is made good by the next one.
        if there is not None and size != there.size and (edge.size == newest.size or size > there.size):
            text = Text(
                en=f"store {name} has {there.size} entries, not {size}",
                zh=f"存储 {name} 有 {there.size} 条，不是 {size}",
            )
            yield Fault("store", text)
    lost = connection.exec_driver_sql(
        "SELECT count(*) FROM used.intake_file WHERE record_id NOT IN (SELECT id FROM main.record)"
    ).scalar_one()
    if lost:
        yield Fault("intake_file", Text(en=f"{lost} rows belong to no record", zh=f"{lost} 行不属于任何记录"))


_MISDATED = """
    SELECT s.name, count(*) FROM used.copy AS u
    JOIN main.copy AS j USING (store_id, object_id) JOIN used.store AS s ON s.id = store_id
    WHERE u.state IN ('good', 'leaving') AND u.verified_at != ''
      AND (julianday(u.verified_at) < julianday(j.verified_at) - 1 OR u.verified_at > ? OR u.verified_at NOT GLOB ?)
    GROUP BY s.name
"""
_TIME = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"


def _misdated(connection: Connection, now: datetime) -> Iterator[Fault]:
    """When a copy was read, no entry tells; but not before it was made or last healed, and not in times to come.

    By a day a clock may be wrong, here as for scrub; one that is behind the journal judges nothing.
    """
    last = connection.exec_driver_sql("SELECT max(at) FROM main.journal").scalar()
    latest = spell_time(max(now, read_time(last) if last else now) + timedelta(days=1))
    for name, count in connection.exec_driver_sql(_MISDATED, (latest, _TIME)).all():
        text = Text(
            en=f"store {name}: {count} copies were verified at a time that cannot be",
            zh=f"存储 {name}：{count} 个副本的核验时间不可能成立",
        )
        yield Fault("copy", text)
