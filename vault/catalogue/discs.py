"""What the catalogue knows of discs: sets, copies, what lies on them and where they lie. By an index, page by page."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, Select, func, select

from vault import acts
from vault.catalogue import schema, succession
from vault.catalogue.bulk import select_in
from vault.catalogue.rows import read_date, read_list, read_time, read_why
from vault.discs.model import COPIES, CopyLetter, DiscSet, Inscription, Mark
from vault.discs.states import KEPT, NOT_BURNT, State
from vault.errors import BadInput
from vault.records import Standing
from vault.text import Text

PAGE = 200
_copy = schema.disc_copy.c
_carried = schema.disc_record.c
_IN_ORDER = (_copy.disc_set, _copy.disc, _copy.generation, _copy.letter)
_LOOK = Text(en="strongroom disc list", zh="strongroom disc list")


@dataclass(frozen=True, slots=True)
class Copy:
    """One physical disc as it stands. `location`: where it belongs; `holder`, `until`: who has it on loan, and how
    long; `level`: the warning level of the inspection at `inspected_at`."""

    mark: Mark
    state: State
    since: datetime
    drive: str
    loading: str
    blank: str
    location: str
    holder: str
    until: date | None
    inspected_at: datetime | None
    level: int


@dataclass(frozen=True, slots=True)
class Image:
    """What the copies of one generation of a disc carry; SHA-256 and bytes. None before it was made. `begun_at`: when
    the generation was planned; `inscription`: what labels say of the records, as they stood when it was made."""

    disc: int
    generation: int
    begun_at: datetime
    iso: str | None
    iso_size: int | None
    image: str | None
    image_size: int | None
    checkpoint: str | None
    contents: str | None
    inscription: Inscription | None
    imaged_at: datetime | None
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A set as it was planned."""

    number: str
    unit: str
    producer: str
    activity: str
    medium: str
    spare: int  # hundredths of each disc
    discs: int
    replaces: str
    planned_by: str
    planned_at: datetime
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """A line in the history of one disc. `what`: the drive, the place, the person."""

    at: datetime
    by: str
    act: str
    what: str
    why: Text | str  # a person's words are a str


def find_set(connection: Connection, number: str) -> Planned:
    """BadInput where there is none of that number."""
    row = connection.execute(select(schema.disc_set).where(schema.disc_set.c.number == number)).first()
    if row is None:
        raise BadInput(Text(en=f"There is no disc set {number}.", zh=f"没有标号为 {number} 的光盘组。"), hint=_LOOK)
    return _read_set(row)


def sets(connection: Connection) -> Iterator[Planned]:
    """All of them, the newest first. Memory holds a page."""
    number = schema.disc_set.c.number
    page = select(schema.disc_set).order_by(number.desc()).limit(PAGE)
    rows = connection.execute(page).all()
    while rows:
        yield from map(_read_set, rows)
        rows = connection.execute(page.where(number < rows[-1].number)).all()


def with_copies_in(connection: Connection, states: Collection[State]) -> Sequence[str]:
    """Numbers of the sets of which a copy stands so, the oldest first."""
    wanted = select(_copy.disc_set).where(_copy.state.in_([state.value for state in states]))
    return connection.execute(wanted.distinct().order_by(_copy.disc_set)).scalars().all()


def successor_of(connection: Connection, number: str) -> str | None:
    """The set that takes the place of one, the newest where there are several; None where none does."""
    one = schema.disc_set.c
    taking = select(func.max(one.number)).where(one.replaces == number, one.replaces != "", one.cancelled_at.is_(None))
    return connection.execute(taking).scalar()


def replacing(connection: Connection, states: Collection[State]) -> Sequence[str]:
    """Numbers of the sets that take another's place of which a copy stands so."""
    one = schema.disc_set.c
    waiting = select(one.number).join(schema.disc_copy, _copy.disc_set == one.replaces)
    waiting = waiting.where(one.replaces != "", _copy.state.in_([state.value for state in states]))
    return connection.execute(waiting.distinct().order_by(one.number)).scalars().all()


def as_planned(connection: Connection, number: str) -> DiscSet:
    """A set with all its records."""
    planned = find_set(connection, number)
    return DiscSet(
        number=planned.number,
        records=tuple(records_on(connection, number)),
        unit=planned.unit,
        producer=planned.producer,
        produced_at=planned.planned_at,
        activity=planned.activity,
        discs=planned.discs,
    )


