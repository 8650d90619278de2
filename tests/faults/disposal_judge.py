"""The judge of random disposals: a calendar and a ledger of its own, which asks the program nothing.

It knows when each record was stored and what was said of it, and who put their name to which list since its last
change, all by the true time, whatever the machine's clock was set to. What it demands:

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

    def protection(self, day: date, case_closed: date | None) -> str:
        """What forbids to destroy it, or nothing: Dengzhou 11 and the Civil Code's calendar, counted here anew; None:
        the case is open."""
        if self.holds:
            return "under a hold"
        if self.kept:
            return "though it was to be kept"
        if self.in_case and case_closed is None:
            return "with its case open"
        last = max(self.stored + relativedelta(years=1), self.until)
        if self.in_case and case_closed is not None:
            last = max(last, case_closed + relativedelta(months=6))
        return "" if day > last else f"before its term was over ({last})"


@dataclass
class Paper:
    """What is known of a list, since its last change."""

    records: set[str] = field(default_factory=set)
    appraisers: set[str] = field(default_factory=set)
    approver: str = ""
    supervisors: dict[str, datetime] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)  # logins whose signature counts no more
    begun: bool = False
    under: int = 0  # how many profiles had been adopted when it was submitted

    def void(self) -> None:
        self.approver, self.supervisors, self.lost = "", {}, set()

    def sign(self, login: str, at: datetime) -> None:
        self.supervisors[login] = at
        self.lost.discard(login)

    def lose(self, login: str) -> None:
        if self.supervisors.pop(login, None) is not None:
            self.lost.add(login)


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
    found: list[str] = field(default_factory=list)  # what it had to object to; the first ends the sequence

    def demand(self, right: bool, otherwise: str) -> None:
        if not right:
            self.found.append(otherwise)
            raise AssertionError(otherwise)

    def ran(self, number: str, gone: Collection[str], now: datetime) -> None:
        """A list was run; by now these records are gone, by the program's word. Whatever has just been begun may be."""
        paper = self.papers[number]
        fresh = [record for record in gone if not self.known[record].destroyed]
        for record in fresh:
            known = self.known[record]
            forbidden = known.protection(local(now), self.case_closed)
            self.demand(not forbidden, f"{record} was destroyed {forbidden}")
            self.demand(record in paper.records, f"{record} was destroyed and was not on the list")
            known.destroyed = True
        TALLY["destroyed"] += len(fresh)
        if not fresh:
            return
        self.demand(paper.under == self.adoptions, f"{number}: destroyed after another profile was adopted")
        self.demand(paper.approver == self.leader, f"{number}: destroyed without an approval after the last change")
        lost = ", ".join(sorted(paper.lost))
        self.demand(not lost, f"{number}: destroyed with the signature of one who had left or changed roles: {lost}")
        signed = set(paper.supervisors) == self.entitled
        self.demand(signed, f"{number}: destroyed without both supervisors' signatures after the last change")
        parts = ", ".join(sorted({self.leader, *self.entitled} & paper.appraisers))
        self.demand(not parts, f"{number}: destroyed though somebody had two parts in it: {parts}")
        if not paper.begun:
            grace = max(paper.supervisors.values()) + timedelta(days=7)
            self.demand(now >= grace, f"{number}: destroyed before its grace period was over ({grace})")
        paper.begun = True

    def look(self, stores: Mapping[str, Collection[Digest]], proven: bool) -> None:
        """What each store that answers has; `proven`: every destruction that was begun has been."""
        needed = {Digest.of(data) for known in self.known.values() if not known.destroyed for data in known.contents}
        gone = {Digest.of(data) for known in self.known.values() if known.destroyed for data in known.contents} - needed
        for name, here in stores.items():
            lacking = sorted(digest.hex for digest in needed - set(here))
            self.demand(not lacking, f"{name} lacks {', '.join(lacking)}")
            self.demand(not (proven and gone & set(here)), f"{name} still has what was proven destroyed")
        if proven and gone:
            TALLY["looks after a proof"] += 1

    def hear(self, reviewable: Mapping[str, date | None]) -> None:
        """The day from which the program would review each record that stays; None: it names none."""
        for record, known in self.known.items():
            day = reviewable.get(record)
            if not known.destroyed and day is not None:
                self.demand(day >= known.latest, f"{record}: its term got shorter, {known.latest} became {day}")
                known.latest = day


def local(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()
