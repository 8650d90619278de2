"""Disc sets: each act is a step in the table of vault/discs/states.py, taken by one copy, or by all of an image.

When a copy begins or ceases to be kept, what is demanded of the records on that disc is judged anew.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from vault import acts
from vault.catalogue import demands, schema, spoiled
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection import imagefiles
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import serial_of, spell_date, spell_json, spell_time
from vault.catalogue.upserts import upsert
from vault.discs.model import COPIES, ImageFile, Mark, Spoiled
from vault.discs.states import KEPT, SUCCEEDED, TABLE, State, Step, after
from vault.profile import Profile
from vault.text import Text

_AT_ONCE = 500  # records that are judged together
_copy = schema.disc_copy.c


def take_step(
    connection: Connection, act: acts.Act, mark: str, step: Step, what: str = "", why: Text | str = "", **more: Any
) -> None:
    """One copy takes a step: its row, its history, and what is demanded of the records on it."""
    row = connection.execute(select(schema.disc_copy).where(_copy.mark == mark)).one()
    state = after(mark, State(row.state), step)
    changed = {"state": state.value, "since": spell_time(act.at)} | more
    if step in (Step.RETURN, Step.SHRED, Step.DESTROY):
        changed |= {"holder": "", "until": None}
    connection.execute(update(schema.disc_copy).where(_copy.mark == mark).values(changed))
    _note(connection, act, mark, what, why)
    if (State(row.state) in KEPT) != (state in KEPT):
        _settle(connection, row.disc_set, row.disc, act)


def _note(connection: Connection, act: acts.Act, mark: str, what: str, why: Text | str) -> None:
    said = {"at": spell_time(act.at), "by": act.by, "act": act.__struct_config__.tag, "what": what}
    said["why"] = spell_json(why)
    connection.execute(insert(schema.disc_event), {"mark": mark} | said)


def _settle(connection: Connection, disc_set: str, disc: int, act: acts.Act) -> None:
    carried, last = schema.disc_record.c, 0
    on_it = (
        select(carried.record_id)
        .where(carried.disc_set == disc_set, carried.disc == disc)
        .order_by(carried.record_id)
        .limit(_AT_ONCE)
    )
    while serials := connection.execute(on_it.where(carried.record_id > last)).scalars().all():
        demands.settle(connection, dict.fromkeys(serials, act.at))
        last = serials[-1]


def _plan(connection: Connection, profile: Profile, act: acts.DiscPlanned) -> None:
    said = {
        name: getattr(act, name) for name in ("unit", "producer", "activity", "medium", "spare", "discs", "replaces")
    }
    planned = {"number": act.disc_set, "planned_by": act.by, "planned_at": spell_time(act.at)}
    connection.execute(insert(schema.disc_set), planned | said)
    marks = [Mark(act.disc_set, disc, letter) for disc in range(1, act.discs + 1) for letter in COPIES]
    _begin(connection, act, marks, State.PLANNED)


def _begin(connection: Connection, act: acts.Act, marks: Sequence[Mark], state: State) -> None:
    """Copies that are to be made."""
    places = dict.fromkeys((mark.disc_set, mark.disc, mark.generation) for mark in marks)
    images = [
        {"disc_set": s, "disc": d, "generation": g, "begun_at": spell_time(act.at), "readers": "[]"}
        for s, d, g in places
    ]
    connection.execute(upsert(schema.disc).on_conflict_do_nothing(), images)
    insert_rows(
        connection,
        schema.disc_copy,
        (
            {
                "mark": str(mark),
                "disc_set": mark.disc_set,
                "disc": mark.disc,
                "generation": mark.generation,
                "letter": mark.copy,
                "state": state.value,
                "since": spell_time(act.at),
                "level": 0,
                **dict.fromkeys(("drive", "loading", "blank", "location", "holder"), ""),
            }
            for mark in marks
        ),
    )


def _cancel(connection: Connection, profile: Profile, act: acts.DiscSetCancelled) -> None:
    """What was not burnt of it never is."""
    one = schema.disc_set.c
    ended = update(schema.disc_set).where(one.number == act.disc_set)
    connection.execute(ended.values(cancelled_at=spell_time(act.at)))
    mine = select(_copy.mark, _copy.state).where(_copy.disc_set == act.disc_set).order_by(_copy.mark)
    for row in connection.execute(mine).all():
        if (State(row.state), Step.CANCEL) in TABLE:
            take_step(connection, act, row.mark, Step.CANCEL, "", act.why)


def _allot(connection: Connection, profile: Profile, act: acts.DiscAllotted) -> None:
    rows = ({"disc_set": act.disc_set, "disc": act.disc, "record_id": serial_of(number)} for number in act.records)
    insert_rows(connection, schema.disc_record, rows)


def _image(connection: Connection, profile: Profile, act: acts.DiscImaged) -> None:
    made = {name: getattr(act, name) for name in ("iso", "iso_size", "image", "image_size", "checkpoint", "contents")}
    made |= {"inscription": spell_json(act.inscription), "imaged_at": spell_time(act.at), "readers": "[]"}
    _set_image(connection, act, made, act.image)


def _check(connection: Connection, profile: Profile, act: acts.DiscChecked) -> None:
    _set_image(connection, act, {"readers": spell_json(act.readers)}, ", ".join(act.readers))


def _set_image(
    connection: Connection, act: acts.DiscImaged | acts.DiscChecked, values: dict[str, Any], what: str = ""
) -> None:
    place = (act.disc_set, act.disc, act.generation)
    disc = schema.disc.c
    mine = (disc.disc_set == place[0]) & (disc.disc == place[1]) & (disc.generation == place[2])
    connection.execute(update(schema.disc).where(mine).values(values))
    for mark in copies_of_image(connection, *place):
        take_step(connection, act, mark, act.step, what)


def copies_of_image(connection: Connection, disc_set: str, disc: int, generation: int) -> Sequence[str]:
    """Marks of the copies that carry it, or are to; those that were replaced before they were burnt left out."""
    of_it = (_copy.disc_set == disc_set) & (_copy.disc == disc) & (_copy.generation == generation)
    carrying = select(_copy.mark).where(of_it, _copy.state.not_in([state.value for state in SUCCEEDED]))
    return connection.execute(carrying.order_by(_copy.letter)).scalars().all()


def _burn(connection: Connection, profile: Profile, act: acts.DiscBurning) -> None:
    take_step(connection, act, act.mark, act.step, act.drive, drive=act.drive, loading=act.loading, blank="")


def _fail(connection: Connection, profile: Profile, act: acts.DiscBurnFailed) -> None:
    take_step(connection, act, act.mark, act.step, act.drive, act.why, drive="", loading="", blank="")
    if not act.untouched:
        spoiled.add(connection, Mark.parse(act.mark), act.drive, act.at, act.why)


def _finish(connection: Connection, profile: Profile, act: acts.DiscBurnt) -> None:
    take_step(connection, act, act.mark, act.step, act.blank, drive=act.drive, blank=act.blank)


def _verify(connection: Connection, profile: Profile, act: acts.DiscVerified) -> None:
    take_step(connection, act, act.mark, act.step, act.drive)


def _enter(connection: Connection, profile: Profile, act: acts.DiscEntered) -> None:
    take_step(connection, act, act.mark, act.step, act.drive, drive=act.drive, loading="", blank="")


def _label(connection: Connection, profile: Profile, act: acts.DiscLabelled) -> None:
    take_step(connection, act, act.mark, act.step, ", ".join(act.labels))


def _shelve(connection: Connection, profile: Profile, act: acts.DiscShelved | acts.DiscReturned) -> None:
    take_step(connection, act, act.mark, act.step, act.location, act.why, location=act.location)


def _lend(connection: Connection, profile: Profile, act: acts.DiscLoaned) -> None:
    take_step(connection, act, act.mark, act.step, act.to, act.why, holder=act.to, until=spell_date(act.until))


def _inspect(connection: Connection, profile: Profile, act: acts.DiscInspected) -> None:
    at = spell_time(act.at)
    reading = spell_json({"speeds": act.speeds, "retries": act.retries, "unreadable": act.unreadable})
    take_step(connection, act, act.mark, act.step, act.drive, inspected_at=at, level=act.level, reading=reading)


def _degrade(connection: Connection, profile: Profile, act: acts.DiscDegraded) -> None:
    take_step(connection, act, act.mark, act.step, "", act.why)


def _replace(connection: Connection, profile: Profile, act: acts.DiscReplaced) -> None:
    take_step(connection, act, act.mark, act.step, act.successor, act.why)
    successor = Mark.parse(act.successor)
    beside = select(_copy.state).where(
        _copy.mark.in_(copies_of_image(connection, successor.disc_set, successor.disc, successor.generation))
    )
    state = connection.execute(
        beside.order_by(_copy.mark).limit(1)
    ).scalar()  # it carries the same image, as far as that has come
    _begin(connection, act, [successor], State(state) if state else State.PLANNED)


def _supersede(connection: Connection, profile: Profile, act: acts.DiscSuperseded) -> None:
    take_step(connection, act, act.mark, act.step, act.disc_set)


def destroy(connection: Connection, act: acts.DiscDestroyed | acts.SpoiledShredded, step: Step, what: str = "") -> None:
    """A disc is no more: a copy, or one that was written off; or the file of an image."""
    if ImageFile.parse(act.disc) is not None:
        imagefiles.end(connection, act.disc, act.at)
        return
    named = Spoiled.parse(act.disc)
    if named is None:
        take_step(connection, act, act.disc, step, what, act.why)
        return
    spoiled.forget(connection, named, act.at)
    _note(connection, act, str(named.mark), " ".join(filter(None, (what, act.disc))), act.why)


def _shred_spoiled(connection: Connection, profile: Profile, act: acts.SpoiledShredded) -> None:
    destroy(connection, act, Step.SHRED)


def _shred(connection: Connection, profile: Profile, act: acts.DiscShredded) -> None:
    take_step(connection, act, act.mark, act.step, "", act.why)


def _count(connection: Connection, profile: Profile, act: acts.DiscsCounted) -> None:
    """What was not as it should be stands in the history of the discs it is about."""
    for odd in act.odd:
        if (named := Spoiled.parse(odd.mark)) is not None:
            if spoiled.find_if_any(connection, named) is not None:
                _note(connection, act, str(named.mark), odd.finding, odd.mark)
        elif connection.execute(select(_copy.mark).where(_copy.mark == odd.mark)).first() is not None:
            _note(connection, act, odd.mark, odd.finding, "")


CHANGES: Changes = {
    acts.DiscPlanned: _plan,
    acts.DiscAllotted: _allot,
    acts.DiscSetCancelled: _cancel,
    acts.DiscImaged: _image,
    acts.DiscChecked: _check,
    acts.DiscBurning: _burn,
    acts.DiscBurnFailed: _fail,
    acts.DiscBurnt: _finish,
    acts.DiscVerified: _verify,
    acts.DiscEntered: _enter,
    acts.DiscLabelled: _label,
    acts.DiscShelved: _shelve,
    acts.DiscLoaned: _lend,
    acts.DiscReturned: _shelve,
    acts.DiscInspected: _inspect,
    acts.DiscDegraded: _degrade,
    acts.DiscReplaced: _replace,
    acts.DiscSuperseded: _supersede,
    acts.DiscShredded: _shred,
    acts.SpoiledShredded: _shred_spoiled,
    acts.DiscsCounted: _count,
}
