"""Which sets a run makes: one that is begun and carries just these records, or a new one, planned and consented to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from media.mediums import Medium
from media.planning import plan
from ops.discs.labelling import described, try_labels
from ops.labels import LabelsConfig
from vault.catalogue import demands, discs, queries
from vault.catalogue.rows import serial_of
from vault.discs.making import UNFINISHED
from vault.discs.model import DiscSet
from vault.discs.sets import Wish, plan_set
from vault.records import Record
from vault.store import Vault
from vault.viewing import Grounds, register_viewing, require_viewing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a new set is to be. `producer`, `activity`: "" for whoever is at work, and for what the records say."""

    medium: Medium
    spare: int
    producer: str
    activity: str


def unfinished(connection: Connection) -> Sequence[str]:
    """Numbers of the sets of which a copy is not on the shelf yet, the oldest first."""
    return discs.with_copies_in(connection, UNFINISHED)


def begun_for(connection: Connection, numbers: Sequence[str]) -> str | None:
    """The unfinished set that carries just these records."""
    return next((one for one in unfinished(connection) if set(discs.records_on(connection, one)) == set(numbers)), None)


def demanded(connection: Connection) -> tuple[list[str], list[str]]:
    """For all open demands: records that are on no unfinished set, and the unfinished sets that carry the others."""
    going, records, sets = set(unfinished(connection)), dict[str, None](), dict[str, None]()
    for one in demands.open_demands(connection):
        carrying = {mark.disc_set for carrier in one.carriers for mark, _ in carrier.copies} & going
        if carrying:
            sets |= dict.fromkeys(sorted(carrying))
        else:
            records[one.record] = None
    return list(records), list(sets)


def begin(vault: Vault, numbers: Sequence[str], wanted: Wanted, grounds: Grounds, labels: LabelsConfig) -> str:
    """Plan a set of these records; its number. Refused without consent, or where its labels would be."""
    require_viewing(vault, numbers, "disc", grounds)
    with vault.database.reading() as connection:
        records = [queries.kept_record(connection, number) for number in dict.fromkeys(numbers)]
    records.sort(key=lambda record: serial_of(record.number))
    numbers = [record.number for record in records]
    wish = Wish(
        producer=wanted.producer or vault.setting.person,
        activity=wanted.activity or _title(records),
        medium=wanted.medium.id,
        spare=wanted.spare,
        discs=[disc.records for disc in plan(records, wanted.medium, wanted.spare).discs],
    )
    office = vault.setting.office
    looks = DiscSet("9999-9999", (), office, wish.producer, vault.now(), wish.activity)  # the longest of numbers
    try_labels(vault, described(looks, wish.medium, records), labels)
    register_viewing(vault, numbers, "disc", grounds)
    return plan_set(vault, wish).number


def _title(records: Sequence[Record]) -> str:
    titles = dict.fromkeys(r.facts.case_name or r.facts.matter or r.facts.content for r in records)
    return "；".join(title for title in titles if title)
