"""Where copies ought to be, as rows: what is owed to a store, and what is to leave one (vault/placement.py decides).

Plans are no part of the journal: they follow from records, configuration and date, and can be made anew at any time.
They are made in the transaction that files a record, or says something else of it; for all when configuration or a
store's standing has changed; for some when an age rule comes due. Making them moves nothing: see vault/moving.py.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from vault import acts
from vault.catalogue import locks, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.copies import ABSENT, object_ids, states_of, store_ids
from vault.catalogue.database import Database
from vault.catalogue.rows import read_time
from vault.placement import Doors, Policy, Site, Subject, place, why_not
from vault.text import Text

_AT_ONCE = 500  # objects planned in one transaction
_sorted = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration's part of placement."""

    policy: Policy
    configured: tuple[Site, ...]


@dataclass(slots=True)
class Changes:
    """What planning came to: copies newly owed, and newly to leave."""

    objects: int = 0
    owed: int = 0
    leaving: int = 0


def sites(connection: Connection, rules: Rules, away: Iterable[str] = ()) -> dict[str, Site]:
    """The stores that are attached, with their doors as they stand now; those `away` take nothing for the moment."""
    rows = {row.name: row for row in connection.execute(select(schema.store))}
    doors = {"open": Doors.OPEN, "suspected": Doors.SUSPECTED, "emptying": Doors.EMPTYING}
    found: dict[str, Site] = {}
    for site in rules.configured:
        if (row := rows.get(site.name)) is None:
            continue
        full = bool(site.limit) and row.bytes >= site.limit
        closed = full or site.doors is Doors.CLOSED or site.name in away
        standing = doors[row.standing]
        found[site.name] = replace(site, doors=Doors.CLOSED if closed and standing is Doors.OPEN else standing)
    return found


def plan_for(connection: Connection, rules: Rules, happened: Sequence[acts.AnyAct], now: datetime) -> None:
    """Plans for what acts have just made or healed, or of which they say something else."""
    stored = [act for act in happened if isinstance(act, acts.RecordStored)]
    if stored:
        _plan_new(connection, rules, stored, now)
    if rules.policy.ages and any(isinstance(act, acts.ProfileAdopted) for act in happened):
        for page in _pages(connection):  # any record's class may be another now
            plan(connection, rules, page, now, Changes())
    said = [act.record for act in happened if isinstance(act, (acts.RecordCorrected, acts.ClassAssigned))]
    cases = [act.case for act in happened if isinstance(act, acts.CaseFiled)]
    record, file = schema.record.c, schema.record_file.c
    serials = [row[0] for row in select_in(connection, select(record.id), record.number, said)]
    serials += [row[0] for row in select_in(connection, select(record.id), record.case_number, cases)]
    objects = {row[0] for row in select_in(connection, select(file.object_id), file.record_id, serials)}
    objects.update(object_ids(connection, [act.sha256 for act in happened if isinstance(act, acts.CopyHealed)]))
    plan(connection, rules, sorted(objects), now, Changes())


def _plan_new(connection: Connection, rules: Rules, stored: Sequence[acts.RecordStored], now: datetime) -> None:
    """Mostly nothing is left to do."""
    known = list(sites(connection, rules).values())
    asked: dict[tuple[Any, ...], bool] = {}
    due: list[str] = []
    for act in stored:
        facts = act.facts
        about = (facts.confidentiality, facts.case_number, act.stores, act.file_list is not None)
        if about not in asked:
            subject = Subject(
                stored_at=act.at,
                confidentiality=facts.confidentiality,
                case_number=facts.case_number,
                held=frozenset(act.stores),
            )
            chosen = set(place(subject, known, rules.policy, now).stores)
            everywhere = {site.name for site in known} if act.file_list is not None else chosen
            asked[about] = bool(rules.policy.ages) or chosen | everywhere != set(act.stores)
        if asked[about]:
            due.append(act.record)
    record, file = schema.record.c, schema.record_file.c
    serials = [row[0] for row in select_in(connection, select(record.id), record.number, due)]
    objects = {row[0] for row in select_in(connection, select(file.object_id), file.record_id, serials)}
    lists = [bytes.fromhex(act.file_list.sha256) for act in stored if act.file_list is not None]
    objects |= {row[0] for row in select_in(connection, select(schema.object_.c.id), schema.object_.c.sha256, lists)}
    plan(connection, rules, sorted(objects), now, Changes())


