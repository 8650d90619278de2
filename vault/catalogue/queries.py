"""The questions that are asked of the catalogue. Each reads by an index, page by page, and none reads everything."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from vault.batches import batched
from vault.casenumbers import case_key
from vault.catalogue import schema
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_facts, read_record, read_time, serial_of, spell_time
from vault.catalogue.search import phrase
from vault.catalogue.texts import Looked, texts_of
from vault.digest import Digest
from vault.errors import BadInput, CatalogueBroken
from vault.facts import FACTS, Facts
from vault.records import Record, Standing
from vault.rights import Bar, Barred, Reason
from vault.text import Text

if TYPE_CHECKING:  # `find` has half a second, and decides nothing
    from vault.profile import Profile
    from vault.retention import Decision

PAGE = 200
_FACTS = tuple(schema.record.c[fact.name] for fact in FACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person looks for: words anywhere, words in one fact, a span of recording time, a standing.

    No words find a destroyed record, since they are its content's; where no standing is asked for, nothing does.
    """

    words: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None
    standing: Standing | None = None


def find(connection: Connection, wanted: Wanted, limit: int | None = None) -> Iterator[Record]:
    """Records that match, newest first; all of them, or `limit`. Memory holds a page."""
    looked = _looked(wanted)
    before: int | None = None
    given = 0
    while limit is None or given < limit:
        size = PAGE if limit is None else min(PAGE, limit - given)
        page = _page(wanted, before) if not looked else _page_of_words(connection, wanted, looked, before)
        serials: Sequence[int] = connection.execute(page.limit(size)).scalars().all()
        yield from read_records(connection, serials)
        given += len(serials)
        if len(serials) < size:
            return
        before = serials[-1]


def _page(wanted: Wanted, before: int | None) -> Select[Any]:
    record = schema.record.c
    where = _where(wanted)
    if wanted.standing is None:
        where.append(record.standing != Standing.DESTROYED.value)
    if before is not None:
        where.append(record.id < before)
    return select(record.id).where(and_(True, *where)).order_by(record.id.desc())


def _page_of_words(connection: Connection, wanted: Wanted, looked: Looked, before: int | None) -> Select[Any]:
    """The index of words leads: what else is asked is asked of what it yields."""
    page, serial = texts_of(connection).found(looked)
    where = _where(wanted)
    if before is not None:
        page = page.where(serial < before)
    if where:
        page = page.where(serial.in_(select(schema.record.c.id).where(schema.record.c.id == serial, *where)))
    return page.order_by(serial.desc())


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    record = schema.record.c
    if wanted.recorded_from is not None:
        where.append(record.recorded_at >= spell_time(wanted.recorded_from))
    if wanted.recorded_before is not None:
        where.append(record.recorded_at < spell_time(wanted.recorded_before))
    if wanted.standing is not None:
        where.append(record.standing == wanted.standing.value)
    return where


def _looked(wanted: Wanted) -> Looked:
    looked: list[tuple[str | None, str]] = [(None, words) for words in wanted.words]
    for name, value in wanted.facts.items():
        if name not in schema.SEARCHED:
            raise BadInput(Text(en=f"Words are not looked for in {name!r}.", zh=f"不能按文字检索 {name!r}。"))
        looked.append((name, case_key(value) if name == "case_number" else value))
    for _, words in looked:
        if phrase(words) is None:
            raise BadInput(
                Text(en=f"Nothing to look for in {words!r}.", zh=f"{words!r} 中没有可检索的文字。"),
                hint=Text(en="Give letters, digits or Chinese characters.", zh="请输入汉字、字母或数字。"),
            )
    return looked


def read_records(connection: Connection, serials: Sequence[int]) -> Iterator[Record]:
    """Records with their files, in the order given."""
    if not serials:
        return
    rows = {
        row["id"]: row
        for row in connection.execute(select(schema.record).where(schema.record.c.id.in_(serials))).mappings()
    }
    files: dict[int, list[bytes]] = {serial: [] for serial in serials}
    listed = connection.execute(
        select(schema.record_file.c.record_id, schema.record_file.c.details)
        .where(schema.record_file.c.record_id.in_(serials))
        .order_by(schema.record_file.c.record_id, schema.record_file.c.position)
    )
    for row in listed:
        files[row.record_id].append(row.details)
    for serial in serials:
        try:
            found = read_record(dict(rows[serial]), files[serial])
        except (KeyError, ValueError, msgspec.MsgspecError) as error:
            what = Text(en=f"Record {serial} is damaged ({error}).", zh=f"序号 {serial} 的记录已损坏（{error}）。")
            raise CatalogueBroken(what) from error
        yield found


_SERIALS = select(schema.record.c.id, schema.record.c.number)


def get_records(connection: Connection, numbers: Iterable[str]) -> Iterator[Record]:
    """Records by their numbers, in the order given. BadInput if there is no such. Memory holds a page."""
    for page in batched(numbers, PAGE):
        yield from read_records(connection, _serials(connection, page))


def get_record(connection: Connection, number: str) -> Record:
    """One record by its number. BadInput if there is none."""
    return next(get_records(connection, [number]))


def _serials(connection: Connection, numbers: Sequence[str]) -> list[int]:
    serials = {row.number: row.id for row in select_in(connection, _SERIALS, schema.record.c.number, numbers)}
    for number in numbers:
        if number not in serials:
            raise BadInput(
                Text(en=f"There is no record {number}.", zh=f"没有编号为 {number} 的记录。"),
                hint=Text(en="Look for it with: strongroom find", zh="请用 strongroom find 查找。"),
            )
    return [serials[number] for number in numbers]


