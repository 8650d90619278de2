"""A set in the place of another, mostly on another kind of medium: once all of it is on the shelf, the old one retires.

Until then the old one counts, and both stay on record. A copy that is on loan, or half made, retires later.
"""

from collections.abc import Sequence

from vault import acts
from vault.catalogue import demands, discs
from vault.catalogue.discs import Copy
from vault.discs.states import NOT_BURNT, SUCCEEDED, TABLE, State, Step
from vault.discs.stepping import step
from vault.store import Vault


def supersede(vault: Vault, number: str) -> Sequence[Copy]:
    """Retire the set that this one replaces, if it is time; those of its copies that cannot retire yet."""
    with vault.database.reading() as connection:
        replaced = discs.find_set(connection, number).replaces
        if not replaced or not demands.is_kept(connection, number):
            return ()
        old = discs.copies(connection, replaced)
    now, by = vault.now(), vault.setting.person
    for copy in old:
        if (copy.state, Step.SUPERSEDE) in TABLE:
            step(vault, acts.DiscSuperseded(at=now, by=by, mark=str(copy.mark), disc_set=number))
    stay = [copy for copy in old if (copy.state, Step.SUPERSEDE) not in TABLE]
    return [copy for copy in stay if copy.state not in NOT_BURNT | SUCCEEDED | {State.DESTROYED}]
