"""`strongroom store`: what stores there are, and how they are."""

from collections.abc import Callable
from functools import partial

import click

from ops.cli.common import Place, as_json
from ops.cli.moving import dry_run, move, show
from ops.cli.probe import probe, tell_lacking
from ops.config import FILE
from ops.language import said, t
from ops.output import complain, json_line, line, note, size
from ops.stores import configured_store, is_mount, probe_store
from ops.words import COPIES, DOORS
from vault import membership
from vault.catalogue import discs, planned, queries
from vault.catalogue.emptying import require_can_empty
from vault.catalogue.figures import figures
from vault.catalogue.planned import preview
from vault.catalogue.plans import plan_all
from vault.catalogue.rows import serial_of
from vault.catalogue.sites import sites
from vault.placement import Doors, Tier
from vault.promises import Finding
from vault.rooms import Room, look_into, sum_of
from vault.store import Vault

_FAR_OFF = 3_650  # days that nobody plans for
_lost = click.option("--lost", is_flag=True, help=t("it is lost for good with all on it", "该存储连同内容已彻底丢失"))
_Join = Callable[[Vault, str, str, str, membership.Probe], None]


@click.group(help=t("The stores that hold the copies.", "存放副本的存储。"))
def store() -> None:
    """Stores."""


store.add_command(probe)


@store.command(help=t("How each store is.", "各存储的状况。"))
@click.option("--by-tier", is_flag=True, help=t("sums over tiers", "按层级汇总"))
@click.option("--by-domain", is_flag=True, help=t("sums over what fails together", "按失效域汇总"))
@as_json
@click.pass_obj
def status(place: Place, by_tier: bool, by_domain: bool, as_json: bool) -> int:
    """0 if every store answers, 3 if one lacks what it should have, 5 if one does not answer."""
    with place.open() as vault:
        today = vault.setting.clock().astimezone(vault.profile.zone).date()
        with vault.database.reading() as connection:
            counted = {one.name: one for one in figures(connection, today).stores}
            kept, held = discs.offline(connection)
        for name in vault.stores:
            if name not in counted:
                _tell_new(name, as_json)
        known = [site for site in vault.setting.rules.configured if site.name in counted]
        rooms = [look_into(vault, site, counted[site.name]) for site in known]
        gone = [one for name, one in counted.items() if name not in vault.stores]
    if by_tier or by_domain:
        _tell_sums(rooms, "tier" if by_tier else "domain", as_json)
        for wrong in (room.trouble or room.broken or room.shut for room in rooms):
            if wrong is not None:
                complain(wrong)
    else:
        for room in rooms:
            _tell(room, as_json)
    if kept:
        _tell_discs(kept, held, as_json)
    for one in gone:
        note(
            t(
                f"{one.name}: attached, but not in {FILE} (strongroom store detach {one.name})",
                f"{one.name}：已接入，但不在 {FILE} 中（strongroom store detach {one.name}）",
            )
        )
    if any(room.broken for room in rooms):
        return 3
    return 5 if any(room.trouble or room.shut for room in rooms) else 0


def _tell(room: Room, as_json: bool) -> None:
    figures_, site, wrong = room.figures, room.site, room.trouble or room.broken or room.shut
    if as_json:
        json_line(
            {
                "store": site.name,
                "tier": site.tier.value,
                "domain": site.fails_with,
                "up": room.trouble is None,
                "whole": room.whole,
                "writable": room.writable,
                "standing": "read-only" if site.doors is Doors.CLOSED else figures_.standing,
                "copies": figures_.copies,
                "bytes": figures_.bytes,
                "reserved": figures_.reserved,
                "free": room.free,
                "growth": round(figures_.growth),
                "days_left": room.days_left,
                "trouble": wrong.what if wrong is not None else None,
            },
            "store",
        )
        return
    here = t("read-only", "只读") if site.doors is Doors.CLOSED else t("up", "正常")
    word = here if wrong is None else said(wrong.what).rstrip(".。")
    if figures_.standing != "open":
        word += t(", ", "，") + said(DOORS[figures_.standing])
    held = t(", ", "，").join(f"{said(COPIES[state])} {count}" for state, count in sorted(figures_.copies.items()))
    held = held or t("no copies", "尚无副本")
    left = _room(room.free, room.days_left)
    line(t(f"{site.name}: {word}; {held}; {left}", f"{site.name}：{word}；{held}；{left}"))
    if wrong is not None:
        note(f"  {said(wrong.hint)}")


def _room(free: int | None, days_left: float | None) -> str:
    room = size(free) if free is not None else "?"
    if days_left is None or days_left > _FAR_OFF:
        return t(f"free {room}", f"剩余 {room}")
    return t(f"free {room}, {days_left:.0f} days left", f"剩余 {room}，约可用 {days_left:.0f} 天")


def _tell_discs(kept: int, held: int, as_json: bool) -> None:
    """They are copies of tier offline; nothing that deletes counts them."""
    if as_json:
        json_line({"discs": kept, "tier": Tier.OFFLINE.value, "bytes": held}, "discs")
        return
    line(t(f"discs: {kept} kept offline; used {size(held)}", f"光盘：离线保存 {kept} 张；已用 {size(held)}"))


