"""Changing what is said of records after they were filed: facts, circumstances, classes, holds, cases.

Each is an act in the journal; nothing said before is lost. No act here can shorten a term.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from vault import acts
from vault.authority import Action, Bar, Barred, Reason, Ruling, at_the_door, refuse, require
from vault.barring import barred
from vault.casenumbers import case_key
from vault.catalogue import people, queries, schema
from vault.catalogue.holdings import holding_of, own_days
from vault.catalogue.inforce import in_force
from vault.catalogue.named import concerned
from vault.catalogue.numbers import Letter, next_number
from vault.catalogue.rows import read_date, serial_of
from vault.errors import BadInput
from vault.facts import Facts
from vault.intake.facts_text import require_in_order
from vault.intake.filing import missing_facts
from vault.profile.known import in_words, require_known_words
from vault.profile.required import require_may_be_empty
from vault.records import Record, Standing
from vault.retention import Decision, expiry, shortens
from vault.store import Vault
from vault.terms import RetentionClass, local_day
from vault.text import Text


def correct(vault: Vault, number: str, facts: Facts, why: str, emptied: Collection[str] = ()) -> Record:
    """Add facts to a record, put them right, or empty those of these names; out of quarantine once none that the
    profile requires is missing. Refused where one would be missing then that was there.

    Circumstances are added to those it has: to drop one could shorten its term.
    """
    require(vault, Action.FACTS_CORRECT, about=number)
    return _correct(vault, number, facts, why, emptied)


def flag(vault: Vault, number: str, circumstances: tuple[str, ...], why: str) -> Record:
    """Add circumstances of the profile to a record (异议、阻碍 …); those it has stay."""
    require(vault, Action.FLAG, about=number)
    return _correct(vault, number, Facts(circumstances=circumstances), why)


def _correct(vault: Vault, number: str, facts: Facts, why: str, emptied: Collection[str] = ()) -> Record:
    require_known_words(vault.profile, facts)
    now, by, action, ruling = vault.now(), vault.setting.person, Action.FACTS_CORRECT, Ruling()

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        nonlocal action, ruling
        record = queries.kept_record(connection, number)
        before = record.facts
        said = facts
        if facts.circumstances:
            together = tuple(dict.fromkeys((*before.circumstances, *facts.circumstances)))
            said = msgspec.structs.replace(facts, circumstances=together)
        after = said.over(before).without(emptied)
        action, ruling = barred(connection, people.at_work(connection, by), record, after)
        if not ruling.allowed:
            return []
        if before.kind and after.kind != before.kind:
            _require_no_shorter(connection, number, after.kind)
        if said.recorded_at or said.recorded_until:
            require_in_order(after, vault.profile.zone)
        missing = missing_facts(after, record.files, vault.profile)
        gone = tuple(name for name in before.known() if name in emptied)
        require_may_be_empty(vault.profile, number, gone, missing)
        standing = Standing.QUARANTINED if missing else Standing.KEPT
        if not said.known() and not gone:
            raise BadInput(Text(en=f"Record {number} has no such fact.", zh=f"记录 {number} 没有该项信息。"))
        corrected = acts.RecordCorrected(
            at=now, by=by, record=number, facts=said, emptied=gone, standing=standing, why=why
        )
        return [corrected]

    with at_the_door(vault, action, number):
        vault.commit(draft)
    if not ruling.allowed:
        refuse(vault, action, ruling, number)
    with vault.database.reading() as connection:
        return queries.kept_record(connection, number)


def _require_no_shorter(connection: Connection, number: str, kind: str) -> None:
    """Refused where another kind of record would shorten the term or give an end to what has none."""
    holding, profile = holding_of(connection, serial_of(number)), in_force(connection)
    if shortens(holding, kind, profile):
        none = Text(en="no kind of its own", zh="无")
        was, becomes = (in_words(profile, "kind", [one]) if one else none for one in (holding.kind, kind))
        why = Text(
            en=f"As {becomes.en}, record {number} would be kept shorter than as {was.en}.",
            zh=f"将记录 {number} 的类别由“{was.zh}”改为“{becomes.zh}”会缩短其保存期限。",
        )
        hint = Text(en="The kind stays. Nothing was changed.", zh="类别保持不变。未作任何改动。")
        raise Barred(Reason(Bar.SHORTER, why, hint))


def raise_class(vault: Vault, number: str, retention_class: RetentionClass, why: str, citation: str) -> Decision:
    """Give a record a class; what governs it then. It can only lengthen the term: of all that is said the longest
    stands."""
    require(vault, Action.CLASS_RAISE, about=number)
    with at_the_door(vault, Action.CLASS_RAISE, number), vault.database.reading() as connection:
        queries.kept_record(connection, number)
    act = acts.ClassAssigned(
        at=vault.now(),
        by=vault.setting.person,
        record=number,
        retention_class=retention_class,
        why=why,
        citation=citation,
    )
    vault.commit(lambda _: [act])
    with vault.database.reading() as connection:
        return expiry(holding_of(connection, serial_of(number)), vault.profile)


def place_hold(vault: Vault, number: str, why: str, authority: str) -> str:
    """Forbid disposal of a record; the hold's number."""
    require(vault, Action.HOLD_PLACE, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.HoldPlaced]:
        queries.kept_record(connection, number)
        hold = next_number(connection, schema.hold.c.id, Letter.HOLD)
        return [acts.HoldPlaced(at=now, by=by, hold=hold, record=number, why=why, authority=authority)]

    with at_the_door(vault, Action.HOLD_PLACE, number):
        (placed,) = vault.commit(draft)
    assert isinstance(placed, acts.HoldPlaced)
    return placed.hold


