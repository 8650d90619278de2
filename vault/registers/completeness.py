"""The register of case completeness (案件完整性检查表): what cases of a period demand, and what is there.

A case is of a period if it was opened in it, or a record of it was stored in it. Each is compared with the office's
list as `strongroom case check` does (vault/casecheck.py). A case of which nothing on the list is known to have happened
has a line all the same, and so have matters that are not on the list, and records of which nobody said what matter they
are of: left out, they would pass for complete.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, exists, literal, or_, select, union

from vault.casecheck import check_case, demanded
from vault.catalogue import schema
from vault.catalogue.explained import missing_of_case
from vault.catalogue.rows import spell_date, spell_time
from vault.completeness import Checked, Demand, Found
from vault.profile import Profile, cited
from vault.registers.model import SERIAL, Cell, Column, Form, Kind, Maker, Row, Scope, tallied
from vault.registers.pages import PAGE
from vault.text import Text

FORM = Form(
    kind="completeness",
    title=Text(en="Register of Case Completeness", zh="执法案件音像记录完整性检查表"),
    columns=(
        SERIAL,
        Column("case_number", Text(en="Case number", zh="案号"), 29),
        Column("case_name", Text(en="Case", zh="案件名称"), 30),
        Column("party", Text(en="Party", zh="当事人"), 19),
        Column("section", Text(en="Section", zh="科室"), 19),
        Column("matter", Text(en="Matter", zh="执法事项"), 21, spoken=True),
        Column("day", Text(en="Day", zh="日期"), 20, Kind.DATE),
        Column("stage", Text(en="Stage", zh="执法环节"), 23, spoken=True),
        Column("method", Text(en="Demanded", zh="应有记录"), 23, spoken=True),
        Column("article", Text(en="Under", zh="依据"), 20, spoken=True),
        Column("records", Text(en="Records", zh="已有记录数"), 14, Kind.NUMBER),
        Column("found", Text(en="Found", zh="认定"), 18, spoken=True),
        Column("why", Text(en="Explanation", zh="说明"), 24, spoken=True),
    ),
    signatures=(
        Text(en="Case handler", zh="案件承办人"),
        Text(en="Head of section", zh="科室负责人"),
        Text(en="Checked by", zh="审核人"),
    ),
    notes=(
        Text(
            en="Cannot tell: what is known does not say whether a recording is there, or of what it is.",
            zh="注：“待查明”指现有信息不足以认定记录是否齐全或属于何种执法事项。",
        ),
    ),
)

_NOTHING_KNOWN = Text(en="nothing on the list is known to have happened", zh="未发现清单所列执法事项")
_INTERRUPTED = Text(en="an interruption that nobody explained", zh="有未说明的中断")
_SILENT = Text(en="a video without sound", zh="录像无声音")
_UNHEARD = Text(en="whether the video has sound is not known", zh="录像有无声音不明")
_UNLISTED = Text(en="not on the list of recordings", zh="不在音像记录清单内")


def cases_of(connection: Connection, scope: Scope) -> Iterator[str]:
    """Keys of the period's cases, in order, found by index; SQLite sorts them, on disk where they are many."""
    case, record, also = schema.case_file.c, schema.record.c, schema.also_claimed.c
    since, before = map(spell_time, scope.period.span(scope.zone))
    opened = select(case.key).where(case.opened_on <= spell_date(scope.period.last))
    if scope.period.first is not None:
        opened = opened.where(case.opened_on >= spell_date(scope.period.first))
    stored = select(record.case_key).where(record.stored_at >= since, record.stored_at < before)
    too = select(also.case_key).join(schema.record, record.id == also.record_id)
    claimed = too.where(record.stored_at >= since, record.stored_at < before)
    if scope.section:
        of_section = record.section == scope.section
        of_it = record.case_key == case.key
        claiming = too.where(also.case_key == case.key, of_section)
        stored, claimed = stored.where(of_section), claimed.where(of_section)
        opened = opened.where(or_(exists().where(of_it, of_section), claiming.exists()))
    every = union(opened, stored, claimed).order_by(case.key).execution_options(yield_per=PAGE)
    for key in connection.execute(every).scalars():
        if key is not None:  # records of no case
            yield key


def _entries(connection: Connection, profile: Profile, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    demanded(profile)  # BadInput where there is no list
    for case in cases_of(connection, scope):
        about = _about(connection, case)
        checked = check_case(connection, profile, case, (), scope.drawn_at)
        why = {one.number: one.why for one in missing_of_case(connection, case)}
        for line in _lines(checked, why):
            yield (*about, *line)


def _about(connection: Connection, case: str) -> tuple[Cell, ...]:
    """What a case is called, and what its first record says of it: as its own case before as a further one."""
    record, also, filed = schema.record.c, schema.also_claimed.c, schema.case_file.c
    opened = connection.execute(select(filed.number, filed.name).where(filed.key == case)).first()
    said = select(record.case_number, record.case_name, record.party, record.section).where(record.case_key == case)
    first = connection.execute(said.order_by(record.id).limit(1)).first()
    if first is None:
        too = select(also.case_number, literal(""), record.party, record.section)
        too = too.join(schema.record, record.id == also.record_id).where(also.case_key == case)
        first = connection.execute(too.order_by(record.id).limit(1)).first()
    number, case_name, party, section = first if first is not None else (case, None, None, None)
    number, name = opened if opened is not None else (number, "")
    return number, name or case_name or None, party, section


def _lines(checked: Checked, why: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    for found in checked.found:
        yield (
            *(found.item.text, found.day, found.item.stage.text if found.item.stage is not None else None),
            *(found.item.method.label, cited(found.item.article), len(found.records), found.standing.label),
            _explained(found, why),
        )
    for matter, records in checked.unlisted.items():
        yield matter, None, None, None, None, len(records), Demand.UNCLEAR.label, _UNLISTED
    if lost := len(checked.without_matter):
        said = Text(en="records of which nobody said the matter", zh="记录未注明执法事项")
        yield None, None, None, None, None, lost, Demand.UNCLEAR.label, said
    elif not (checked.found or checked.unlisted):
        yield None, None, None, None, None, 0, Demand.UNCLEAR.label, _NOTHING_KNOWN


def _explained(found: Found, why: Mapping[str, str]) -> Cell:
    if found.explanations:
        return "；".join(why[number] for number in found.explanations)
    if found.interrupted:
        return _INTERRUPTED
    if found.standing is Demand.PRESENT:
        return None
    return _UNHEARD if found.unheard else _SILENT if found.silent else None


def _rows(connection: Connection, profile: Profile, scope: Scope) -> Iterator[Row]:
    return tallied(FORM, _entries(connection, profile, scope))


COMPLETENESS = Maker(FORM, lambda profile: [profile.recordings.article if profile.recordings else None], _rows)
