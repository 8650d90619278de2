"""What the catalogue knows of disposals: lists and their lines, and what still has to be done. Page by page."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from vault.acts import AsListed
from vault.approvals import digest_of
from vault.catalogue import approvals, inforce, people, schema, signatures
from vault.catalogue.disctasks import DiscTask, disc_tasks
from vault.catalogue.rows import read_date, read_listed, read_time, serial_of
from vault.disposal.rules import Disposal, Line, State, reached, thing_of
from vault.errors import BadInput
from vault.people import Signature
from vault.profile import Profile
from vault.profile.edition import Edition
from vault.text import Text

PAGE = 200


@dataclass(frozen=True, slots=True)
class Appraised:
    """A line of a list: what was said of a record when it was listed, what was decided, by whom, and what became of it.
    `bytes` of all its files.
    """

    record: str
    said: AsListed
    stored_at: datetime
    fate: str
    why: str
    until: date | None
    by: Signature
    files: int
    bytes: int
    outcome: str  # empty | spared | begun | destroyed
    spared_why: Text | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the stores said when they were asked again. `absent`: store -> objects that it certainly does not have;
    `returned`: of the `objects`, content that has come in anew and is a later record's.
    """

    at: datetime
    objects: int
    returned: int
    absent: dict[str, int]


@dataclass(frozen=True, slots=True)
class Amount:
    """Records, their files, and `bytes` of all of these."""

    records: int = 0
    files: int = 0
    bytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.records + other.records, self.files + other.files, self.bytes + other.bytes)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.records - other.records, self.files - other.files, self.bytes - other.bytes)


@dataclass(frozen=True, slots=True)
class Standing:
    """A disposal as a whole: its way so far, its records counted by fate and outcome, and what is still to be done.
    `copies`: store -> how many it had of what it has destroyed; `staying`: objects of destroyed records that others
    hold, too.
    """

    disposal: Disposal
    why: str
    opened: Signature
    begun: Signature | None  # who decided on its records at last, from when
    proven_at: datetime | None
    ended_at: datetime | None
    stopped: Signature | None
    amounts: dict[tuple[str, str], Amount]
    copies: dict[str, int]
    staying: int
    outstanding: dict[str, int]  # store -> objects that it has not yet destroyed
    discs: tuple[DiscTask, ...]
    carried_out: tuple[signatures.Carried, ...] = ()

    def amount(self, outcome: str) -> Amount:
        """How much of what was to be destroyed came to that."""
        return self.amounts.get(("dispose", outcome), Amount())

    def count(self, outcome: str) -> int:
        """How many records that were to be destroyed came to that."""
        return self.amount(outcome).records


def get(connection: Connection, number: str) -> Disposal:
    """A disposal as the rules see it. BadInput where there is none of that number."""
    row = connection.execute(select(schema.disposal).where(schema.disposal.c.number == number)).first()
    if row is None:
        raise BadInput(
            Text(en=f"There is no disposal {number}.", zh=f"没有编号为 {number} 的处置。"),
            hint=Text(en="strongroom disposal list", zh="strongroom disposal list"),
        )
    by = select(schema.appraised.c.by).where(schema.appraised.c.disposal == number).distinct()
    return replace(
        _but_for_its_lines(connection, row),
        sha256=digest_of(listed(connection, number)),
        appraised_by=frozenset(connection.execute(by).scalars()) | {row.opened_by},
    )


def _but_for_its_lines(connection: Connection, row: Row[Any]) -> Disposal:
    """What does not depend on how many there are: it says where a list stands, not whose signatures are under it."""
    approval = approvals.find(connection, row.request) if row.request else None
    state = State(row.state)
    signed = signatures.supervisors(connection, row.number, state)
    before = signatures.replaced_before(signed, signatures.carried_out(connection, row.number))
    signed = tuple(one for one in signed if one.by not in before)
    standing = sum(one.stands for one in signed)
    return Disposal(
        number=row.number,
        state=reached(approval, standing, row.supervisors) if state is State.SUBMITTED else state,
        sha256="",
        appraised_by=frozenset(),
        approval=approval,
        signatures=signed,
        signed_before=before,
        takes=row.supervisors,
        under=inforce.adoption(connection, row.adoption) if row.adoption is not None else None,
        in_force=inforce.adoption_in_force(connection),
    )


def listed(connection: Connection, number: str) -> object:
    """The list as it stands, as the thing that people agree to."""
    return thing_of(number, lines(connection, number))