def numbers_of(connection: Connection, serials: Sequence[int]) -> list[str]:
    """The numbers of records, in the order of their serials."""
    found = {row.id: row.number for row in select_in(connection, _SERIALS, schema.record.c.id, serials)}
    return [found[serial] for serial in sorted(found)]


def facts_of(connection: Connection, serial: int) -> Facts:
    """What is said of a filed record."""
    return read_facts(dict(connection.execute(select(*_FACTS).where(schema.record.c.id == serial)).mappings().one()))


def kept_records(connection: Connection, numbers: Iterable[str]) -> Iterator[Record]:
    """Those with their content, in the order given. Refused where one's end has begun; BadInput where there is none."""
    for record in get_records(connection, numbers):
        if record.standing is Standing.DESTROYED:
            raise _ended(connection, record.number)
        yield record


def _ended(connection: Connection, number: str) -> Barred:
    from vault.catalogue.disposals import disposal_of, proof  # half of the rules of disposal come with it

    disposal = disposal_of(connection, number)
    gone = Text(
        en=f"Record {number} was destroyed (disposal {disposal}); its content is no more.",
        zh=f"记录 {number} 已依规销毁（处置 {disposal}），内容不复存在。",
    )
    begun = Text(
        en=f"The destruction of record {number} has begun (disposal {disposal}): it can be neither held nor given out "
        "any more, though a store may still have copies of it.",
        zh=f"记录 {number} 已开始销毁（处置 {disposal}），不能再设置暂缓处置，也不能再提供，"
        "个别存储可能尚有副本待销毁。",
    )
    show = f"strongroom disposal show {disposal}"
    said = gone if proof(connection, disposal) is not None else begun
    return Barred(Reason(Bar.DESTROYED, said, Text(en=show, zh=show)))


def kept_record(connection: Connection, number: str) -> Record:
    """One that has its content. Refused where it was destroyed; BadInput if there is none."""
    return next(kept_records(connection, [number]))


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a record's history; `seq` is the entry's place in the journal. `facts`: the names of those that it
    completed, corrected or emptied; `why`: the reason that was given for it."""

    seq: int
    act: str
    at: datetime
    by: str
    facts: tuple[str, ...] = ()
    why: str = ""


def history(connection: Connection, number: str) -> Sequence[Happened]:
    """All that happened to a record, in order; what was taken over from another vault, as it was there."""
    journal, before = schema.journal.c, schema.taken_over.c
    happened = (
        func.coalesce(getattr(before, name), getattr(journal, name)).label(name) for name in ("act", "at", "by")
    )
    rows = connection.execute(
        select(journal.seq, *happened, schema.corrected.c.facts, schema.corrected.c.why)
        .outerjoin(schema.taken_over, before.seq == journal.seq)
        .outerjoin(schema.corrected, schema.corrected.c.seq == journal.seq)
        .where(journal.record_id == serial_of(number))
        .order_by(journal.seq)
    )
    return [
        Happened(row.seq, row.act, read_time(row.at), row.by, tuple(json.loads(row.facts or "[]")), row.why or "")
        for row in rows
    ]


_ENTRIES = select(
    schema.journal.c.record_id,
    schema.journal.c.seq,
    func.coalesce(schema.taken_over.c.act, schema.journal.c.act).label("act"),
).outerjoin(schema.taken_over, schema.taken_over.c.seq == schema.journal.c.seq)


def entries_about(connection: Connection, numbers: Sequence[str]) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Of each record, in the order asked for, the places in the journal and the acts of all entries about it. BadInput
    where there is no such record."""
    serials = dict(zip(numbers, _serials(connection, numbers), strict=True))
    found: dict[int, list[tuple[int, str]]] = {serial: [] for serial in serials.values()}
    for row in select_in(connection, _ENTRIES, schema.journal.c.record_id, list(found)):
        found[row.record_id].append((row.seq, row.act))
    return {number: sorted(found[serial]) for number, serial in serials.items()}


@dataclass(frozen=True, slots=True)
class CopyState:
    """One copy of an object; `verified_at` None: not since the catalogue was rebuilt."""

    store: str
    state: str
    verified_at: datetime | None


def copies(connection: Connection, digest: Digest) -> Sequence[CopyState]:
    """Where an object's copies are."""
    rows = connection.execute(
        select(schema.store.c.name, schema.copy.c.state, schema.copy.c.verified_at)
        .join(schema.copy, schema.copy.c.store_id == schema.store.c.id)
        .join(schema.object_, schema.object_.c.id == schema.copy.c.object_id)
        .where(schema.object_.c.sha256 == digest.raw)
        .order_by(schema.store.c.id)
    )
    return [CopyState(r.name, r.state, read_time(r.verified_at) if r.verified_at else None) for r in rows]


def explain(
    connection: Connection, number: str, profile: "Profile", now: datetime, paused: Text | None = None
) -> "Decision":
    """The retention decision for one record, with its reasons; `paused` says why expiry is paused, where it is.

    Refused where the record was destroyed.
    """
    kept_record(connection, number)
    from vault.catalogue.holdings import holding_of
    from vault.retention import decide

    return decide(holding_of(connection, serial_of(number), paused), profile, now)
