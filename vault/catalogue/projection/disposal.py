"""Disposal: lists on their way, and records that come to their end.

With the entry that destruction begins, a record's files and objects leave the catalogue: nothing is owed, checked or
healed of them any more, and the same content that comes in later makes a new record. What each store still has to
destroy is in a table of its own until the store has done it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from vault import acts
from vault.actions import Action
from vault.approvals import digest_of
from vault.catalogue import copies, demands, disposals, dooming, imagefiles, schema, spoiled, tally
from vault.catalogue.bulk import select_in
from vault.catalogue.discs import discs_with
from vault.catalogue.inforce import adoption_in_force
from vault.catalogue.named import keep_named
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.discs import destroy
from vault.catalogue.projection.said import reckon
from vault.catalogue.projection.signing import signed_as
from vault.catalogue.quantities import Quantity, quantities
from vault.catalogue.rows import read_listed, read_origins, serial_of, spell_date, spell_json, spell_time
from vault.catalogue.texts import texts_of
from vault.catalogue.upserts import upsert
from vault.digest import Digest
from vault.discs.states import THERE, Step
from vault.disposal.rules import SUPERVISORS, State
from vault.facts import FACTS, Facts
from vault.profile import Profile
from vault.records import SAID_OF_DESTROYED, Standing
from vault.terms import RetentionClass

_FORGOTTEN = {fact.name: None for fact in FACTS if fact.name not in SAID_OF_DESTROYED}
_DIGESTS = select(schema.object_.c.id, schema.object_.c.sha256)
_AT_ONCE = 500  # records in one statement


def _open(connection: Connection, profile: Profile, act: acts.DisposalOpened) -> None:
    row = {"number": act.disposal, "state": State.APPRAISING.value, "why": act.why}
    by = signed_as(connection, act.by, Action.DISPOSAL_PROPOSE)
    opened = {"opened_by": act.by, "opened_at": spell_time(act.at)} | {f"opened_{key}": by[key] for key in by}
    takes = profile.disposal.supervisors if profile.disposal is not None else SUPERVISORS
    connection.execute(insert(schema.disposal), row | opened | {"request": "", "supervisors": takes})


def _appraise(connection: Connection, profile: Profile, act: acts.RecordsAppraised) -> None:
    by = signed_as(connection, act.by, Action.DISPOSAL_APPRAISE)
    for one in act.appraised:
        serial = serial_of(one.record)
        quantity = quantities(connection, [serial]).get(serial, Quantity())
        decided = {
            "fate": one.fate,
            "why": one.why,
            "until": spell_date(one.until),
            "by": act.by,
            **by,
            "at": spell_time(act.at),
            "said": spell_json(one.said),
            "said_sha256": digest_of(one.said),
            "files": quantity.files,
            "bytes": quantity.bytes,
            "milliseconds": quantity.milliseconds,
            "returned": "",
        }
        row = {"disposal": act.disposal, "record_id": serial, "outcome": "", "spared_why": "", **decided}
        connection.execute(
            upsert(schema.appraised)
            .values(row)
            .on_conflict_do_update(index_elements=schema.appraised.primary_key, set_=decided)
        )
        _lengthen(connection, act, one)
    kept = [serial_of(one.record) for one in act.appraised if one.fate != "dispose"]
    reckon(connection, profile, kept)
    _void(connection, act.disposal)
    line = schema.appraised.c
    to_go = select(line.record_id).where(line.disposal == act.disposal, line.fate == "dispose").limit(1)
    if connection.execute(to_go).first() is None:
        _set(connection, act.disposal, state=State.KEPT.value, ended_at=spell_time(act.at))


def _lengthen(connection: Connection, act: acts.RecordsAppraised, one: acts.Appraisal) -> None:
    said = {"record_id": serial_of(one.record), "at": spell_time(act.at), "by": act.by, "why": one.why}
    if one.fate == "keep":
        permanent = {"retention_class": RetentionClass.PERMANENT.value, "citation": ""}
        connection.execute(insert(schema.assigned), said | permanent)
    elif one.fate == "extend":
        connection.execute(insert(schema.extension), said | {"until": spell_date(one.until)})


def _void(connection: Connection, disposal: str) -> None:
    """A change of the list takes back all that was said of it before."""
    _set(connection, disposal, state=State.APPRAISING.value, request="", adoption=None, ended_at=None)
    connection.execute(delete(schema.disposal_signature).where(schema.disposal_signature.c.disposal == disposal))


def _set(connection: Connection, disposal: str, **values: str | int | None) -> None:
    connection.execute(update(schema.disposal).where(schema.disposal.c.number == disposal).values(values))


def _submit(connection: Connection, profile: Profile, act: acts.DisposalSubmitted) -> None:
    _void(connection, act.disposal)
    _set(
        connection,
        act.disposal,
        state=State.SUBMITTED.value,
        request=act.request,
        supervisors=act.supervisors,
        adoption=adoption_in_force(connection).number,
    )


def _supervise(connection: Connection, profile: Profile, act: acts.DisposalSupervised) -> None:
    _replace_those_who_left(connection, act.disposal, act.by)
    row = {"disposal": act.disposal, "by": act.by, "at": spell_time(act.at), "sha256": act.sha256}
    row |= signed_as(connection, act.by, Action.DISPOSAL_SUPERVISE)
    connection.execute(insert(schema.disposal_signature), row | {"runs_from": spell_time(act.runs_from)})


def _replace_those_who_left(connection: Connection, number: str, by: str) -> None:
    """Somebody signs in their place, the first one's first: that they had signed stays known."""
    disposal, table = disposals.get(connection, number), schema.disposal_signature
    gone = [one.by for one in disposal.signatures if not one.stands and one.replaced is None]
    if gone:
        first = update(table).where(table.c.disposal == number, table.c.by == gone[0])
        connection.execute(first.values(replaced_by=by))


