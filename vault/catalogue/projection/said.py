"""What is said of records later, and of the cases they belong to."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from vault import acts
from vault.casenumbers import case_key, same_case
from vault.catalogue import demands, locks, schema, tally
from vault.catalogue.announced import close_answered
from vault.catalogue.bulk import insert_rows
from vault.catalogue.holdings import also_claiming, claim_of, expiry_columns, holdings_of, records_of_case
from vault.catalogue.named import keep_named, named_in
from vault.catalogue.projection.change import Changes
from vault.catalogue.projection.lateness import judged_anew
from vault.catalogue.projection.succession import as_it_was
from vault.catalogue.rows import (
    fact_columns,
    read_facts,
    read_origins,
    serial_of,
    spell_date,
    spell_json,
    spell_time,
)
from vault.catalogue.schema import SEARCHED
from vault.catalogue.search import case_words, searchable, spaced
from vault.catalogue.texts import texts_of
from vault.catalogue.upserts import upsert
from vault.facts import FACT, Facts
from vault.profile import Profile
from vault.retention import Holding, undercut
from vault.terms import local_day

Was = Callable[[Holding], Holding]


def _correct_record(connection: Connection, profile: Profile, act: acts.RecordCorrected) -> None:
    serial = serial_of(act.record)
    (was,) = holdings_of(connection, [serial]).values()
    row = connection.execute(select(schema.record).where(schema.record.c.id == serial)).mappings().one()
    before = read_facts(dict(row))
    facts = act.facts.over(before).without(act.emptied)
    changed = {*act.facts.known(), *act.emptied}
    origins = {**read_origins(row["origins"]), **dict.fromkeys(act.facts.known(), "correction")}
    origins = {name: origin for name, origin in origins.items() if name not in act.emptied}
    keep_named(connection, serial, named_in(before) - named_in(facts))
    late = judged_anew(connection, profile, act, dict(row), before, facts)
    connection.execute(
        update(schema.record)
        .where(schema.record.c.id == serial)
        .values(standing=act.standing.value, origins=spell_json(origins), **_columns(act, facts), **late)
    )
    close_answered(connection, profile, [(act.record, facts, act.at)])
    searched = searchable(facts)
    words = {name: searched.get(name, "") for name in SEARCHED if name in changed}
    if "case_number" in words:
        words["case_number"] = _case_words(connection, serial)
    if words:
        texts_of(connection).change(connection, serial, words)
    reckon(connection, profile, [serial], lambda _: was)
    demands.raise_for(connection, profile, [(serial, facts.circumstances, act.at)])


def note_corrections(connection: Connection, entries: Sequence[tuple[int, acts.AnyAct]]) -> None:
    """Which facts each correction spoke of, and why, for the record's history."""
    rows = []
    for seq, entered in entries:
        act = as_it_was(entered)
        names: list[str] = []
        if isinstance(act, acts.RecordCorrected):
            names = [name for name in FACT if name in {*act.facts.known(), *act.emptied}]
        elif isinstance(act, acts.ClaimWithdrawn):
            names = ["case_number"]
        if isinstance(act, (acts.RecordCorrected, acts.ClaimWithdrawn)):
            rows.append({"seq": seq, "facts": spell_json(names), "why": act.why})
    insert_rows(connection, schema.corrected, rows)


def _columns(act: acts.RecordCorrected, facts: Facts) -> dict[str, str | None]:
    return {**dict.fromkeys(act.emptied), "case_key": None, **fact_columns(facts)}


def _file_case(connection: Connection, profile: Profile, act: acts.CaseFiled) -> None:
    before = claim_of(connection, act.case)
    reopened_on = _reopened_on(connection, profile, act)
    connection.execute(delete(schema.case_file).where(schema.case_file.c.key == case_key(act.case)))
    connection.execute(
        insert(schema.case_file),
        {
            "key": case_key(act.case),
            "number": act.case,
            "name": act.name,
            "opened_on": spell_date(act.opened_on),
            "closed_on": spell_date(act.closed_on),
            "keep": act.keep.value if act.keep else None,
            "reopened_on": reopened_on,
        },
    )

    def was(holding: Holding) -> Holding:
        cases = tuple(before if same_case(one.number, act.case) else one for one in holding.cases)
        return replace(holding, cases=cases)

    reckon(connection, profile, records_of_case(connection, act.case), was)


def _reopened_on(connection: Connection, profile: Profile, act: acts.CaseFiled) -> str | None:
    of_case = select(schema.case_file).where(schema.case_file.c.key == case_key(act.case))
    before = connection.execute(of_case).first()
    if before is None:
        return None
    if before.closed_on is not None and act.closed_on is None:
        return spell_date(local_day(act.at, profile.zone))
    return str(before.reopened_on) if before.reopened_on is not None else None