def _tell_sums(rooms: list[Room], by: str, as_json: bool) -> None:
    groups: dict[str, list[Room]] = {}
    for room in rooms:
        groups.setdefault(room.site.tier.value if by == "tier" else room.site.fails_with, []).append(room)
    for name, members in groups.items():
        total = sum_of(members)
        if as_json:
            json_line({by: name, **total}, by)
            continue
        used, left, these = size(total["bytes"]), _room(total["free"], total["days_left"]), ", ".join(total["stores"])
        line(t(f"{name}: {these}; used {used}; {left}", f"{name}：{these}；已用 {used}；{left}"))


def _tell_new(name: str, as_json: bool) -> None:
    if as_json:
        json_line({"store": name, "attached": False})
        return
    line(
        t(
            f"{name}: not attached yet (strongroom store attach {name})",
            f"{name}：尚未接入（strongroom store attach {name}）",
        )
    )


@store.command(
    help=t(
        "A new store joins: it is in strongroom.toml, and its place is empty.",
        "接入新存储：已写入 strongroom.toml，且位置为空。",
    )
)
@click.argument("name", metavar=t("NAME", "名称"))
@click.pass_obj
def attach(place: Place, name: str) -> None:
    """Mark it and owe it a copy of everything."""
    _join(place, name, membership.attach)


@store.command(
    help=t("Another, empty medium in the place of a store that is lost for good.", "以空的新介质替换已彻底丢失的存储。")
)
@click.argument("name", metavar=t("NAME", "名称"))
@_lost
@click.pass_obj
def renew(place: Place, name: str, lost: bool) -> None:
    """The same for a store that the journal knows."""
    mounted = is_mount(place.home, configured_store(place.home, name))
    _join(place, name, partial(membership.renew, lost=lost or mounted))


@store.command(
    help=t("Where a record's copies belong, and why not elsewhere.", "记录的副本应放在哪些存储，为何不放在其他存储。")
)
@click.argument("number", metavar=t("NUMBER", "编号"))
@as_json
@click.pass_obj
def explain(place: Place, number: str, as_json: bool) -> None:
    """By the configuration as it is, today."""
    with place.open() as vault, vault.database.reading() as connection:
        queries.kept_record(connection, number)
        why = planned.explain(connection, vault.setting.rules, serial_of(number), vault.now())
    for name, reason in why.items():
        if as_json:
            json_line({"store": name, "belongs": reason is None, "why_not": reason})
        else:
            line(f"{name}  {t('belongs here', '应在此处') if reason is None else said(reason)}")


@store.command(help=t("Empty a store: its copies go elsewhere, then leave it.", "清空存储：副本先补到别处，再移除。"))
@click.argument("name", metavar=t("NAME", "名称"))
@click.option("--why", default="", help=t("the reason", "原因"))
@dry_run
@as_json
@click.pass_obj
def drain(place: Place, name: str, why: str, dry_run: bool, as_json: bool) -> int:
    """As `tier run`; stopped by asking for `store accept`."""
    with place.open() as vault:
        membership.require_attached(vault, name)
        rules = vault.setting.rules
        with vault.database.reading() as connection:
            emptying = sites(connection, rules)[name].doors is Doors.EMPTYING
        if not emptying:
            require_can_empty(vault.database, rules, vault.now(), name)
        if dry_run:
            return show(preview(vault.database, rules, vault.now(), emptied=name), as_json)
        if not emptying:
            membership.set_standing(vault, name, "emptying", why)
        return move(place, vault, lambda: _replan(vault), None, None, True, as_json)


def _replan(vault: Vault) -> None:
    plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)


@store.command(help=t("A store takes copies again.", "存储恢复接收副本。"))
@click.argument("name", metavar=t("NAME", "名称"))
@click.option("--why", required=True, help=t("the reason", "原因"))
@click.pass_obj
def accept(place: Place, name: str, why: str) -> None:
    """After it was suspected, or was to be emptied."""
    with place.open() as vault:
        membership.set_standing(vault, name, "open", why)
        _replan(vault)
    line(t(f"Store {name} takes copies again.", f"存储 {name} 恢复接收副本。"))


@store.command(help=t("A store leaves the vault; it must be empty.", "撤出已清空的存储。"))
@click.argument("name", metavar=t("NAME", "名称"))
@_lost
@click.pass_obj
def detach(place: Place, name: str, lost: bool) -> None:
    """Its lines in strongroom.toml can go then."""
    with place.open() as vault:
        membership.detach(vault, name, lost=lost)
    line(
        t(
            f"Store {name} is detached; remove its lines from {FILE}.",
            f"存储 {name} 已撤出；请从 {FILE} 中删除其配置。",
        )
    )


def _join(place: Place, name: str, join: _Join) -> None:
    configured = configured_store(place.home, name)
    with place.open() as vault:

        def tried() -> list[Finding]:
            findings = probe_store(place.home, configured, vault.setting.vault_id)
            tell_lacking(name, findings)
            return findings

        join(vault, name, configured.kind, configured.location, tried)
    line(t(f"Store {name} is attached.", f"存储 {name} 已接入。"))
    note(
        t(
            f"Copies are owed to it; bring them: strongroom repair --store {name}",
            f"尚欠副本，请运行：strongroom repair --store {name}",
        )
    )
