"""Any sequence of what people, clocks and crashes can do to records that come to their end (hypothesis, stateful).

After every step the judge looks into the stores themselves; tests/faults/disposal_judge.py says what it demands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

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

from backends.memory import MemoryStore
from tests.faults import archive
from tests.faults.archive import ALSO_CUSTODIANS, CASE, NAMES, SHARED, Crash, digest, file, said
from tests.faults.disposal_judge import TALLY, Judge, Known, Paper, local
from tests.quickly import quickly
from tests.vault.disposal_scene import CUSTODIAN, LEADER, OPERATOR, OTHER_CUSTODIAN, PEOPLE, SUPERVISORS
from tests.vault.scene import findings
from vault import acts, adoption
from vault.actions import Action
from vault.authority import require
from vault.corrections import close_case, flag, place_hold, raise_class, release_hold, reopen_case
from vault.digest import Digest
from vault.disposal import agreeing, appraisal, destruction
from vault.enrolling import change, enrol, leave
from vault.people import Role
from vault.ports import Store
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.store import Vault
from vault.terms import RetentionClass

CALLS = ("commit", "publish")
CHANGES = (
    *("hold", "flag", "case", "case before", "rebuild", "again", "away", "adopt", "hands", "edit"),
    *("not due", "no grace", "at once", "leader's", "supervisor's"),
)
EDITIONS = tuple(replace(load_profile("dengzhou"), version=version) for version in (1, 2))  # of the same terms


class Disposals(RuleBasedStateMachine):
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
        self.archive = archive.copied(self.stores())
        self.by = self.archive.by
        self.clock, self.true = self.archive.clock, self.archive.true
        self.judge = Judge(LEADER, frozenset(SUPERVISORS))
        self.known, self.papers = self.judge.known, self.judge.papers
        self.serial = 0
        self.thorough = True

    @initialize(target=records, thorough=st.sampled_from([True, False, False, False]))
    def begin(self, thorough: bool) -> Any:
        """`thorough`: at the end it is compared with a rebuilt one, which takes as long as the sequence."""
        self.thorough = thorough
        for number, (contents, in_case) in archive.template().records.items():
            self.known[number] = Known(contents, local(self.true()), in_case)
        return multiple(*self.known)

    # records

    @rule(target=records, shared=st.booleans(), in_case=st.booleans())
    def ingest(self, shared: bool, in_case: bool) -> Any:
        self.serial += 1
        contents = (f"现场录像{self.serial}".encode(), *((SHARED,) if shared else ()))
        filed: list[str] = []
        with self.by(CUSTODIAN) as vault:
            filed.append(file(vault, contents, in_case=in_case))
            self.known[filed[0]] = Known(contents, local(self.true()), in_case)
        return filed[0] if filed else multiple()

    @rule(record=records)
    def again(self, record: str) -> None:
        """The same bytes come in once more: of a record that was destroyed they are a new one."""
        contents = self.known[record].contents
        with self.by(CUSTODIAN) as vault:
            number = file(vault, contents, in_case=False)
            self.known.setdefault(number, Known(contents, local(self.true()), False))

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

    @rule(ago=st.sampled_from([0, 0, 1, 30, 400]))
    def case(self, ago: int) -> None:
        """Closed today, or as if it had been closed before; or reopened."""
        with self.by(CUSTODIAN) as vault:
            today = local(self.true())
            if self.judge.case_closed is None:
                day = today - timedelta(days=ago)
                close_case(vault, CASE, day, RetentionClass.SIX_MONTHS, "")
                self.judge.case_closed = max(day, self.judge.case_reopened)
            else:
                reopen_case(vault, CASE, "复议")
                self.judge.case_closed, self.judge.case_reopened = None, today

    # the clock

    @rule(days=st.sampled_from([1, 6, 7, 8, 40, 180, 364, 380]))
    def later(self, days: int) -> None:
        """Time passes, and somebody has been at work: no archive is idle for longer than its clock is believed."""
        self.clock.advance(days=days)
        self.true.advance(days=days)
        with self.by(OPERATOR) as vault:
            require(vault, Action.DISC_BUILD)  # which they may not: an act that changes no record

    @rule(days=st.sampled_from([-1, -30, -200, 200, 800]))
    def jumped(self, days: int) -> None:
        self.clock.advance(days=days)

    @rule()
    def set_right(self) -> None:
        self.clock.now = self.true.now

    # disposal

    @rule(target=lists, login=st.sampled_from([CUSTODIAN, OTHER_CUSTODIAN, *ALSO_CUSTODIANS]))
    def listed(self, login: str) -> Any:
        numbers: list[str] = []
        with self.by(login) as vault:
            chosen = list(appraisal.all_due(vault, ()))
            if chosen:
                numbers.append(appraisal.open_list(vault, "年度鉴定"))
                paper = self.papers.setdefault(numbers[0], Paper(appraisers={login}))
                appraisal.appraise(vault, numbers[0], said(chosen, "dispose"))
                paper.records = set(chosen)
        return numbers[0] if numbers else multiple()

    @rule(number=lists, record=records, fate=st.sampled_from(["dispose", "extend", "keep"]))
    def appraised(self, number: str, record: str, fate: acts.Fate) -> None:
        until = local(self.true()) + timedelta(days=200) if fate == "extend" else None
        with self.by(OTHER_CUSTODIAN) as vault:
            appraisal.appraise(vault, number, said([record], fate, until))
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
            self.papers[number].under = self.judge.adoptions

    @rule(number=lists, login=st.sampled_from([LEADER, LEADER, LEADER, CUSTODIAN, OPERATOR]))
    def approved(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.approve(vault, number, digest(vault, number))
            self.papers[number].void()
            self.papers[number].approver = login

    @rule(number=lists, login=st.sampled_from([*SUPERVISORS, *SUPERVISORS, LEADER, CUSTODIAN]))
    def supervised(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.supervise(vault, number, digest(vault, number))
            self.papers[number].sign(login, self.true())

    @rule(number=lists)
    def agreed(self, number: str) -> None:
        """The whole way at once: chance alone seldom gets so far."""
        self.submitted(number, CUSTODIAN)
        self.approved(number, LEADER)
        for login in SUPERVISORS:
            self.supervised(number, login)

    @rule(number=lists, login=st.sampled_from(sorted(PEOPLE)))
    def stopped(self, number: str, login: str) -> None:
        with self.by(login) as vault:
            agreeing.stop(vault, number, "发现仍有利用价值")

    @rule(number=lists, login=st.sampled_from([OPERATOR, CUSTODIAN, LEADER]), calls=st.none() | st.integers(0, 14))
    def run_(self, number: str, login: str, calls: int | None) -> None:
        """Perhaps the process is gone after so many calls."""
        with self.by(login) as vault, self.dying_after(calls):
            destruction.run(vault, number)
        gone = {number for (number,) in self.archive.asked("SELECT number FROM record WHERE standing = 'destroyed'")}
        self.judge.ran(number, gone, self.true())

    @rule()
    def ended_as_it_is_meant_to_be(self) -> None:
        self.ended("nothing", None)

    @rule(calls=st.integers(0, 40))
    def ended_after_a_crash(self, calls: int) -> None:
        self.ended("nothing", calls)

    @rule(change=st.sampled_from(CHANGES), calls=st.none() | st.integers(0, 40))
    def ended(self, change: str, calls: int | None) -> None:
        """From due to gone but for one thing at the last moment, and perhaps a crash, after which it is run again:
        chance alone seldom gets so far."""
        self.bring_back()
        self.set_right()
        self.expiry_released()
        self.ingest(shared=change == "again", in_case=False)
        self._pass(380, hurried=change == "not due")
        number = self.listed({"leader's": LEADER, "supervisor's": SUPERVISORS[0]}.get(change, CUSTODIAN))
        if not isinstance(number, str):
            return
        self.agreed(number)
        if change != "at once":
            self._pass(7, hurried=change == "no grace")
        self._change(change, number, sorted(self.papers[number].records)[-1])
        self.run_(number, OPERATOR, calls)
        if calls is not None:
            self.run_(number, OPERATOR, None)

    def _pass(self, days: int, *, hurried: bool) -> None:
        """`hurried`: somebody sets the clock instead of waiting."""
        if hurried:
            self.jumped(days)
        else:
            self.later(days)

    def _change(self, change: str, number: str, record: str) -> None:
        changes: dict[str, Callable[[], None]] = {
            "hold": lambda: self.held(record),
            "flag": lambda: self.flagged(record),
            "case": lambda: self.case(0),
            "case before": lambda: self.case(400),
            "rebuild": self.rebuilt,
            "again": lambda: self.again(record),
            "away": lambda: self.away(NAMES[0]),
            "adopt": self.adopted,
            "hands": lambda: self.in_other_hands(SUPERVISORS[0], True),
            "edit": lambda: self.appraised(number, record, "keep"),
        }
        changes.get(change, lambda: None)()

    @rule()
    def adopted(self) -> None:
        """The other edition of the profile: after two of them the first is back in force."""
        other = EDITIONS[self.judge.adoptions % 2]
        with self.by(LEADER) as vault:
            adoption.adopt(vault, other, "局务会议纪要")
            self.judge.adoptions += 1
            TALLY["adoptions"] += 1

    @rule(login=st.sampled_from(SUPERVISORS), left=st.booleans())
    def in_other_hands(self, login: str, left: bool) -> None:
        """A supervisor leaves and the login is somebody else's, or has another role and then their own again: what was
        signed by then counts no more."""
        self.serial += 1
        role = [Role.DESTRUCTION_SUPERVISOR]
        with self.by(LEADER) as vault:
            if left:
                leave(vault, login, "调离")
            else:
                change(vault, login, None, [Role.OFFICER], None, "换岗")
            for paper in self.papers.values():
                paper.lose(login)
            TALLY["signatures lost"] += 1
            if left:
                enrol(vault, login, f"新来人{self.serial}", role, "")
            else:
                change(vault, login, None, role, None, "恢复")

    @rule()
    def rebuilt(self) -> None:
        with self.by(OPERATOR) as vault:
            rebuild(vault, None)
        self.archive.leave()

    @rule()
    def expiry_released(self) -> None:
        with self.by(LEADER) as vault:
            vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by=LEADER, why="已核对")])

    @rule(name=st.sampled_from(NAMES))
    def away(self, name: str) -> None:
        self.archive.leave()  # what it remembers of stores
        for store in self.archive.places:
            if isinstance(store, MemoryStore):
                store.away = store.name == name and not store.away

    @rule()
    def bring_back(self) -> None:
        self.away("")

    # the judge

    @contextmanager
    def dying_after(self, calls: int | None) -> Iterator[None]:
        if calls is None:
            yield
            return
        left = [calls]

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                if left[0] == 0:
                    raise Crash
                left[0] -= 1
                return real(*arguments, **named)

            return call

        kinds = {type(store) for store in self.archive.places}
        patched = [(Vault, name) for name in CALLS] + [(kind, name) for kind in kinds for name in ("delete", "stat")]
        real = [(kind, name, getattr(kind, name)) for kind, name in patched]
        try:
            for kind, name, method in real:
                setattr(kind, name, counted(method))
            yield
        except Crash:
            TALLY["crashes"] += 1
            raise
        finally:
            for kind, name, method in real:
                setattr(kind, name, method)

    @invariant()
    def what_stays_is_whole_and_no_term_is_shorter(self) -> None:
        unproven = self.archive.asked("SELECT 1 FROM disposal WHERE begun_at IS NOT NULL AND proven_at IS NULL LIMIT 1")
        here = {
            store.name: self.contents_of(store)
            for store in self.archive.places
            if not (isinstance(store, MemoryStore) and store.away)
        }
        self.judge.look(here, proven=not unproven)
        days = self.archive.asked("SELECT number, expires_on FROM record WHERE standing != 'destroyed'")
        self.judge.hear({number: date.fromisoformat(day) if day else None for number, day in days})

    def teardown(self) -> None:
        """The next sequence finds nothing of this one; what the judge said is not said again in other words."""
        try:
            if not self.judge.found:
                self.finish()
        finally:
            self.archive.end()

    def finish(self) -> None:
        self.bring_back()
        self.expiry_released()
        for number in self.papers:
            self.run_(number, OPERATOR, None)
        with self.by(OPERATOR) as vault:
            vault.publish()
        if self.thorough:
            self.compare()

    def compare(self) -> None:
        """With what the journal and the stores say, as fsck does."""
        with self.by(OPERATOR) as vault:
            found = {finding.kind for finding in findings(vault)[0]}
            assert not found - {"doomed", "behind", "pending"}, found
            TALLY["compared"] += 1


def go(machine: type[Disposals], sequences: int, steps: int = 15) -> None:
    """So many sequences of so many steps; AssertionError with the shortest that breaks a rule."""
    with quickly():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=sequences,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
