"""The register of viewings (查阅登记簿): who saw what, when, why, and who had agreed."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, RowMapping, select

from vault.catalogue import people, schema
from vault.catalogue.holdings import cases_of
from vault.catalogue.rows import read_time, spell_time
from vault.catalogue.understood import understood
from vault.facts import Facts
from vault.people import Role, in_words
from vault.profile import Profile
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.pages import pages
from vault.text import Text
from vault.titles import title_of

HOW = {
    "get": Text(en="fetched", zh="调取"),
    "export": Text(en="exported", zh="导出"),
    "disc": Text(en="put on disc", zh="刻录光盘"),
    "loan": Text(en="lent on disc", zh="借出光盘"),
    "open": Text(en="opened", zh="打开查看"),
}

FORM = Form(
    kind="viewing",
    title=Text(en="Register of Viewings", zh="执法音像记录查阅登记簿"),
    columns=(
        SERIAL,
        Column("at", Text(en="Viewed at", zh="查阅时间"), 23, Kind.MOMENT),
        Column("by", Text(en="Viewed by", zh="查阅人"), 22, spoken=True),
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("case_number", Text(en="Case number", zh="案号"), 29),
        Column("case_name", Text(en="Case", zh="案件名称"), 42, spoken=True),
        Column("section", Text(en="Section", zh="科室"), 21),
        Column("how", Text(en="How", zh="方式"), 17, spoken=True),
        Column("approved_by", Text(en="Approved by", zh="批准人"), 26, spoken=True),
        Column("why", Text(en="Reason", zh="事由"), 55),
    ),
    signatures=(
        Text(en="Registered by", zh="登记人"),
        Text(en="Checked by", zh="审核人"),
        Text(en="Supervising leader", zh="主管领导"),
    ),
    notes=(
        Text(
            en="Each viewing was entered into the journal before content was given out.",
            zh="注：每次查阅均先登记入日志，后提供内容。",
        ),
    ),
)


def _viewings(connection: Connection, scope: Scope) -> Iterator[tuple[RowMapping, str]]:
    """By time, each with the record's cases."""
    viewing, record = schema.viewing.c, schema.record.c
    since, before = map(spell_time, scope.period.span(scope.zone))
    wanted = (
        select(*viewing, record.number, record.section)
        .add_columns(record.case_name, record.matter, record.content)
        .select_from(schema.viewing.join(schema.record, record.id == viewing.record_id))
        .where(viewing.at < before)
    )
    if scope.section:
        wanted = wanted.where(record.section == scope.section)
    for page in pages(connection, wanted, viewing.at, viewing.id, since):
        cases = cases_of(connection, [row["record_id"] for row in page])
        for row in page:
            yield row, "、".join(cases[row["record_id"]])


def _entry(row: RowMapping, cases: str, profile: Profile, apart: people.Apart) -> tuple[Cell, ...]:
    with understood("viewing", row["id"]):
        return (
            read_time(row["at"]),
            _as_what_they_were(row["by"], row["name"], row["title"], apart),
            row["number"],
            cases or None,
            title_of(_called(row), profile) or None,
            row["section"],
            HOW.get(row["how"], row["how"]),
            _together(msgspec.json.decode(row["approved_by"], type=list[_Agreed]), apart),
            row["why"],
        )


def _called(row: RowMapping) -> Facts:
    """The facts that a record is called by."""
    return Facts(case_name=row["case_name"] or "", matter=row["matter"] or "", content=row["content"] or "")


class _Agreed(msgspec.Struct, frozen=True):
    """One of those who agreed."""

    by: str
    name: str
    title: str


def _together(agreed: Sequence[_Agreed], apart: people.Apart) -> Text:
    said = [_as_what_they_were(one.by, one.name, one.title, apart) for one in agreed]
    return Text(en=", ".join(one.en for one in said), zh="、".join(one.zh for one in said))


def _as_what_they_were(by: str, name: str, title: str, apart: people.Apart) -> Text:
    """Name and title of then, whatever has become of them since."""
    return in_words(apart(by, name), Role(title) if title else None)


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    apart = people.told_apart(connection)
    return tallied(FORM, (_entry(row, cases, profile, apart) for row, cases in _viewings(connection, scope)))


VIEWING = Maker(FORM, lambda profile: [profile.viewing.article if profile.viewing else None], _rows)
