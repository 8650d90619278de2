"""`strongroom disc list`, `show`, `demands`: what discs there are, how they stand, where they lie, what lacks them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import Connection

from ops.cli.common import Place, as_json, local
from ops.cli.discs import copy_row, tell
from ops.language import said, t
from ops.output import json_line, line, note, size
from ops.words import ACTS
from vault.catalogue import demands, discs, imagefiles, queries, spoiled
from vault.catalogue.discs import Event, Image
from vault.catalogue.rows import serial_of
from vault.catalogue.spoiled import SpoiledDisc
from vault.discs.demands import judge
from vault.discs.making import UNFINISHED
from vault.discs.model import Mark
from vault.discs.states import SUCCEEDED, State
from vault.discs.stocktake import Finding
from vault.profile import Profile, cited
from vault.terms import local_day
from vault.text import Text, counted

_FOUND = {finding.value: finding.label for finding in Finding}


@click.command("list", help=t("The disc sets, the newest first.", "列出光盘组，最新在前。"))
@as_json
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """Each with how its copies stand."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        found = False
        for one in discs.sets(connection):
            found = True
            states = Counter(copy.state for copy in discs.copies(connection, one.number))
            if as_json:
                standing = {state.value: count for state, count in states.items()}
                json_line(
                    {
                        "disc_set": one.number,
                        "discs": one.discs,
                        "medium": one.medium,
                        "activity": one.activity,
                        "planned_at": one.planned_at,
                        "copies": standing,
                    }
                )
                continue
            stand = t(", ", "，").join(f"{said(state.label)} {count}" for state, count in states.items())
            many = t(counted(one.discs, "disc"), f"{one.discs} 张")
            line("  ".join(words for words in (one.number, many, one.medium, one.activity, stand) if words))
        for copy in discs.overdue(connection, local_day(vault.now(), vault.profile.zone)):
            note(
                t(
                    f"{copy.mark} should have been back on {copy.until}: {copy.holder}",
                    f"{copy.mark} 应于 {copy.until} 归还：{copy.holder}",
                )
            )
        for number in discs.with_copies_in(connection, UNFINISHED):
            if discs.is_stopped(connection, number):
                note(_stopped(number))
        for spoilt in spoiled.to_shred(connection):
            note(_to_shred(spoilt, vault.profile))
    if not found and not as_json:
        note(t("There are no disc sets.", "没有光盘组。"))


def _stopped(number: str) -> str:
    again, cancel = f"strongroom disc plan --replaces {number}", f"strongroom disc cancel {number} --why …"
    return t(
        f"{number} has destroyed records, nothing more is made of it. What stays: {again}; or: {cancel}",
        f"{number} 含已销毁的记录，不得再制作。为其余记录重新规划：{again}；或取消：{cancel}",
    )


