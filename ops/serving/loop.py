"""The loop of a service: claims jobs that are due, has them done, keeps their leases, and enters how they ended.

It does nothing itself that could hang but to ask the catalogue: each job runs in a thread of its own, at most once at a
time, and what hangs there keeps neither the loop nor another job. One that fails changes nothing for the others. Where
the catalogue itself is busy or away, a turn is lost and the next one tries again. What is to stop is told so through
its progress: it drops what it has in hand, as with Ctrl-C, and its lease is handed back.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ops.serving.jobs import Planned
from ops.serving.schedules import due_at
from ops.serving.work import Desk, Outcome, require_rights, spelled
from vault.catalogue import jobs
from vault.errors import Busy, Ended, StrongroomError
from vault.store import Vault
from vault.text import Text

_POSTPONED = timedelta(minutes=5)  # for who finds that somebody else holds what it needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Of the loop. `lease` is longer than any wait for a busy catalogue (60 s), and three heartbeats."""

    lease: timedelta = timedelta(minutes=3)
    beat: float = 30.0  # seconds
    turn: float = 1.0
    grace: float = 60.0  # until a job that was told to stop is left behind


@dataclass(slots=True)
class Run:
    """A job at work. `outcome`: set when it is done; `stopped`: why it must stop, once it must."""

    name: str
    token: str
    began: float
    outcome: Outcome | Exception | None = None
    stopped: Text | None = None

    def tick(self, _count: int = 0) -> None:
        """What the job calls as it goes on. Ended where it must not."""
        if self.stopped is not None:
            raise Ended(self.stopped)


