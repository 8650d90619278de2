"""A rebuild rehearsed: would this one store bring everything back, if the rest were lost tonight?

The journal on that store alone is proven and replayed into a scratch catalogue, that is compared row by row with the
one in use, and some of its objects are read back whole. Work goes on meanwhile; nothing that is kept is changed. What
came of it is entered, so that everybody can see when it was last shown. A drill that looked at nothing has failed.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from sqlalchemy import Connection, func, select

from vault import acts, cataloguecheck, journalcheck, layout
from vault.authority import Action, require
from vault.catalogue import copies, schema
from vault.catalogue.beside import Beside
from vault.catalogue.safekeeping import longest_undrilled
from vault.digest import Digest
from vault.errors import BlobMissing, IntegrityBroken, StoreUnavailable
from vault.outputs import refuse_existing, writing_to
from vault.ports import Store
from vault.readback import hash_copy
from vault.replay import Replay
from vault.store import Vault
from vault.text import Text
from vault.turns import taking

TURN = "drill"
SCRATCH = ".strongroom-drill"
SAMPLE = 20  # objects
_TOLD = 20  # faults that are told one by one
Progress = Callable[[int], object]


@dataclass(slots=True)
class Report:
    """What one drill came to. `faults`: the first of them; `trouble`: why the store did not tell everything."""

    store: str
    entries: int = 0
    rows: int = 0
    objects: int = 0
    bytes: int = 0
    failed: int = 0
    skipped: int = 0
    faults: list[Text] = field(default_factory=list)
    trouble: StoreUnavailable | None = None

    @property
    def passed(self) -> bool:
        """Of each something was looked at, and nothing is wrong or untold."""
        return bool(self.entries and self.rows and self.objects) and not self.failed and not self.skipped

    def fault(self, text: Text) -> None:
        self.failed += 1
        if len(self.faults) < _TOLD:
            self.faults.append(text)

    def untold(self, error: StoreUnavailable) -> None:
        self.skipped += 1
        self.trouble = self.trouble or error


def drill(vault: Vault, name: str | None, sample: int, folder: Path | None, progress: Progress) -> Report:
    """Rehearse a rebuild from a store; without a name from the one that was longest not tried. `sample`: how many
    objects are read. `folder`: where there is room for a second catalogue (None: beside the one in use). `progress` is
    told of entries replayed.

    StoreUnavailable: the store does not answer at all; TargetProblem: no room; Busy: another drill is at work.
    """
    require(vault, Action.CATALOGUE_REBUILD, about=name or "")
    vault.now()  # a clock that contradicts the journal stops it before it has begun
    store = vault.stores[name or _next(vault)]
    vault.absences.forget(store.name)  # whoever asks may just have brought it back
    stranger = layout.stranger(store, vault.setting.vault_id)
    if stranger is not None:
        raise stranger
    report = Report(store.name)
    with _place(vault, folder or vault.setting.home) as place:
        try:
            _rehearse(vault, store, place, sample, report, progress)
        except IntegrityBroken as error:
            report.fault(error.what)
    done = acts.RestoreDrilled(
        at=vault.now(),
        by=vault.setting.person,
        store=report.store,
        entries=report.entries,
        rows=report.rows,
        objects=report.objects,
        bytes=report.bytes,
        failed=report.failed,
        skipped=report.skipped,
    )
    with suppress(StoreUnavailable):  # it waits in the outbox
        vault.commit(lambda _: [done], happened_already=True)
    return report


def _next(vault: Vault) -> str:
    with vault.database.reading() as connection:
        return longest_undrilled(connection, vault.writable) or next(iter(vault.stores))


def _rehearse(vault: Vault, store: Store, place: Path, sample: int, report: Report, progress: Progress) -> None:
    with ExitStack() as stack:
        with ExitStack() as meanwhile:
            with vault.journal.still():
                agreed = journalcheck.agree([store], vault.verifier)
                scratch = stack.enter_context(vault.database.scratch(place))
                used = meanwhile.enter_context(vault.database.beside(scratch))
            replay = Replay([store], scratch, agreed, cataloguecheck.first_kept(used))
            if not _replayed(store, replay, agreed, report, progress):
                return
            report.entries = agreed.checkpoint.size
            if not _compared(vault, store, used, replay, agreed, report):
                return
        with scratch.reading() as connection:
            chosen = _chosen(connection, store.name, sample)
    _read_back(vault, store, chosen, report)


def _compared(
    vault: Vault, store: Store, used: Beside, replay: Replay, agreed: journalcheck.Agreed, report: Report
) -> bool:
    """Whether the store has the whole journal, so that the two catalogues could be compared."""
    lacking = _lacking(used, report.entries)
    if lacking:
        report.fault(
            Text(
                en=f"{store.name}: its journal ends at entry {report.entries}; {lacking} more are elsewhere.",
                zh=f"{store.name}：日志只到第 {report.entries} 条，其后 {lacking} 条在其他存储上。",
            )
        )
        return False
    for found in cataloguecheck.check(used, vault.database, replay, agreed, vault.setting.clock()):
        if isinstance(found, cataloguecheck.Compared):
            report.rows += found.rows
        else:
            where = found.table or vault.database.short_name
            report.fault(Text(en=f"{where}: {found.text.en}", zh=f"{where}：{found.text.zh}"))
    return True


def _replayed(store: Store, replay: Replay, agreed: journalcheck.Agreed, report: Report, progress: Progress) -> bool:
    """Whether the store's journal was there, whole, and led to the signed root."""
    try:
        for file in journalcheck.check_journal([store], agreed):
            if file.unknown:
                raise StoreUnavailable(
                    Text(en=f"Store {store.name} did not answer.", zh=f"存储 {store.name} 没有应答。")
                )
            if file.damaged:
                report.fault(
                    Text(
                        en=f"{store.name}: {file.path} is not what the signed journal says.",
                        zh=f"{store.name}：{file.path} 与签名日志不符。",
                    )
                )
            replay.take(file)
            progress(len(file.entries))
        if replay.whole:
            replay.finish()
    except StoreUnavailable as error:
        report.untold(error)
        return False
    return replay.whole