@click.command(help=t("A set, one disc, or the discs of a record.", "显示光盘组、单张光盘或某记录所在的光盘。"))
@click.argument("what", metavar=t("SET|DISC|RECORD", "标号|光盘编号|记录编号"))
@as_json
@click.pass_obj
def show(place: Place, what: str, as_json: bool) -> None:
    """How they stand, where they lie, what happened to them."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        if re.fullmatch(r"\d{4}-\d{7,}", what, re.ASCII):
            _show_record(connection, what, vault.profile, as_json)
        elif re.fullmatch(r"\d{4}-\d{4}", what, re.ASCII):
            _show_set(connection, what, vault.profile, as_json)
        else:
            _show_disc(connection, Mark.parse(what), vault.profile, as_json)


def _show_set(connection: Connection, number: str, profile: Profile, as_json: bool) -> None:
    one = discs.find_set(connection, number)
    copies, images = discs.copies(connection, number), discs.images(connection, number)
    records = {disc: list(discs.records_on(connection, number, disc)) for disc in range(1, one.discs + 1)}
    laid, destroyed = imagefiles.of_set(connection, number), discs.destroyed_on(connection, number)
    if as_json:
        json_line(
            {
                "disc_set": one.number,
                "unit": one.unit,
                "producer": one.producer,
                "activity": one.activity,
                "medium": one.medium,
                "spare": one.spare,
                "replaces": one.replaces,
                "planned_by": one.planned_by,
                "planned_at": one.planned_at,
                "discs": [{"disc": disc, "records": numbers} for disc, numbers in records.items()],
                "images": [_image_row(image) for image in images],
                "copies": [copy_row(copy) for copy in copies],
                "image_files": [{"file": str(it.name), "machine": it.machine, "path": it.path} for it in laid],
                "destroyed": destroyed,
                "cancelled_at": one.cancelled_at,
                "replaced_by": discs.successor_of(connection, number),
                "written_off": [_spoiled_row(disc) for disc in spoiled.of_set(connection, number)],
            }
        )
        return
    line("  ".join(words for words in (one.number, one.medium, one.producer, one.unit, one.activity) if words))
    for image in images:
        if image.image is not None and image.image_size is not None:
            which = t(
                f"disc {image.disc}, generation {image.generation}", f"第 {image.disc} 张第 {image.generation} 代"
            )
            line(f"  {which}  {size(image.image_size)}  sha256 {image.image}")
    for copy in copies:
        line(f"  {tell(copy)}")
    for spoilt in spoiled.of_set(connection, number):
        if spoilt.shredded_at is None:
            line(f"  {_to_shred(spoilt, profile)}")
    for file in laid:
        line(t(f"  image {file.name}  {file.where}", f"  映像 {file.name}  {file.where}"))
    if destroyed:
        line(t(f"  destroyed records: {' '.join(destroyed)}", f"  已销毁的记录：{' '.join(destroyed)}"))
    if one.cancelled_at is not None:
        line(t(f"  cancelled: {local(one.cancelled_at, profile)}", f"  已取消：{local(one.cancelled_at, profile)}"))
    if one.replaces:
        line(t(f"  in the place of {one.replaces}", f"  取代 {one.replaces}"))
    if successor := discs.successor_of(connection, number):
        taken = all(copy.state in SUCCEEDED | {State.DESTROYED} for copy in copies)
        stands = t("has taken its place", "已取代") if taken else t("is to take its place", "将取代")
        line(t(f"  {successor} {stands}", f"  {successor} {stands}本组"))
    for disc, numbers in records.items():
        line(t(f"  disc {disc}: {' '.join(numbers)}", f"  第 {disc} 张：{' '.join(numbers)}"))


def _to_shred(one: SpoiledDisc, profile: Profile) -> str:
    at, why = local(one.at, profile), _reason(one.why).rstrip("。.")
    return t(
        f"{one.name} is to be shredded: written off in {one.drive} on {at} ({why})",
        f"{one.name} 待粉碎：{at} 在 {one.drive} 中作废（{why}）",
    )


def _reason(why: Text | str) -> str:
    return said(why) if isinstance(why, Text) else why


def _spoiled_row(one: SpoiledDisc) -> dict[str, Any]:
    return {
        "disc": str(one.name),
        "drive": one.drive,
        "at": one.at,
        "why": one.why,
        "shredded_at": one.shredded_at,
    }


def _show_disc(connection: Connection, mark: Mark, profile: Profile, as_json: bool) -> None:
    copy, image = discs.find_copy(connection, mark), discs.image_of(connection, mark)
    events = list(discs.history(connection, mark))
    if as_json:
        happened = [{"at": one.at, "by": one.by, "act": one.act, "what": one.what, "why": one.why} for one in events]
        json_line(copy_row(copy) | {"image": _image_row(image), "history": happened})
        return
    line(tell(copy))
    if image.image is not None:
        line(f"  sha256 {image.image}")
    for event in events:
        line(f"  {_told(event, profile)}")


def _told(event: Event, profile: Profile) -> str:
    what = said(_FOUND[event.what]) if event.act == "discs.counted" else event.what
    words = (local(event.at, profile), event.by, said(ACTS[event.act]), what, _reason(event.why))
    return "  ".join(word for word in words if word)


def _show_record(connection: Connection, number: str, profile: Profile, as_json: bool) -> None:
    serial = serial_of(queries.get_record(connection, number).number)
    copies, demanded = discs.with_record(connection, serial), list(demands.demands_of(connection, serial))
    if as_json:
        asked = [
            {"circumstance": d.circumstance, "article": d.article, "copies": d.copies, "met_at": met_at}
            for d, met_at in demanded
        ]
        json_line({"record": number, "copies": [copy_row(copy) for copy in copies], "demands": asked})
        return
    for copy in copies:
        line(tell(copy))
    if not copies:
        note(t(f"{number} is on no disc.", f"{number} 未刻录光盘。"))
    for demand, met_at in demanded:
        stands = t("met", "已满足") if met_at is not None else t("not met", "未满足")
        line(f"{said(demand.words)} ({said(cited(demand.article))})  {stands}")


@click.command("demands", help=t("Records that have to be on disc, and are not.", "列出应刻录光盘而尚未落实的记录。"))
@as_json
@click.pass_obj
def demands_(place: Place, as_json: bool) -> int:
    """The oldest first, with the rule that demands it; 1 if there are any."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        today, found = vault.now(), False
        for one in demands.open_demands(connection):
            found = True
            lacking = judge(one.demand.copies, one.carriers).lacking
            days = (today - one.since).days
            if as_json:
                json_line(
                    {
                        "record": one.record,
                        "circumstance": one.demand.circumstance,
                        "words": one.demand.words,
                        "article": one.demand.article,
                        "copies": one.demand.copies,
                        "since": one.since,
                        "days": days,
                        "lacking": {str(mark): state.value for mark, state in lacking},
                    }
                )
                continue
            why = t(", ", "，").join(f"{mark} {said(state.label)}" for mark, state in lacking)
            rule = f"{said(one.demand.words)} ({said(cited(one.demand.article))})"
            age = t(f"for {counted(days, 'day')}", f"已 {days} 天")
            line("  ".join([one.record, age, rule, why or t("on no disc", "未刻录光盘")]))
    if not found and not as_json:
        note(t("Every record that has to be on disc is.", "应刻录光盘的记录均已落实。"))
    return 1 if found else 0


def _image_row(image: Image) -> dict[str, Any]:
    return {
        "disc": image.disc,
        "generation": image.generation,
        "iso": image.iso,
        "iso_size": image.iso_size,
        "image": image.image,
        "image_size": image.image_size,
        "imaged_at": image.imaged_at,
        "readers": image.readers,
    }


COMMANDS: Sequence[click.Command] = (list_, show, demands_)