def lines(connection: Connection, number: str) -> Sequence[Line]:
    """The list as it stands: records that are to be destroyed, whatever became of them since."""
    row = schema.appraised.c
    found = connection.execute(
        select(schema.record.c.number, row.why, row.files, row.bytes, row.said_sha256)
        .join(schema.record, schema.record.c.id == row.record_id)
        .where(row.disposal == number, row.fate == "dispose")
        .order_by(row.record_id)
    )
    return [Line(one.number, one.why, one.files, one.bytes, one.said_sha256) for one in found]


def appraisals(connection: Connection, number: str) -> Iterator[Appraised]:
    """Every line of a list, in the order of the records."""
    row, after, apart = schema.appraised.c, 0, people.told_apart(connection)
    while True:
        page = _LINES.where(row.disposal == number, row.record_id > after).order_by(row.record_id).limit(PAGE)
        rows = connection.execute(page).all()
        for one in rows:
            yield _line(one, apart)
        if len(rows) < PAGE:
            return
        after = rows[-1].record_id


_LINES = select(schema.appraised, schema.record.c.number, schema.record.c.stored_at).join(
    schema.record, schema.record.c.id == schema.appraised.c.record_id
)


def appraisal_of(connection: Connection, disposal: str, record: str) -> Appraised:
    """The line of one record on a list that it is on."""
    row = schema.appraised.c
    mine = _LINES.where(row.disposal == disposal, row.record_id == serial_of(record))
    return _line(connection.execute(mine).one(), people.told_apart(connection))


def _line(one: Row[Any], apart: people.Apart) -> Appraised:
    return Appraised(
        one.number,
        read_listed(one.said),
        read_time(one.stored_at),
        one.fate,
        one.why,
        read_date(one.until),
        people.signature(apart, one.by, one.at, one.name, one.title),
        one.files,
        one.bytes,
        one.outcome,
        msgspec.json.decode(one.spared_why, type=Text) if one.spared_why else None,
    )


def standing(connection: Connection, number: str) -> Standing:
    """All that is known of a disposal, its lines excepted."""
    disposal = get(connection, number)
    row = connection.execute(select(schema.disposal).where(schema.disposal.c.number == number)).one()
    line, copy = schema.appraised.c, schema.doomed_copy.c
    ended, staying = schema.destroyed_copies.c, schema.staying_object.c
    sums = (func.count(), func.sum(line.files), func.sum(line.bytes))
    counted = connection.execute(
        select(line.fate, line.outcome, *sums).where(line.disposal == number).group_by(line.fate, line.outcome)
    )
    left = connection.execute(
        select(copy.store, func.count()).where(copy.disposal == number).group_by(copy.store).order_by(copy.store)
    )
    copies = select(ended.store, ended.copies).where(ended.disposal == number).order_by(ended.store)
    shared = select(func.count(staying.sha256.distinct())).where(staying.disposal == number)
    signed = partial(people.signature, people.told_apart(connection))
    return Standing(
        disposal,
        row.why,
        signed(row.opened_by, row.opened_at, row.opened_name, row.opened_title),
        signed(row.begun_by, row.begun_at, row.begun_name, row.begun_title) if row.begun_at else None,
        read_time(row.proven_at) if row.proven_at else None,
        read_time(row.ended_at) if row.ended_at else None,
        signed(row.stopped_by, row.ended_at, row.stopped_name, row.stopped_title) if row.stopped_by else None,
        {(one[0], one[1]): Amount(one[2], int(one[3]), int(one[4])) for one in counted},
        {one.store: one.copies for one in connection.execute(copies)},
        connection.execute(shared).scalar_one(),
        {one[0]: one[1] for one in left},
        tuple(disc_tasks(connection, number)),
        signatures.carried_out(connection, number),
    )


@dataclass(frozen=True, slots=True)
class Stays:
    """Of a record that ended, and was that much, the `count` objects, of the `objects` that it had, which stay: for
    these records, each the first that holds one."""

    record: str
    amount: Amount
    objects: int
    count: int = 0
    kept_for: tuple[str, ...] = ()

    @property
    def all(self) -> bool:
        """Whether nothing but the record itself has ended."""
        return self.count == self.objects