def as_labelled(connection: Connection, mark: Mark) -> DiscSet:
    """A set as the labels and the image of one of its discs speak of it: with the records that lie there, and the time
    at which that generation was begun, which stays the same however often its image is made."""
    whole = as_planned(connection, mark.disc_set)
    begun = image_of(connection, mark).begun_at
    return replace(
        whole,
        records=tuple(records_on(connection, mark.disc_set, mark.disc)),
        parts=frozenset(_divided(connection, mark)),
        produced_at=begun,
        first_produced_at=whole.produced_at if mark.generation > 1 else None,
    )


def _divided(connection: Connection, mark: Mark) -> Sequence[str]:
    """Numbers of the records of a disc that lie on others of its set, too."""
    record = schema.record.c
    here = select(_carried.record_id).where(_carried.disc_set == mark.disc_set, _carried.disc == mark.disc)
    there = select(_carried.record_id).where(_carried.disc_set == mark.disc_set, _carried.disc != mark.disc)
    return connection.execute(select(record.number).where(record.id.in_(here), record.id.in_(there))).scalars().all()


def next_number(connection: Connection, year: int) -> str:
    """A number that no set has, nor one of a lost vault may have that this one goes on for."""
    number = schema.disc_set.c.number
    last = connection.execute(select(func.max(number)).where(number >= f"{year}-", number < f"{year + 1}-")).scalar()
    after = int(last.rpartition("-")[2]) + 1 if last else 1
    return f"{year}-{max(after, succession.first_set(connection, year)):04d}"


def records_on(connection: Connection, disc_set: str, disc: int | None = None, *, kept: bool = False) -> Iterator[str]:
    """Numbers of the records on a set, or on one disc of it, in order and each once; `kept`: no destroyed ones."""
    record = schema.record.c
    on_it = select(_carried.record_id).where(_carried.disc_set == disc_set)
    on_it = on_it if disc is None else on_it.where(_carried.disc == disc)
    mine = select(record.number).where(record.id.in_(on_it)).order_by(record.id)
    if kept:
        mine = mine.where(record.standing != Standing.DESTROYED.value)
    yield from connection.execute(mine).scalars()


def is_known(connection: Connection, disc_set: str, disc: int) -> bool:
    """Whether the journal has such a disc, burnt or not."""
    one = schema.disc.c
    mine = select(one.disc).where(one.disc_set == disc_set, one.disc == disc).limit(1)
    return connection.execute(mine).first() is not None


def destroyed_on(connection: Connection, disc_set: str, disc: int | None = None) -> Sequence[str]:
    """Numbers of the records on a set, or on one disc of it, that were destroyed."""
    record = schema.record.c
    on_it = select(record.number).join(schema.disc_record, _carried.record_id == record.id)
    on_it = on_it.where(_carried.disc_set == disc_set, record.standing == Standing.DESTROYED.value)
    on_it = on_it if disc is None else on_it.where(_carried.disc == disc)
    return connection.execute(on_it.distinct().order_by(record.number)).scalars().all()


def is_stopped(connection: Connection, disc_set: str) -> bool:
    """Whether copies of a set were to be made, and are not since a record of it was destroyed; no other set is to take
    its place, and nobody gave it up."""
    to_be_made = {copy.state for copy in copies(connection, disc_set)} & (NOT_BURNT - {State.GIVEN_UP})
    return bool(to_be_made and destroyed_on(connection, disc_set) and not successor_of(connection, disc_set))


def find_copy(connection: Connection, mark: Mark) -> Copy:
    """BadInput where there is no such disc."""
    copy = find_copy_if_any(connection, mark)
    if copy is None:
        raise BadInput(Text(en=f"There is no disc {mark}.", zh=f"没有编号为 {mark} 的光盘。"), hint=_LOOK)
    return copy


def find_copy_if_any(connection: Connection, mark: Mark) -> Copy | None:
    """None where the journal knows of none."""
    row = connection.execute(select(schema.disc_copy).where(_copy.mark == str(mark))).first()
    return _read_copy(row) if row is not None else None


def copies(connection: Connection, disc_set: str, disc: int | None = None) -> Sequence[Copy]:
    """All copies of a set or of one disc of it, of every generation."""
    mine = select(schema.disc_copy).where(_copy.disc_set == disc_set).order_by(*_IN_ORDER)
    return _read(connection, mine if disc is None else mine.where(_copy.disc == disc))


def images(connection: Connection, disc_set: str) -> Sequence[Image]:
    """The image of every generation of a set's discs."""
    one = schema.disc.c
    rows = connection.execute(select(schema.disc).where(one.disc_set == disc_set).order_by(one.disc, one.generation))
    return [_read_image(row) for row in rows]


