"""What a disc set owes: it keeps two good copies of every disc, whether or not a regulation demands them.

A copy that is called degraded, or was destroyed, is owed until another is begun in its place; what is begun is owed
until it stands on the shelf, and told as unfinished (vault/discs/making.py).
"""

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select

from vault.catalogue import demands, discs, schema
from vault.catalogue.discs import Copy
from vault.catalogue.rows import serial_of
from vault.discs.demands import Carrier, judge
from vault.discs.model import COPIES, Mark
from vault.discs.states import State

_copy = schema.disc_copy.c
_newer = schema.disc_copy.alias("newer")
_SUCCEEDED = exists().where(
    _newer.c.disc_set == _copy.disc_set,
    _newer.c.disc == _copy.disc,
    _newer.c.letter == _copy.letter,
    _newer.c.generation > _copy.generation,
)
_MOVED = exists().where(
    schema.disc_set.c.replaces == _copy.disc_set,
    schema.disc_set.c.replaces != "",
    schema.disc_set.c.cancelled_at.is_(None),
)
_GONE = (
    select(_copy.mark)
    .where(_copy.state.in_([State.DEGRADED.value, State.DESTROYED.value]), ~_SUCCEEDED, ~_MOVED)
    .order_by(_copy.mark)
)


def lacking(connection: Connection) -> Sequence[Copy]:
    """Copies that are degraded or destroyed, and nothing is begun in their place; of discs with records that stay and
    are not kept on another set."""
    found = [Mark.parse(mark) for mark in connection.execute(_GONE).scalars().all()]
    return [discs.find_copy(connection, mark) for mark in found if needing_a_set(connection, mark)]


def needing_a_set(connection: Connection, mark: Mark) -> Sequence[str]:
    """Records on a disc that are not destroyed, and on no other set of which both copies are on the shelf."""
    on_it = discs.records_on(connection, mark.disc_set, mark.disc, kept=True)
    staying = {serial_of(number): number for number in on_it}
    carriers = demands.carriers_of(connection, list(staying))
    return [number for serial, number in staying.items() if not _elsewhere(carriers.get(serial, ()), mark)]


def others_on_shelf(connection: Connection, mark: Mark) -> Sequence[Mark]:
    """The other copies of a disc, of whatever generation, that are good and in the house."""
    copies = discs.copies(connection, mark.disc_set, mark.disc)
    return [copy.mark for copy in copies if copy.state is State.SHELVED and copy.mark != mark]


def _elsewhere(carriers: Sequence[Carrier], mark: Mark) -> bool:
    others = [one for one in carriers if any(copy.disc_set != mark.disc_set for copy, _ in one.copies)]
    return judge(len(COPIES), others).met
