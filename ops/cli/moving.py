"""`strongroom repair`, `rebalance`, `tier run`: copies brought to where they belong, and let go where they do not."""

from collections.abc import Callable

import click

from ops.attached import reading_discs
from ops.cli.common import Place, as_json
from ops.cli.integrity import Minutes, Size
from ops.config import read_config
from ops.hours import seconds_left
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress, size
from ops.words import COPIES
from vault.catalogue.planned import ToDo, preview
from vault.catalogue.plans import plan_all, plan_due
from vault.membership import require_attached
from vault.moving import Moved, Mover, moving
from vault.scrub import Budget
from vault.store import Vault

dry_run = click.option("--dry-run", is_flag=True, help=t("show the plan, change nothing", "只显示计划，不作改动"))
_bytes = click.option("--bytes", "most", type=Size(), help=t("stop after so much, e.g. 20G", "数据量上限，如 20G"))
_minutes = click.option("--minutes", type=Minutes(), help=t("stop after so long", "时间上限（分钟）"))
_at_once = click.option("--at-once", is_flag=True, help=t("outside its hours, too", "不受时间窗口限制"))


@click.command(help=t("Bring the copies that are owed or damaged.", "补齐缺少或损坏的副本。"))
@click.option("--store", "names", multiple=True, help=t("only to this store; repeat it", "仅补到该存储；可重复"))
@_bytes
@_minutes
@as_json
@click.pass_obj
def repair(place: Place, names: tuple[str, ...], most: int | None, minutes: float | None, as_json: bool) -> int:
    """0: all copies are where they belong; 3: one cannot be had anywhere; 5: a store does not answer."""
    with (
        place.open() as vault,
        moving(vault),
        reading_discs(vault, waiting=False),
        progress(None, quiet=as_json) as tick,
    ):
        for name in names:
            require_attached(vault, name)
        plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)
        mover = Mover(vault, Budget(bytes=most, seconds=minutes * 60 if minutes else None), tick)
        mover.bring(names or list(vault.stores))
    return tell(mover, as_json)


@click.command(help=t("Spread copies anew over all stores, a new one too.", "在所有存储（含新增的）之间重新分布副本。"))
@dry_run
@_bytes
@_minutes
@_at_once
@as_json
@click.pass_obj
def rebalance(
    place: Place, dry_run: bool, most: int | None, minutes: float | None, at_once: bool, as_json: bool
) -> int:
    """As `tier run`."""
    with place.open() as vault:
        if dry_run:
            return show(preview(vault.database, vault.setting.rules, vault.now(), settled=False), as_json)

        def replan() -> None:
            plan_all(vault.database, vault.setting.rules, vault.now(), settled=False)

        return move(place, vault, replan, most, minutes, at_once, as_json)


@click.group(help=t("The tiers in which copies lie.", "副本所在的存储层级。"))
def tier() -> None:
    """Tiers."""


@tier.command(help=t("Move what its age, or a changed policy, wants elsewhere.", "按时长或变更后的策略迁移副本。"))
@dry_run
@_bytes
@_minutes
@_at_once
@as_json
@click.pass_obj
def run(place: Place, dry_run: bool, most: int | None, minutes: float | None, at_once: bool, as_json: bool) -> int:
    """0: all is where it belongs; 3: a copy cannot be had; 5: a store does not answer, or copies must stay for now."""
    with place.open() as vault:
        if dry_run:
            return show(preview(vault.database, vault.setting.rules, vault.now()), as_json)

        def replan() -> None:
            plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)
            plan_due(vault.database, vault.setting.rules, vault.now())

        return move(place, vault, replan, most, minutes, at_once, as_json)


def move(
    place: Place,
    vault: Vault,
    replan: Callable[[], None],
    most: int | None,
    minutes: float | None,
    at_once: bool,
    as_json: bool,
) -> int:
    """Make plans and do what they say, within the configured hours."""
    seconds = minutes * 60 if minutes else None
    if not at_once:
        left = seconds_left(read_config(place.home).moving.window, vault.setting.clock().astimezone(vault.profile.zone))
        if left is not None and left <= 0:
            note(t("Outside its hours; nothing was moved (--at-once).", "不在时间窗口内，未迁移（可用 --at-once）。"))
            return 0
        seconds = min(left or 1e9, seconds or 1e9)
    with moving(vault), progress(None, quiet=as_json) as tick:
        replan()
        mover = Mover(vault, Budget(bytes=most, seconds=seconds), tick)
        mover.bring(list(vault.stores))
        mover.let_go(list(vault.stores))
    return tell(mover, as_json)


def tell(mover: Mover, as_json: bool) -> int:
    """What moving came to, and the exit code."""
    reports = list(mover.reports.values())
    for report in reports:
        if as_json:
            json_line(_row(report))
        elif not report.nothing_to_do:
            _say(report)
    if not as_json and all(report.nothing_to_do for report in reports):
        line(t("All copies are where they belong.", "所有副本均已到位。"))
    if any(damage for report in reports for damage in report.hopeless if not damage.silent):
        return 3
    return 5 if any(report.hopeless or report.kept or report.unavailable for report in reports) else 0


def _row(report: Moved) -> dict[str, object]:
    return {
        "store": report.store,
        "brought": report.brought,
        "let_go": report.let_go,
        "bytes": report.bytes,
        "kept": report.kept,
        "complete": report.complete,
        "passed": report.passed,
        "not_had": [{"sha256": damage.digest.hex, "silent": damage.silent} for damage in report.hopeless],
    }


def _say(report: Moved) -> None:
    rest = "" if report.complete else t(" (budget reached; go on by asking again)", "（达到上限，再次运行即可继续）")
    line(
        t(
            f"{report.store}: {report.brought} brought, {report.let_go} let go, {size(report.bytes)}{rest}",
            f"{report.store}：补入 {report.brought}，移除 {report.let_go}，共 {size(report.bytes)}{rest}",
        )
    )
    if report.kept:
        note(
            t(
                f"  {report.kept} must stay for now: not enough good copies of them could be read on the other stores, "
                "or a lock holds them here. Once what is owed has been brought, run it again.",
                f"  有 {report.kept} 个暂须保留：刚才在其他存储上读到的完好副本份数不足，或在此处被锁定。"
                "待所欠副本补齐后，再次运行即可移除。",
            )
        )
    for damage in report.hopeless:
        silent = ", ".join(damage.silent)
        note(
            t(
                f"  {damage.digest}: {f'no answer from {silent}' if silent else 'no other store has a good copy'}",
                f"  {damage.digest}：{f'存储 {silent} 没有应答' if silent else '其他存储没有完好副本'}",
            )
        )
    if report.unavailable is not None:
        complain(report.unavailable)


def show(found: list[ToDo], as_json: bool) -> int:
    """A plan."""
    for one in found:
        if as_json:
            json_line({"store": one.store, "state": one.state, "copies": one.copies, "bytes": one.bytes})
        else:
            line(f"{one.store}  {said(COPIES[one.state])}  {one.copies}  {size(one.bytes)}")
    if not found and not as_json:
        line(t("All copies are where they belong.", "所有副本均已到位。"))
    return 0
