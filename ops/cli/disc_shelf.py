"""`strongroom disc shelve`, `loan`, `return`, `degrade`, `replace`, `shred`, `stocktake`: discs in people's hands."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, BinaryIO

import click

from ops.cli.common import Day, Place, acting, as_json
from ops.cli.discs import copy_row, tell
from ops.cli.get import on_grounds
from ops.cli.speaking import Reason
from ops.language import said, t
from ops.output import json_line, line, note
from vault import acts
from vault.catalogue import discs
from vault.discs import imagefiles, stepping
from vault.discs.counting import LIMIT, Counted, count
from vault.discs.model import ImageFile, Mark, Spoiled
from vault.discs.spoiling import shred_spoiled
from vault.discs.states import State
from vault.errors import BadInput
from vault.store import Vault
from vault.text import Text
from vault.viewing import Grounds

_at = click.option("--at", "location", type=Reason(), required=True, help=t("its place", "存放位置"))
_why = click.option("--why", default="", help=t("the reason, for the journal", "事由，记入日志"))
_needed_why = click.option(
    "--why", type=Reason(), required=True, help=t("the reason, for the journal", "事由，记入日志")
)


def _tell(vault: Vault, disc: Mark | Spoiled | ImageFile, as_json: bool) -> None:
    if isinstance(disc, Spoiled | ImageFile):
        if as_json:
            json_line({"disc": str(disc), "state": State.DESTROYED.value})
        else:
            line(f"{disc}  {said(State.DESTROYED.label)}")
        return
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, disc)
    if as_json:
        json_line(copy_row(copy))
    else:
        line(tell(copy))


_acting = acting(click.argument("mark", metavar=t("DISC", "光盘编号")), _tell)


def _step(vault: Vault, mark: str, act: Callable[..., acts.AnyCopyStep], **said: Any) -> Mark:
    named = Mark.parse(mark)
    stepping.step(vault, act(mark=str(named), at=vault.now(), by=vault.setting.person, **said))
    return named


@click.command(help=t("Put a disc in its place, or move it.", "光盘上架或移位。"))
@_at
@_why
@_acting
def shelve(vault: Vault, mark: str, **said: str) -> Mark:
    """It is labelled, or stands elsewhere."""
    return _step(vault, mark, acts.DiscShelved, **said)


@click.command("return", help=t("A disc that was lent is back.", "归还借出的光盘。"))
@_at
@_why
@_acting
def return_(vault: Vault, mark: str, **said: str) -> Mark:
    """In this place."""
    return _step(vault, mark, acts.DiscReturned, **said)


@click.command(help=t("Lend a disc: whoever has it can see what is on it.", "借出光盘（须按查阅规定审批）。"))
@click.option("--to", "holder", type=Reason(), required=True, help=t("who gets it", "借用人"))
@click.option("--until", type=Day(), required=True, help=t("the last day", "最迟归还日期"))
@on_grounds
@_acting
def loan(vault: Vault, mark: str, holder: str, until: date, grounds: Grounds) -> Mark:
    """It takes the consent that viewing takes."""
    stepping.lend(vault, Mark.parse(mark), holder, until, grounds)
    return Mark.parse(mark)


@click.command(help=t("A disc is not relied on any more.", "登记光盘劣化，不再作为有效副本。"))
@_needed_why
@_acting
def degrade(vault: Vault, mark: str, why: str) -> Mark:
    """What it was demanded for is open again."""
    return _step(vault, mark, acts.DiscDegraded, why=why)


@click.command(help=t("Begin a new copy in the place of a disc.", "为光盘制作替换副本。"))
@_needed_why
@_acting
def replace(vault: Vault, mark: str, why: str) -> Mark:
    """Made anew from the vault; both stay on record."""
    return stepping.replace(vault, Mark.parse(mark), why)


@click.command(help=t("A disc of no more use was destroyed.", "登记已劣化、已替换或已作废的光盘已粉碎。"))
@_needed_why
@_acting
def shred(vault: Vault, mark: str, why: str) -> Mark | Spoiled | ImageFile:
    """Or one that was written off (2026-0001-1A/1), or the file of an image (2026-0001-1.iso/1), which is erased where
    it can be. One that a disposal waits for: disposal confirm-disc."""
    file = ImageFile.parse(mark)
    if file is not None:
        imagefiles.shred(vault, file, why)
        return file
    spoiled = Spoiled.parse(mark)
    if spoiled is None:
        return _step(vault, mark, acts.DiscShredded, why=why)
    shred_spoiled(vault, spoiled, why)
    return spoiled


@click.command(help=t("Hold scanned labels against the journal.", "盘点：将扫描的标签与日志核对。"))
@click.argument("scans", metavar=t("FILE|-", "文件|-"), type=click.File("rb"))
@click.option("--at", "location", default="", help=t("one place [default: all]", "某一存放位置 [默认：全部]"))
@as_json
@click.pass_obj
def stocktake(place: Place, scans: BinaryIO, location: str, as_json: bool) -> int:
    """Print what differs; 3 if anything does."""
    typed = scans.read(LIMIT + 1)
    if len(typed) > LIMIT:
        raise BadInput(
            Text(en=f"More than {LIMIT:,} bytes are no list of labels.", zh=f"超过 {LIMIT:,} 字节，不是标签清单。")
        )
    with place.open() as vault:
        counted = count(vault, typed, location)
    _tell_count(counted, as_json)
    return 3 if counted.stock.odd else 0


def _tell_count(counted: Counted, as_json: bool) -> None:
    stock = counted.stock
    for one in stock.odd:
        if as_json:
            known = copy_row(one.known) if one.known is not None else None
            json_line({"mark": one.mark, "finding": one.finding.value, "known": known}, "odd")
        else:
            known_as = tell(one.known).removeprefix(one.mark) if one.known is not None else ""
            line(f"{one.mark}  {said(one.finding.label)}{known_as}")
    for copy in stock.lent:
        if as_json:
            json_line(copy_row(copy), "lent")
        else:
            line(tell(copy))
    if as_json:
        row = {"scanned": counted.scanned, "right": stock.right, "odd": len(stock.odd), "lent": len(stock.lent)}
        json_line(row | {"unread": counted.unread}, "sum")
        return
    for words in counted.unread:
        note(t(f"No label: {words[:60]}", f"不是标签：{words[:60]}"))
    note(
        t(
            f"{counted.scanned} scanned: {stock.right} right, {len(stock.odd)} not; {len(stock.lent)} lent.",
            f"扫描 {counted.scanned} 张：相符 {stock.right}，不符 {len(stock.odd)}；借出 {len(stock.lent)}。",
        )
    )


COMMANDS: Sequence[click.Command] = (shelve, loan, return_, degrade, replace, shred, stocktake)