def release_hold(vault: Vault, hold: str, why: str) -> None:
    """Lift a hold; others on the same record stay. Not for those whose own doings the record shows or ever
    showed."""
    with vault.database.reading() as connection:
        named = concerned(connection, serial_of(_held(connection, hold).number))
    require(vault, Action.HOLD_RELEASE, about=hold, concerned=named)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        row = _held(connection, hold)
        if row.released_at is not None:
            raise Barred(
                Reason(
                    Bar.ALREADY,
                    Text(en=f"Hold {hold} was released already.", zh=f"暂缓处置 {hold} 已经解除。"),
                    hint=Text(
                        en=f"What still holds the record: strongroom retention explain {row.number}",
                        zh=f"该记录其余暂缓处置：strongroom retention explain {row.number}",
                    ),
                )
            )
        return [acts.HoldReleased(at=now, by=by, hold=hold, record=row.number, why=why)]

    with at_the_door(vault, Action.HOLD_RELEASE, hold):
        vault.commit(draft)


def _held(connection: Connection, hold: str) -> Row[Any, Any]:
    """The record that a hold is on, and when it was released. BadInput where there is no such hold."""
    row = connection.execute(
        select(schema.record.c.number, schema.hold.c.released_at)
        .join(schema.record, schema.record.c.id == schema.hold.c.record_id)
        .where(schema.hold.c.id == hold)
    ).first()
    if row is None:
        raise BadInput(
            Text(en=f"There is no hold {hold}.", zh=f"没有编号为 {hold} 的暂缓处置。"),
            hint=Text(
                en="A record's holds: strongroom retention explain RECORD",
                zh="某记录的暂缓处置：strongroom retention explain 记录编号",
            ),
        )
    return row