def plan(
    connection: Connection,
    rules: Rules,
    objects: Sequence[int],
    now: datetime,
    changes: Changes,
    *,
    settled: bool = True,
) -> None:
    """Plans for these objects, made anew."""
    if not objects:
        return
    known = sites(connection, rules)
    holders = _holders(connection, objects)
    copies = _copies(connection, objects)
    found = list(select_in(connection, _DIGESTS, schema.object_.c.id, objects))
    digests, sizes = {row[0]: row[1] for row in found}, {row[0]: row[2] for row in found}
    limits = _Limits(connection, known, copies, sizes)
    until: dict[int, date | None] = {}
    work = _Work()
    for object_id in objects:
        states = copies.get(object_id, {})
        held = frozenset(name for name, state in states.items() if state not in ABSENT)
        chosen: set[str] = set()
        for row in holders.get(object_id, ()):
            subject = _subject(row, held, digests[object_id])
            placed = place(subject, list(known.values()), rules.policy, now, settled=settled)
            chosen.update(placed.stores)
            until[row[1]] = placed.until
        if object_id not in holders:  # a list of files belongs to the journal, and that is everywhere
            chosen = {site.name for site in known.values() if site.doors is not Doors.EMPTYING}
        limits.take(sizes[object_id], (name for name in chosen if states.get(name, "removing") in ABSENT))
        work.compare(object_id, chosen, states)
    changes.objects += len(objects)
    changes.owed += len(work.owed)
    changes.leaving += len(work.leaving)
    work.write(connection)
    record = schema.record
    for serial, day in until.items():
        spelt = day.isoformat() if day else None
        connection.execute(
            update(record).where(record.c.id == serial, record.c.place_on.is_not(spelt)).values(place_on=spelt)
        )


def explain(connection: Connection, rules: Rules, serial: int, now: datetime) -> dict[str, Text | None]:
    """Of each store why a record's first file has no place there; None: it has."""
    first = select(schema.record_file.c.object_id).where(schema.record_file.c.record_id == serial)
    object_id = connection.execute(first.order_by(schema.record_file.c.position).limit(1)).scalar_one()
    known = list(sites(connection, rules).values())
    states = _copies(connection, [object_id]).get(object_id, {})
    held = frozenset(name for name, state in states.items() if state not in ABSENT)
    digest = connection.execute(_DIGESTS.where(schema.object_.c.id == object_id)).one()[1]
    row = next(row for row in _holders(connection, [object_id])[object_id] if row[1] == serial)
    subject = _subject(row, held, digest)
    chosen = place(subject, known, rules.policy, now).stores
    return {
        site.name: None if site.name in chosen else why_not(subject, site, known, rules.policy, now) for site in known
    }


def plan_all(
    database: Database, rules: Rules, now: datetime, *, settled: bool = True, only_if_stale: bool = False
) -> Changes:
    """Plans for everything, some objects a transaction. `only_if_stale`: unless they were made by these rules."""
    changes = Changes()
    with database.reading() as connection:
        stamp = _stamp(connection, rules)
        if only_if_stale and _stamped(connection) == stamp:
            return changes
    after = 0
    while True:
        with database.writing() as connection:
            page = select(schema.object_.c.id).where(schema.object_.c.id > after).order_by(schema.object_.c.id)
            objects = connection.execute(page.limit(_AT_ONCE)).scalars().all()
            plan(connection, rules, objects, now, changes, settled=settled)
        if not objects:
            break
        after = objects[-1]
    with database.writing() as connection:
        row = {"id": 1, "rules": stamp}
        connection.execute(insert(schema.planned).values(row).on_conflict_do_update(set_=row))
    return changes


@dataclass(frozen=True, slots=True)
class ToDo:
    """Copies on a store that are not as they ought to be."""

    store: str
    state: str
    copies: int
    bytes: int


def to_do(connection: Connection) -> list[ToDo]:
    """What moving would have to do, by index."""
    copy, store, object_ = schema.copy.c, schema.store.c, schema.object_.c
    query = (
        select(store.name, copy.state, func.count(), func.sum(object_.size))
        .join(schema.copy, copy.store_id == store.id)
        .join(schema.object_, object_.id == copy.object_id)
        .where(text("copy.state != 'good'"))
        .group_by(store.id, copy.state)
        .order_by(store.id, copy.state)
    )
    return [ToDo(*row) for row in connection.execute(query)]


def preview(database: Database, rules: Rules, now: datetime, *, settled: bool = True, emptied: str = "") -> list[ToDo]:
    """What there would be to do if plans were made now, with that store to be `emptied`; nothing is changed."""
    found: list[ToDo] = []
    with suppress(_Undone), database.writing() as connection:
        connection.execute(update(schema.store).where(schema.store.c.name == emptied).values(standing="emptying"))
        for objects in _pages(connection):
            plan(connection, rules, objects, now, Changes(), settled=settled)
        found = to_do(connection)
        raise _Undone
    return found


class _Undone(Exception):
    """Rolls a transaction back."""


def _pages(connection: Connection) -> Iterator[Sequence[int]]:
    after = 0
    object_id = schema.object_.c.id
    while (
        objects := connection.execute(select(object_id).where(object_id > after).order_by(object_id).limit(_AT_ONCE))
        .scalars()
        .all()
    ):
        yield objects
        after = objects[-1]