class Result(StrEnum):
    """How a run ended. Neither a success nor a failure: somebody else held what it needs; it was told to stop."""

    DONE = "done"
    FAILED = "failed"
    POSTPONED = "postponed"
    STOPPED = "stopped"

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS = {
    Result.DONE: Text(en="done", zh="完成"),
    Result.FAILED: Text(en="failed", zh="失败"),
    Result.POSTPONED: Text(en="postponed", zh="顺延"),
    Result.STOPPED: Text(en="stopped", zh="中止"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the loop has to say: that a run ended; or, without a `name`, what is wrong with the catalogue itself."""

    name: str = ""
    seconds: float = 0.0
    outcome: Outcome | Exception

    @property
    def error(self) -> Exception | None:
        """What kept it from ending well."""
        return self.outcome.trouble if isinstance(self.outcome, Outcome) else self.outcome

    @property
    def result(self) -> Result:
        match self.error:
            case None:
                return Result.DONE
            case Busy():
                return Result.POSTPONED
            case Ended():
                return Result.STOPPED
            case _:
                return Result.FAILED


def beside(work: Callable[[], None]) -> None:
    """In a thread that does not keep the process from ending."""
    threading.Thread(target=work, daemon=True).start()


@dataclass(slots=True, kw_only=True)
class Loop:
    """`vault`: its catalogue alone is asked. `tell` hears of every run that ended, `start` sets a job to work."""

    vault: Vault
    desk: Desk
    planned: Sequence[Planned]
    tell: Callable[[Told], object]
    pace: Pace = Pace()
    start: Callable[[Callable[[], None]], object] = beside
    turned_at: float = field(default_factory=time.monotonic)  # by this machine's uptime, as all seconds here
    running: dict[str, Run] = field(default_factory=dict)
    _beaten_at: float = 0.0
    _trouble: str = ""  # that was told already

    def enrol(self) -> None:
        """Enter the jobs, and when each is due."""
        now, zone = self._now(), self.vault.profile.zone
        with self.vault.database.writing() as connection:
            last = {row.name: row.started_at for row in jobs.rows(connection)}
            due = {one.name: due_at(one.schedule, last.get(one.name), now, zone) for one in self.planned}
            jobs.enrol(connection, due)

    def turn(self, *, claiming: bool = True) -> bool:
        """One round; whether anything was begun, ended or is at work."""
        begun = ended = False
        try:
            ended = self._settle()
            self._beat()
            begun = claiming and self._claim()
            self._trouble = ""
        except StrongroomError as error:  # the catalogue: busy, or its disk is away
            if str(error) != self._trouble:
                self._trouble = str(error)
                self.tell(Told(outcome=error))
        self.turned_at = time.monotonic()
        return begun or ended or any(run.outcome is None for run in self.running.values())

    def stop(self, why: Text) -> bool:
        """Tell all that is at work to stop, and wait for it. False: something did not; its lease is handed back."""
        for run in self.running.values():
            run.stopped = run.stopped or why
        until = time.monotonic() + self.pace.grace
        while self.running and time.monotonic() < until:
            self.turn(claiming=False)
            if self.running:
                time.sleep(0.05)
        for run in self.running.values():
            run.outcome = run.outcome or Ended(why)
        left = list(self.running)
        self.turn(claiming=False)
        return not left

    def _settle(self) -> bool:
        """Enter what has ended."""
        over = [(run, run.outcome) for run in self.running.values() if run.outcome is not None]
        for run, outcome in over:
            seconds = round(time.monotonic() - run.began, 1)
            told = Told(name=run.name, seconds=seconds, outcome=outcome)
            kept = self._enter(run, told)
            del self.running[run.name]
            self.tell(told if kept else replace(told, outcome=Ended(_LOST)))
        return bool(over)

    def _enter(self, run: Run, told: Told) -> bool:
        """False where the lease was over: then it is not for this service to say how the job stands."""
        now, outcome = self._now(), told.outcome
        with self.vault.database.writing() as connection:
            if told.result in (Result.POSTPONED, Result.STOPPED):
                again = now + _POSTPONED if told.result is Result.POSTPONED else now
                return jobs.hand_back(connection, run.name, run.token, now, again)
            error = spelled(told.error) if told.error is not None else ""
            found = outcome.found if isinstance(outcome, Outcome) else None
            ended = jobs.Ended(at=now, seconds=told.seconds, error=error, found=found)
            return jobs.finish(connection, run.name, run.token, ended)

    def _beat(self) -> None:
        """Keep the leases. Whoever lost one stops: somebody else may be at that job by now."""
        if not self.running or time.monotonic() - self._beaten_at < self.pace.beat:
            return
        self._beaten_at = time.monotonic()
        with self.vault.database.writing() as connection:
            for run in self.running.values():
                if not jobs.beat(connection, run.name, run.token, self._now(), self.pace.lease):
                    run.stopped = run.stopped or _LOST

    def _claim(self) -> bool:
        """Begin what is due and nobody is at."""
        with self.vault.database.reading() as connection:
            rows: Mapping[str, jobs.Job] = {row.name: row for row in jobs.rows(connection)}
        begun = False
        for one in self.planned:
            row, now = rows.get(one.name), self._now()
            if row is None or one.name in self.running or jobs.why(row, now) is None:
                continue
            following = one.schedule.after(now, self.vault.profile.zone)
            with self.vault.database.writing() as connection:
                token = jobs.claim(connection, one.name, holder(), now, following, self.pace.lease)
            if token is not None:
                begun = True
                self._begin(one, token)
        return begun

    def _begin(self, one: Planned, token: str) -> None:
        run = self.running[one.name] = Run(one.name, token, time.monotonic())

        def work() -> None:
            try:
                require_rights(self.vault, [one.job.needs])
                run.outcome = one.job.work(self.desk, run.tick)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is this job's alone, and is entered
                run.outcome = error

        self.start(work)

    def _now(self) -> datetime:
        return self.vault.setting.clock()


def holder() -> str:
    """Who this is, for people who look where a job is."""
    return f"{socket.gethostname()}/{os.getpid()}"


_LOST = Text(
    en="The lease ran out; another service may be at it.",
    zh="任务租约已过期，可能已由其他服务接手。",
)