def open_case(vault: Vault, number: str, name: str, opened_on: date, why: str) -> None:
    """File a case. Refused where it is filed already; one that was closed is reopened."""
    require(vault, Action.CASE_OPEN, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        before = case_as_filed(connection, number)
        if before is not None and before.closed_on is None:
            raise _open_already(number, before)
        if before is not None:
            again = f"strongroom case reopen {before.number} --why …"
            which = _which(number, before)
            raise Barred(
                Reason(
                    Bar.ALREADY,
                    Text(
                        en=f"Case {which.en} was closed on {before.closed_on}.",
                        zh=f"案件 {which.zh}已于 {before.closed_on} 结案。",
                    ),
                    hint=Text(en=f"To go on with it: {again}", zh=f"如需恢复办理：{again}"),
                )
            )
        return [acts.CaseFiled(at=now, by=by, case=number, name=name, opened_on=opened_on, why=why)]

    with at_the_door(vault, Action.CASE_OPEN, number):
        vault.commit(draft)


def reopen_case(vault: Vault, number: str, why: str) -> None:
    """Go on with a case that was closed (恢复办理): the terms of its records are suspended until it is closed anew."""
    require(vault, Action.CASE_REOPEN, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        before = case_as_filed(connection, number)
        if before is None:
            raise _no_case(number)
        if before.closed_on is None:
            raise _open_already(number, before)
        return [
            acts.CaseFiled(at=now, by=by, case=before.number, name=before.name, opened_on=before.opened_on, why=why)
        ]

    with at_the_door(vault, Action.CASE_REOPEN, number):
        vault.commit(draft)


def _open_already(number: str, case: "CaseAsFiled") -> Barred:
    which = _which(number, case)
    return Barred(
        Reason(
            Bar.ALREADY,
            Text(en=f"Case {which.en} is open already.", zh=f"案件 {which.zh}已经立案。"),
            hint=Text(en="To close it: strongroom case close", zh="如需结案：strongroom case close"),
        )
    )


def _which(number: str, case: "CaseAsFiled") -> Text:
    """The case as it was first opened; where somebody wrote its number otherwise, that, too."""
    if number == case.number:
        return Text(en=number, zh=f"{number} ")
    return Text(en=f"{case.number}, here written {number},", zh=f"{case.number}（此处写作 {number}）")


def _no_case(number: str) -> BadInput:
    return BadInput(
        Text(en=f"There is no case {number}.", zh=f"没有案件 {number}。"),
        hint=Text(en="File it first: strongroom case open", zh="请先立案：strongroom case open"),
    )


def close_case(
    vault: Vault, number: str, closed_on: date, keep: RetentionClass, why: str
) -> Sequence[tuple[str, date]]:
    """Close a case; its file is kept for `keep` from that day, and its records with it. Those of its records whose own
    day is later, with that day: from which it counts for them."""
    require(vault, Action.CASE_CLOSE, about=number)
    now, by = vault.now(), vault.setting.person
    if keep is RetentionClass.CASE_LIFETIME:
        raise BadInput(Text(en="A case file needs a term of its own.", zh="案卷须有自身的保存期限。"))

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        before = _closable(case_as_filed(connection, number), number, closed_on, local_day(now, vault.profile.zone))
        name, opened_on = before.name, before.opened_on
        filed = acts.CaseFiled(
            at=now, by=by, case=before.number, name=name, opened_on=opened_on, closed_on=closed_on, keep=keep, why=why
        )
        return [filed]

    with at_the_door(vault, Action.CASE_CLOSE, number):
        vault.commit(draft)
    with vault.database.reading() as connection:
        return [(record, day) for record, day in own_days(connection, number, vault.profile) if day > closed_on]


def _closable(before: "CaseAsFiled | None", number: str, closed_on: date, today: date) -> "CaseAsFiled":
    """The case, where it can be closed on that day; otherwise Refused, or BadInput."""
    if before is None:
        raise _no_case(number)
    if before.closed_on is not None:
        raise Barred(
            Reason(
                Bar.ALREADY,
                Text(en=f"Case {number} is closed already.", zh=f"案件 {number} 已经结案。"),
                hint=Text(
                    en=f"To go on with it: strongroom case reopen {number} --why …",
                    zh=f"如需恢复办理：strongroom case reopen {number} --why …",
                ),
            )
        )
    if before.opened_on is not None and closed_on < before.opened_on:
        raise BadInput(
            Text(
                en=f"Case {number} was opened on {before.opened_on}, after {closed_on}.",
                zh=f"案件 {number} 立案于 {before.opened_on}，晚于 {closed_on}。",
            )
        )
    if before.reopened_on is not None and closed_on < before.reopened_on:
        raise BadInput(
            Text(
                en=f"Case {number} was reopened on {before.reopened_on}, after {closed_on}.",
                zh=f"案件 {number} 已于 {before.reopened_on} 恢复办理，晚于 {closed_on}。",
            ),
            hint=Text(
                en="Its term counts from the day on which it is closed anew.", zh="保管期限自再次结案之日起重新计算。"
            ),
        )
    if closed_on > today:
        raise BadInput(
            Text(
                en=f"Case {number} cannot be closed in advance: {closed_on} is after today, {today}.",
                zh=f"案件 {number} 不能提前结案：{closed_on} 晚于今天（{today}）。",
            ),
            hint=Text(en="Close it on the day, or say the day it was.", zh="请于结案当日登记，或填写实际结案日期。"),
        )
    return before


class CaseAsFiled(msgspec.Struct, frozen=True):
    """A case as the catalogue has it; `number`: under which it was opened."""

    number: str
    name: str
    opened_on: date | None
    closed_on: date | None
    reopened_on: date | None  # last


def case_as_filed(connection: Connection, number: str) -> CaseAsFiled | None:
    """The case of that number, None where nobody has filed it."""
    row = connection.execute(select(schema.case_file).where(schema.case_file.c.key == case_key(number))).first()
    if row is None:
        return None
    dates = (read_date(day) for day in (row.opened_on, row.closed_on, row.reopened_on))
    return CaseAsFiled(row.number, row.name, *dates)
