"""The table of jobs: what a service does by itself. A job is added here, and by its name in ops/servingconfig.py.

Each may be done at any time, as often as one likes, and beside any other: whatever must not be done twice at once has
its own lock in the vault, and says Busy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ops.config import Config
from ops.serving.checks import drill, fsck, scrub
from ops.serving.dropping import watch
from ops.serving.lists import due, inspections, textfile
from ops.serving.schedules import Calendar, Every, Schedule, daily
from ops.serving.upkeep import locks, publish, repair, tier
from ops.serving.work import Work
from vault.authority import Action
from vault.text import Text


def _always(_config: Config) -> bool:
    return True


def _within(hours: str, otherwise: str) -> Schedule:
    """When the hours begin, where there are any: outside them the job would find that it may not."""
    return daily(hours.partition("-")[0] or otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`usually`: when it is done where strongroom.toml does not say; `needs`: the right it takes; `has_work`: whether
    there is anything to do for it in a vault that is so configured.
    """

    label: Text
    work: Work
    usually: Callable[[Config], Schedule]
    needs: Action | None = None
    has_work: Callable[[Config], bool] = _always


JOBS: Mapping[str, Job] = {
    "watch": Job(
        label=Text(en="take in what is dropped", zh="投放文件夹自动入库"),
        work=watch,
        usually=lambda _: Every(timedelta(minutes=1)),
        needs=Action.INGEST,
        has_work=lambda config: bool(config.watch),
    ),
    "publish": Job(
        label=Text(en="bring the journal to every store", zh="向各存储补发日志"),
        work=publish,
        usually=lambda _: Every(timedelta(minutes=5)),
    ),
    "repair": Job(
        label=Text(en="bring copies that are owed or damaged", zh="补齐缺少或损坏的副本"),
        work=repair,
        usually=lambda _: Every(timedelta(minutes=10)),
        needs=Action.COPIES_MOVE,
    ),
    "locks": Job(
        label=Text(en="set and renew locks", zh="设置和顺延锁定"),
        work=locks,
        usually=lambda _: Every(timedelta(hours=1)),
        needs=Action.LOCKS_SYNC,
        has_work=lambda config: any(store.lock for store in config.store),
    ),
    "tier": Job(
        label=Text(en="move copies as their age wants it", zh="按时长迁移副本"),
        work=tier,
        usually=lambda config: _within(config.moving.window, "01:00"),
        needs=Action.COPIES_MOVE,
        has_work=lambda config: bool(config.age),
    ),
    "scrub": Job(
        label=Text(en="read copies again and heal damage", zh="回读校验并修复副本"),
        work=scrub,
        usually=lambda config: _within(config.scrub.window, "02:00"),
        needs=Action.COPIES_SCRUB,
    ),
    "fsck": Job(
        label=Text(en="examine everything, believing nothing", zh="全面独立检查"),
        work=fsck,
        usually=lambda _: Calendar("0 3 1 * *"),
    ),
    "drill": Job(
        label=Text(en="rehearse a rebuild from one store", zh="用一个存储演练恢复"),
        work=drill,
        usually=lambda _: Calendar("0 4 1 * *"),
        needs=Action.CATALOGUE_REBUILD,
    ),
    "due": Job(
        label=Text(en="count what is up for review", zh="统计到期待审查的记录"),
        work=due,
        usually=lambda _: daily("06:00"),
    ),
    "inspections": Job(
        label=Text(en="count the discs that are to be inspected", zh="统计待检查的光盘"),
        work=inspections,
        usually=lambda _: daily("06:00"),
        has_work=lambda config: config.inspection.schedule is not None,
    ),
    "textfile": Job(
        label=Text(en="write the figures for node_exporter", zh="为 node_exporter 写入指标"),
        work=textfile,
        usually=lambda _: Every(timedelta(minutes=1)),
        has_work=lambda config: bool(config.serve.textfile),
    ),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A job of the table, and when it is done here."""

    name: str
    job: Job
    schedule: Schedule


def planned(config: Config) -> list[Planned]:
    """The jobs that a vault so configured has, in the order of the table."""
    found: list[Planned] = []
    for name, job in JOBS.items():
        said = getattr(config.jobs, name)
        if said.enabled and job.has_work(config):
            found.append(Planned(name, job, said.schedule or job.usually(config)))
    return found
