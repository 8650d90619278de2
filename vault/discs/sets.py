"""Planning a disc set: its number, its discs and their records enter the journal before anything is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import discs, queries, schema
from vault.catalogue.bulk import select_in
from vault.discs.model import DiscSet
from vault.errors import BadInput
from vault.records import Standing
from vault.store import Vault
from vault.terms import local_day
from vault.text import Text

_AT_ONCE = 3_000  # records in one entry: their numbers take 48 of its 64 KiB
_STANDINGS = select(schema.record.c.number, schema.record.c.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A set as somebody wants it. `discs`: for each of them the numbers of the records that it carries, whole or in
    part; `spare`: hundredths of each that stay free for error correction; `replaces`: a set in whose place it comes."""

    producer: str
    activity: str
    medium: str
    spare: int
    discs: Sequence[Sequence[str]]
    replaces: str = ""


def plan_set(vault: Vault, wish: Wish) -> DiscSet:
    """Begin a set; every copy of it is to be made. Refused where one of the records was destroyed."""
    numbers = list(dict.fromkeys(number for records in wish.discs for number in records))
    require(vault, Action.DISC_BUILD, about=", ".join(numbers))
    if not all(wish.discs) or not wish.discs:
        raise BadInput(Text(en="There is nothing to put on a disc.", zh="没有可刻录的内容。"))
    now, by, year = vault.now(), vault.setting.person, local_day(vault.now(), vault.profile.zone).year

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        _require_kept(connection, numbers)
        if wish.replaces:
            discs.find_set(connection, wish.replaces)
        number = discs.next_number(connection, year)
        planned = acts.DiscPlanned(
            at=now,
            by=by,
            disc_set=number,
            unit=vault.setting.office,
            producer=wish.producer,
            activity=wish.activity,
            medium=wish.medium,
            spare=wish.spare,
            discs=len(wish.discs),
            replaces=wish.replaces,
        )
        allotted = [
            acts.DiscAllotted(
                at=now, by=by, disc_set=number, disc=disc, records=tuple(records[start : start + _AT_ONCE])
            )
            for disc, records in enumerate(wish.discs, 1)
            for start in range(0, len(records), _AT_ONCE)
        ]
        return [planned, *allotted]

    planned, *_ = vault.commit(draft)
    assert isinstance(planned, acts.DiscPlanned)
    with vault.database.reading() as connection:
        return discs.as_planned(connection, planned.disc_set)


def _require_kept(connection: Connection, numbers: Sequence[str]) -> None:
    found = select_in(connection, _STANDINGS, schema.record.c.number, numbers)
    kept = {row.number for row in found if row.standing != Standing.DESTROYED.value}
    for number in numbers:
        if number not in kept:
            queries.kept_record(connection, number)  # which says what is wrong with it
