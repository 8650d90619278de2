"""The way in, from end to end: walk, land, read what the media say, file, publish; then it is reported.

Two workers land batches side by side while the clerk files what is complete, everything that is ready at once in one
commit. An activity is filed whole or not at all. What has been reported is durable on as many stores as the
policy demands, with its journal entry; whatever interrupts the run, asking again goes on where it was.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from vault.errors import SourceProblem, StoreUnavailable, StrongroomError
from vault.intake.activities import Activity, Request, activities
from vault.intake.bringing import Bringer, Part, Pending, batches
from vault.intake.clerk import Clerk
from vault.intake.filing import Filed, Ready
from vault.intake.items import Rejected, Skipped
from vault.intake.landing import Quay
from vault.intake.media_facts import MediaReader
from vault.intake.release import Released, release
from vault.intake.resume import Run
from vault.intake.said import with_media
from vault.intake.sidecars import Sidecars
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text

WORKERS = 2
AHEAD = 16  # batches under way: while one group is filed the next one gathers, and shares a commit

Result = Literal["stored", "seen-again", "resumed", "rejected", "skipped"]
Load = Callable[[], list[Pending]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file, or of something that could not come in. Durable before it is told."""

    result: Result
    where: str
    record: str = ""
    file: RecordFile | None = None
    filed: Filed | None = None
    error: StrongroomError | None = None
    reason: Text | None = None
    warnings: tuple[Text, ...] = ()
    released: Released | None = None


@dataclass(frozen=True, slots=True)
class _Filing:
    """Activities that the clerk has in hand."""

    whole: list[Pending]
    ready: list[Ready]
    answer: Future[list[Filed]]


class Stopped(Exception):  # no error: a person asked for it
    """The run was told to stop; workers drop what they have in hand."""


