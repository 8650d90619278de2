"""`strongroom repair`, `rebalance`, `tier run`: copies brought to where they belong, and let go where they do not."""

from collections.abc import Callable, Mapping, Sequence

import click

from ops.attached import reading_discs
from ops.cli.common import Place, as_json
from ops.cli.integrity import Minutes, Size, unhealed_row, why_unhealed
from ops.cli.settling import settle
from ops.config import read_config
from ops.hours import seconds_left
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress, size
from ops.words import COPIES
from vault.catalogue.planned import ToDo, preview
from vault.catalogue.plans import plan_all, plan_due
from vault.membership import require_attached
from vault.moving import Moved, Mover, moving
from vault.outstanding import Outstanding, outstanding
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
    """0: nothing is owed; 3: a copy cannot be had anywhere; 5: a store does not answer, or is full."""
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
        settle(vault, quiet=as_json)  # what was brought came without its lock
        remaining = outstanding(vault, names)
    return tell(mover, remaining, as_json)


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
    """0: all is where it belongs; 3: a copy cannot be had; 5: a store is silent or full, or copies must stay."""
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
        open_for = seconds_left(
            read_config(place.home).moving.window, vault.setting.clock().astimezone(vault.profile.zone)
        )
        if open_for is not None and open_for <= 0:
            note(t("Outside its hours; nothing was moved (--at-once).", "不在时间窗口内，未迁移（可用 --at-once）。"))
            return 0
        seconds = min(open_for or 1e9, seconds or 1e9)
    with moving(vault), progress(None, quiet=as_json) as tick:
        replan()
        mover = Mover(vault, Budget(bytes=most, seconds=seconds), tick)
        mover.bring(list(vault.stores))
        mover.let_go(list(vault.stores))
        remaining = outstanding(vault)
    settle(vault, quiet=as_json)
    return tell(mover, remaining, as_json)


def tell(mover: Mover, left: Sequence[Outstanding], as_json: bool) -> int:
    """What moving came to, what is left, and the exit code."""
    reports = mover.reports | {one.store: Moved(one.store) for one in left if one.store not in mover.reports}
    remaining = {one.store: one for one in left}
    for name, report in reports.items():
        if as_json:
            json_line(_row(report, remaining.get(name)))
        elif not report.nothing_to_do:
            _say(report)
    if not as_json:
        _say_left(left, reports)
    if any(damage for report in reports.values() for damage in report.hopeless if not damage.may_be_had):
        return 3
    troubled = any(report.hopeless or report.kept or report.unavailable for report in reports.values())
    return 5 if troubled or any(one.trouble for one in left) else 0


def _row(report: Moved, left: Outstanding | None) -> dict[str, object]:
    trouble = report.unavailable or (left.trouble if left is not None else None)
    return {
        "store": report.store,
        "brought": report.brought,
        "let_go": report.let_go,
        "bytes": report.bytes,
        "kept": report.kept,
        "complete": report.complete,
        "passed": report.passed and trouble is None,
        "not_had": [unhealed_row(damage) for damage in report.hopeless],
        "left": left.copies if left is not None else {},
        "trouble": trouble.what if trouble is not None else None,
    }


def _say_left(left: Sequence[Outstanding], reports: Mapping[str, Moved]) -> None:
    """That all is well only where every store answered and nothing is to come or to go."""
    if all(one.nothing for one in left):
        if all(report.nothing_to_do for report in reports.values()):
            line(t("All copies are where they belong.", "所有副本均已到位。"))
        return
    for one in left:
        if one.copies:
            states = t(", ", "，").join(f"{said(COPIES[state])} {count}" for state, count in sorted(one.copies.items()))
            line(t(f"{one.store}: left to do: {states}", f"{one.store}：尚未完成：{states}"))
    silent = [one for one in left if one.trouble is not None]
    names = ", ".join(one.store for one in silent)
    if silent and not any(one.copies for one in left):
        line(
            t(
                f"Nothing is known to be owed; not asked, since there was no answer: {names}.",
                f"已知没有待补的副本；未应答、未能查看的存储：{names}。",
            )
        )
    for one in silent:
        if one.trouble is not None and reports[one.store].unavailable is None:
            complain(one.trouble)


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
        note(f"  {damage.digest}{t(': ', '：')}{why_unhealed(damage, read_only=False)}")
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
