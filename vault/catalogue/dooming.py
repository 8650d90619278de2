"""What destruction asks of the catalogue: records that wait for it, what only they hold, and what stores still owe."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, exists, func, select

from vault.acts import AsListed
from vault.batches import batched
from vault.catalogue import schema
from vault.catalogue.rows import read_list, read_listed
from vault.digest import Digest

PAGE = 200  # records, or objects of one store


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that was approved for destruction and is whole; with what was said of it when it was listed, and by name
    the facts that were said otherwise when it was handed in again since."""

    serial: int
    number: str
    said: AsListed
    returned: tuple[str, ...]


def waiting(connection: Connection, disposal: str, after: int) -> Sequence[Waiting]:
    """The next page of records that wait, from just after that one."""
    row = schema.appraised.c
    page = (
        select(row.record_id, schema.record.c.number, row.said, row.returned)
        .join(schema.record, schema.record.c.id == row.record_id)
        .where(row.disposal == disposal, row.outcome == "", row.fate == "dispose", row.record_id > after)
        .order_by(row.record_id)
        .limit(PAGE)
    )
    return [
        Waiting(one.record_id, one.number, read_listed(one.said), read_list(one.returned))
        for one in connection.execute(page)
    ]


def waiting_among(connection: Connection, disposal: str, serials: Sequence[int]) -> frozenset[int]:
    """Of these records those that wait on a list that may still be carried out."""
    row, list_ = schema.appraised.c, schema.disposal.c
    waits = (
        select(row.record_id)
        .join(schema.disposal, list_.number == row.disposal)
        .where(row.disposal == disposal, row.outcome == "", row.fate == "dispose", list_.ended_at.is_(None))
    )
    found: set[int] = set()
    for page in batched(serials, PAGE):
        found.update(connection.execute(waits.where(row.record_id.in_(page))).scalars())
    return frozenset(found)


def objects_of(connection: Connection, serial: int) -> Mapping[int, Digest]:
    """A record's objects by id, each once."""
    file, object_ = schema.record_file.c, schema.object_.c
    rows = connection.execute(
        select(object_.id, object_.sha256)
        .join(schema.record_file, file.object_id == object_.id)
        .where(file.record_id == serial)
        .distinct()
        .order_by(object_.id)
    )
    return {row.id: Digest(row.sha256) for row in rows}


def is_needed(connection: Connection, object_id: int, ending: Collection[int]) -> bool:
    """Whether a record other than these holds the object, or any record has it for its list of files."""
    file = schema.record_file.c
    held = select(file.object_id).where(file.object_id == object_id, file.record_id.not_in(ending)).limit(1)
    lists = select(schema.record.c.id).where(schema.record.c.list_id == object_id).limit(1)
    return any(connection.execute(query).first() is not None for query in (held, lists))


def first_holder(connection: Connection, digest: Digest, ending: Collection[int]) -> int | None:
    """Of the records other than these the first that holds an object, or has it for its list of files."""
    file, record, object_ = schema.record_file.c, schema.record.c, schema.object_.c
    which = select(object_.id).where(object_.sha256 == digest.raw).scalar_subquery()
    held = select(func.min(file.record_id)).where(file.object_id == which, file.record_id.not_in(ending))
    lists = select(func.min(record.id)).where(record.list_id == which)
    return next((one for one in map(connection.scalar, (held, lists)) if one is not None), None)


def only_theirs(connection: Connection, serial: int, ending: Collection[int]) -> Iterator[Digest]:
    """A record's objects that nobody but records which end with it needs."""
    for object_id, digest in objects_of(connection, serial).items():
        if not is_needed(connection, object_id, ending):
            yield digest


def is_known(connection: Connection, digest: Digest) -> bool:
    """Whether the catalogue has the object: content that was destroyed and came in anew is a later record's."""
    return (
        connection.execute(select(schema.object_.c.id).where(schema.object_.c.sha256 == digest.raw)).first() is not None
    )


def outstanding(connection: Connection, disposal: str, store: str, after: Digest | None) -> Sequence[Digest]:
    """The next objects that a store has not yet destroyed, from just after that one."""
    row = schema.doomed_copy.c
    page = select(row.sha256).where(row.disposal == disposal, row.store == store).order_by(row.sha256).limit(PAGE)
    if after is not None:
        page = page.where(row.sha256 > after.raw)
    return [Digest(raw) for raw in connection.execute(page).scalars()]


def stores_outstanding(connection: Connection, disposal: str) -> Sequence[str]:
    """Stores that have not yet destroyed all."""
    row = schema.doomed_copy.c
    waited = select(row.store).where(row.disposal == disposal).distinct().order_by(row.store)
    return connection.execute(waited).scalars().all()


def destroyed(connection: Connection, disposal: str, after: Digest | None) -> Sequence[Digest]:
    """The next page of all objects of a disposal."""
    row = schema.doomed.c
    page = select(row.sha256).where(row.disposal == disposal).distinct().order_by(row.sha256).limit(PAGE)
    if after is not None:
        page = page.where(row.sha256 > after.raw)
    return [Digest(raw) for raw in connection.execute(page).scalars()]


@dataclass(slots=True)
class Entered:
    """That an object is about to be destroyed: whose end that is, and which adoptions of profiles were in force
    when it was entered."""

    records: list[int] = field(default_factory=list)
    adoptions: set[int] = field(default_factory=set)


def entered(connection: Connection, disposal: str, digests: Sequence[Digest]) -> dict[Digest, Entered]:
    """What the journal has entered of each of these objects."""
    row = schema.doomed.c
    found = {digest: Entered() for digest in digests}
    raw = [digest.raw for digest in digests]
    for one in connection.execute(select(schema.doomed).where(row.disposal == disposal, row.sha256.in_(raw))):
        of = found[Digest(one.sha256)]
        of.records.append(one.record_id)
        of.adoptions.add(one.adoption)
    return found


def is_doomed(connection: Connection, store: str, digest: Digest) -> bool:
    """Whether a store's copy is about to be destroyed."""
    row = schema.doomed_copy.c
    doomed = select(row.sha256).where(row.store == store, row.sha256 == digest.raw).limit(1)
    return connection.execute(doomed).first() is not None


def owes_destruction(connection: Connection, store: str) -> bool:
    """Whether a store has content left that is to be destroyed."""
    row = schema.doomed_copy.c
    return bool(connection.execute(select(exists().where(row.store == store))).scalar())
