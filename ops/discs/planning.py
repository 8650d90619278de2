"""Which sets a command makes: those that are begun, one that is begun and carries just these records, or a new one,
planned and consented to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from media.mediums import Medium
from media.planning import plan
from ops.discs.labelling import described, try_labels
from ops.labels import LabelsConfig
from ops.output import complain
from vault.catalogue import demands, discs, queries
from vault.catalogue.holdings import records_of_case
from vault.catalogue.inscribed import inscription
from vault.catalogue.lacking import lacking
from vault.catalogue.rows import serial_of
from vault.discs.making import UNFINISHED
from vault.discs.model import DiscSet
from vault.discs.sets import Wish, plan_set
from vault.discs.states import SUCCEEDED, TABLE, State, Step
from vault.discs.stepping import replace
from vault.errors import Refused
from vault.profile import Profile
from vault.records import Record
from vault.store import Vault
from vault.text import Text
from vault.titles import title_of
from vault.viewing import Grounds, register_viewing, require_viewing

_RETIRING = [state for state in State if (state, Step.SUPERSEDE) in TABLE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """What discs are to be made of, as it was asked: one of these, or nothing for whatever is begun.

    `replaces`: a set that another one is to take the place of; `number`: of a set that is begun.
    """

    numbers: tuple[str, ...] = ()
    case: str = ""
    demands: bool = False
    degraded: bool = False
    replaces: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a new set is to be. `producer`, `activity`: "" for whoever is at work, and for what the records say."""

    medium: Medium
    spare: int
    producer: str
    activity: str


def sets_for(vault: Vault, which: Which, wanted: Wanted, grounds: Grounds, labels: LabelsConfig) -> Sequence[str]:
    """Numbers of the sets, planned where they were not yet. Refused without consent, or where labels would be."""
    if which.degraded:
        return _replaced(vault, grounds.why)
    with vault.database.reading() as connection:
        if which.number:
            return [discs.find_set(connection, which.number).number]
        if which == Which():
            return unfinished(connection)
        numbers, going = wanted_records(connection, which)
        if which.replaces and (taken := _taken_over(connection, which.replaces)):
            return [taken]
        begun = _begun_for(connection, numbers, which.replaces)
    if not numbers and which.demands:
        return going
    return [*going, begun or _begin(vault, numbers, which.replaces, wanted, grounds, labels)]


def unfinished(connection: Connection) -> Sequence[str]:
    """Numbers of the sets of which a copy is not on the shelf yet, the oldest first, and of those that are and have
    another's place to take. A set that another is to replace is not gone on with, nor one with a destroyed record.
    """
    half = discs.with_copies_in(connection, UNFINISHED)
    begun = [one for one in half if not discs.successor_of(connection, one) and not discs.destroyed_on(connection, one)]
    taking = [one for one in discs.replacing(connection, _RETIRING) if demands.is_kept(connection, one)]
    return sorted({*begun, *taking})


def wanted_records(connection: Connection, which: Which) -> tuple[list[str], list[str]]:
    """The records that were asked for; and the unfinished sets that carry others of them already."""
    if which.replaces:
        return _moved(connection, which.replaces), []
    if which.case:
        return queries.numbers_of(connection, records_of_case(connection, which.case)), []
    if which.demands:
        return _demanded(connection)
    return list(dict.fromkeys(which.numbers)), []


def kept_records(connection: Connection, numbers: Sequence[str]) -> list[Record]:
    """As a set carries them. Refused where one of them was destroyed."""
    records = queries.kept_records(connection, dict.fromkeys(numbers))
    return sorted(records, key=lambda record: serial_of(record.number))


def _begun_for(connection: Connection, numbers: Sequence[str], replaces: str) -> str | None:
    """The unfinished set that carries just these records, in the place of that set or of none."""
    for number in discs.with_copies_in(connection, UNFINISHED):
        alike = discs.find_set(connection, number).replaces == replaces
        if alike and set(discs.records_on(connection, number)) == set(numbers):
            return number
    return None


