"""`strongroom scrub`, `fsck`, `sweep`: is everything there, and is it what it was?"""

import click

from ops.attached import reading_discs
from ops.cli import due as schedule
from ops.cli.common import Place, as_json
from ops.cli.settling import settle
from ops.config import read_config
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress, size
from ops.reading import readers
from ops.scrubturn import turn
from ops.wiring import closed_vault
from ops.words import FINDINGS, REMEDIES
from vault import fsck as checker
from vault.errors import BadInput, Refused, StoreFull
from vault.healing import Damage
from vault.orphans import sweep_orphans
from vault.scrub import Budget, Report
from vault.scrub import scrub as scrub_vault
from vault.sizes import read_size


class Size(click.ParamType[int]):
    """500M, 20G … in bytes."""

    name = t("size", "大小")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return read_size(str(value))
        except BadInput as error:
            self.fail(said(error.what).rstrip(".。"), param, ctx)


class Minutes(click.ParamType[float]):
    """A stretch of time."""

    name = t("minutes", "分钟")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            minutes = float(str(value))
        except ValueError:
            minutes = 0
        if not 0 < minutes < 1e6:  # false for nan, too
            self.fail(t(f"{value!r} is no time such as 30", f"{value!r} 不是时长，例如 30"), param, ctx)
        return minutes


@click.command(help=t("Read copies again, oldest check first; heal damage.", "按最久未校验的顺序回读副本并修复损坏。"))
@click.option("--store", "names", multiple=True, help=t("only this store; repeat it", "仅检查该存储；可重复"))
@click.option("--bytes", "most", type=Size(), help=t("stop after so much, e.g. 20G", "读取量上限，如 20G"))
@click.option("--minutes", type=Minutes(), help=t("stop after so long", "时间上限（分钟）"))
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help=t("readers", "读取线程数"))
@click.option("--due", is_flag=True, help=t("what [scrub] in strongroom.toml wants", "按 strongroom.toml 计划执行"))
@as_json
@click.pass_obj
def scrub(
    place: Place,
    names: tuple[str, ...],
    most: int | None,
    minutes: float | None,
    workers: int,
    due: bool,
    as_json: bool,
) -> int:
    """0: all good or healed; 3: something could not be healed; 5: a store could not be asked."""
    with place.open() as vault:
        chosen = [name for name in vault.stores if name in names] if names else list(vault.stores)
        for name in set(names) - set(vault.stores):
            raise click.BadParameter(t(f"there is no store {name}", f"没有存储 {name}"))
        budget = Budget(bytes=most, seconds=minutes * 60 if minutes is not None else None)
        since = None
        if due:
            planned = turn(read_config(place.home), vault, chosen, budget)
            if planned is None:
                note(t("Outside its hours; nothing was read.", "不在时间窗口内，未回读。"))
                return 0
            since, budget, chosen = planned.since, planned.budget, list(planned.since)
        with (
            reading_discs(vault, waiting=False),
            readers(place.home, read_config(place.home), workers) as reading,
            progress(None, quiet=as_json) as tick,
        ):
            reports = scrub_vault(vault, chosen, budget, reading, tick, since)
        settle(vault, quiet=as_json)  # what was healed came anew, without its lock
        left = schedule.left_behind(vault, since or {})
        for report in reports:
            if as_json:
                json_line(_row(report) | (schedule.row_of(left[report.store]) if due else {}))
            else:
                _tell(report, vault.is_read_only(report.store))
                if due:
                    schedule.tell(vault, report.store, left[report.store])
    if any(report.failed > report.healed or not (report.checked or report.skipped) for report in reports):
        return 3
    return 0 if all(report.passed for report in reports) else 5


def _row(report: Report) -> dict[str, object]:
    return {
        "store": report.store,
        "checked": report.checked,
        "failed": report.failed,
        "healed": report.healed,
        "skipped": report.skipped,
        "bytes": report.bytes,
        "complete": report.complete,
        "passed": report.passed,
        "unhealed": [{"state": damage.state} | unhealed_row(damage) for damage in report.damages],
        "lost": report.lost,
    }


