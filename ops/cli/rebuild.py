"""`strongroom rebuild`: the catalogue made anew from a store's journal."""

import click

from ops.cli.common import Place, as_json
from ops.language import t
from ops.output import json_line, line, note
from ops.wiring import closed_vault
from vault.rebuild import rebuild as rebuild_catalogue


@click.command(help=t("Make the catalogue anew from the stores.", "用存储上的日志重建目录库。"))
@click.option(
    "--from",
    "name",
    help=t("the store to read [default: the first whose journal is whole]", "所用存储 [默认：首个日志完整的]"),
)
@as_json
@click.pass_obj
def rebuild(place: Place, name: str | None, as_json: bool) -> None:
    """Every entry is proven against the signature before it is believed."""
    with closed_vault(place.home, place.working) as vault:
        if name is not None and name not in vault.stores:
            raise click.BadParameter(t(f"there is no store {name}", f"没有存储 {name}"))
        entries = rebuild_catalogue(vault, name)
    if as_json:
        json_line({"entries": entries, "expiry_paused": True})
        return
    line(t(f"{entries} entries replayed.", f"已重放 {entries} 条日志。"))
    note(
        t(
            "Nothing expires until a manager has checked it: strongroom retention release --why …",
            "经管理人员核对前不计算到期：strongroom retention release --why …",
        )
    )
