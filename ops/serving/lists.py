"""Jobs that look what waits for people, so that it stands in the figures; and that put the figures where they are read.

They decide nothing: what is due is appraised by people, what is to be inspected is read by them.
"""

from ops.discs.inspecting import to_inspect
from ops.metrics import for_textfile
from ops.serving.work import Desk, FiguresUnwritten, Outcome, Tick
from vault.catalogue import tally
from vault.errors import ClockSuspect, TargetProblem
from vault.outputs import replace_file
from vault.terms import local_day
from vault.text import Text
from vault.timekeeping import expiry_pause, trusted_time


def due(desk: Desk, _tick: Tick) -> Outcome:
    """How many records are up for review today, by clocks that agree; that they do is settled on the way."""
    with desk.open() as vault:
        verdict = trusted_time(vault)
        today = local_day(verdict.now, vault.profile.zone)
        with vault.database.reading() as connection:
            paused = expiry_pause(connection, verdict)
            found = sum(one.due for one in tally.counts(connection, today))
    if paused is not None:
        return Outcome(paused, ClockSuspect(verdict.paused) if verdict.paused is not None else None)
    return Outcome(Text(en=f"{found} records are up for review", zh=f"到期待审查的记录 {found} 条"), found=found)


def inspections(desk: Desk, _tick: Tick) -> Outcome:
    """How many discs are to be inspected, as [inspection] wants it."""
    schedule, found = desk.config.inspection.schedule, 0
    with desk.catalogue() as vault, vault.database.reading() as connection:
        if schedule is not None:
            found = sum(1 for _ in to_inspect(connection, vault.profile, schedule, vault.setting.clock()))
    return Outcome(Text(en=f"{found} discs are to be inspected", zh=f"待检查的光盘 {found} 张"), found=found)


def textfile(desk: Desk, _tick: Tick) -> Outcome:
    """The figures as a file for node_exporter: of the stores as they were seen last."""
    config = desk.config
    with desk.catalogue() as vault:
        told = for_textfile(vault, config.every, desk.look)
    try:
        replace_file(desk.home / config.serve.textfile, told)
    except TargetProblem as error:
        raise FiguresUnwritten(error.what) from error
    return Outcome(Text(en="figures written", zh="指标已写入"))
