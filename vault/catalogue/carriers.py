"""On which discs an object may lie, for whoever has to go and fetch one."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from vault.catalogue import discs, schema
from vault.catalogue.discs import Copy
from vault.digest import Digest
from vault.discs.states import THERE, State

_GOOD_FIRST = (State.SHELVED, State.LOANED)


def of_object(connection: Connection, digest: Digest) -> Iterator[Copy]:
    """Copies that carry a record with this object, those on the shelf first. Of a record that is spread over several
    discs some have other files of it.
    """
    file, object_ = schema.record_file.c, schema.object_.c
    holding = (
        select(file.record_id)
        .join(schema.object_, object_.id == file.object_id)
        .where(object_.sha256 == digest.raw)
        .order_by(file.record_id)
        .distinct()
    )
    for serial in connection.execute(holding).scalars().all():
        yield from _in_hand(list(discs.with_record(connection, serial)))


def of_disc(connection: Connection, name: str) -> Iterator[Copy]:
    """Copies of a disc, by the name of its volume (2026-0001-1), those on the shelf first."""
    disc_set, _, disc = name.rpartition("-")
    yield from _in_hand(list(discs.copies(connection, disc_set, int(disc))))


def _in_hand(copies: list[Copy]) -> list[Copy]:
    there = [copy for copy in copies if copy.state in THERE]
    return sorted(there, key=lambda copy: copy.state not in _GOOD_FIRST)
