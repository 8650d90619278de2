"""The register of viewings (查阅登记簿): who saw what, when, why, and who had agreed."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, RowMapping, select

from vault.catalogue import people, schema
from vault.catalogue.bulk import select_in
from vault.catalogue.holdings import cases_of
from vault.catalogue.rows import read_file, read_list, read_time, spell_time
from vault.catalogue.understood import understood
from vault.facts import Facts
from vault.intake.names import shown
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
        Column("at", Text(en="Viewed at", zh="查阅时间"), 20, Kind.MOMENT),
        Column("by", Text(en="Viewed by", zh="查阅人"), 22, spoken=True),
        Column("record", Text(en="Record", zh="记录编号"), 25),
        Column("files", Text(en="Files", zh="文件"), 36, spoken=True),
        Column("case_number", Text(en="Case number", zh="案号"), 27),
        Column("case_name", Text(en="Case", zh="案件名称"), 34, spoken=True),
        Column("section", Text(en="Section", zh="科室"), 18),
        Column("how", Text(en="How", zh="方式"), 17, spoken=True),
        Column("approved_by", Text(en="Approved by", zh="批准人"), 26, spoken=True),
        Column("why", Text(en="Reason", zh="事由"), 35),
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


_WHOLE = Text(en="all", zh="全部")
_FILES = select(schema.record_file.c.record_id, schema.record_file.c.details).join(
    schema.object_, schema.object_.c.id == schema.record_file.c.object_id
)
_Names = Mapping[tuple[int, str], str]
_Seen = tuple[RowMapping, str, _Names]


def _viewings(connection: Connection, scope: Scope) -> Iterator[_Seen]:
    """By time, each with the record's cases, and what the files are called that were seen."""
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
        names = _names(connection, page)
        for row in page:
            yield row, "、".join(cases[row["record_id"]]), names


def _names(connection: Connection, page: Sequence[RowMapping]) -> _Names:
    """What the files that were seen are called, by their record and SHA-256; none of one that was destroyed since."""
    seen = sorted({bytes.fromhex(sha256) for row in page for sha256 in read_list(row["files"])})
    files = select_in(connection, _FILES, schema.object_.c.sha256, seen)
    read = ((row.record_id, read_file(row.details)) for row in files)
    return {(serial, file.sha256): file.name for serial, file in read}


def _entry(seen: _Seen, profile: Profile, apart: people.Apart) -> tuple[Cell, ...]:
    row, cases, names = seen
    with understood("viewing", row["id"]):
        return (
            read_time(row["at"]),
            _as_what_they_were(row["by"], row["name"], row["title"], apart),
            row["number"],
            _files(row, names),
            cases or None,
            title_of(_called(row), profile) or None,
            row["section"],
            HOW.get(row["how"], row["how"]),
            _together(msgspec.json.decode(row["approved_by"], type=list[_Agreed]), apart),
            row["why"],
        )


def _files(row: RowMapping, names: _Names) -> str | Text:
    """Which were seen: by their names, or by what is left to tell them by."""
    seen = ((names.get((row["record_id"], sha256)), sha256) for sha256 in read_list(row["files"]))
    return "、".join(shown(name) if name is not None else sha256[:12] for name, sha256 in seen) or _WHOLE


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
    return tallied(FORM, (_entry(seen, profile, apart) for seen in _viewings(connection, scope)))


VIEWING = Maker(FORM, lambda profile: [profile.viewing.article if profile.viewing else None], _rows)
