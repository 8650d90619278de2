"""`strongroom status` on one screen: at most 24 lines of 80 columns, the verdict first, the worst below it. Where it
does not go to a screen, but into a file or a mail, no line is cut.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ops.asking import Asked
from ops.columns import columns, fitted, padded
from ops.language import said, t
from ops.status.findings import Finding, Weight, overdue
from ops.status.health import Health
from ops.words import COPIES, DOORS
from vault.catalogue.figures import Figures
from vault.discs.states import State
from vault.intake.names import shown
from vault.moments import minute
from vault.placement import Doors
from vault.sizes import size

WIDTH, HEIGHT = 80, 24
_FINDINGS, _STORES = 8, 5  # as many of each as leave room for the rest
_LABEL = 10  # columns
_FAR_OFF = 3_650  # days that nobody plans for


def screen(health: Health, found: Sequence[Finding], width: float = WIDTH) -> list[str]:
    """The lines, as wide as that at most; `math.inf`: as they are."""
    now = minute(health.now, health.zone)
    lines = [f"{health.office}  {health.vault_id}  {now}", verdict(found), *_findings(found, width)]
    stores = [_row(one.name, _store(one, health)) for one in sorted(health.stores, key=_worst_first)[:_STORES]]
    if len(health.stores) > _STORES:
        more = len(health.stores) - _STORES
        stores.append(t(f"{more} more stores: strongroom store status", f"另有 {more} 个存储：strongroom store status"))
    rows = (
        (t("stores", "存储"), stores),
        (t("records", "记录"), [_records(health.figures)]),
        (t("due", "到期"), [_due(health)]),
        (t("deadlines", "时限"), [_deadlines(health)]),
        (t("discs", "光盘"), [_discs(health)]),
        (t("journal", "日志"), [_journal(health)]),
        (t("jobs", "任务"), [_jobs(health)]),
        (t("clock", "时钟"), [_clock(health)]),
    )
    lines += [
        f"{padded(label if not n else '', _LABEL)}{text}" for label, texts in rows for n, text in enumerate(texts)
    ]
    return [fitted(shown(line), width) for line in lines]


def verdict(found: Sequence[Finding]) -> str:
    """One line."""
    wrong = sum(one.weight is Weight.WRONG for one in found)
    to_do = len(found) - wrong
    if not found:
        return t("All is well.", "一切正常。")
    if not wrong:
        return t(f"Nothing is wrong. To do: {to_do}", f"没有异常。待办 {to_do} 项")
    return t(f"Wrong: {wrong}. To do: {to_do}", f"异常 {wrong} 项，待办 {to_do} 项")


def _findings(found: Sequence[Finding], across: float) -> Iterator[str]:
    words = {Weight.WRONG: t("wrong", "异常"), Weight.TO_DO: t("to do", "待办")}
    first = found[:_FINDINGS]
    room = across - _LABEL - max((columns(one.command) for one in first), default=0) - 2
    longest = max((columns(said(one.what)) for one in first), default=0)
    width = longest if longest <= room else int(room)
    for one in first:
        what = padded(fitted(said(one.what), width), width)
        yield f"{padded('  ' + words[one.weight], _LABEL)}{what}  {one.command}"
    if len(found) > _FINDINGS:
        more = len(found) - _FINDINGS
        yield "  " + t(f"and {more} more: strongroom status --json", f"另有 {more} 项：strongroom status --json")


def _worst_first(one: Asked) -> tuple[bool, bool]:
    room = one.room
    answers = room.trouble is None and room.shut is None and one.fault is None
    return answers, not room.figures.copies.get("damaged")


def _row(name: str, text: str) -> str:
    return f"{padded(fitted(name, 12), 14)}{text}"


def _store(one: Asked, health: Health) -> str:
    room, counted = one.room, one.room.figures
    word = t("up", "正常") if room.trouble is None else t("no answer", "无应答")
    if room.shut is not None:
        word = t("takes no writes", "无法写入")
    if room.site.doors is Doors.CLOSED:
        word += t(", read-only", "，只读")
    if counted.standing != "open":
        word += t(", ", "，") + said(DOORS[counted.standing])
    if room.free is not None:
        word += t(f", {size(room.free)} free", f"，剩余 {size(room.free)}")
    if room.days_left is not None and room.days_left < _FAR_OFF:
        word += t(f" ({room.days_left:.0f} days)", f"（{room.days_left:.0f} 天）")
    held = t(", ", "，").join(f"{said(COPIES[state])} {count:,}" for state, count in sorted(counted.copies.items()))
    read = _ago(health.now, counted.scrubbed_at)
    return t(f"{word}; {held or 'no copies'}; scrub {read}", f"{word}；{held or '尚无副本'}；回读：{read}")


def _records(counted: Figures) -> str:
    total = sum(counted.records.values())
    quarantined = sum(count for (_, standing), count in counted.records.items() if standing == "quarantined")
    return t(
        f"{total:,}; objects {counted.objects:,}, {size(counted.bytes)}; quarantine {quarantined:,}; "
        f"holds {counted.holds:,}",
        f"{total:,} 条；对象 {counted.objects:,} 个，{size(counted.bytes)}；待补全 {quarantined:,}；"
        f"暂缓处置 {counted.holds:,}",
    )


def _due(health: Health) -> str:
    lists = sum(health.waiting.disposals.values())
    if health.clock.paused is not None or health.rebuilt is not None:
        return t(f"expiry waits; lists of disposal {lists:,}", f"暂停计算到期；处置清册 {lists:,} 份")
    since = health.waiting.oldest_due
    oldest = t(f", since {since}", f"（自 {since} 起）") if since is not None else ""
    return t(
        f"for review {health.figures.due:,}{oldest}; lists of disposal {lists:,}",
        f"待审查 {health.figures.due:,} 条{oldest}；处置清册 {lists:,} 份",
    )


def _deadlines(health: Health) -> str:
    late, soon = health.arrears, health.waiting.ending
    return t(
        f"to come {late.announced:,}, within a day {soon:,}, overdue {late.missed:,}; late {_late(health):,}",
        f"待入库 {late.announced:,}，一天内 {soon:,}，逾期 {late.missed:,}；逾期入库 {_late(health):,}",
    )


def _late(health: Health) -> int:
    return health.arrears.lateness.get("late", 0) + health.arrears.lateness.get("explained", 0)


def _discs(health: Health) -> str:
    there = health.waiting.discs
    shelf, lent = there.get(State.SHELVED.value, 0), health.waiting.out
    due = "?" if health.inspections is None else f"{health.inspections:,}"
    return t(
        f"on the shelf {shelf:,}, lent {lent:,}; demanded {health.waiting.demands:,}; to inspect {due}",
        f"在架 {shelf:,}，借出 {lent:,}；待刻录 {health.waiting.demands:,}；待检查 {due}",
    )


def _journal(health: Health) -> str:
    entries = health.figures.entries
    answered = [one for one in health.stores if one.room.trouble is None]
    whole = sum(one.room.figures.journal_size >= entries for one in answered)
    silent = len(health.stores) - len(answered)
    last = _ago(health.now, health.figures.last_act)
    words = t(
        f"{entries:,} entries, the last {last}; whole on {whole} of {len(health.stores)} stores",
        f"{entries:,} 条，最后一条：{last}；{len(health.stores)} 个存储中 {whole} 个完整",
    )
    return words + (t(f", {silent} did not answer", f"，{silent} 个无应答") if silent else "")


def _jobs(health: Health) -> str:
    if not health.jobs:
        return t("no service has been at work", "没有运行过服务")
    last = _ago(
        health.now, max((one.succeeded_at for one in health.jobs if one.succeeded_at is not None), default=None)
    )
    failing, late = sum(one.failures > 0 for one in health.jobs), len(overdue(health))
    busy = t(", ", "、").join(one.name for one in health.jobs if one.is_held(health.now))
    return t(
        f"{len(health.jobs)}, the last done {last}; failing {failing}, overdue {late}; at work: {busy or 'none'}",
        f"{len(health.jobs)} 项，最近一次成功：{last}；失败 {failing}，超时 {late}；正在执行：{busy or '无'}",
    )


def _clock(health: Health) -> str:
    paused = health.clock.paused
    return said(paused) if paused is not None else t("agrees with what else can tell", "与其他时钟一致")


def _ago(now: datetime, at: datetime | None) -> str:
    """How long ago, as people say it."""
    if at is None:
        return t("never", "从未")
    passed = max(now - at, timedelta())
    for span, en, zh in (
        (timedelta(days=1), "d", "天"),
        (timedelta(hours=1), "h", "小时"),
        (timedelta(minutes=1), "min", "分钟"),
    ):
        if passed >= span:
            return t(f"{passed // span} {en} ago", f"{passed // span} {zh}前")
    return t("just now", "刚刚")
