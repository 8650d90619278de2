"""The judge of random disposals: a calendar and a ledger of its own, which asks the program nothing.

It knows when each record was stored and what was said of it, and who put their name to which list since its last
change. What it demands:

- nothing is destroyed before its term is over, under a hold, with a case open, or once it was said to be kept;
- nothing is destroyed that was not on a list approved and signed by two supervisors after its last change, its grace
  period over; and nobody had two parts in it; nothing is begun once another profile was adopted since it was
  submitted;
- no term is shortened; what stays is whole on every store; of what is destroyed no byte is left, once that is proven.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from vault.digest import Digest

TALLY: Counter[str] = Counter()  # of what was seen: a campaign in which nothing is destroyed has shown nothing


@dataclass
class Known:
    """What is known of a record."""

    contents: tuple[bytes, ...]
    stored: date
    in_case: bool
    holds: set[str] = field(default_factory=set)
    kept: bool = False  # permanent from now on
    until: date = date.min  # extended to
    latest: date = date.min  # the latest day on which the program ever said that it may be reviewed
    destroyed: bool = False

    def due(self, day: date, case_closed: date | None) -> bool:
        """Dengzhou 11 and the Civil Code's calendar, counted here anew; None: the case is open."""
        last = max(self.stored + relativedelta(years=1), self.until)
        if self.in_case and case_closed is not None:
            last = max(last, case_closed + relativedelta(months=6))
        return not (self.holds or self.kept or (self.in_case and case_closed is None)) and day > last


@dataclass
class Paper:
    """What is known of a list, since its last change."""

    records: set[str] = field(default_factory=set)
    appraisers: set[str] = field(default_factory=set)
    approver: str = ""
    supervisors: dict[str, datetime] = field(default_factory=dict)
    begun: bool = False
    under: int = 0  # how many profiles had been adopted when it was submitted

    def void(self) -> None:
        self.approver, self.supervisors = "", {}


@dataclass
class Judge:
    """The ledger of one archive, and what it says of what the archive did."""

    leader: str
    entitled: frozenset[str]  # to sign as supervisors
    known: dict[str, Known] = field(default_factory=dict)
    papers: dict[str, Paper] = field(default_factory=dict)
    case_closed: date | None = None
    case_reopened: date = date.min  # last
    adoptions: int = 1  # of profiles, each another one than before

    def ran(self, number: str, gone: Collection[str], now: datetime) -> None:
        """A list was run; by now these records are gone, by the program's word. Whatever has just been begun may be."""
        paper = self.papers[number]
        fresh = [record for record in gone if not self.known[record].destroyed]
        for record in fresh:
            known = self.known[record]
            assert known.due(local(now), self.case_closed), f"{record} was not due"
            assert record in paper.records, f"{record} was not on the list"
            known.destroyed = True
        TALLY["destroyed"] += len(fresh)
        if not fresh:
            return
        assert paper.under == self.adoptions
        assert paper.approver == self.leader
        assert set(paper.supervisors) == self.entitled
        assert not {self.leader, *self.entitled} & paper.appraisers
        if not paper.begun:
            assert now >= max(paper.supervisors.values()) + timedelta(days=7)
        paper.begun = True

    def look(self, stores: Mapping[str, Collection[Digest]], proven: bool) -> None:
        """What each store that answers has; `proven`: every destruction that was begun has been."""
        needed = {Digest.of(data) for known in self.known.values() if not known.destroyed for data in known.contents}
        gone = {Digest.of(data) for known in self.known.values() if known.destroyed for data in known.contents} - needed
        for name, here in stores.items():
            assert needed <= set(here), f"{name} lacks {needed - set(here)}"
            assert not (proven and gone & set(here)), f"{name} still has what was proven destroyed"
        if proven and gone:
            TALLY["looks after a proof"] += 1

    def hear(self, reviewable: Mapping[str, date | None]) -> None:
        """The day from which the program would review each record that stays; None: it names none."""
        for record, known in self.known.items():
            day = reviewable.get(record)
            if not known.destroyed and day is not None:
                assert day >= known.latest, f"{record}: {known.latest} became {day}"
                known.latest = day


def local(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()
