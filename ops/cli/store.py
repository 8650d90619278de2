"""`strongroom store`: what stores there are, and how they are."""

import click

from backends.registry import STORES
from ops.cli.common import Place, as_json
from ops.config import FILE, read_config
from ops.language import said, t
from ops.output import json_line, line, note, size
from ops.words import COPIES
from vault.catalogue.figures import figures
from vault.errors import BadInput, StoreUnavailable
from vault.ports import Store
from vault.presence import look_at
from vault.text import Text


@click.group(help=t("The stores that hold the copies.", "存放副本的存储。"))
def store() -> None:
    """Stores."""


@store.command(help=t("How each store is.", "各存储的状况。"))
@as_json
@click.pass_obj
def status(place: Place, as_json: bool) -> int:
    """0 if every store answers, 5 if one does not."""
    down = 0
    with place.open() as vault:
        today = vault.setting.clock().astimezone(vault.profile.zone).date()
        with vault.database.reading() as connection:
            counted = figures(connection, today)
        known = {one.name for one in counted.stores}
        for name in vault.stores:
            if name not in known:
                _tell_new(name, as_json)
        for one in counted.stores:
            free, trouble = _room(vault.stores.get(one.name))
            down += trouble is not None
            read_only = vault.is_read_only(one.name)
            if as_json:
                row = {"store": one.name, "up": trouble is None, "copies": one.copies, "bytes": one.bytes, "free": free}
                json_line(row | {"read_only": True} if read_only else row)
                continue
            here = t("read-only", "只读") if read_only else t("up", "正常")
            word = here if trouble is None else said(trouble.what)
            held = t(", ", "，").join(f"{said(COPIES[state])} {count}" for state, count in sorted(one.copies.items()))
            room = size(free) if free is not None else "?"
            line(t(f"{one.name}: {word}; {held}; free {room}", f"{one.name}：{word}；{held}；剩余 {room}"))
    return 5 if down else 0


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
    _attach(place, name, renew=False)


@store.command(
    help=t("Another, empty medium in the place of a store that is lost for good.", "以空的新介质替换已彻底丢失的存储。")
)
@click.argument("name", metavar=t("NAME", "名称"))
@click.pass_obj
def renew(place: Place, name: str) -> None:
    """The same for a store that the journal knows."""
    _attach(place, name, renew=True)


def _attach(place: Place, name: str, *, renew: bool) -> None:
    configured = next((one for one in read_config(place.home).store if one.name == name), None)
    if configured is None:
        raise BadInput(
            Text(en=f"{FILE} has no store {name!r}.", zh=f"{FILE} 中没有名为 {name!r} 的存储。"),
            hint=Text(
                en=f"Write it there first: [[store]] with name, kind ({', '.join(STORES)}) and location.",
                zh=f"请先写入：[[store]]，含 name、kind（{'、'.join(STORES)}）和 location。",
            ),
        )
    with place.open() as vault:
        vault.attach(name, configured.kind, configured.location, renew=renew)
    line(t(f"Store {name} is attached.", f"存储 {name} 已接入。"))
    note(
        t(
            f"Copies are owed to it; bring them: strongroom scrub --store {name}",
            f"尚欠副本，请运行：strongroom scrub --store {name}",
        )
    )


def _room(store: Store | None) -> tuple[int | None, StoreUnavailable | None]:
    """Bytes free, None where the store cannot say; and why it did not answer, if it did not."""
    try:
        room = look_at(store) if store is not None else None
    except StoreUnavailable as error:
        return None, error
    return (room.free if room is not None else None), None
