"""Jobs that look whether everything is there, and is what it was."""

from ops.attached import reading_discs
from ops.reading import readers
from ops.scrubturn import turn
from ops.serving.work import Desk, Outcome, Tick
from ops.wiring import closed_vault
from vault import drill as rehearsal
from vault import fsck as checker
from vault.errors import IntegrityBroken, StoreUnavailable, StrongroomError
from vault.scrub import Budget, Report
from vault.scrub import scrub as scrub_vault
from vault.sizes import read_size
from vault.text import Text

_READERS = 2
_AT_MOST = 3 * 3600.0  # seconds, where [scrub] says neither how often nor how much


def scrub(desk: Desk, tick: Tick) -> Outcome:
    """What [scrub] wants read by now, within its budget and hours; where it says nothing, what was read longest ago."""
    config = desk.config
    with desk.open() as vault:
        names, since = list(vault.stores), None
        budget = Budget(bytes=read_size(config.scrub.budget) if config.scrub.budget else None, seconds=_AT_MOST)
        if config.every:
            planned = turn(config, vault, names, Budget())
            if planned is None:
                window = config.scrub.window
                return Outcome(Text(en=f"outside its hours, {window}", zh=f"不在时间窗口 {window} 内"))
            names, since, budget = list(planned.since), planned.since, planned.budget
        with reading_discs(vault, waiting=False), readers(desk.home, config, _READERS) as reading:
            reports = scrub_vault(vault, names, budget, reading, tick, since)
    checked, healed = sum(one.checked for one in reports), sum(one.healed for one in reports)
    what = Text(en=f"{checked} checked, {healed} healed", zh=f"已检查 {checked}，已修复 {healed}")
    return Outcome(what, next(filter(None, map(_unhealed, reports)), None))


def _unhealed(report: Report) -> StrongroomError | None:
    """Why a store's scrub did not pass."""
    if report.passed:
        return None
    if report.failed > report.healed or not (report.checked or report.skipped):
        left = report.failed - report.healed
        return IntegrityBroken(
            Text(
                en=f"Store {report.store}: {report.checked} checked, {left} damaged or missing and not healed.",
                zh=f"存储 {report.store}：已检查 {report.checked}，损坏或缺失而未修复 {left}。",
            )
        )
    return report.unavailable or StoreUnavailable(
        Text(
            en=f"Store {report.store}: {report.skipped} could not be read.",
            zh=f"存储 {report.store}：{report.skipped} 个无法读取。",
        )
    )


def drill(desk: Desk, tick: Tick) -> Outcome:
    """A rebuild rehearsed from the store that was not tried for longest."""
    with desk.open() as vault:
        report = rehearsal.drill(vault, None, rehearsal.SAMPLE, None, tick)
    what = Text(
        en=f"{report.store}: {report.entries} entries, {report.rows} rows, {report.objects} objects compared",
        zh=f"{report.store}：已核对 {report.entries} 条日志、{report.rows} 行目录库、{report.objects} 个对象",
    )
    faults = Text(
        en=f"{report.store}: {report.failed} faults, {report.skipped} skipped; run: strongroom drill",
        zh=f"{report.store}：问题 {report.failed}，跳过 {report.skipped}；请运行 strongroom drill",
    )
    if report.failed:
        return Outcome(what, IntegrityBroken(faults))
    if report.skipped:
        return Outcome(what, StoreUnavailable(faults))
    return Outcome(what, None if report.passed else IntegrityBroken(faults))


def fsck(desk: Desk, tick: Tick) -> Outcome:
    """Everything, believing nothing."""
    count = checker.Count()
    with closed_vault(desk.home, desk.working) as vault:
        for _ in checker.fsck(vault, count, tick):
            pass
    what = Text(
        en=f"{count.objects} objects, {count.entries} entries, {count.rows} rows examined",
        zh=f"已检查 {count.objects} 个对象、{count.entries} 条日志、{count.rows} 行目录库",
    )
    faults = Text(
        en=f"{count.faults} faults, {count.skipped} skipped; run: strongroom fsck",
        zh=f"问题 {count.faults}，跳过 {count.skipped}；请运行 strongroom fsck",
    )
    if count.faults > sum(count.kinds.get(kind, 0) for kind in checker.UNTOLD):
        return Outcome(what, IntegrityBroken(faults))
    if count.skipped:
        return Outcome(what, StoreUnavailable(faults))
    return Outcome(what, None if count.passed else IntegrityBroken(faults))
