"""`strongroom store`: what stores there are, and how they are."""

import click

from ops.cli.common import Place, as_json
from ops.language import said, t
from ops.output import json_line, line, size
from ops.words import COPIES
from vault.catalogue.figures import figures
from vault.errors import StoreUnavailable
from vault.ports import Measured, Store


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
        for one in counted.stores:
            free, trouble = _room(vault.stores.get(one.name))
            down += trouble is not None
            if as_json:
                json_line(
                    {"store": one.name, "up": trouble is None, "copies": one.copies, "bytes": one.bytes, "free": free}
                )
                continue
            word = t("up", "正常") if trouble is None else said(trouble.what)
            held = t(", ", "，").join(f"{said(COPIES[state])} {count}" for state, count in sorted(one.copies.items()))
            room = size(free) if free is not None else "?"
            line(t(f"{one.name}: {word}; {held}; free {room}", f"{one.name}：{word}；{held}；剩余 {room}"))
    return 5 if down else 0


def _room(store: Store | None) -> tuple[int | None, StoreUnavailable | None]:
    """Bytes free, None where the store cannot say; and why it did not answer, if it did not."""
    try:
        return (store.capacity().free if isinstance(store, Measured) else None), None
    except StoreUnavailable as error:
        return None, error
