"""The way in, from end to end: walk, land, read what the media say, file, publish; then it is reported.

Porters land batches side by side while what is complete is filed, many activities in one commit. An activity is filed
whole or not at all. What has been reported is durable on as many stores as the policy demands, with its journal
entry; whatever interrupts the run, asking again goes on where it was.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Literal

import msgspec

from vault.authority import Action, require
from vault.errors import Refused, SourceProblem, StoreUnavailable, StrongroomError
from vault.intake.activities import Activity, Request, activities
from vault.intake.berths import Berths
from vault.intake.filing import Filed, Ready, file_records
from vault.intake.items import Rejected, Skipped
from vault.intake.pending import Batch, Pending, batches
from vault.intake.porters import Porters
from vault.intake.release import Released, release
from vault.intake.resume import Run
from vault.intake.said import with_media
from vault.intake.sidecars import Sidecars
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text
from vault.toofew import all_of

TOGETHER = 1024  # files that are enough for a commit
PATIENCE = 0.3  # seconds that what is complete waits for company

Result = Literal["stored", "seen-again", "resumed", "rejected", "skipped"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
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


class Intake:
    """One run of `ingest`. Iterate over `run()`; `failures` are stores that were lost on the way.

    `progress` is told of bytes read; `resting` is called when nothing more can be told until a porter is done, so
    that whoever gathers outcomes hands them on.
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
        self._progress = progress
        self._resting = resting
        self._now = vault.now()
        self._told: list[Outcome] = []
        self.failures: dict[str, StoreUnavailable] = {}  # stores that failed and were left out; their copies are owed

    def run(self) -> Iterator[Outcome]:
        """Take everything in. StoreUnavailable: too few stores are left; what was reported until then is safe."""
        require(self._vault, Action.INGEST)
        if self._request.release_source:
            require(self._vault, Action.SOURCE_RELEASE)
        with closing(Run(self._vault, self._request.paths, self._request.signature)) as self._run:
            self._vault.publish()  # entries that an interrupted run left behind; now that it is ours none are added
            self._berths = Berths(self._vault, self._now)
            self.failures = self._berths.away
            with self._vault.shared_intake(), Porters(self._vault, self._now, self._progress) as porters:
                porters.failures = self.failures
                yield from self._work(porters, batches(self._coming()))
            self._run.finish()

    def _work(self, porters: Porters, coming: Iterator[Batch]) -> Iterator[Outcome]:
        whole: list[Pending] = []  # complete, not yet filed
        files = 0  # of theirs
        due = 0.0  # when they have waited long enough
        trouble: Exception | None = None
        exhausted = False
        while True:
            while porters.free and not exhausted and trouble is None:
                batch = next(coming, None)
                exhausted = batch is None
                if batch is not None:
                    porters.give(batch)
            yield from self._told
            self._told.clear()
            if whole and (files >= TOGETHER or not porters.busy or time.monotonic() >= due):
                yield from self._file(whole)
                whole, files = [], 0
                continue
            if not porters.busy:
                break
            self._resting()
            for batch, answer in porters.wait(max(0.0, due - time.monotonic()) if whole else None):
                if isinstance(answer, Exception):
                    trouble = trouble or answer
                    continue
                for pending in batch.landed(answer):
                    yield from _rejected(pending)
                    if pending.failed is None:
                        due = due if whole else time.monotonic() + PATIENCE
                        whole.append(pending)
                        files += len(pending.arrived)
        if isinstance(trouble, StoreUnavailable):
            raise all_of(trouble, self.failures)
        if trouble is not None:
            raise trouble

    def _coming(self) -> Iterator[Pending]:
        """Activities that are to land. What is not is told at once."""
        sidecars = Sidecars(self._vault.profile, self._now)
        for found in activities(self._request, sidecars, self._vault.profile):
            if isinstance(found, Rejected):
                self._told.append(Outcome(result="rejected", where=found.where, error=found.error))
            elif isinstance(found, Skipped):
                self._told.append(Outcome(result="skipped", where=found.where, reason=found.reason))
            elif not self._taken(found):
                try:
                    stores = self._berths.of(found)
                except Refused as error:
                    self._told.append(Outcome(result="rejected", where=found.where, error=error))
                else:
                    yield Pending(found, stores, len(found.items) or 1)

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

    def _file(self, whole: Sequence[Pending]) -> Iterator[Outcome]:
        ready = [_ready(pending) for pending in whole]
        try:
            done = file_records(self._vault, ready, self._run.id)
        except StoreUnavailable as error:  # here it is right to ask again
            raise type(error)(error.what) from error
        for pending, one, filed in zip(whole, ready, done, strict=True):
            warnings = (*one.warnings, *filed.notes)  # said once, with the record's first file
            for place, arrived in sorted(pending.arrived.items()):
                source = pending.activity.items[place] if pending.activity.items else None
                releasing = self._request.release_source
                yield Outcome(
                    result="stored" if filed.new else "seen-again",
                    where=arrived.where,
                    record=filed.number,
                    file=arrived.file,
                    filed=filed,
                    warnings=warnings,
                    released=release(self._vault, filed, arrived, source) if releasing else None,
                )
                warnings = ()


def _ready(pending: Pending) -> Ready:
    items = pending.activity.items
    arrived = [pending.arrived[place] for place in sorted(pending.arrived)]
    files = tuple([one.file for one in arrived])
    said = with_media(pending.activity.said, files)
    notes = dict.fromkeys([note for one in arrived for note in one.notes])
    stores = set.intersection(*[set(one.stores) for one in arrived])
    return Ready(
        files=files,
        stores=tuple([name for name in arrived[0].stores if name in stores]),
        facts=said.facts,
        origins=said.origins,
        warnings=(*said.warnings, *notes),
        fingerprints=tuple([item.fingerprint for item in items]),
        damaged=tuple([(store, one.file.sha256) for one in arrived for store in one.damaged_on]),
    )


def _rejected(pending: Pending) -> Iterator[Outcome]:
    for refused in pending.refused:
        yield Outcome(result="rejected", where=refused.where, error=refused.error)
    if pending.failed is None:
        return
    failed_at = pending.failed.where
    yield Outcome(result="rejected", where=failed_at, error=pending.failed.error)
    for arrived in pending.arrived.values():
        if arrived.where != failed_at:
            error = SourceProblem(
                Text(
                    en=f"{arrived.where} belongs to one record with {failed_at}, which could not come in.",
                    zh=f"{arrived.where} 与 {failed_at} 同属一条记录，后者未能入库。",
                ),
                hint=Text(en="Mend that file and take both in again.", zh="请处理该文件后一并重新入库。"),
            )
            yield Outcome(result="rejected", where=arrived.where, error=error)