def _stop(connection: Connection, profile: Profile, act: acts.DisposalStopped) -> None:
    signed = signed_as(connection, act.by, Action.DISPOSAL_STOP)
    stopped = {"stopped_by": act.by} | {f"stopped_{key}": value for key, value in signed.items()}
    _set(connection, act.disposal, state=State.STOPPED.value, why=act.why, ended_at=spell_time(act.at), **stopped)


def _spare(connection: Connection, profile: Profile, act: acts.RecordsSpared) -> None:
    row = schema.appraised.c
    for one in act.spared:
        connection.execute(
            update(schema.appraised)
            .where(row.disposal == act.disposal, row.record_id == serial_of(one.record))
            .values(outcome="spared", spared_why=spell_json(one.why))
        )
    _note_begun(connection, act.disposal, act)


def _note_begun(connection: Connection, disposal: str, act: acts.RecordsSpared | acts.DestructionBegun) -> None:
    """It begins with the first record that is decided on at last."""
    disposal_ = schema.disposal.c
    _set(connection, disposal, state=State.DESTROYING.value)
    signed = signed_as(connection, act.by, Action.DISPOSAL_RUN)
    begun = {"begun_by": act.by, "begun_at": spell_time(act.at)} | {f"begun_{key}": signed[key] for key in signed}
    first = update(schema.disposal).where(disposal_.number == disposal, disposal_.begun_at.is_(None))
    connection.execute(first.values(begun))


def _note_carried_out(connection: Connection, act: acts.DestructionBegun | acts.CopiesDestroyed) -> None:
    """Whoever destroys, from their first act to their last."""
    table, at = schema.carried_out, spell_time(act.at)
    first = {"disposal": act.disposal, "by": act.by, "first_at": at, "last_at": at}
    row = upsert(table).values(first | signed_as(connection, act.by, Action.DISPOSAL_RUN))
    connection.execute(row.on_conflict_do_update(index_elements=table.primary_key, set_={"last_at": at}))


def _begin(connection: Connection, profile: Profile, act: acts.DestructionBegun) -> None:
    _note_begun(connection, act.disposal, act)
    _note_carried_out(connection, act)
    pairs = [(serial_of(one.record), Digest.parse(sha256).raw) for one in act.doomed for sha256 in one.objects]
    digests = {raw.hex(): raw for _, raw in pairs}
    _note_staying(connection, act, list(digests.values()))
    _end_records(connection, act)
    _add_disc_tasks(connection, act)
    now = adoption_in_force(connection).number
    rows = [{"disposal": act.disposal, "sha256": raw, "record_id": serial, "adoption": now} for serial, raw in pairs]
    if rows:
        connection.execute(upsert(schema.doomed).on_conflict_do_nothing(), rows)
    objects = copies.object_ids(connection, digests)
    held = _held(connection, objects)
    for store in act.stores:
        _leave_to_do(connection, act.disposal, store, digests.values(), held.get(store, frozenset()))
    copies.drop(connection, objects, act.at)


