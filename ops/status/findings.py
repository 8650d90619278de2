"""What is wrong with a vault, and what waits for somebody, with the command that deals with it. Pure.

Two weights. *Wrong*: something fails, or soon will, whoever is at work. *To do*: the daily work of an office, which
always has some. Only what is wrong gives an exit code other than 0, or nobody would look at that code any more: 3 where
something kept is damaged, 5 where a store does not answer or takes no writes, 1 for all else. Limits are those of the
alert rules (ops/alerts); what these wait for before they wake somebody is told here at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from ops.asking import Asked
from ops.status.health import Health
from vault.disposal.rules import State as Disposal
from vault.errors import IntegrityBroken
from vault.placement import Doors
from vault.text import Text

_UNREAD = timedelta(days=7)
_LATE_READING = timedelta(days=7)
_NEARLY_GONE, _RUNS_OUT = 14, 60  # days that the room lasts
_LONG_DUE = timedelta(days=90)
_OVERDUE, _ENDLESS = timedelta(hours=1), timedelta(days=2)  # of a job that nobody begins; that does not end
_RANK = (3, 5, 1, 0)  # exit codes, the worst first
_STATUS = "strongroom store status"
_DEADLINES = "strongroom deadline list"
_INTERRUPTIONS = "strongroom interruption list"
_DISCS = "strongroom disc list"
BY_HAND = {  # what does by hand what a job does, or shows what keeps it from it
    "watch": "strongroom watch --once",
    "publish": _STATUS,
    "repair": "strongroom repair",
    "locks": "strongroom lock sync",
    "tier": "strongroom tier run",
    "scrub": "strongroom scrub",
    "fsck": "strongroom fsck",
    "drill": "strongroom drill",
    "due": "strongroom clock",
    "inspections": "strongroom disc due",
    "textfile": "strongroom metrics",
}


class Weight(StrEnum):
    WRONG = "wrong"
    TO_DO = "to-do"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code`: the exit code that it stands for, 0 for what is to do."""

    what: Text
    command: str
    code: int = 0

    @property
    def weight(self) -> Weight:
        return Weight.WRONG if self.code else Weight.TO_DO


def findings(health: Health) -> tuple[Finding, ...]:
    """The worst first."""
    found = (
        *(*_stores(health), *_clock(health), *_jobs(health)),
        *(*_people(health), *_records(health), *_discs(health)),
    )
    return tuple(sorted(found, key=lambda one: _RANK.index(one.code)))


def exit_code(found: tuple[Finding, ...]) -> int:
    """Of the worst."""
    return found[0].code if found else 0


def _stores(health: Health) -> Iterator[Finding]:
    for one in health.stores:
        yield from _store(one, health)
    for name in health.strange:
        what = Text(en=f"store {name} is not in strongroom.toml", zh=f"存储 {name} 不在 strongroom.toml 中")
        yield Finding(what, f"strongroom store detach {name}", 1)
    for name in health.new:
        what = Text(en=f"store {name} has not joined yet", zh=f"存储 {name} 尚未接入")
        yield Finding(what, f"strongroom store attach {name}")
    for name, count in health.locks_due.items():
        if count:
            what = _counted(f"store {name}: locks to set or renew", f"存储 {name} 待更新的锁定", count)
            yield Finding(what, "strongroom lock sync")


def _store(one: Asked, health: Health) -> Iterator[Finding]:
    name, counted, room = one.name, one.room.figures, one.room
    if damaged := counted.copies.get("damaged", 0):
        yield Finding(
            _counted(f"store {name}: damaged copies", f"存储 {name} 损坏的副本", damaged), "strongroom repair", 3
        )
    if one.fault is not None:
        en, zh = one.fault.what.en.rstrip("."), one.fault.what.zh.rstrip("。")
        yield Finding(Text(en=en, zh=zh), "strongroom fsck", 3 if isinstance(one.fault, IntegrityBroken) else 1)
    if counted.standing == "suspected":
        what = Text(en=f"store {name} is suspected: it gets no copies", zh=f"存储 {name} 存疑，不再接收副本")
        yield Finding(what, f"strongroom scrub --store {name}", 1)
    if room.trouble is not None:
        yield Finding(Text(en=f"store {name} does not answer", zh=f"存储 {name} 没有应答"), _STATUS, 5)
        return
    if room.shut is not None:
        yield Finding(
            Text(en=f"store {name} takes no writes", zh=f"存储 {name} 无法写入"), "strongroom doctor stores", 5
        )
    yield from _room(one)
    if owed := counted.copies.get("owed", 0):
        yield Finding(_counted(f"store {name}: copies owed", f"存储 {name} 待补的副本", owed), "strongroom repair")
    if (lag := health.figures.entries - counted.journal_size) > 0 and room.site.doors is not Doors.CLOSED:
        what = _counted(f"store {name}: journal entries it lacks", f"存储 {name} 尚缺的日志条目", lag)
        yield Finding(what, "strongroom tier run")  # they come with the next act, and this brings copies too
    yield from _reading(one, health)


def _room(one: Asked) -> Iterator[Finding]:
    name, room, days = one.name, one.room, one.room.days_left
    if room.free is not None and room.figures.reserved > room.free:
        what = Text(en=f"store {name}: what it is owed does not fit", zh=f"存储 {name}：放不下待补的副本")
        yield Finding(what, _STATUS, 1)
    elif room.full:
        yield Finding(Text(en=f"store {name} is full", zh=f"存储 {name} 已满"), _STATUS, 1)
    elif days is not None and days < _RUNS_OUT:
        what = Text(en=f"store {name}: room for {days:.0f} days", zh=f"存储 {name}：空间约可再用 {days:.0f} 天")
        yield Finding(what, _STATUS, int(days < _NEARLY_GONE))


