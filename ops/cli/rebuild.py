"""`strongroom rebuild`: the catalogue made anew from a store's journal; or a vault from discs."""

from pathlib import Path

import click

from ops.cli.common import Place, as_json
from ops.cli.discs import DiscPlace
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
@click.option(
    "--from-discs",
    is_flag=True,
    help=t("a new vault takes over what discs have of a lost one", "由新建档案库接收光盘所载的、已丢失档案库的记录"),
)
@click.option(
    "--key", default="", help=t("with --from-discs: the lost vault's key", "与 --from-discs 合用：原库的密钥")
)
@click.argument("discs", metavar=t("[DISC]...", "[光盘]..."), nargs=-1, type=DiscPlace())
@as_json
@click.pass_obj
def rebuild(place: Place, name: str | None, from_discs: bool, key: str, discs: tuple[Path, ...], as_json: bool) -> int:
    """Every entry is proven against the signature before it is believed."""
    if from_discs:
        from ops.cli.rebuild_from_discs import from_discs as take_over

        return take_over(place, discs, key, as_json)
    if discs or key:
        raise click.UsageError(t("Discs are read with --from-discs.", "读取光盘请加 --from-discs。"))
    with closed_vault(place.home, place.working) as vault:
        if name is not None and name not in vault.stores:
            raise click.BadParameter(t(f"there is no store {name}", f"没有存储 {name}"))
        entries = rebuild_catalogue(vault, name)
    if as_json:
        json_line({"entries": entries, "expiry_paused": True})
        return 0
    line(t(f"{entries} entries replayed.", f"已重放 {entries} 条日志。"))
    note(
        t(
            "Nothing expires until a manager has checked it: strongroom retention release --why …",
            "经管理人员核对前不计算到期：strongroom retention release --why …",
        )
    )
    return 0
