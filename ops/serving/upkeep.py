"""Jobs that bring things to where they belong: the journal, copies, locks. What `repair` and `tier run` do by hand."""

from collections.abc import Iterable

from ops.attached import reading_discs
from ops.hours import seconds_left
from ops.serving.work import Desk, Outcome, Tick
from vault import locksync
from vault.catalogue.plans import plan_all, plan_due
from vault.errors import BlobMissing, StrongroomError
from vault.moving import Moved, Mover, moving
from vault.outstanding import outstanding
from vault.scrub import Budget
from vault.store import Vault
from vault.text import Text


def publish(desk: Desk, _tick: Tick) -> Outcome:
    """The journal onto every store that lacks a part of it."""
    with desk.open() as vault:
        vault.publish()
    return Outcome(Text(en="the journal is published", zh="日志已发布"))


def repair(desk: Desk, tick: Tick) -> Outcome:
    """Copies that are owed or damaged, and the locks of those that come."""
    with desk.open() as vault, moving(vault), reading_discs(vault, waiting=False):
        plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)
        mover = Mover(vault, Budget(), tick)
        mover.bring(list(vault.stores))
        return _moved(vault, mover, tick)


def tier(desk: Desk, tick: Tick) -> Outcome:
    """Copies whose age, or a changed policy, wants them elsewhere: within the hours of [moving]."""
    with desk.open() as vault:
        window = desk.config.moving.window
        left = seconds_left(window, vault.setting.clock().astimezone(vault.profile.zone))
        if left is not None and left <= 0:
            return Outcome(Text(en=f"outside its hours, {window}", zh=f"不在时间窗口 {window} 内"))
        with moving(vault):
            plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)
            plan_due(vault.database, vault.setting.rules, vault.now())
            mover = Mover(vault, Budget(seconds=left), tick)
            mover.bring(list(vault.stores))
            mover.let_go(list(vault.stores))
            return _moved(vault, mover, tick)


def locks(desk: Desk, tick: Tick) -> Outcome:
    """Locks that are to be set, extended or renewed."""
    with desk.open() as vault:
        return _synced(locksync.sync(vault, tick))


def _moved(vault: Vault, mover: Mover, tick: Tick) -> Outcome:
    locked = _synced(locksync.sync(vault, tick))
    reports = mover.reports.values()
    brought, let_go = sum(one.brought for one in reports), sum(one.let_go for one in reports)
    what = Text(en=f"{brought} copies brought, {let_go} let go", zh=f"补入副本 {brought} 个，移除 {let_go} 个")
    silent = (one.trouble for one in outstanding(vault))
    refused = (one.unavailable for one in reports)
    return Outcome(what, next(filter(None, (_lost(reports), *refused, *silent, locked.trouble)), None))


def _lost(reports: Iterable[Moved]) -> StrongroomError | None:
    """That a copy can be had nowhere, though every store answered."""
    lost = [damage for report in reports for damage in report.hopeless if not damage.silent]
    if not lost:
        return None
    first = lost[0].digest
    return BlobMissing(
        Text(
            en=f"{len(lost)} copies cannot be had anywhere, {first} among them.",
            zh=f"{len(lost)} 个副本在任何存储上都找不到完好的，其中有 {first}。",
        )
    )


def _synced(reports: Iterable[locksync.Synced]) -> Outcome:
    reports = list(reports)
    changed = sum(one.changed for one in reports)
    what = Text(en=f"{changed} locks set", zh=f"已设置锁定 {changed} 个")
    missing = sum(one.missing for one in reports)
    if missing:
        lost = Text(en=f"{missing} copies that are to be locked are missing.", zh=f"应锁定的副本缺失 {missing} 个。")
        return Outcome(what, BlobMissing(lost))
    return Outcome(what, next((one.trouble for one in reports if one.trouble is not None), None))
