"""Any sequence of what people, clocks and crashes can do to records that come to their end (hypothesis, stateful).

The judge keeps a calendar and a ledger of its own: when each record was stored and what was said of it, who put their
name to which list. After every step it looks into the stores themselves. What it demands:

- nothing is destroyed before its term is over, under a hold, with a case open, or once it was said to be kept;
- nothing is destroyed that was not on a list approved and signed by two supervisors after its last change, its grace
  period over; and nobody had two parts in it;
- no term is shortened; what stays is whole on every store; of what is destroyed no byte is left, once that is proven.
"""

import secrets
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from backends.bucket import BucketStore
from backends.memory import MemoryStore
from backends.s3 import S3Files
from tests.conftest import SettableClock, machine_beside
from tests.servers import S3Server
from tests.vault.disposal_scene import CUSTODIAN, LEADER, OPERATOR, OTHER_CUSTODIAN, PEOPLE, SUPERVISORS
from tests.vault.scene import facts, findings, land
from vault import acts, note
from vault.catalogue import disposals, queries
from vault.catalogue.database import Database
from vault.catalogue.plans import Rules
from vault.corrections import close_case, flag, open_case, place_hold, raise_class, release_hold
from vault.digest import Digest
from vault.disposal import agreeing, appraisal, destruction
from vault.enrolling import enrol
from vault.errors import StrongroomError
from vault.intake.filing import Ready, file_records
from vault.placement import Policy, Site
from vault.ports import Store
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.records import RecordFile
from vault.store import Setting, Vault
from vault.terms import RetentionClass
from vault.timekeeping import believe

BEGAN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NAMES = ("甲", "乙", "丙")
VAULT = "0123456789abcdef"
CASE = "邓财监〔2026〕12号"
CALLS = ("commit", "publish")


TALLY: Counter[str] = Counter()  # of what the judge saw: a campaign in which nothing is destroyed has shown nothing


class Crash(Exception):
    """The process is gone."""


@dataclass
class Known:
    """What the judge knows of a record."""

    contents: tuple[bytes, ...]
    stored: date
    in_case: bool
    holds: set[str] = field(default_factory=set)
    kept: bool = False  # permanent from now on
    until: date = date.min  # extended to
    latest: date = date.min  # the last day that the program ever named
    destroyed: bool = False

    def due(self, day: date, case_closed: date | None) -> bool:
        """Dengzhou 11 and the Civil Code's calendar, counted here anew; None: the case is open."""
        last = max(self.stored + relativedelta(years=1), self.until)
        if self.in_case and case_closed is not None:
            last = max(last, case_closed + relativedelta(months=6))
        return not (self.holds or self.kept or (self.in_case and case_closed is None)) and day > last


@dataclass
class Paper:
    """What the judge knows of a list, since its last change."""

    records: set[str] = field(default_factory=set)
    appraisers: set[str] = field(default_factory=set)
    approver: str = ""
    approved_at: datetime | None = None
    supervisors: dict[str, datetime] = field(default_factory=dict)
    begun: bool = False

    def void(self) -> None:
        self.approver, self.approved_at, self.supervisors = "", None, {}