class Intake:
    """One run of `ingest`. Iterate over `run()`; `failures` are stores that were lost on the way.

    `progress` is told of bytes read, from the workers' threads; `resting` is called when nothing more can be told
    until a worker is done, so that whoever gathers outcomes hands them on.
    """

    def __init__(
        self,
        vault: Vault,
        request: Request,
        progress: Callable[[int], object],
        resting: Callable[[], object] = lambda: None,
    ) -> None:
        self._vault = vault
        self._request = request
        self._stop = threading.Event()
        self._tell = progress
        self._resting = resting
        self._now = vault.now()
        sm3 = vault.profile.intake.sm3
        self._quay = Quay(list(vault.stores.values()), vault.setting.minimum, sm3=sm3, progress=self._progress)
        self._told: list[Outcome] = []

    @property
    def failures(self) -> dict[str, StoreUnavailable]:
        """Stores that failed and were left out; their copies are owed."""
        return self._quay.failures

    def run(self) -> Iterator[Outcome]:
        """Take everything in. StoreUnavailable: too few stores are left; what was reported until then is safe."""
        with closing(Run(self._vault, self._request.paths, self._request.signature)) as self._run:
            self._vault.publish()  # entries that an interrupted run left behind; now that it is ours none are added
            with (
                self._vault.shared_intake(),
                Clerk(self._vault, self._run.id) as clerk,
                MediaReader() as media,
                ThreadPoolExecutor(WORKERS) as pool,
            ):
                bringer = Bringer(self._vault, self._quay, media, self._now)
                try:
                    yield from self._work(pool, clerk, self._loads(bringer))
                finally:
                    self._stop.set()
                    pool.shutdown(wait=True, cancel_futures=True)
            self._run.finish()

    def _work(self, pool: ThreadPoolExecutor, clerk: Clerk, loads: Iterator[Load]) -> Iterator[Outcome]:
        coming: set[Future[list[Pending]]] = set()
        whole: list[Pending] = []  # waiting for the clerk
        filing: _Filing | None = None
        trouble: StrongroomError | None = None
        exhausted = False
        while coming or whole or filing or not exhausted:
            while not exhausted and trouble is None and len(coming) < AHEAD:
                load = next(loads, None)
                exhausted = load is None
                if load is not None:
                    coming.add(pool.submit(load))
            if whole and filing is None:
                ready = [_ready(pending) for pending in whole]
                filing, whole = _Filing(whole, ready, clerk.file(ready)), []
            yield from self._told
            self._told.clear()
            self._resting()
            awaited: list[Future[Any]] = [*coming] if filing is None else [*coming, filing.answer]
            wait(awaited, return_when=FIRST_COMPLETED)
            if filing is not None and filing.answer.done():
                yield from self._filed(filing)
                filing = None
            landed = {future for future in coming if future.done()}
            coming -= landed
            complete, new_trouble = _collect(landed)
            trouble = trouble or new_trouble
            for pending in complete:
                yield from _rejected(pending)
            whole += [pending for pending in complete if pending.error is None]
            if trouble is not None and not (coming or whole or filing):
                raise trouble

    def _loads(self, bringer: Bringer) -> Iterator[Load]:
        """Work for the workers, lazily. What needs none is told at once."""
        for batch in batches(self._parts(bringer)):
            if isinstance(batch, list):
                yield lambda batch=batch: bringer.files(batch)  # type: ignore[misc]
            else:
                yield lambda pending=batch: bringer.container(pending)  # type: ignore[misc]

    def _parts(self, bringer: Bringer) -> Iterator[Part | Pending]:
        sidecars = Sidecars(self._vault.profile.zone, self._now)
        for found in activities(self._request, sidecars, self._vault.profile):
            if isinstance(found, Rejected):
                self._told.append(Outcome(result="rejected", where=found.where, error=found.error))
            elif isinstance(found, Skipped):
                self._told.append(Outcome(result="skipped", where=found.where, reason=found.reason))
            elif found.container is not None:
                yield Pending(found, 1)
            elif not self._taken(found):
                pending = Pending(found, len(found.items))
                for place, item in enumerate(found.items):
                    yield pending, place, item

    def _taken(self, activity: Activity) -> bool:
        """Whether the run that is being resumed has filed this activity already."""
        if not self._run.resumed or self._request.release_source:  # what is to be released is read once more
            return False
        records = [self._run.taken(item.fingerprint) for item in activity.items]
        if not records or None in records:
            return False
        for item, record in zip(activity.items, records, strict=True):
            self._told.append(Outcome(result="resumed", where=item.where, record=record or ""))
        return True

    def _filed(self, filing: "_Filing") -> Iterator[Outcome]:
        for pending, one, filed in zip(filing.whole, filing.ready, filing.answer.result(), strict=True):
            warnings = (*one.warnings, *filed.notes)  # said once, with the record's first file
            for _, arrived in sorted(pending.arrived.items()):
                released = release(self._vault, filed, arrived) if self._request.release_source else None
                yield Outcome(
                    result="stored" if filed.new else "seen-again",
                    where=arrived.item.where,
                    record=filed.number,
                    file=arrived.file,
                    filed=filed,
                    warnings=warnings,
                    released=released,
                )
                warnings = ()

    def _progress(self, count: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self._tell(count)


def _collect(done: set[Future[list[Pending]]]) -> tuple[list[Pending], StrongroomError | None]:
    """Activities that are now complete, and the trouble that a worker ended with."""
    complete: list[Pending] = []
    trouble: StrongroomError | None = None
    for future in done:
        try:
            told = future.result()
        except StrongroomError as error:
            trouble = trouble or error
            continue
        for pending in told:
            pending.waiting -= 1
            if not pending.waiting:
                complete.append(pending)
    return complete, trouble


def _ready(pending: Pending) -> Ready:
    arrived = [pending.arrived[place] for place in sorted(pending.arrived)]
    files = tuple(one.file for one in arrived)
    said = with_media(pending.activity.said, files)
    notes = dict.fromkeys(note for one in arrived for note in one.notes)
    stores = set.intersection(*(set(one.stores) for one in arrived))
    return Ready(
        files=files,
        stores=tuple(name for name in arrived[0].stores if name in stores),
        facts=said.facts,
        origins=said.origins,
        warnings=(*said.warnings, *notes),
        fingerprints=tuple(one.item.fingerprint for one in arrived if one.item.fingerprint is not None),
        damaged=tuple((store, one.file.sha256) for one in arrived for store in one.damaged_on),
    )


def _rejected(pending: Pending) -> Iterator[Outcome]:
    for refused in pending.refused:
        yield Outcome(result="rejected", where=refused.where, error=refused.error)
    if pending.error is None:
        return
    yield Outcome(result="rejected", where=pending.failed_at, error=pending.error)
    for arrived in pending.arrived.values():
        if arrived.item.where != pending.failed_at:
            error = SourceProblem(
                Text(
                    en=f"{arrived.item.where} belongs to one record with {pending.failed_at}, which could not come in.",
                    zh=f"{arrived.item.where} 与 {pending.failed_at} 同属一条记录，后者未能入库。",
                ),
                hint=Text(en="Mend that file and take both in again.", zh="请处理该文件后一并重新入库。"),
            )
            yield Outcome(result="rejected", where=arrived.item.where, error=error)
