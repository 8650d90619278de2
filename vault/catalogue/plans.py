"""Where copies ought to be, as rows: what is owed to a store, and what is to leave one (vault/placement.py decides).

Plans are no part of the journal: they follow from records, configuration and date, and can be made anew at any time.
They are made in the transaction that files a record, or says something else of it; for all when configuration or a
store's standing has changed; for some when an age rule comes due. Making them moves nothing: see vault/moving.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select, update

from vault import acts
from vault.catalogue import locks, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.copies import ABSENT, object_ids, store_ids
from vault.catalogue.database import Database
from vault.catalogue.holdings import records_of_case
from vault.catalogue.sites import Limits, Rules, sites
from vault.catalogue.subjects import DIGESTS, copies_of, holders_of, subject_of
from vault.catalogue.upserts import upsert
from vault.placement import Doors, Subject, place

_AT_ONCE = 500  # objects planned in one transaction
_SERIALS = select(schema.record.c.id)
_FILES = select(schema.record_file.c.object_id)
_sorted = msgspec.json.Encoder(order="sorted")


def plan_for(connection: Connection, rules: Rules, happened: Sequence[acts.AnyAct], now: datetime) -> None:
    """Plans for what acts have just made or healed, or of which they say something else."""
    limits = Limits()
    stored = [act for act in happened if isinstance(act, acts.RecordStored)]
    if stored:
        _plan_new(connection, rules, limits, stored, now)
    if rules.policy.ages and any(isinstance(act, acts.ProfileAdopted) for act in happened):
        after: int | None = 0
        while after is not None:  # any record's class may be another now
            after = plan_some(connection, rules, limits, after, now, settled=True)
    saying = (acts.RecordCorrected, acts.ClaimWithdrawn, acts.ClassAssigned)
    said = [act.record for act in happened if isinstance(act, saying)]
    said += [act.record for act in happened if isinstance(act, acts.RecordSeenAgain) and act.otherwise.case_number]
    cases = [act.case for act in happened if isinstance(act, acts.CaseFiled)]
    record, file = schema.record.c, schema.record_file.c
    serials = [row[0] for row in select_in(connection, _SERIALS, record.number, said)]
    serials += [serial for case in cases for serial in records_of_case(connection, case)]
    objects = {row[0] for row in select_in(connection, _FILES, file.record_id, serials)}
    objects.update(object_ids(connection, [act.sha256 for act in happened if isinstance(act, acts.CopyHealed)]))
    plan(connection, rules, limits, sorted(objects), now)


def _plan_new(
    connection: Connection, rules: Rules, limits: Limits, stored: Sequence[acts.RecordStored], now: datetime
) -> None:
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
                cases=(facts.case_number,) if facts.case_number else (),
                held=frozenset(act.stores),
            )
            chosen = set(place(subject, known, rules.policy, now).stores)
            everywhere = {site.name for site in known} if act.file_list is not None else chosen
            asked[about] = bool(rules.policy.ages) or chosen | everywhere != set(act.stores)
        if asked[about]:
            due.append(act.record)
    record, file = schema.record.c, schema.record_file.c
    serials = [row[0] for row in select_in(connection, _SERIALS, record.number, due)]
    objects = {row[0] for row in select_in(connection, _FILES, file.record_id, serials)}
    objects.update(object_ids(connection, [act.file_list.sha256 for act in stored if act.file_list is not None]))
    plan(connection, rules, limits, sorted(objects), now)


def plan(
    connection: Connection,
    rules: Rules,
    limits: Limits,
    objects: Sequence[int],
    now: datetime,
    *,
    settled: bool = True,
) -> None:
    """Plans for these objects, made anew."""
    if not objects:
        return
    known = sites(connection, rules)
    holders = holders_of(connection, objects)
    copies = copies_of(connection, objects)
    found = list(select_in(connection, DIGESTS, schema.object_.c.id, objects))
    digests, sizes = {row[0]: row[1] for row in found}, {row[0]: row[2] for row in found}
    limits.begin(connection, known, copies, sizes)
    until: dict[int, date | None] = {}
    work = _Work()
    for object_id in objects:
        states = copies.get(object_id, {})
        held = frozenset(name for name, state in states.items() if state not in ABSENT)
        chosen: set[str] = set()
        open_now = list(limits.open_to(known, sizes[object_id]).values())
        for row in holders.get(object_id, ()):
            subject = subject_of(row, held, digests[object_id])
            placed = place(subject, open_now, rules.policy, now, settled=settled)
            chosen.update(placed.stores)
            until[row[1]] = placed.until
        if object_id not in holders:  # a list of files belongs to the journal, and that is everywhere
            chosen = {site.name for site in known.values() if site.doors is not Doors.EMPTYING}
        limits.take(sizes[object_id], (name for name in chosen if states.get(name, "removing") in ABSENT))
        work.compare(object_id, chosen, states)
    work.write(connection)
    record = schema.record
    for serial, day in until.items():
        spelt = day.isoformat() if day else None
        connection.execute(
            update(record)
            .where(record.c.id == serial, record.c.place_on.is_distinct_from(spelt))
            .values(place_on=spelt)
        )


def plan_all(
    database: Database, rules: Rules, now: datetime, *, settled: bool = True, only_if_stale: bool = False
) -> None:
    """Plans for everything, some objects a transaction. `only_if_stale`: unless they were made by these rules."""
    with database.reading() as connection:
        stamp = _stamp(connection, rules)
        if only_if_stale and _stamped(connection) == stamp:
            return
    limits = Limits()
    after: int | None = 0
    while after is not None:
        with database.writing() as connection:
            after = plan_some(connection, rules, limits, after, now, settled=settled)
    with database.writing() as connection:
        row = {"id": 1, "rules": stamp}
        new = upsert(schema.planned).values(row)
        connection.execute(new.on_conflict_do_update(index_elements=schema.planned.primary_key, set_=row))


def plan_some(
    connection: Connection, rules: Rules, limits: Limits, after: int, now: datetime, *, settled: bool
) -> int | None:
    """Plans for the objects that come next; the last of them, None at the end."""
    page = select(schema.object_.c.id).where(schema.object_.c.id > after).order_by(schema.object_.c.id)
    objects = connection.execute(page.limit(_AT_ONCE)).scalars().all()
    plan(connection, rules, limits, objects, now, settled=settled)
    return objects[-1] if objects else None


def plan_due(database: Database, rules: Rules, now: datetime) -> None:
    """Plans for records that an age rule moves by today."""
    limits = Limits()
    record, file = schema.record.c, schema.record_file.c
    today = now.astimezone(UTC).date().isoformat()
    while True:
        with database.writing() as connection:
            page = select(record.id).where(record.place_on <= today).order_by(record.place_on, record.id)
            serials = connection.execute(page.limit(_AT_ONCE)).scalars().all()
            if not serials:
                return
            connection.execute(update(schema.record).where(record.id.in_(serials)).values(place_on=None))
            rows = select_in(connection, _FILES, file.record_id, serials)
            plan(connection, rules, limits, sorted({row[0] for row in rows}), now)


def _stamp(connection: Connection, rules: Rules) -> str:
    """What plans follow from, apart from the records and the day."""
    return hashlib.sha256(_sorted.encode((rules.policy, list(sites(connection, rules).values())))).hexdigest()


def _stamped(connection: Connection) -> str | None:
    return connection.execute(select(schema.planned.c.rules)).scalar()


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
                fresh = upsert(copy)
                now = {"state": fresh.excluded.state}
                connection.execute(fresh.on_conflict_do_update(index_elements=copy.primary_key, set_=now), rows)
        locks.look_again(connection, [one for _, one in self.staying])
        for name, one in self.not_owed:
            connection.execute(delete(copy).where(copy.c.store_id == ids[name], copy.c.object_id == one))