def _note_staying(connection: Connection, act: acts.DestructionBegun, doomed: Sequence[bytes]) -> None:
    """Objects of the records that end of which there is no end, and for whom each stays; what ends with a record
    further on is none of them."""
    object_, file, staying = schema.object_.c, schema.record_file.c, schema.staying_object.c
    serials = [serial_of(one.record) for one in act.doomed]
    theirs = select(file.record_id, object_.sha256).join(schema.object_, object_.id == file.object_id).distinct()
    for some in _some(serials):
        pairs = connection.execute(theirs.where(file.record_id.in_(some))).all()
        had = Counter(pair.record_id for pair in pairs)
        rows = [
            {
                "disposal": act.disposal,
                "record_id": pair.record_id,
                "sha256": pair.sha256,
                "objects": had[pair.record_id],
                "kept_for": None,
            }
            for pair in pairs
        ]
        if rows:
            connection.execute(upsert(schema.staying_object).on_conflict_do_nothing(), rows)
        _note_for_whom(connection, act.disposal, {pair.sha256 for pair in pairs}.difference(doomed), serials)
    for some in _some(doomed):
        mine = (staying.disposal == act.disposal) & staying.sha256.in_(some)
        connection.execute(delete(schema.staying_object).where(mine))


def _note_for_whom(connection: Connection, disposal: str, objects: Collection[bytes], ending: Sequence[int]) -> None:
    """The first record that holds each of these objects, of those that do not end now; by whichever record of the list
    they were noted."""
    staying = schema.staying_object.c
    for sha256 in sorted(objects):
        holder = dooming.first_holder(connection, Digest(sha256), ending)
        mine = (staying.disposal == disposal) & (staying.sha256 == sha256)
        connection.execute(update(schema.staying_object).where(mine).values(kept_for=holder))


def _held(connection: Connection, objects: Sequence[int]) -> dict[str, set[bytes]]:
    """Store -> those of the objects of which it has a copy by the journal."""
    stores = {store_id: name for name, store_id in copies.store_ids(connection).items()}
    here = [(stores[at], one) for at, state, one in copies.states_of(connection, objects) if state not in copies.ABSENT]
    names = dict(select_in(connection, _DIGESTS, schema.object_.c.id, sorted({one for _, one in here})))
    found: dict[str, set[bytes]] = {}
    for store, one in here:
        found.setdefault(store, set()).add(names[one])
    return found


def _leave_to_do(
    connection: Connection, disposal: str, store: str, digests: Iterable[bytes], held: Collection[bytes]
) -> None:
    rows = [{"disposal": disposal, "store": store, "sha256": raw, "held": int(raw in held)} for raw in digests]
    if rows:
        connection.execute(upsert(schema.doomed_copy).on_conflict_do_nothing(), rows)


def _end_records(connection: Connection, act: acts.DestructionBegun) -> None:
    serials = [serial_of(one.record) for one in act.doomed]
    record, appraised = schema.record.c, schema.appraised.c
    ended = {"standing": Standing.DESTROYED.value, "expires_on": None, "lock_day": None, "place_on": None}
    for some in _some(serials):
        tally.leave(connection, some)
        connection.execute(update(schema.record).where(record.id.in_(some)).values(ended))
        mine = update(schema.appraised).where(appraised.disposal == act.disposal, appraised.record_id.in_(some))
        connection.execute(mine.values(outcome="begun"))
        for table in (schema.record_file, schema.intake_file):
            connection.execute(delete(table).where(table.c.record_id.in_(some)))
        texts_of(connection).forget(connection, some)
        demands.drop(connection, some)


def _add_disc_tasks(connection: Connection, act: acts.DestructionBegun) -> None:
    """Every disc, of whatever set and generation, that carries one of the records and can be taken in hand; one that
    was written off as well, since some of it may be readable; and every file of an image, wherever it lies."""
    empty = {f"{which}_{what}": "" for which in ("first", "second") for what in ("by", "name", "title", "at")}
    still = {"how": "", "erased_at": None}
    for some in _some([serial_of(one.record) for one in act.doomed]):
        found = (*discs_with(connection, some, THERE), *spoiled.with_records(connection, some))
        found += (*imagefiles.with_records(connection, some),)
        rows = [{"disposal": act.disposal, "disc": name, **empty, **still} for name in found]
        if rows:
            connection.execute(upsert(schema.disc_task).on_conflict_do_nothing(), rows)


