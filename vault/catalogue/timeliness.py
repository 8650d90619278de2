"""What became of records' deadlines, as columns, and the questions asked of them.

The answer follows from a record's facts and stands beside it. Only what is late or unclear is in the index: in a vault
of a million records a listing costs what it lists.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import msgspec
from sqlalchemy import Connection, RowMapping, Select, func, or_, select, text

from vault.catalogue import schema
from vault.catalogue.queries import PAGE, read_records
from vault.catalogue.rows import read_time, spell_time
from vault.catalogue.schema.records import RECORDED_AHEAD
from vault.deadlines import Deadline, Timeliness
from vault.facts import FACT, FACTS, Facts
from vault.moments import local
from vault.profile import Profile
from vault.profile.known import in_words
from vault.records import Record
from vault.terms import local_day
from vault.text import Text

Lateness = Literal["late", "explained", "unclear"]
LATENESS: tuple[Lateness, ...] = get_args(Lateness)

_record = schema.record.c
_said = schema.late_explained.c
_AHEAD = text(f"({RECORDED_AHEAD})")


def timeliness_columns(due: Deadline, stored_at: datetime, explained: bool = False) -> dict[str, str | None]:
    """What the catalogue keeps of a stored record's deadline."""
    lateness: Lateness | None = None
    by = due.by
    match due.judge(stored_at):
        case Timeliness.LATE:
            lateness = "explained" if explained else "late"
        case Timeliness.UNCLEAR:
            lateness, by = "unclear", None
        case _:
            pass
    return {"store_by": spell_time(by) if by else None, "lateness": lateness}


def is_explained(connection: Connection, serial: int) -> bool:
    """Whether somebody has said why the record came late."""
    return connection.execute(select(_said.at).where(_said.record_id == serial).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Why:
    """What somebody said of a record that came late."""

    at: datetime
    by: str
    why: str


def explanations(connection: Connection, serial: int) -> tuple[Why, ...]:
    """What was said of a record that came late, in order."""
    rows = connection.execute(select(schema.late_explained).where(_said.record_id == serial).order_by(_said.at))
    return tuple(Why(read_time(row.at), row.by, row.why) for row in rows)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was put right of a record that had come late, or came late by it: facts on which its deadline depends,
    before and after. `store_by`: the deadline before, None where there was none."""

    at: datetime
    by: str
    why: str
    store_by: datetime | None
    was: Facts
    becomes: Facts

    def told(self, profile: Profile) -> Text:
        """What was said before, and what it was corrected to; on the office's clock, in the profile's words."""
        names = [fact.name for fact in FACTS if getattr(self.was, fact.name) != getattr(self.becomes, fact.name)]
        changes = [(FACT[n].label, _spelled(self.was, n, profile), _spelled(self.becomes, n, profile)) for n in names]
        en = "; ".join(f"{label.en}: {was.en} → {becomes.en}" for label, was, becomes in changes)
        zh = "；".join(f"{label.zh}：{was.zh}→{becomes.zh}" for label, was, becomes in changes)
        on = local_day(self.at, profile.zone)
        return Text(en=f"corrected on {on} by {self.by}: {en}", zh=f"{on} 由 {self.by} 更正：{zh}")


def _spelled(facts: Facts, name: str, profile: Profile) -> Text:
    value = getattr(facts, name)
    if not value:
        return Text(en="—", zh="—")
    if isinstance(value, datetime):
        return Text(en=local(value, profile.zone), zh=local(value, profile.zone))
    return in_words(profile, name, value)


def corrections(connection: Connection, serial: int) -> tuple[Corrected, ...]:
    """What was put right of a record after it had been found late, in order: the first has what was said first."""
    row = schema.late_corrected
    found = connection.execute(select(row).where(row.c.record_id == serial).order_by(row.c.at))
    return tuple(
        Corrected(
            read_time(one.at),
            one.by,
            one.why,
            read_time(one.store_by) if one.store_by is not None else None,
            msgspec.json.decode(one.was, type=Facts),
            msgspec.json.decode(one.becomes, type=Facts),
        )
        for one in found
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a record's deadline came to, by the profile of its day. `lateness` None: in time, or there was none."""

    store_by: datetime | None
    lateness: Lateness | None


def judged(connection: Connection, serial: int) -> Judged:
    """What the catalogue has of one record."""
    found = connection.execute(select(_record.store_by, _record.lateness).where(_record.id == serial))
    return judged_in(found.mappings().one())


def judged_in(row: RowMapping) -> Judged:
    """What a record's row says."""
    return Judged(read_time(row["store_by"]) if row["store_by"] else None, row["lateness"])


def listed(connection: Connection, lateness: Lateness) -> Iterator[tuple[Record, Judged]]:
    """Records of which that is so, in the order in which they came. Memory holds a page."""
    wanted = select(_record.id, _record.store_by, _record.lateness).where(_record.lateness == lateness)
    yield from _pages(connection, wanted)


def _pages(
    connection: Connection, wanted: Select[tuple[int, str | None, str | None]]
) -> Iterator[tuple[Record, Judged]]:
    after = 0
    while True:
        rows = connection.execute(wanted.where(_record.id > after).order_by(_record.id).limit(PAGE)).mappings().all()
        for row, record in zip(rows, read_records(connection, [row["id"] for row in rows]), strict=True):
            yield record, judged_in(row)
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def recorded_ahead(connection: Connection, but: Collection[Lateness] = ()) -> Iterator[tuple[Record, Judged]]:
    """Records that were recorded, by their own time, after they were stored, in the order in which they came; but for
    those of which that is so. Memory holds a page."""
    wanted = select(_record.id, _record.store_by, _record.lateness).where(_AHEAD)
    if but:
        wanted = wanted.where(or_(_record.lateness.is_(None), _record.lateness.not_in(but)))
    yield from _pages(connection, wanted)


def count_ahead(connection: Connection) -> int:
    """How many those are; from the index alone."""
    return int(connection.execute(select(func.count()).select_from(schema.record).where(_AHEAD)).scalar_one())


def counted(connection: Connection) -> dict[Lateness, int]:
    """How many records came late, explained or not, and of how many nobody can tell; from the index alone."""
    rows = connection.execute(
        select(_record.lateness, func.count()).where(_record.lateness.is_not(None)).group_by(_record.lateness)
    )
    found = {row[0]: int(row[1]) for row in rows}
    return {lateness: found.get(lateness, 0) for lateness in LATENESS}
