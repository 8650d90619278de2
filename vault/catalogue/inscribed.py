"""What the labels of a disc say of its records: as the records stand, and as they stood when its image was made."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from vault.acts.records import ClaimWithdrawn, ClassAssigned, HoldPlaced, HoldReleased, RecordCorrected
from vault.casenumbers import case_key
from vault.catalogue import discs, queries
from vault.catalogue.discs import Image
from vault.catalogue.holdings import holdings_of
from vault.catalogue.rows import serial_of
from vault.discs.inscription import highest, kept, together
from vault.discs.model import Inscription
from vault.profile import Profile
from vault.records import Record, Standing
from vault.retention import expiry

_TELLING = {
    one.__struct_config__.tag for one in (RecordCorrected, ClaimWithdrawn, ClassAssigned, HoldPlaced, HoldReleased)
}


def inscription(connection: Connection, profile: Profile, records: Iterable[Record]) -> Inscription:
    """What these records say together, and what the most demanding of them asks for. Records that were destroyed say
    nothing."""
    staying = [record for record in records if record.standing is not Standing.DESTROYED]
    facts = [record.facts for record in staying]
    holdings = holdings_of(connection, [serial_of(record.number) for record in staying])
    cases: dict[str, str] = {}
    for case in (case for holding in holdings.values() for case in holding.cases):
        cases.setdefault(case_key(case.number), case.number)
    return Inscription(
        kept=kept(expiry(holding, profile) for holding in holdings.values()),
        confidentiality=highest(one.confidentiality for one in facts),
        section=together((one.section for one in facts), "个科室"),
        case_number=together(cases.values(), "案"),
        party=together((one.party for one in facts), "人"),
    )


def changed_since(connection: Connection, profile: Profile, disc_set: str, image: Image) -> Sequence[str] | None:
    """Numbers of the records that were changed since the image was made; empty where it is the rules that have changed.
    None: a label would say the same today."""
    numbers = list(discs.records_on(connection, disc_set, image.disc))
    if inscription(connection, profile, queries.get_records(connection, numbers)) == image.inscription:
        return None
    assert image.imaged_at is not None
    since = image.imaged_at
    return [
        number
        for number in numbers
        if any(one.at >= since and one.act in _TELLING for one in queries.history(connection, number))
    ]