def _some(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _note_destroyed(connection: Connection, profile: Profile, act: acts.CopiesDestroyed) -> None:
    if act.sha256:
        _note_carried_out(connection, act)
    row = schema.doomed_copy.c
    of_store = (row.disposal == act.disposal) & (row.store == act.store)
    ended = 0
    for some in _some([Digest.parse(sha256).raw for sha256 in act.sha256]):
        held = select(func.coalesce(func.sum(row.held), 0)).where(of_store & row.sha256.in_(some))
        ended += connection.execute(held).scalar_one()
    for some in _some([Digest.parse(sha256).raw for sha256 in (*act.sha256, *act.returned)]):
        connection.execute(delete(schema.doomed_copy).where(of_store & row.sha256.in_(some)))
    so_far = schema.destroyed_copies
    first = upsert(so_far).values(disposal=act.disposal, store=act.store, copies=ended)
    more = {"copies": so_far.c.copies + ended}
    connection.execute(first.on_conflict_do_update(index_elements=["disposal", "store"], set_=more))


def _note_left(connection: Connection, profile: Profile, act: acts.CopiesLeft) -> None:
    _leave_to_do(connection, act.disposal, act.store, [Digest.parse(sha256).raw for sha256 in act.sha256], ())


def _prove(connection: Connection, profile: Profile, act: acts.DestructionProven) -> None:
    at = spell_time(act.at)
    _set(connection, act.disposal, proven_at=at, proven_objects=act.objects, proven_returned=act.returned)
    rows = [{"disposal": act.disposal, "store": one.store, "absent": one.absent} for one in act.asked]
    if rows:
        connection.execute(insert(schema.store_proven), rows)
    row, record = schema.appraised.c, schema.record.c
    mine = (row.disposal == act.disposal) & (row.outcome == "begun")
    serials = connection.execute(select(row.record_id).where(mine)).scalars().all()
    connection.execute(update(schema.appraised).where(mine).values(outcome="destroyed"))
    _forget_listed(connection, act.disposal, serials)
    for some in _some(serials):
        found = connection.execute(select(record.id, record.origins, record.recorder).where(record.id.in_(some))).all()
        for serial, origins, recorder in found:
            keep_named(connection, serial, filter(None, [recorder]))
            said = {name: origin for name, origin in read_origins(origins).items() if name in SAID_OF_DESTROYED}
            ended = update(schema.record).where(record.id == serial)
            connection.execute(ended.values(origins=spell_json(said), **_FORGOTTEN))


def _forget_listed(connection: Connection, disposal: str, serials: Sequence[int]) -> None:
    """Of what the list said of destroyed records only what their lines say stays here; the digest stays as it was."""
    row = schema.appraised.c
    for serial in serials:
        mine = (row.disposal == disposal) & (row.record_id == serial)
        said = read_listed(connection.execute(select(row.said).where(mine)).scalar_one())
        facts = Facts(**{name: value for name, value in said.facts.known().items() if name in SAID_OF_DESTROYED})
        kept = spell_json(msgspec.structs.replace(said, facts=facts))
        connection.execute(update(schema.appraised).where(mine).values(said=kept))


def _note_disc(connection: Connection, profile: Profile, act: acts.DiscDestroyed) -> None:
    task = schema.disc_task
    mine = (task.c.disposal == act.disposal) & (task.c.disc == act.disc)
    first, how = connection.execute(select(task.c.first_by, task.c.how).where(mine)).one()
    which = "second" if first else "first"
    seen = {"by": act.by, "at": spell_time(act.at), **signed_as(connection, act.by, Action.DISC_DESTRUCTION_CONFIRM)}
    connection.execute(
        update(task).where(mine).values({f"{which}_{what}": seen[what] for what in seen} | {"how": how or act.why})
    )
    if first:
        destroy(connection, act, Step.DESTROY, act.disposal)


def _close(connection: Connection, profile: Profile, act: acts.DisposalClosed) -> None:
    _set(connection, act.disposal, state=State.CLOSED.value, ended_at=spell_time(act.at))


CHANGES: Changes = {
    acts.DisposalOpened: _open,
    acts.RecordsAppraised: _appraise,
    acts.DisposalSubmitted: _submit,
    acts.DisposalSupervised: _supervise,
    acts.DisposalStopped: _stop,
    acts.RecordsSpared: _spare,
    acts.DestructionBegun: _begin,
    acts.CopiesDestroyed: _note_destroyed,
    acts.CopiesLeft: _note_left,
    acts.DestructionProven: _prove,
    acts.DiscDestroyed: _note_disc,
    acts.DisposalClosed: _close,
}