def imaged_before(connection: Connection, disc_set: str, disc: int, generation: int, image: str) -> datetime | None:
    """When an image of that SHA-256 was made for that disc, whether or not another has come in its place since."""
    event = schema.disc_event.c
    copies_ = [str(Mark(disc_set, disc, letter, generation)) for letter in COPIES]
    made = select(func.min(event.at)).where(
        event.mark.in_(copies_), event.act == acts.DiscImaged.__struct_config__.tag, event.what == image
    )
    at = connection.execute(made).scalar()
    return read_time(at) if at is not None else None


def image_of(connection: Connection, mark: Mark) -> Image:
    """What that disc carries, or is to carry."""
    one = schema.disc.c
    place = (one.disc_set == mark.disc_set) & (one.disc == mark.disc) & (one.generation == mark.generation)
    return _read_image(connection.execute(select(schema.disc).where(place)).one())


def with_record(connection: Connection, serial: int) -> Sequence[Copy]:
    """The copies that carry a record, whole or in part."""
    mine = (
        select(schema.disc_copy)
        .join(schema.disc_record, (_carried.disc_set == _copy.disc_set) & (_carried.disc == _copy.disc))
        .where(_carried.record_id == serial)
    )
    return _read(connection, mine.order_by(*_IN_ORDER))


_CARRYING = select(_copy.mark, _copy.state).join(
    schema.disc_record, (_carried.disc_set == _copy.disc_set) & (_carried.disc == _copy.disc)
)


def discs_with(connection: Connection, serials: Sequence[int], states: Collection[State]) -> Sequence[str]:
    """Marks of the copies in one of these states that carry one of the records."""
    found = select_in(connection, _CARRYING, _carried.record_id, serials)
    return sorted({row.mark for row in found if State(row.state) in states})


def on_shelf(connection: Connection, location: str) -> Sequence[Copy]:
    """Copies that are kept and belong to a place, or to any where it is empty; and all that are lent, kept or not."""
    counted = _copy.state.in_([state.value for state in KEPT]) | _copy.until.is_not(None)
    kept = select(schema.disc_copy).where(counted)
    if location:
        kept = kept.where(_copy.location == location)
    return _read(connection, kept.order_by(_copy.mark))


def overdue(connection: Connection, today: date) -> Sequence[Copy]:
    """Copies on loan whose last day is over, the longest first."""
    late = select(schema.disc_copy).where(_copy.until.is_not(None), _copy.until < today.isoformat())
    return _read(connection, late.order_by(_copy.until, _copy.mark))


def history(connection: Connection, mark: Mark) -> Iterator[Event]:
    """All that happened to a disc, in order."""
    event = schema.disc_event.c
    for row in connection.execute(select(schema.disc_event).where(event.mark == str(mark)).order_by(event.id)):
        yield Event(read_time(row.at), row.by, row.act, row.what, read_why(row.why))


def offline(connection: Connection) -> tuple[int, int]:
    """How many discs are kept, and their bytes: the copies of tier offline. As many rows as there are such discs."""
    image = schema.disc.c
    kept = (
        select(func.count(), func.coalesce(func.sum(image.image_size), 0))
        .select_from(schema.disc_copy)
        .join(
            schema.disc,
            (image.disc_set == _copy.disc_set) & (image.disc == _copy.disc) & (image.generation == _copy.generation),
        )
        .where(_copy.state.in_([state.value for state in KEPT]))
    )
    row = connection.execute(kept).one()
    return row[0], row[1]


def _read(connection: Connection, query: Select[Any]) -> Sequence[Copy]:
    return [_read_copy(row) for row in connection.execute(query)]


def _read_copy(row: Any) -> Copy:
    return Copy(
        mark=Mark(row.disc_set, row.disc, cast(CopyLetter, row.letter), row.generation),
        state=State(row.state),
        since=read_time(row.since),
        drive=row.drive,
        loading=row.loading,
        blank=row.blank,
        location=row.location,
        holder=row.holder,
        until=read_date(row.until),
        inspected_at=read_time(row.inspected_at) if row.inspected_at else None,
        level=row.level,
    )


def _read_image(row: Any) -> Image:
    return Image(
        disc=row.disc,
        generation=row.generation,
        begun_at=read_time(row.begun_at),
        iso=row.iso,
        iso_size=row.iso_size,
        image=row.image,
        image_size=row.image_size,
        checkpoint=row.checkpoint,
        contents=row.contents,
        inscription=msgspec.json.decode(row.inscription, type=Inscription) if row.inscription else None,
        imaged_at=read_time(row.imaged_at) if row.imaged_at else None,
        readers=read_list(row.readers),
    )


def _read_set(row: Any) -> Planned:
    ended = read_time(row.cancelled_at) if row.cancelled_at else None
    said = dict(row._mapping) | {"planned_at": read_time(row.planned_at), "cancelled_at": ended}
    return Planned(**said)