def local(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


@lru_cache(maxsize=1)
def empty_catalogue() -> bytes:
    """Made once: the migrations take longer than a whole sequence."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder, "catalogue.db"))
        database.create()
        database.close()
        database.checkpoint()
        return database.path.read_bytes()


class Archive(RuleBasedStateMachine):
    """Three stores, six people, and whatever may happen."""

    records = Bundle("records")
    lists = Bundle("lists")

    def stores(self) -> tuple[Store, ...]:
        """The stores to work on; another machine has others."""
        return tuple(MemoryStore(name) for name in NAMES)

    def contents_of(self, store: Store) -> set[Digest]:
        """What lies there, past the program."""
        assert isinstance(store, MemoryStore)
        return {digest for digest, data in store.objects.items() if Digest.of(data) == digest}

    def __init__(self) -> None:
        super().__init__()
        shm = Path("/dev/shm")
        self.home = Path(tempfile.mkdtemp(prefix="archive-", dir=shm if shm.is_dir() else None))
        (self.home / "catalogue.db").write_bytes(empty_catalogue())
        self.clock = SettableClock(BEGAN)
        self.true = SettableClock(BEGAN)  # how time passes, whatever the clock shows
        self.signer = note.Signer(f"strongroom/{VAULT}", Ed25519PrivateKey.generate())
        self.places = self.stores()
        self.known: dict[str, Known] = {}
        self.papers: dict[str, Paper] = {}
        self.case_closed: date | None = None
        self.serial = 0
        self.left: int | None = None  # calls until the process is gone

    def setting(self, login: str) -> Setting:
        rules = Rules(Policy(minimum=2), tuple(Site(name=store.name) for store in self.places))
        return Setting(
            home=self.home,
            vault_id=VAULT,
            office="邓州市财政局",
            profile=load_profile("dengzhou"),
            signer=self.signer,
            stores=self.places,
            rules=rules,
            clock=self.clock,
            person=login,
            machine=machine_beside(self.true),
        )

    @contextmanager
    def by(self, login: str) -> Iterator[Vault]:
        """Somebody at work; a rule that forbids it is no failure of the program's."""
        vault = Vault(self.setting(login))
        try:
            with suppress(StrongroomError, Crash):
                vault.open()
                yield vault
        finally:
            vault.database.close()
            vault.__exit__()

    @initialize()
    def begin(self) -> None:
        with Vault(self.setting(OPERATOR)) as vault:
            vault.create({store.name: ("memory", store.name) for store in self.places})
            believe(vault)
        for login, (name, role) in PEOPLE.items():
            with self.by(OPERATOR if login == LEADER else LEADER) as vault:
                enrol(vault, login, name, [role], "")
        for in_case in (False, True):
            self.ingest(shared=True, in_case=in_case)
        with self.by(OTHER_CUSTODIAN) as vault:
            open_case(vault, CASE, "会计信息质量检查案", date(2026, 11, 1), "")

    # records

    @rule(target=records, shared=st.booleans(), in_case=st.booleans())
    def ingest(self, shared: bool, in_case: bool) -> Any:
        self.serial += 1
        contents = (f"现场录像{self.serial}".encode(), *((b"\xe5\x85\xb1\xe7\x94\xa8",) if shared else ()))
        filed: list[str] = []
        with self.by(CUSTODIAN) as vault:
            filed.append(file(vault, contents, in_case=in_case))
            self.known[filed[0]] = Known(contents, local(self.clock()), in_case)
        return filed[0] if filed else multiple()

    @rule(record=records)
    def again(self, record: str) -> None:
        """The same bytes come in once more: of a record that was destroyed they are a new one."""
        contents = self.known[record].contents
        with self.by(CUSTODIAN) as vault:
            number = file(vault, contents, in_case=False)
            self.known.setdefault(number, Known(contents, local(self.clock()), False))

    @rule(record=records)
    def flagged(self, record: str) -> None:
        with self.by(CUSTODIAN) as vault:
            flag(vault, record, ("objection",), "当事人异议")
            self.known[record].kept = True

    @rule(record=records)
    def kept(self, record: str) -> None:
        with self.by(CUSTODIAN) as vault:
            raise_class(vault, record, RetentionClass.PERMANENT, "典型案例", "")
            self.known[record].kept = True

    @rule(record=records)
    def held(self, record: str) -> None:
        with self.by(CUSTODIAN) as vault:
            self.known[record].holds.add(place_hold(vault, record, "线索核查", "县监委"))

    @rule(record=records)
    def released(self, record: str) -> None:
        for hold in sorted(self.known[record].holds):
            with self.by(LEADER) as vault:
                release_hold(vault, hold, "核查结束")
                self.known[record].holds.discard(hold)

    @rule()
    def case(self) -> None:
        with self.by(CUSTODIAN) as vault:
            today = local(self.clock())
            if self.case_closed is None:
                close_case(vault, CASE, today, RetentionClass.SIX_MONTHS, "")
                self.case_closed = today
            else:
                open_case(vault, CASE, "", today, "复议")
                self.case_closed = None

    # the clock

    @rule(days=st.sampled_from([1, 6, 7, 8, 40, 180, 364, 380]))
    def later(self, days: int) -> None:
        self.clock.advance(days=days)
        self.true.advance(days=days)

    @rule(days=st.sampled_from([1, 30, 200]))
    def set_back(self, days: int) -> None:
        self.clock.advance(days=-days)

    # disposal

    @rule(target=lists, login=st.sampled_from([CUSTODIAN, OTHER_CUSTODIAN, LEADER]))
    def listed(self, login: str) -> Any:
        numbers: list[str] = []
        with self.by(login) as vault:
            chosen = list(appraisal.all_due(vault, ()))
            if chosen:
                numbers.append(appraisal.open_list(vault, "年度鉴定"))
                paper = self.papers.setdefault(numbers[0], Paper(appraisers={login}))
                appraisal.appraise(vault, numbers[0], [said(record, "dispose") for record in chosen])
                paper.records = set(chosen)
        return numbers[0] if numbers else multiple()

    @rule(number=lists, record=records, fate=st.sampled_from(["dispose", "extend", "keep"]))
    def appraised(self, number: str, record: str, fate: acts.Fate) -> None:
        until = local(self.clock()) + timedelta(days=200) if fate == "extend" else None
        with self.by(OTHER_CUSTODIAN) as vault:
            appraisal.appraise(vault, number, [said(record, fate, until)])
            paper = self.papers[number]
            paper.void()
            paper.appraisers.add(OTHER_CUSTODIAN)
            (paper.records.add if fate == "dispose" else paper.records.discard)(record)
            self.known[record].kept |= fate == "keep"
            self.known[record].until = max(self.known[record].until, until or date.min)

    @rule(number=lists, login=st.sampled_from([CUSTODIAN, OTHER_CUSTODIAN]))
    def submitted(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            appraisal.submit(vault, number)
            self.papers[number].void()
            self.papers[number].appraisers.add(login)

    @rule(number=lists, login=st.sampled_from([LEADER, LEADER, LEADER, CUSTODIAN, OPERATOR]))
    def approved(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.approve(vault, number, digest(vault, number))
            paper = self.papers[number]
            paper.void()
            paper.approver, paper.approved_at = login, vault.now()

    @rule(number=lists, login=st.sampled_from([*SUPERVISORS, *SUPERVISORS, LEADER, CUSTODIAN]))
    def supervised(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.supervise(vault, number, digest(vault, number))
            self.papers[number].supervisors[login] = vault.now()

    @rule(number=lists)
    def agreed(self, number: str) -> None:
        """The whole way at once: chance alone seldom gets so far."""
        self.submitted(number, CUSTODIAN)
        self.approved(number, LEADER)
        for login in SUPERVISORS:
            self.supervised(number, login)

    @rule(calls=st.integers(0, 40))
    def interrupted(self, calls: int) -> None:
        """From due to gone, but for a crash, after which it is run again."""
        before = set(self.papers)
        self.ended("nothing", calls)
        for number in set(self.papers) - before:
            self.run_(number, OPERATOR, None)

    @rule(change=st.sampled_from(["nothing", "hold", "flag", "case", "rebuild"]))
    def ended(self, change: str, calls: int | None = None) -> None:
        """From due to gone, as it is meant to be, but for one thing at the last moment."""
        self.bring_back()
        self.clock.now = self.true.now
        self.expiry_released()
        self.later(380)
        number = self.listed(CUSTODIAN)
        if not isinstance(number, str):
            return
        self.agreed(number)
        self.later(7)
        record = sorted(self.papers[number].records)[0]
        if change == "hold":
            self.held(record)
        elif change == "flag":
            self.flagged(record)
        elif change == "case":
            self.case()
        elif change == "rebuild":
            self.rebuilt()
        self.run_(number, OPERATOR, calls)

    @rule(number=lists, login=st.sampled_from(sorted(PEOPLE)))
    def stopped(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.stop(vault, number, "发现仍有利用价值")

    @rule(number=lists, login=st.sampled_from([OPERATOR, CUSTODIAN, LEADER]), calls=st.none() | st.integers(0, 14))
    def run_(self, number: str, login: str, calls: int | None) -> None:
        """Perhaps the process is gone after so many calls."""
        before = self.gone_by_catalogue()
        with self.by(login) as vault, self.dying_after(calls):
            destruction.run(vault, number)
        self.judge(number, before)

    @rule()
    def rebuilt(self) -> None:
        with self.by(OPERATOR) as vault:
            rebuild(vault, None)

    @rule()
    def expiry_released(self) -> None:
        with self.by(LEADER) as vault:
            vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by=LEADER, why="已核对")])

    @rule(name=st.sampled_from(NAMES))
    def away(self, name: str) -> None:
        for store in self.places:
            if isinstance(store, MemoryStore):
                store.away = store.name == name and not store.away

    def bring_back(self) -> None:
        for store in self.places:
            if isinstance(store, MemoryStore):
                store.away = False

    # the judge

    @contextmanager
    def dying_after(self, calls: int | None) -> Iterator[None]:
        left = [calls if calls is not None else -1]

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                if left[0] == 0:
                    raise Crash
                left[0] -= 1
                return real(*arguments, **named)

            return call

        kinds = {type(store) for store in self.places}
        patched = [(Vault, name) for name in CALLS] + [(kind, name) for kind in kinds for name in ("delete", "stat")]
        real = [(kind, name, getattr(kind, name)) for kind, name in patched]
        try:
            for kind, name, method in real:
                setattr(kind, name, counted(method))
            yield
        finally:
            for kind, name, method in real:
                setattr(kind, name, method)

    def asked(self, query: str) -> list[Any]:
        """The catalogue's answer, past the program."""
        connection = sqlite3.connect(self.home / "catalogue.db")
        try:
            return [row[0] for row in connection.execute(query)]
        finally:
            connection.close()

    def gone_by_catalogue(self) -> set[str]:
        return set(self.asked("SELECT number FROM record WHERE standing = 'destroyed'"))

    def judge(self, number: str, before: set[str]) -> None:
        """Whatever has just been begun may be."""
        now, paper = self.clock(), self.papers[number]
        fresh = self.gone_by_catalogue() - before
        for record in fresh:
            known = self.known[record]
            assert known.due(local(now), self.case_closed), f"{record} was not due"
            assert record in paper.records, f"{record} was not on the list"
            known.destroyed = True
            TALLY["destroyed"] += 1
        if fresh:
            assert paper.approver == LEADER
            assert set(paper.supervisors) == set(SUPERVISORS)
            assert not {LEADER, *SUPERVISORS} & paper.appraisers
            if not paper.begun:
                assert now >= max(paper.supervisors.values()) + timedelta(days=7)
            paper.begun = True

    @invariant()
    def what_stays_is_whole_and_no_term_is_shorter(self) -> None:
        needed = {Digest.of(data) for known in self.known.values() if not known.destroyed for data in known.contents}
        gone = {Digest.of(data) for known in self.known.values() if known.destroyed for data in known.contents} - needed
        proven = self.all_proven()
        for store in self.places:
            here = self.contents_of(store)
            away = isinstance(store, MemoryStore) and store.away
            assert needed <= here or away, f"{store.name} lacks {needed - here}"
            assert not (proven and gone & here), f"{store.name} still has what was proven destroyed"
        with self.by(OPERATOR) as vault, vault.database.reading() as connection:
            for record, known in self.known.items():
                if not known.destroyed:
                    last = queries.explain(connection, record, vault.profile, BEGAN).last_day
                    assert last is None or last >= known.latest, f"{record}: {known.latest} became {last}"
                    known.latest = last or known.latest

    def all_proven(self) -> bool:
        return self.asked("SELECT count(*) FROM disposal WHERE begun_at IS NOT NULL AND proven_at IS NULL") == [0]

    def teardown(self) -> None:
        self.bring_back()
        if self.known:
            self.expiry_released()
            for number in self.papers:
                self.run_(number, OPERATOR, None)
            with self.by(OPERATOR) as vault:
                vault.publish()
                found = {finding.kind for finding in findings(vault)[0]}
                assert not found - {"doomed", "behind", "pending"}, found
                if self.all_proven():
                    assert not found & {"doomed"}
        shutil.rmtree(self.home)


def in_buckets(server: S3Server) -> type[Archive]:
    """The same, with one store in a bucket that has Object Lock, so that it keeps versions."""

    class Buckets(Archive):
        def stores(self) -> tuple[Store, ...]:
            self.folder = f"d-{secrets.token_hex(8)}"
            place = f"{server.url}/{server.locked_bucket}/{self.folder}"
            self.bucket = S3Files(place, server.access_key, server.secret_key)
            self.bucket.time = lambda: self.true().timestamp()  # type: ignore[method-assign]  # years pass there, too
            bucket = BucketStore("丙", self.bucket, VAULT, place, bucket=self.bucket)
            return MemoryStore("甲"), MemoryStore("乙"), bucket

        def contents_of(self, store: Store) -> set[Digest]:
            if isinstance(store, MemoryStore):
                return super().contents_of(store)
            found = self.bucket.client.list_objects(
                self.bucket.bucket, f"{self.folder}/objects/", recursive=True, include_version=True
            )
            return {Digest.parse((one.object_name or "").rpartition("/")[2]) for one in found}

    return Buckets


def go(machine: type[Archive], sequences: int, steps: int = 40) -> None:
    """So many sequences of so many steps; AssertionError with the shortest that breaks a rule."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def file(
    vault: Vault, contents: tuple[bytes, ...], *, in_case: bool = False, recorded_at: datetime | None = None
) -> str:
    """Take contents in as one record; its number. What could not be filed is not landed: it would be an orphan."""
    if vault.now() and (failures := vault.away()):
        raise next(iter(failures.values()))
    for store in vault.stores.values():
        land(store, *contents)
    described = tuple(
        RecordFile(sha256=Digest.of(data).hex, size=len(data), name=f"{place}.mp4")
        for place, data in enumerate(contents)
    )
    known = replace(facts(0), case_number=CASE if in_case else "", recorded_at=recorded_at)
    ready = Ready(
        files=described, stores=tuple(vault.stores), facts=known, origins=dict.fromkeys(known.known(), "option")
    )
    (filed,) = file_records(vault, [ready], None)
    return filed.number


def said(record: str, fate: acts.Fate, until: date | None = None) -> acts.Appraisal:
    return acts.Appraisal(record=record, fate=fate, why="保存期满", until=until)


def digest(vault: Vault, number: str) -> str:
    with vault.database.reading() as connection:
        return disposals.get(connection, number).sha256