def _see_again(connection: Connection, profile: Profile, act: acts.RecordSeenAgain) -> None:
    """Nothing that is said of the record changes. Another case claims it, too; on an open list it is not any more what
    was agreed to."""
    said = act.otherwise.known()
    if not said:
        return
    serial = serial_of(act.record)
    (was,) = holdings_of(connection, [serial]).values()
    if case := act.otherwise.case_number:
        key = case_key(case)
        row = {"record_id": serial, "case_key": key, "case_number": case, "at": spell_time(act.at), "by": act.by}
        connection.execute(upsert(schema.also_claimed).values(row).on_conflict_do_nothing())
        texts_of(connection).change(connection, serial, {"case_number": _case_words(connection, serial)})
        reckon(connection, profile, [serial], lambda _: was)
    listed = schema.appraised.c
    waiting = (listed.record_id == serial) & (listed.outcome == "")
    names = spell_json([name for name in FACT if name in said])
    connection.execute(update(schema.appraised).where(waiting).values(returned=names))


def _withdraw_claim(connection: Connection, profile: Profile, act: acts.ClaimWithdrawn) -> None:
    serial, also = serial_of(act.record), schema.also_claimed
    (was,) = holdings_of(connection, [serial]).values()
    connection.execute(delete(also).where(also.c.record_id == serial, also.c.case_key == case_key(act.case)))
    texts_of(connection).change(connection, serial, {"case_number": _case_words(connection, serial)})
    reckon(connection, profile, [serial], lambda _: was)


def _case_words(connection: Connection, serial: int) -> str:
    """By which a record is found as one of its cases: of its own and of those that claim it, too."""
    own = connection.execute(select(schema.record.c.case_number).where(schema.record.c.id == serial)).scalar_one()
    return spaced("\n".join(map(case_words, [*filter(None, [own]), *also_claiming(connection, serial)])))


def _place_hold(connection: Connection, profile: Profile, act: acts.HoldPlaced) -> None:
    connection.execute(
        insert(schema.hold),
        {
            "id": act.hold,
            "record_id": serial_of(act.record),
            "why": act.why,
            "authority": act.authority,
            "placed_by": act.by,
            "placed_at": spell_time(act.at),
        },
    )
    reckon(connection, profile, [serial_of(act.record)])


def _release_hold(connection: Connection, profile: Profile, act: acts.HoldReleased) -> None:
    released = {"released_at": spell_time(act.at), "released_by": act.by, "released_why": act.why}
    connection.execute(update(schema.hold).where(schema.hold.c.id == act.hold).values(**released))
    reckon(connection, profile, [serial_of(act.record)])


def _assign_class(connection: Connection, profile: Profile, act: acts.ClassAssigned) -> None:
    connection.execute(
        insert(schema.assigned),
        {
            "record_id": serial_of(act.record),
            "at": spell_time(act.at),
            "by": act.by,
            "retention_class": act.retention_class.value,
            "why": act.why,
            "citation": act.citation,
        },
    )
    reckon(connection, profile, [serial_of(act.record)])


def reckon(connection: Connection, profile: Profile, serials: Sequence[int], was: Was | None = None) -> None:
    """Reckon the retention of records anew after what it follows from has changed. `was`: what a record was before,
    from what it is now, where the change could make an end earlier; the one before then is its floor."""
    for start in range(0, len(serials), _AT_ONCE):
        holdings = holdings_of(connection, serials[start : start + _AT_ONCE])
        if was is not None:
            holdings = {
                serial: _floored(connection, serial, was(one), one, profile) for serial, one in holdings.items()
            }
        reckoned = {serial: expiry_columns(holding, profile) for serial, holding in holdings.items()}
        tally.move(connection, reckoned)
        for serial, columns in reckoned.items():
            connection.execute(update(schema.record).where(schema.record.c.id == serial).values(**columns))
            locks.look_again_at_record(connection, serial)


def _floored(connection: Connection, serial: int, was: Holding, now: Holding, profile: Profile) -> Holding:
    kept = undercut(was, now, profile)
    if kept == now.floor:
        return now
    spelled = spell_json(kept) if kept is not None else None
    connection.execute(update(schema.record).where(schema.record.c.id == serial).values(floor=spelled))
    return replace(now, floor=kept)


_AT_ONCE = 500  # records of a case that are held in memory


CHANGES: Changes = {
    acts.RecordCorrected: _correct_record,
    acts.ClassAssigned: _assign_class,
    acts.CaseFiled: _file_case,
    acts.RecordSeenAgain: _see_again,
    acts.ClaimWithdrawn: _withdraw_claim,
    acts.HoldPlaced: _place_hold,
    acts.HoldReleased: _release_hold,
}
