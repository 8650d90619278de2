"""The register of late intake (逾期入库登记簿): what was stored after its deadline, and what nobody can tell of.

A record whose deadline cannot be reckoned is in the register too, and says so: left out, it would pass for one that was
in time.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from vault.catalogue import people
from vault.catalogue.timeliness import Lateness, explanations
from vault.profile import Profile
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.stored import Stored, stored_in
from vault.text import Text

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
        Column("case_number", Text(en="Case number", zh="案号"), 28),
        Column("case_name", Text(en="Case", zh="案件名称"), 38),
        Column("section", Text(en="Section", zh="科室"), 20),
        Column("officers", Text(en="Officers", zh="执法人员"), 24),
        Column("deadline", Text(en="Deadline", zh="应入库时间"), 22, Kind.MOMENT),
        Column("stored_at", Text(en="Stored at", zh="入库时间"), 22, Kind.MOMENT),
        Column("late_by", Text(en="Late by", zh="逾期时长"), 20, Kind.LENGTH),
        Column("timeliness", Text(en="Found", zh="认定"), 20),
        Column("why", Text(en="Explained", zh="说明"), 24),
        Column("stored_by", Text(en="Stored by", zh="入库人"), 17),
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


def _entry(connection: Connection, one: Stored, lateness: Lateness, names: people.Names) -> tuple[Cell, ...]:
    facts, by = one.facts, one.due.store_by
    return (
        one.number,
        facts.case_number or None,
        facts.case_name or facts.matter or facts.content or None,
        facts.section or None,
        "、".join(facts.officers) or None,
        by,
        one.stored_at,
        one.stored_at - by if by is not None and lateness != "unclear" else None,
        FOUND[lateness],
        "；".join(why.why for why in explanations(connection, one.serial)) or None,
        names.get(one.stored_by, one.stored_by),
    )


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    found = stored_in(connection, scope.period.span(scope.zone), scope.section)
    late = ((one, one.due.lateness) for one in found)
    names = people.names(connection)
    return tallied(FORM, (_entry(connection, one, lateness, names) for one, lateness in late if lateness is not None))


def _articles(profile: Profile) -> list[str | None]:
    within = profile.intake.stored_within
    return [within.article if within is not None else None]


LATE = Maker(FORM, _articles, _rows)