def _lacking(used: Beside, size: int) -> int:
    """How many entries there are behind the first `size` that the catalogue in use could not bring by itself."""
    ((newest,),) = used.rows(f"SELECT coalesce(max(seq) + 1, 0) FROM {used.used}.journal")
    ((pending,),) = used.rows(f"SELECT count(*) FROM {used.used}.outbox WHERE seq >= :size", size=size)
    return int(newest - size - pending)


@dataclass(frozen=True, slots=True)
class _Object:
    digest: Digest
    size: int


def _chosen(connection: Connection, name: str, sample: int) -> list[_Object]:
    """Some of the objects that the journal says are there, at random; all of them, where there are no more."""
    copy, object_ = schema.copy.c, schema.object_.c
    store_id = copies.store_ids(connection).get(name)
    here = (copy.store_id == store_id) & copy.state.not_in(copies.ABSENT)
    first, last = connection.execute(select(func.min(copy.object_id), func.max(copy.object_id)).where(here)).one()
    if first is None:
        return []
    rows = select(copy.object_id, object_.sha256, object_.size).join(schema.object_, object_.id == copy.object_id)
    if last - first < sample:
        found = connection.execute(rows.where(here)).all()
        return [_Object(Digest(row.sha256), row.size) for row in found]
    chance, chosen = SystemRandom(), dict[int, _Object]()
    for _ in range(2 * sample):  # the same may come up twice
        start = chance.randint(first, last)
        row = connection.execute(rows.where(here, copy.object_id >= start).order_by(copy.object_id).limit(1)).one()
        chosen[row.object_id] = _Object(Digest(row.sha256), row.size)
        if len(chosen) == sample:
            break
    return list(chosen.values())


def _read_back(vault: Vault, store: Store, chosen: list[_Object], report: Report) -> None:
    for place, one in enumerate(chosen):
        try:
            found = hash_copy(store, one.digest)
        except BlobMissing as error:
            if _let_go(vault, store.name, one.digest):
                continue
            report.fault(error.what)
        except StoreUnavailable as error:
            report.untold(error)
            report.skipped += len(chosen) - place - 1  # each would be waited for
            return
        else:
            report.bytes += one.size
            if found != one.digest:
                report.fault(
                    Text(
                        en=f"{store.name}: object {one.digest} hashes to {found}.",
                        zh=f"{store.name}：对象 {one.digest} 的实际 SHA-256 为 {found}。",
                    )
                )
        report.objects += 1


def _let_go(vault: Vault, name: str, digest: Digest) -> bool:
    """Whether it was moved or lawfully destroyed since the drill began."""
    with vault.database.reading() as connection:
        known = copies.object_ids(connection, [digest.hex])
        return not copies.present(connection, name, known)


@contextmanager
def _place(vault: Vault, folder: Path) -> Iterator[Path]:
    """A folder for a second catalogue; what a drill that was killed has left there goes first."""
    target = folder / f"{SCRATCH}-{vault.setting.vault_id}"
    with taking(vault.database.turns, TURN, busy=Text(en="A drill is at work.", zh="恢复演练正在进行。")):
        shutil.rmtree(target, ignore_errors=True)
        refuse_existing(target, vault.database.scratch_size())
        with writing_to(target):
            target.mkdir(mode=0o700)
        try:
            yield target
        finally:
            shutil.rmtree(target, ignore_errors=True)
