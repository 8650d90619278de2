"""`strongroom serve`: the vault looks after itself (ops/serving)."""

import os
import sys

import click

from ops.cli.common import Place, as_json
from ops.language import said, t
from ops.output import flush, json_line, line, note
from ops.serving.loop import Result, Told
from ops.serving.service import Service
from ops.serving.work import Outcome, telling
from vault.errors import StrongroomError

_HARDEST = (3, 5, 4, 2, 1)  # of several exit codes, the one to tell: what is broken before what is away


@click.command(
    help=t(
        "Look after the vault: copies, locks, scrubs, figures.",
        "持续看护档案库：补齐副本、顺延锁定、回读校验、输出指标。",
    )
)
@click.option(
    "--once", is_flag=True, help=t("do what is due, then end: for a timer", "处理完到期任务即结束，供定时器调用")
)
@as_json
@click.pass_obj
def serve(place: Place, once: bool, as_json: bool) -> int:
    """0: stopped as asked; with --once, the hardest of what went wrong."""
    codes: list[int] = []

    def tell(told: Told) -> None:
        if told.result is Result.FAILED:
            codes.append(told.error.exit_code if isinstance(told.error, StrongroomError) else 1)
        (_as_json if as_json else _as_text)(told)
        flush()

    service = Service(home=place.home, working=place.working, tell=tell)
    ended = service.run_once() if once else service.run()
    code = next((one for one in _HARDEST if once and one in codes), 0)
    if not ended:
        note(t("A job hangs and was left behind; its lease is handed back.", "有任务未能停止，已放弃并交回租约。"))
        sys.stderr.flush()
        os._exit(code or 1)  # its threads cannot be ended, and would keep the process
    return code


def _as_json(told: Told) -> None:
    done = told.outcome if isinstance(told.outcome, Outcome) else None
    json_line(
        {
            "job": told.name or None,
            "result": told.result.value,
            "seconds": told.seconds,
            "what": done.what if done is not None else None,
            "found": done.found if done is not None else None,
            "error": telling(told.error) if told.error is not None else None,
        }
    )


def _as_text(told: Told) -> None:
    words = [said(told.outcome.what)] if isinstance(told.outcome, Outcome) else []
    words += [said(telling(told.error)).rstrip(".。")] if told.error is not None else []
    name = told.name or t("catalogue", "目录库")
    line(f"{name}  {said(told.result.label)}  {told.seconds:.1f} s  {t('; ', '；').join(words)}")
