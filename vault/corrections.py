"""Changing what is said of records after they were filed: facts, circumstances, classes, holds, cases.

Each is an act in the journal; nothing said before is lost. No act here can shorten a term.
"""

from datetime import date

import msgspec
from sqlalchemy import func, select

from vault import acts
from vault.catalogue import queries, schema
from vault.catalogue.rows import read_date
from vault.errors import BadInput, Refused
from vault.facts import Facts
from vault.intake.filing import missing_facts
from vault.records import Record, Standing
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text


def correct(vault: Vault, number: str, facts: Facts, why: str) -> Record:
    """Add facts to a record or put them right; out of quarantine once none that the profile requires is missing."""
    _require_known_circumstances(vault, facts)
    with vault.database.reading() as connection:
        record = queries.get_record(connection, number)
    missing = missing_facts(facts.over(record.facts), vault.profile)
    standing = Standing.QUARANTINED if missing else Standing.KEPT
    act = acts.RecordCorrected(
        at=vault.now(), by=vault.setting.person, record=number, facts=facts, standing=standing, why=why
    )
    vault.commit(lambda _: [act])
    with vault.database.reading() as connection:
        return queries.get_record(connection, number)


def flag(vault: Vault, number: str, circumstances: tuple[str, ...], why: str) -> Record:
    """Add circumstances of the profile to a record (异议、阻碍 …); those it has stay."""
    with vault.database.reading() as connection:
        record = queries.get_record(connection, number)
    together = tuple(dict.fromkeys((*record.facts.circumstances, *circumstances)))
    return correct(vault, number, Facts(circumstances=together), why)


def _require_known_circumstances(vault: Vault, facts: Facts) -> None:
    known = [c.id for c in vault.profile.circumstances]
    for identifier in facts.circumstances:
        if identifier not in known:
            raise BadInput(
                Text(
                    en=f"Profile {vault.profile.id} knows no circumstance {identifier!r}; known: {', '.join(known)}.",
                    zh=f"制度配置 {vault.profile.id} 中没有情形 {identifier!r}；可用：{'、'.join(known)}。",
                )
            )


def raise_class(vault: Vault, number: str, retention_class: RetentionClass, why: str, citation: str) -> None:
    """Give a record a class. It can only lengthen the term."""
    with vault.database.reading() as connection:
        queries.get_record(connection, number)
    act = acts.ClassAssigned(
        at=vault.now(),
        by=vault.setting.person,
        record=number,
        retention_class=retention_class,
        why=why,
        citation=citation,
    )
    vault.commit(lambda _: [act])


def place_hold(vault: Vault, number: str, why: str, authority: str) -> str:
    """Forbid disposal of a record; the hold's number."""
    with vault.database.reading() as connection:
        queries.get_record(connection, number)
        count: int = connection.execute(select(func.count()).select_from(schema.hold)).scalar_one()
    hold = f"H{count + 1:05d}"
    act = acts.HoldPlaced(
        at=vault.now(), by=vault.setting.person, hold=hold, record=number, why=why, authority=authority
    )
    vault.commit(lambda _: [act])
    return hold


def release_hold(vault: Vault, hold: str, why: str) -> None:
    """Lift a hold; others on the same record stay."""
    with vault.database.reading() as connection:
        row = connection.execute(
            select(schema.record.c.number, schema.hold.c.released_at)
            .join(schema.record, schema.record.c.id == schema.hold.c.record_id)
            .where(schema.hold.c.id == hold)
        ).first()
    if row is None:
        raise BadInput(Text(en=f"There is no hold {hold}.", zh=f"没有编号为 {hold} 的暂缓处置。"))
    if row.released_at is not None:
        raise Refused(Text(en=f"Hold {hold} was released already.", zh=f"暂缓处置 {hold} 已经解除。"))
    act = acts.HoldReleased(at=vault.now(), by=vault.setting.person, hold=hold, record=row.number, why=why)
    vault.commit(lambda _: [act])


def open_case(vault: Vault, number: str, name: str, opened_on: date, why: str) -> None:
    """File a case, or reopen one that was closed."""
    before = case_as_filed(vault, number)
    if before is not None and before.closed_on is None:
        raise Refused(Text(en=f"Case {number} is open already.", zh=f"案件 {number} 已经立案。"))
    _file(vault, number, name or (before.name if before else ""), opened_on, None, None, why)


def close_case(vault: Vault, number: str, closed_on: date, keep: RetentionClass, why: str) -> None:
    """Close a case; its file is kept for `keep` from that day, and its records with it."""
    before = case_as_filed(vault, number)
    if before is None:
        raise BadInput(
            Text(en=f"There is no case {number}.", zh=f"没有案件 {number}。"),
            hint=Text(en="File it first: strongroom case open", zh="请先立案：strongroom case open"),
        )
    if before.closed_on is not None:
        raise Refused(Text(en=f"Case {number} is closed already.", zh=f"案件 {number} 已经结案。"))
    if keep is RetentionClass.CASE_LIFETIME:
        raise BadInput(Text(en="A case file needs a term of its own.", zh="案卷须有自身的保存期限。"))
    if before.opened_on is not None and closed_on < before.opened_on:
        raise BadInput(
            Text(
                en=f"Case {number} was opened on {before.opened_on}, after {closed_on}.",
                zh=f"案件 {number} 立案于 {before.opened_on}，晚于 {closed_on}。",
            )
        )
    _file(vault, number, before.name, before.opened_on, closed_on, keep, why)


class CaseAsFiled(msgspec.Struct, frozen=True):
    """A case as the catalogue has it."""

    name: str
    opened_on: date | None
    closed_on: date | None


def case_as_filed(vault: Vault, number: str) -> CaseAsFiled | None:
    """The case of that number, None where nobody has filed it."""
    with vault.database.reading() as connection:
        row = connection.execute(select(schema.case_file).where(schema.case_file.c.number == number)).first()
    return CaseAsFiled(row.name, read_date(row.opened_on), read_date(row.closed_on)) if row is not None else None


def _file(
    vault: Vault,
    number: str,
    name: str,
    opened_on: date | None,
    closed_on: date | None,
    keep: RetentionClass | None,
    why: str,
) -> None:
    act = acts.CaseFiled(
        at=vault.now(),
        by=vault.setting.person,
        case=number,
        name=name,
        opened_on=opened_on,
        closed_on=closed_on,
        keep=keep,
        why=why,
    )
    vault.commit(lambda _: [act])