def staying(connection: Connection, number: str, record: str = "") -> Mapping[str, Stays]:
    """By number, in their order, the records that a disposal has ended of which objects stay; or the one, if it is
    one of them."""
    row, line = schema.staying_object.c, schema.appraised.c
    ended, holder = schema.record.alias(), schema.record.alias()
    found_of = (
        select(ended.c.number, line.files, line.bytes, row.objects, holder.c.number.label("holder"))
        .select_from(schema.staying_object)
        .join(ended, ended.c.id == row.record_id)
        .join(schema.appraised, (line.disposal == row.disposal) & (line.record_id == row.record_id))
        .outerjoin(holder, holder.c.id == row.kept_for)
        .where(row.disposal == number)
        .order_by(row.record_id, row.kept_for)
    )
    if record:
        found_of = found_of.where(row.record_id == serial_of(record))
    found: dict[str, Stays] = {}
    for of, files, size, objects, kept_for in connection.execute(found_of):
        so_far = found.get(of, Stays(of, Amount(1, files, size), objects))
        holders = dict.fromkeys([*so_far.kept_for, *filter(None, [kept_for])])
        found[of] = replace(so_far, count=so_far.count + 1, kept_for=tuple(holders))
    return found


def proof(connection: Connection, number: str) -> Proof | None:
    """None while it is not proven that nothing is left."""
    disposal, answer = schema.disposal.c, schema.store_proven.c
    found = select(disposal.proven_at, disposal.proven_objects, disposal.proven_returned)
    row = connection.execute(found.where(disposal.number == number, disposal.proven_at.is_not(None))).first()
    if row is None:
        return None
    said = select(answer.store, answer.absent).where(answer.disposal == number).order_by(answer.store)
    absent = {one.store: one.absent for one in connection.execute(said)}
    return Proof(read_time(row.proven_at), row.proven_objects, row.proven_returned, absent)


def numbers(connection: Connection, *, everything: bool) -> Sequence[str]:
    """Disposals that are open, or all, newest first."""
    number = schema.disposal.c.number
    query = select(number).order_by(number.desc())
    if not everything:
        query = query.where(schema.disposal.c.ended_at.is_(None))
    return connection.execute(query).scalars().all()


def states(connection: Connection, now: datetime) -> Counter[State]:
    """How many of those that are open stand where at that moment."""
    return Counter(one.at(now) for one in _open(connection))


def overtaken_by(connection: Connection, profile: Edition, now: datetime) -> Sequence[str]:
    """Open lists that would have to be submitted anew if that profile were adopted."""
    after = inforce.next_adoption(connection, profile)
    return [
        one.number
        for one in _open(connection)
        if one.lapse(now) is None and replace(one, in_force=after).lapse(now) is not None
    ]


def cut_short_by(connection: Connection, profile: Edition) -> Sequence[str]:
    """Lists that are being destroyed, and whose remaining records would be spared if that profile were adopted."""
    row, after = schema.appraised.c, inforce.next_adoption(connection, profile)
    waits = select(row.record_id).where(row.outcome == "", row.fate == "dispose").limit(1)
    return [
        one.number
        for one in _open(connection)
        if (one.state, one.overtaken) == (State.DESTROYING, None)
        and replace(one, in_force=after).overtaken is not None
        and connection.execute(waits.where(row.disposal == one.number)).first() is not None
    ]


def _open(connection: Connection) -> Sequence[Disposal]:
    open_ = select(schema.disposal).where(schema.disposal.c.ended_at.is_(None)).order_by(schema.disposal.c.number)
    return [_but_for_its_lines(connection, row) for row in connection.execute(open_).all()]


def profile_of(connection: Connection, number: str) -> Profile:
    """Whose rules a list goes by: of the profile under which it was submitted; in force now, where it was not."""
    under = select(schema.disposal.c.adoption).where(schema.disposal.c.number == number)
    return inforce.once_in_force(connection, connection.execute(under).scalar())


def on_open_lists(connection: Connection, serials: Sequence[int]) -> dict[int, str]:
    """Of these records those that an open disposal is to destroy, and which. A spared one is free again."""
    row, disposal = schema.appraised.c, schema.disposal.c
    listed = (
        select(row.record_id, row.disposal)
        .join(schema.disposal, disposal.number == row.disposal)
        .where(row.fate == "dispose", row.outcome != "spared", disposal.ended_at.is_(None))
    )
    found: dict[int, str] = {}
    for start in range(0, len(serials), PAGE):
        some = listed.where(row.record_id.in_(serials[start : start + PAGE]))
        found |= {one.record_id: one.disposal for one in connection.execute(some)}
    return found


def disposal_of(connection: Connection, number: str) -> str:
    """By which disposal a record was destroyed; empty where none has."""
    row = schema.appraised.c
    gone = select(row.disposal).where(row.record_id == serial_of(number), row.outcome.in_(("begun", "destroyed")))
    return connection.execute(gone).scalar() or ""