def plan_due(database: Database, rules: Rules, now: datetime) -> Changes:
    """Plans for records that an age rule moves by today."""
    changes = Changes()
    record, file = schema.record.c, schema.record_file.c
    today = now.astimezone(UTC).date().isoformat()
    while True:
        with database.writing() as connection:
            page = select(record.id).where(record.place_on <= today).order_by(record.place_on, record.id)
            serials = connection.execute(page.limit(_AT_ONCE)).scalars().all()
            if not serials:
                return changes
            connection.execute(update(schema.record).where(record.id.in_(serials)).values(place_on=None))
            rows = select_in(connection, select(file.object_id), file.record_id, serials)
            plan(connection, rules, sorted({row[0] for row in rows}), now, changes)


def _stamp(connection: Connection, rules: Rules) -> str:
    """What plans follow from, apart from the records and the day."""
    return hashlib.sha256(_sorted.encode((rules.policy, list(sites(connection, rules).values())))).hexdigest()


def _stamped(connection: Connection) -> str | None:
    return connection.execute(select(schema.planned.c.rules)).scalar()


_DIGESTS = select(schema.object_.c.id, schema.object_.c.sha256, schema.object_.c.size)
_HOLDERS = select(
    schema.record_file.c.object_id,
    schema.record.c.id,
    schema.record.c.stored_at,
    schema.record.c.confidentiality,
    schema.record.c.case_number,
    schema.record.c.retention_class,
).join(schema.record, schema.record.c.id == schema.record_file.c.record_id)


def _holders(connection: Connection, objects: Sequence[int]) -> dict[int, list[Any]]:
    """Records that hold each object."""
    holders: dict[int, list[Any]] = {}
    for row in select_in(connection, _HOLDERS, schema.record_file.c.object_id, objects):
        holders.setdefault(row[0], []).append(row)
    return holders


def _copies(connection: Connection, objects: Sequence[int]) -> dict[int, dict[str, str]]:
    """Each object's copies: store -> state."""
    names = {store_id: name for name, store_id in store_ids(connection).items()}
    copies: dict[int, dict[str, str]] = {}
    for store_id, state, object_id in states_of(connection, objects):
        copies.setdefault(object_id, {})[names[store_id]] = state
    return copies


def _subject(row: Any, held: frozenset[str], digest: bytes) -> Subject:
    _, _, stored_at, confidentiality, case_number, retention_class = row
    return Subject(
        stored_at=read_time(stored_at),
        confidentiality=confidentiality or "",
        case_number=case_number or "",
        retention_class=retention_class,
        key=digest,
        held=held,
    )


class _Limits:
    """What the limits of stores leave, while plans are made anew for some objects. A store that is full is closed."""

    def __init__(
        self,
        connection: Connection,
        known: dict[str, Site],
        copies: Mapping[int, Mapping[str, str]],
        sizes: Mapping[int, int],
    ) -> None:
        self._known = known
        self._left: dict[str, int] = {}
        if not any(site.limit for site in known.values()):
            return
        taken = {row.name: row.bytes for row in connection.execute(select(schema.store.c.name, schema.store.c.bytes))}
        for one in to_do(connection):
            taken[one.store] += one.bytes if one.state == "owed" else 0
        for object_id, states in copies.items():  # what is owed of these is decided anew
            for name in (name for name, state in states.items() if state == "owed"):
                taken[name] -= sizes[object_id]
        self._left = {site.name: site.limit - taken[site.name] for site in known.values() if site.limit}
        self.take(0, self._left)

    def take(self, size: int, names: Iterable[str]) -> None:
        """So many bytes more on these stores."""
        for name in [name for name in names if name in self._left]:
            self._left[name] -= size
            if self._left[name] <= 0 and self._known[name].doors is Doors.OPEN:
                self._known[name] = replace(self._known[name], doors=Doors.CLOSED)


@dataclass(slots=True)
class _Work:
    """Rows that change, by store and object."""

    owed: list[tuple[str, int]] = field(default_factory=list)
    not_owed: list[tuple[str, int]] = field(default_factory=list)
    leaving: list[tuple[str, int]] = field(default_factory=list)
    staying: list[tuple[str, int]] = field(default_factory=list)

    def compare(self, object_id: int, chosen: set[str], states: Mapping[str, str]) -> None:
        for name in sorted(chosen):
            state = states.get(name, "removing")
            if state == "removing":
                self.owed.append((name, object_id))
            elif state == "leaving":
                self.staying.append((name, object_id))
        for name, state in states.items():
            if name in chosen:
                continue
            if state == "owed":
                self.not_owed.append((name, object_id))
            elif state == "good":  # what is damaged is healed first, lest its damage be forgotten
                self.leaving.append((name, object_id))

    def write(self, connection: Connection) -> None:
        ids = store_ids(connection)
        copy = schema.copy
        for pairs, state in ((self.owed, "owed"), (self.leaving, "leaving"), (self.staying, "good")):
            rows = [{"store_id": ids[name], "object_id": one, "state": state, "verified_at": ""} for name, one in pairs]
            if rows:
                fresh = insert(copy)
                connection.execute(fresh.on_conflict_do_update(set_={"state": fresh.excluded.state}), rows)
        locks.look_again(connection, [one for _, one in self.staying])
        for name, one in self.not_owed:
            connection.execute(delete(copy).where(copy.c.store_id == ids[name], copy.c.object_id == one))
