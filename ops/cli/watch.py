"""`strongroom watch`: what is dropped into the folders of [[watch]] is taken in by itself."""

import time
from collections import Counter
from collections.abc import Sequence

import click

from ops.cli.common import Place, as_json
from ops.cli.outcomes import count, tell
from ops.cli.settling import settle
from ops.config import read_config
from ops.language import t
from ops.output import flush, json_line, note, progress
from ops.stores import own_places
from vault.errors import BadInput
from vault.intake.dropped import DropFolder, Looked, look_into
from vault.intake.names import shown
from vault.intake.pipeline import Outcome
from vault.store import Vault
from vault.text import Text

_PAUSE = 10.0  # seconds between two looks


@click.command(
    help=t(
        "Take in what is dropped into the folders that strongroom.toml names.",
        "将投放文件夹（在 strongroom.toml 中写明）内的文件自动入库。",
    )
)
@click.option("--once", is_flag=True, help=t("look once, then end: for a timer", "只处理一遍即结束，供定时器调用"))
@as_json
@click.pass_obj
def watch(place: Place, once: bool, as_json: bool) -> int:
    """0: everything that was settled was taken in; 1: something could not be, and lies in 未入库."""
    refused = _look(place, as_json)
    while not once:
        flush()
        time.sleep(_PAUSE)
        _look(place, as_json)
    return 1 if refused else 0


def _look(place: Place, as_json: bool) -> int:
    """How many parcels could not be taken in."""
    counted: Counter[str] = Counter()
    refused, last = 0, ""

    def told(outcome: Outcome) -> None:
        nonlocal last
        count(counted, outcome)
        tell(outcome, as_json, first=outcome.record != last)
        last = outcome.record

    with place.open() as vault, progress(None, quiet=as_json) as tick:
        folders = _folders(place, vault)
        for looked in look_into(vault, folders, own_places(place.home), told, tick):
            refused += looked.refused
            _sum_up(looked, as_json)
        if counted["files"]:
            settle(vault, quiet=as_json)
    return refused


def _folders(place: Place, vault: Vault) -> Sequence[DropFolder]:
    """BadInput where strongroom.toml names none, or says of one what cannot be."""
    watched, now = read_config(place.home).watch, vault.now()
    if not watched:
        raise BadInput(
            Text(en="strongroom.toml names no drop folder.", zh="strongroom.toml 中没有投放文件夹。"),
            hint=Text(en='Write: [[watch]] with folder = "…".', zh='请写入：[[watch]]，含 folder = "…"。'),
        )
    return [
        DropFolder(
            path=one.place(place.home),
            facts=one.known_facts(vault.profile, now),
            settled=one.patience,
            grouping=one.group,
            leave=one.leave,
        )
        for one in watched
    ]


def _sum_up(looked: Looked, as_json: bool) -> None:
    if as_json:
        json_line(
            {
                "result": "looked",
                "folder": looked.folder,
                "taken": looked.taken,
                "refused": looked.refused,
                "waiting": looked.waiting,
                "empty": looked.empty,
                "aside": looked.aside,
            }
        )
        return
    if looked.taken or looked.refused or looked.waiting or looked.empty or looked.aside:
        note(
            t(
                f"{shown(str(looked.folder))}: {looked.taken} taken in, {looked.refused} not, "
                f"{looked.waiting} not settled yet, {looked.empty} empty; in 未入库: {looked.aside}",
                f"{shown(str(looked.folder))}：入库 {looked.taken}，未能入库 {looked.refused}，"
                f"等待稳定 {looked.waiting}，空文件夹 {looked.empty}；未入库文件夹中共 {looked.aside}",
            )
        )