def _reading(one: Asked, health: Health) -> Iterator[Finding]:
    counted = one.room.figures
    if not counted.copies.get("good"):
        return
    oldest, every = counted.oldest_verified, health.every.get(one.name)
    if _unread(counted.passed_at or oldest, health) > _UNREAD:
        what = Text(en=f"store {one.name}: no good scrub for a week", zh=f"存储 {one.name}：回读一周没有成功")
        yield Finding(what, f"strongroom scrub --store {one.name}", 1)
    elif every is not None and _unread(oldest, health) > every + _LATE_READING:
        what = Text(en=f"store {one.name}: reading is behind", zh=f"存储 {one.name}：回读落后于计划")
        yield Finding(what, "strongroom scrub --due", 1)


def _unread(read: datetime | None, health: Health) -> timedelta:
    """For how long, as far as the catalogue can know: it is no fault of a store that nothing was read before."""
    begun = health.figures.begun
    return health.now - (max(read, begun) if read is not None else begun)


def _clock(health: Health) -> Iterator[Finding]:
    if health.clock.paused is not None:
        what = Text(en="the clock is in doubt, nothing expires", zh="时钟存疑，暂停计算到期")
        yield Finding(what, "strongroom clock", 1)
    if health.rebuilt is not None:
        what = Text(en="nothing expires since the rebuild", zh="目录库重建后尚未恢复到期计算")
        yield Finding(what, "strongroom retention release --why …")


def overdue(health: Health) -> list[str]:
    """The jobs that were to begin, and nobody is at them."""
    return [one.name for one in health.jobs if health.now - one.due_at > _OVERDUE and not one.is_held(health.now)]


def _jobs(health: Health) -> Iterator[Finding]:
    for one in health.jobs:
        if one.failures:
            what = _counted(f"job {one.name} failed in a row", f"任务 {one.name} 连续失败", one.failures)
            yield Finding(what, BY_HAND.get(one.name, "strongroom serve --once"), 1)
        if one.name == "watch" and one.found:
            what = _counted("dropped and not taken in", "投放后未能入库", one.found)
            yield Finding(what, BY_HAND[one.name])
    if late := overdue(health):
        what = _counted("jobs overdue, no service at work", "超时未执行的任务（服务未运行）", len(late))
        yield Finding(what, "systemctl status strongroom", 1)
    begun = [one.started_at for one in health.jobs if one.started_at is not None and one.is_held(health.now)]
    if endless := sum(health.now - at > _ENDLESS for at in begun):
        what = _counted("jobs that do not end", "两天仍未结束的任务", endless)
        yield Finding(what, "systemctl restart strongroom", 1)


def _people(health: Health) -> Iterator[Finding]:
    late, open_ = health.arrears, health.waiting
    told = (
        (late.missed, "activities overdue", "逾期未入库的活动", f"{_DEADLINES} --missed", 1),
        (open_.ending, "activities to store within a day", "一天内应入库的活动", f"{_DEADLINES} --near", 0),
        (late.lateness.get("late", 0), "late and not explained", "逾期入库未说明的记录", f"{_DEADLINES} --missed", 0),
        (late.lateness.get("unclear", 0), "late or not is unclear", "时限待查明的记录", f"{_DEADLINES} --unclear", 0),
        (
            late.ahead,
            "recorded, as it says, after it was stored",
            "记录时间晚于入库时间的记录",
            f"{_DEADLINES} --ahead",
            0,
        ),
        (late.interruptions, "interruptions not explained", "未说明的录制中断", _INTERRUPTIONS, 0),
        (late.reviews, "explanations to review", "待审核的说明", _INTERRUPTIONS, 0),
    )
    for count, en, zh, command, code in told:
        if count:
            yield Finding(_counted(en, zh, count), command, code)


def _records(health: Health) -> Iterator[Finding]:
    quarantined = sum(count for (_, standing), count in health.figures.records.items() if standing == "quarantined")
    if quarantined:
        yield Finding(_counted("records in quarantine", "待补全的记录", quarantined), "strongroom quarantine")
    waits = sum(count for state, count in health.waiting.disposals.items() if state != Disposal.APPRAISING)
    if waits:
        yield Finding(_counted("lists of disposal that wait", "待办的处置清册", waits), "strongroom disposal list")
    since = health.waiting.oldest_due
    if since is None or health.clock.paused is not None or health.rebuilt is not None:
        return
    if health.now - datetime.combine(since, time(), health.zone) > _LONG_DUE:
        what = Text(en=f"records are due for review since {since}", zh=f"有记录自 {since} 起到期未审查")
        yield Finding(what, "strongroom retention due")


def _discs(health: Health) -> Iterator[Finding]:
    open_ = health.waiting
    told = (
        (open_.lacking, "copies of discs to make anew", "须重新制作的光盘副本", "strongroom disc run --degraded"),
        (open_.begun, "discs begun and not on the shelf", "尚未制作完成或上架的光盘", "strongroom disc run"),
        (
            open_.stopped,
            "disc sets with destroyed records, to give up",
            "含已销毁记录、应取消的光盘组",
            "strongroom disc list",
        ),
        (open_.demands, "demands for discs not met", "未完成的刻录要求", "strongroom disc demands"),
        (open_.lent, "discs on loan, to be back", "逾期未还的光盘", _DISCS),
        (health.inspections or 0, "discs to inspect", "待检查的光盘", "strongroom disc due"),
    )
    for count, en, zh, command in told:
        if count:
            yield Finding(_counted(en, zh, count), command)


def _counted(en: str, zh: str, count: int) -> Text:
    return Text(en=f"{en}: {count:,}", zh=f"{zh}：{count:,}")
