"""The catalogue in use against the journal: is every row of it what follows, and can what it alone knows be true?

It is looked at as it was at one moment, at which nobody published, so work may go on meanwhile: what was committed by
then and is on no store yet lies in its outbox, and counts as having happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from vault.catalogue.beside import Beside, Difference
from vault.catalogue.compare import compare
from vault.catalogue.database import Catalogue
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


def first_kept(pair: Beside) -> int | None:
    """The first place in the outbox of the catalogue in use, None where it is empty or cannot be read."""
    try:
        ((first,),) = pair.rows(f"SELECT min(seq) FROM {pair.used}.outbox")
    except DatabaseError:
        return None  # `check` will say so
    return first if isinstance(first, int) else None


def check(
    pair: Beside, database: Catalogue, replay: Replay, agreed: Agreed, now: datetime
) -> Iterator[Fault | Compared]:
    """Faults of the catalogue beside the scratch one that holds the replayed journal, and what was compared."""
    for said in database.structure_faults():
        yield Fault("", Text(en=said, zh=said))
    try:
        pending = _pending(pair, agreed.checkpoint.size)
        replay.go_on(pending)
        yield Compared(pending=len(pending))
        for found in compare(pair):
            yield Compared(rows=found) if isinstance(found, int) else _fault(found)
        yield from _impossible(pair, agreed)
        yield from _misdated(pair, now)
    except SQLAlchemyError as error:
        said = str(error.orig if isinstance(error, DatabaseError) else error)
        yield Fault("", Text(en=said, zh=said))
    except StrongroomError as error:
        yield Fault("outbox", error.what)


def _pending(pair: Beside, size: int) -> Sequence[bytes]:
    rows = pair.rows(f"SELECT entry FROM {pair.used}.outbox WHERE seq >= :size ORDER BY seq", size=size)
    pending = [row[0] for row in rows]
    if not all(isinstance(entry, bytes) for entry in pending):
        raise CatalogueBroken(Text(en="an entry is no sequence of bytes", zh="有条目不是字节序列"))
    return pending


def _fault(found: Difference) -> Fault:
    what = found.fault or found.row
    if found.in_use:
        return Fault(found.table, Text(en=f"{what}: does not follow from the journal", zh=f"{what}：在日志中没有依据"))
    return Fault(found.table, Text(en=f"{what}: is missing", zh=f"{what}：目录库中缺失"))


def _impossible(pair: Beside, agreed: Agreed) -> Iterator[Fault]:
    """What the journal does not tell, and cannot be: how far it was published, and files of no record."""
    noted = [row[0] for row in pair.rows(f"SELECT edge FROM {pair.used}.published")]
    try:
        edge = parse_edge(noted[0] if noted else None)
    except CatalogueBroken as error:
        yield Fault("published", error.what)
        return
    newest = agreed.checkpoint
    if edge.size > newest.size or (edge.size == newest.size and edge.root() != newest.root) or len(noted) > 1:
        text = Text(en=f"{edge.size} entries are not what the stores have", zh=f"所记 {edge.size} 条与各存储不符")
        yield Fault("published", text)
    for name, size in pair.rows(f"SELECT name, journal_size FROM {pair.used}.store"):
        there = agreed.of_store.get(name)
        # A publication that was interrupted between the stores and the catalogue is made good by the next one.
        if there is not None and size != there.size and (edge.size == newest.size or size > there.size):
            text = Text(
                en=f"store {name} has {there.size} entries, not {size}",
                zh=f"存储 {name} 有 {there.size} 条，不是 {size}",
            )
            yield Fault("store", text)
    ((lost,),) = pair.rows(
        f"SELECT count(*) FROM {pair.used}.intake_file WHERE record_id NOT IN (SELECT id FROM {pair.replayed}.record)"
    )
    if lost:
        yield Fault("intake_file", Text(en=f"{lost} rows belong to no record", zh=f"{lost} 行不属于任何记录"))


def _misdated(pair: Beside, now: datetime) -> Iterator[Fault]:
    """When a copy was read, no entry tells; but not before it was made or last healed, and not in times to come.

    By a day a clock may be wrong, here as for scrub. One behind the journal's last act makes nothing impossible.
    """
    last = pair.rows(f"SELECT at FROM {pair.replayed}.journal ORDER BY seq DESC LIMIT 1")
    latest = spell_time(max([now, *(read_time(row[0]) for row in last)]) + timedelta(days=1))
    for name, count in pair.rows(pair.misdated.format(used=pair.used, replayed=pair.replayed), latest=latest):
        text = Text(
            en=f"store {name}: {count} copies were verified at a time that cannot be",
            zh=f"存储 {name}：{count} 个副本的核验时间不可能成立",
        )
        yield Fault("copy", text)