def _tell(report: Report, read_only: bool) -> None:
    ended = report.complete or report.unavailable is not None
    rest = "" if ended else t(" (budget reached; the next scrub goes on)", "（达到上限，下次继续）")
    line(
        t(
            f"{report.store}: {report.checked} checked, {report.failed} damaged or missing, {report.healed} healed, "
            f"{report.skipped} skipped, {size(report.bytes)} read{rest}",
            f"{report.store}：已检查 {report.checked}，损坏或缺失 {report.failed}，已修复 {report.healed}，"
            f"跳过 {report.skipped}，读取 {size(report.bytes)}{rest}",
        )
    )
    for damage in report.damages:
        why = why_unhealed(damage, read_only)
        note(
            t(
                f"  {damage.digest}: {damage.state}; {why}",
                f"  {damage.digest}：{'损坏' if damage.state == 'corrupt' else '缺失'}；{why}",
            )
        )
    for path in report.lost:
        note(t(f"  {path}: damaged, and could not be mended", f"  {path}：已损坏，未能修复"))
    if report.unavailable is not None:
        complain(report.unavailable)


def unhealed_row(damage: Damage) -> dict[str, object]:
    """A copy that could not be had, for programs."""
    disc = damage.disc.what if damage.disc is not None else None
    return {"sha256": damage.digest.hex, "silent": damage.silent, "disc": disc}


def why_unhealed(damage: Damage, read_only: bool) -> str:
    """What kept a good copy from coming."""
    if read_only:
        return t(
            "the store is read-only (read_only in strongroom.toml)", "该存储为只读（strongroom.toml 的 read_only）"
        )
    if isinstance(damage.refusal, StoreFull):
        return t("the store is full", "该存储已满")
    reasons = []
    if damage.silent:
        silent = ", ".join(damage.silent)
        reasons.append(t(f"no answer from {silent}", f"存储 {silent} 没有应答"))
    if damage.disc is not None:
        reasons.append(said(damage.disc.what))
    return t("; ", "；").join(reasons) or t("no other store has a good copy", "其他存储没有完好副本")


@click.command(help=t("Examine everything, believing nothing; changes nothing.", "全面独立检查，不作任何改动。"))
@as_json
@click.pass_obj
def fsck(place: Place, as_json: bool) -> int:
    """0: all is well; 3: it is not; 5: something could not be looked at."""
    count = checker.Count()
    # Not opened: a catalogue that nothing can work with is what this is there to tell.
    with closed_vault(place.home, place.working) as vault, progress(None, quiet=as_json) as tick:
        for finding in checker.fsck(vault, count, tick):
            if as_json:
                row = {"kind": finding.kind, "store": finding.store, "what": finding.what, "text": finding.text}
                json_line({**row, "remedy": REMEDIES.get(finding.kind)}, "finding")
            else:
                line(f"{said(FINDINGS[finding.kind])}  {said(finding.text)}")
    if as_json:
        json_line(
            {
                "objects": count.objects,
                "bytes": count.bytes,
                "journal_files": count.journal_files,
                "entries": count.entries,
                "rows": count.rows,
                "skipped": count.skipped,
                "faults": count.faults,
                "passed": count.passed,
            },
            "sum",
        )
    else:
        note(
            t(
                f"{count.objects} objects ({size(count.bytes)}), {count.journal_files} journal files, {count.entries} "
                f"entries, {count.rows} catalogue rows examined; {count.skipped} skipped, {count.faults} faults.",
                f"已检查 {count.objects} 个对象（{size(count.bytes)}）、{count.journal_files} 个日志文件、"
                f"{count.entries} 条日志、{count.rows} 行目录库；跳过 {count.skipped}，问题 {count.faults}。",
            )
        )
        for remedy in dict.fromkeys(REMEDIES[kind] for kind in REMEDIES if kind in count.kinds):
            note(f"  {said(remedy)}")
    if count.faults > sum(count.kinds.get(kind, 0) for kind in checker.UNTOLD):
        return 3
    if count.skipped:
        return 5
    return 0 if count.passed else 3


@click.command(help=t("Remove objects that no record names.", "清理不属于任何记录的对象。"))
@as_json
@click.pass_obj
def sweep(place: Place, as_json: bool) -> int:
    """Only after the whole journal was read and proven, and while no intake is at work. 4: some are locked."""
    with place.open() as vault:
        swept = sweep_orphans(vault)
    for act in swept.removed:
        if as_json:
            json_line({"store": act.store, "sha256": act.sha256, "size": act.size})
        else:
            line(f"{act.store}  {act.sha256}  {size(act.size)}")
    if not as_json:
        note(t(f"{len(swept.removed)} removed.", f"已清理 {len(swept.removed)} 个。"))
    for error in swept.refused:
        complain(error)
    return Refused.exit_code if swept.refused else 0
