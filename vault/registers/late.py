"""The register of late intake (逾期入库登记簿): what was stored after its deadline, and what nobody can tell of.

What was late once stays in it, whatever is said of it afterwards: the deadline is the earliest that was ever found, and
what was corrected stands beside it.

A record whose deadline cannot be reckoned is in the register too, and says so: left out, it would pass for one that was
in time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from vault.catalogue import people
from vault.catalogue.timeliness import Lateness, corrections, explanations
from vault.profile import Profile
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.stored import Stored, stored_in
from vault.text import Text
from vault.titles import title_of

FOUND: Mapping[Lateness, Text] = {
    "late": Text(en="late", zh="逾期"),
    "explained": Text(en="late, explained", zh="逾期，已说明"),
    "unclear": Text(en="cannot tell", zh="待查明"),
}

FORM = Form(
    kind="late",
    title=Text(en="Register of Late Intake", zh="执法音像记录逾期入库登记簿"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 24),
        Column("case_name", Text(en="Case", zh="案件名称"), 30, spoken=True),
        Column("section", Text(en="Section", zh="科室"), 18),
        Column("officers", Text(en="Officers", zh="执法人员"), 20),
        Column("deadline", Text(en="Deadline", zh="应入库时间"), 22, Kind.MOMENT),
        Column("stored_at", Text(en="Stored at", zh="入库时间"), 22, Kind.MOMENT),
        Column("late_by", Text(en="Late by", zh="逾期时长"), 20, Kind.DELAY),
        Column("timeliness", Text(en="Found", zh="认定"), 17, spoken=True),
        Column("why", Text(en="Explained", zh="说明"), 20),
        Column("corrected", Text(en="Corrected since", zh="事后更正"), 27, spoken=True),
        Column("stored_by", Text(en="Stored by", zh="入库人"), 15),
    ),
    signatures=(
        Text(en="Drawn up by", zh="制表人"),
        Text(en="Head of section", zh="科室负责人"),
        Text(en="Checked by", zh="审核人"),
    ),
    notes=(
        Text(
            en="Cannot tell: the moment that the deadline counts from is not given, and what is known decides nothing.",
            zh="注：“待查明”指未填写时限起算时间，且现有信息不足以认定。",
        ),
    ),
)


def _entry(
    connection: Connection, one: Stored, lateness: Lateness, profile: Profile, then: people.Then
) -> tuple[Cell, ...]:
    facts, by = one.facts, one.due.store_by
    return (
        one.number,
        one.cases or None,
        title_of(facts, profile) or None,
        facts.section or None,
        "、".join(facts.officers) or None,
        by,
        one.stored_at,
        one.stored_at - by if by is not None else None,
        FOUND[lateness],
        "；".join(why.why for why in explanations(connection, one.serial)) or None,
        _corrected(connection, one.serial, profile, then),
        then(one.stored_by, one.stored_at),
    )


def _corrected(connection: Connection, serial: int, profile: Profile, then: people.Then) -> Text | None:
    said = [replace(one, by=then(one.by, one.at)).told(profile) for one in corrections(connection, serial)]
    return Text(en="; ".join(one.en for one in said), zh="；".join(one.zh for one in said)) if said else None


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    stored = stored_in(connection, scope.period.span(scope.zone), scope.section)
    late = ((one, one.due.lateness) for one in stored)
    then = people.names_then(connection)
    entries = (_entry(connection, one, found, profile, then) for one, found in late if found is not None)
    return tallied(FORM, entries)


def _articles(profile: Profile) -> list[str | None]:
    within = profile.intake.stored_within
    return [within.article if within is not None else None]


LATE = Maker(FORM, _articles, _rows)
