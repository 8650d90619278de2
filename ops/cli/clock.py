"""`strongroom clock`: which clock says what, and whether anything may expire by this machine's."""

from typing import Any

import click

from ops.cli.common import Place, as_json, local
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import CLOCKS
from vault.clock import HOW_TO_GO_ON, Verdict, Witness, Word
from vault.profile import Profile
from vault.releasing import WHO_RELEASES
from vault.timekeeping import Vouched, trusted_time, vouched


@click.command(
    help=t("Compare this machine's clock with all that can tell the time.", "核对本机时钟与其他各处的时间。")
)
@as_json
@click.pass_obj
def clock(place: Place, as_json: bool) -> int:
    """0: they agree, or a person vouches; 1: they do not, and nothing expires."""
    with place.open() as vault:
        verdict = trusted_time(vault)
        for one in verdict.witnesses:
            if as_json:
                json_line(_row(one), "clock")
            else:
                _tell(one, vault.profile)
        _sum_up(verdict, vouched(vault), vault.profile, as_json)
    return int(verdict.paused is not None)


def _tell_vouched(said_by: Vouched) -> None:
    """On whose word the clock goes, and whose is still wanted."""
    names, counting = (t(", ", "、").join(logins) for logins in (said_by.by, said_by.counting))
    counting = counting or t("nobody's", "无")
    line(
        t(
            f"said to be right by {names}; counts for a destruction: {counting}",
            f"确认时钟无误的人员：{names}；其中可作为销毁依据的：{counting}",
        )
    )
    if said_by.wanted:
        who, command = WHO_RELEASES, "strongroom --clock-is-right clock"
        note(
            t(
                f"For a destruction still wanted: {said_by.wanted} of {who.en}, in person: {command}",
                f"如需销毁，还须 {said_by.wanted} 名{who.zh}亲自确认：{command}",
            )
        )


def _row(one: Witness) -> dict[str, Any]:
    return {
        "clock": one.name,
        "says": one.says,
        "off_seconds": None if one.off is None else round(one.off.total_seconds()),
        "word": one.word.value,
        "confirms": one.confirms,
    }


def _tell(one: Witness, profile: Profile) -> None:
    word = said(CLOCKS[one.word])
    if one.says is None:
        line(f"{word}  {said(one.name)}")
        return
    line(f"{word}  {said(one.name)}{t(': ', '：')}{local(one.says, profile)}{_off(one)}")


def _off(one: Witness) -> str:
    """By how much, where that is of interest."""
    if one.off is None or (one.word is Word.RIGHT and not one.confirms):
        return ""
    return f" ({round(one.off.total_seconds()):+,} s)"


def _sum_up(verdict: Verdict, said_by: Vouched, profile: Profile, as_json: bool) -> None:
    if as_json:
        row = {"now": verdict.now, "agreed": verdict.agreed, "vouched": verdict.vouched, "paused": verdict.paused}
        row |= {"vouched_by": said_by.by, "counting": said_by.counting, "wanted": said_by.wanted if said_by.by else 0}
        json_line(row, "verdict")
        return
    if said_by.by:
        _tell_vouched(said_by)
    now = local(verdict.now, profile)
    if verdict.paused is not None:
        note(f"{said(verdict.paused)}\n  {said(HOW_TO_GO_ON)}")
    elif verdict.vouched:
        note(t(f"It is {now}, as you say; that is in the journal.", f"时间为 {now}，已由您确认并记入日志。"))
    else:
        note(t(f"It is {now}.", f"时间为 {now}，各处一致。"))
