"""`strongroom disc cancel`: a set that has no finished copy is given up."""

from collections.abc import Sequence

import click

from ops.cli.common import Place, as_json
from ops.cli.speaking import Reason
from ops.language import t
from ops.output import json_line, line, note
from vault.catalogue import imagefiles
from vault.discs.finishing import cancel
from vault.discs.imagefiles import erase


@click.command("cancel", help=t("Give up a set of which no copy is finished.", "取消尚无成品光盘的光盘组。"))
@click.argument("number", metavar=t("SET", "标号"))
@click.option("--why", type=Reason(), required=True, help=t("the reason, for the journal", "事由，记入日志"))
@as_json
@click.pass_obj
def cancel_(place: Place, number: str, why: str, as_json: bool) -> None:
    """Its images are erased where they can be reached, and the labels beside them. What has to be on disc needs a set
    again: disc demands."""
    with place.open() as vault:
        cancel(vault, number, why)
        with vault.database.reading() as connection:
            laid = imagefiles.of_set(connection, number)
        reasons = {one: erase(vault, one) for one in laid}
    left = {one: reason for one, reason in reasons.items() if reason is not None}
    if as_json:
        stay = {str(one.name): {"where": one.where, "why": reason} for one, reason in left.items()}
        json_line({"disc_set": number, "erased": len(laid) - len(left), "left": stay})
        return
    line(t(f"Disc set {number} is cancelled.", f"光盘组 {number} 已取消。"))
    for one, reason in left.items():
        shred = f"strongroom disc shred {one.name} --why …"
        note(
            t(
                f"Image {one.name} was not erased ({one.where}): {reason.en}. Delete it, and the labels that lie "
                f"with it, then: {shred}",
                f"映像 {one.name} 未能删除（{one.where}）：{reason.zh}。请自行删除，"
                f"并删除一同存放的标签文件，然后运行：{shred}",
            )
        )


COMMANDS: Sequence[click.Command] = (cancel_,)
