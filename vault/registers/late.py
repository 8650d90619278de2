"""The register of late intake (逾期入库登记簿): what was stored after its deadline, and what nobody can tell of.

A record whose deadline cannot be reckoned is in the register too, and says so: left out, it would pass for one that was
in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from vault.facts import Facts
from vault.profile import Profile, StoredWithin
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.stored import Stored, stored_in
from vault.text import Text


class Timeliness(StrEnum):
    """What became of a deadline."""

    IN_TIME = "in-time"
    LATE = "late"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Judged:
    """A record and its deadline, None where what is known does not tell it."""

    timeliness: Timeliness
    deadline: datetime | None


# What surely happened no later than the moment that is counted from, the nearest first.
_NO_LATER = {
    "activity_ended_at": ("recorded_until", "recorded_at"),
    "recorded_until": ("recorded_at",),
    "recorded_at": (),
}


def judge(facts: Facts, stored_at: datetime, rule: StoredWithin | None) -> Judged:
    """Whether a record was stored in time. Hours run from the moment itself, and the last moment counts (Civil Code
    201, 1259). What was stored by the earliest deadline that it can have was in time, whichever it has.
    """
    if rule is None:
        return Judged(Timeliness.IN_TIME, None)
    hours = timedelta(hours=rule.hours)
    start: datetime | None = getattr(facts, rule.counted_from)
    if start is not None:
        return Judged(Timeliness.LATE if stored_at - start > hours else Timeliness.IN_TIME, start + hours)
    earliest = next((at for name in _NO_LATER[rule.counted_from] if (at := getattr(facts, name))), None)
    if earliest is not None and stored_at - earliest <= hours:
        return Judged(Timeliness.IN_TIME, None)
    return Judged(Timeliness.UNCLEAR, None)


FOUND = {
    Timeliness.LATE: Text(en="late", zh="逾期"),
    Timeliness.UNCLEAR: Text(en="cannot tell", zh="待查明"),
}

FORM = Form(
    kind="late",
    title=Text(en="Register of Late Intake", zh="执法音像记录逾期入库登记簿"),
    columns=(
        SERIAL,
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 28),
        Column("case_name", Text(en="Case", zh="案件名称"), 51),
        Column("section", Text(en="Section", zh="科室"), 24),
        Column("officers", Text(en="Officers", zh="执法人员"), 30),
        Column("deadline", Text(en="Deadline", zh="应入库时间"), 22, Kind.MOMENT),
        Column("stored_at", Text(en="Stored at", zh="入库时间"), 22, Kind.MOMENT),
        Column("late_by", Text(en="Late by", zh="逾期时长"), 20, Kind.LENGTH),
        Column("timeliness", Text(en="Found", zh="认定"), 20),
        Column("stored_by", Text(en="Stored by", zh="入库人"), 18),
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


def _entry(one: Stored, judged: Judged) -> tuple[Cell, ...]:
    facts = one.facts
    return (
        one.number,
        facts.case_number or None,
        facts.case_name or facts.matter or facts.content or None,
        facts.section or None,
        "、".join(facts.officers) or None,
        judged.deadline,
        one.stored_at,
        one.stored_at - judged.deadline if judged.deadline is not None else None,
        FOUND[judged.timeliness],
        one.stored_by,
    )


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    rule = profile.intake.stored_within
    found = stored_in(connection, scope.period.span(scope.zone), scope.section)
    judged = ((one, judge(one.facts, one.stored_at, rule)) for one in found)
    return tallied(FORM, (_entry(one, said) for one, said in judged if said.timeliness in FOUND))


def _articles(profile: Profile) -> list[str | None]:
    within = profile.intake.stored_within
    return [within.article if within is not None else None]


LATE = Maker(FORM, _articles, _rows)