def _demanded(connection: Connection) -> tuple[list[str], list[str]]:
    """For all open demands: records that are on no unfinished set, and the unfinished sets that carry the others."""
    going, records, sets = set(unfinished(connection)), dict[str, None](), dict[str, None]()
    for one in demands.open_demands(connection):
        carrying = {mark.disc_set for carrier in one.carriers for mark, _ in carrier.copies} & going
        if carrying:
            sets |= dict.fromkeys(sorted(carrying))
        else:
            records[one.record] = None
    return list(records), list(sets)


def _moved(connection: Connection, number: str) -> list[str]:
    """What a set carries that is to be replaced. Refused while a disc of it is half made; but one with a destroyed
    record never is done."""
    discs.find_set(connection, number)
    under_way = UNFINISHED - set(_RETIRING) if not discs.destroyed_on(connection, number) else frozenset[State]()
    half = [str(copy.mark) for copy in discs.copies(connection, number) if copy.state in under_way]
    if half:
        raise Refused(
            Text(
                en=f"Set {number} is half made ({', '.join(half)}): it cannot be replaced yet.",
                zh=f"光盘组 {number} 正在制作（{'、'.join(half)}），暂不能替换。",
            ),
            hint=Text(
                en=f"Go on with it first: strongroom disc run --set {number}",
                zh=f"请先完成：strongroom disc run --set {number}",
            ),
        )
    return list(discs.records_on(connection, number, kept=True))


def _taken_over(connection: Connection, number: str) -> str | None:
    """The set that is to take its place and is on the shelf, while old discs wait to be retired; None where no other
    has come in its place yet. Refused where all is done."""
    taker = discs.successor_of(connection, number)
    if taker is None:
        return None
    copies = discs.copies(connection, number)
    left = [copy.mark for copy in copies if copy.state not in SUCCEEDED | {State.DESTROYED}]
    if left and not demands.is_kept(connection, taker):
        return None
    if any(copy.state in _RETIRING for copy in copies):
        return taker
    raise Refused(
        Text(
            en=f"Set {number} has been replaced by {taker}.",
            zh=f"光盘组 {number} 已由 {taker} 取代。",
        ),
        hint=Text(
            en=f"Another new set in that one's place: strongroom disc run --replaces {taker}",
            zh=f"如需再次更换：strongroom disc run --replaces {taker}",
        ),
    )


def _replaced(vault: Vault, why: str) -> Sequence[str]:
    """Begin a copy in the place of every one that is degraded or destroyed and that its set owes; the sets. What cannot
    be replaced is said, and left."""
    with vault.database.reading() as connection:
        owed = lacking(connection)
    sets: dict[str, None] = {}
    for copy in owed:
        try:
            replace(vault, copy.mark, why)
        except Refused as error:
            complain(error)
            continue
        sets[copy.mark.disc_set] = None
    return list(sets)


def _begin(
    vault: Vault, numbers: Sequence[str], replaces: str, wanted: Wanted, grounds: Grounds, labels: LabelsConfig
) -> str:
    """Plan a set of these records; its number."""
    require_viewing(vault, numbers, "disc", grounds)
    with vault.database.reading() as connection:
        records = kept_records(connection, numbers)
        before = discs.find_set(connection, replaces).activity if replaces else ""
    numbers = [record.number for record in records]
    wish = Wish(
        producer=wanted.producer or vault.setting.person,
        activity=wanted.activity or before or _title(records, vault.profile),
        medium=wanted.medium.id,
        spare=wanted.spare,
        discs=[disc.records for disc in plan(records, wanted.medium, wanted.spare).discs],
        replaces=replaces,
    )
    office = vault.setting.office
    bare = DiscSet("9999-9999", (), office, wish.producer, vault.now(), wish.activity)  # the longest of numbers
    known = {record.number: record for record in records}
    with vault.database.reading() as connection:
        looks = [
            described(bare, wish.medium, inscription(connection, vault.profile, [known[number] for number in disc]))
            for disc in wish.discs
        ]
    try_labels(vault, looks, labels)
    register_viewing(vault, numbers, "disc", grounds)
    return plan_set(vault, wish).number


def _title(records: Sequence[Record], profile: Profile) -> str:
    """As labels have it, in Chinese."""
    titles = [title_of(record.facts, profile) for record in records]
    said = dict.fromkeys(title.zh if isinstance(title, Text) else title for title in titles)
    return "；".join(title for title in said if title)
