"""`strongroom disc build`: a set's images and labels in a folder, for whoever burns them elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import click

from labels.lacking import lacking
from ops.cli.common import Place, as_json
from ops.cli.disc_wanted import WantedIn, require_asked, wanted_options, which_options
from ops.cli.get import on_grounds
from ops.config import read_config
from ops.discs.images import image_info, make_images
from ops.discs.labelling import copies_of, draw_labels
from ops.discs.paper import Paper, lacking_rows
from ops.discs.planning import Which, sets_for
from ops.discs.workshop import Workshop, workshop
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import json_line, line
from vault.discs.finishing import require_makeable
from vault.viewing import Grounds


@click.command(help=t("Build a disc set: images to burn twice, and labels.", "制作光盘组：映像（各刻录两份）和标签。"))
@which_options("case", "demands", "replaces", "number")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=".", help=t("where to", "输出位置")
)
@wanted_options
@on_grounds
@as_json
@click.pass_obj
def build(place: Place, which: Which, folder: Path, wanted: WantedIn, grounds: Grounds, as_json: bool) -> None:
    """Always the same bytes for a set. What is burnt of them `disc verify --mark` enters."""
    require_asked(which)
    labels = read_config(place.home).labels
    with place.open() as vault:
        numbers = sets_for(vault, which, wanted(place.home), grounds, labels)  # what is refused leaves no folder
        with workshop(vault, folder, quiet=as_json) as shop:
            for number in numbers:
                _build(shop, number, labels, as_json)


def _build(shop: Workshop, number: str, config: LabelsConfig, as_json: bool) -> None:
    with shop.vault.database.reading() as connection:
        require_makeable(connection, number)
    make_images(shop, number, burnt=True)
    copies = copies_of(shop.vault, number)
    labels = draw_labels(shop.vault, copies, config, Paper(shop.folder))
    with shop.vault.database.reading() as connection:
        images = {shop.image(number, copy.disc, copy.generation): image_info(connection, copy.mark) for copy in copies}
    images = {path: info for path, info in images.items() if path.exists()}  # not one that can be made no more
    if as_json:
        digests = [info.sha256.hex for info in images.values()]
        lacked = lacking_rows(dict.fromkeys(one for copy in copies for one in lacking(copy, shop.vault.profile)))
        json_line({"disc_set": number, "images": list(images), "labels": labels, "sha256": digests, "lacking": lacked})
        return
    line(t(f"Disc set {number}", f"光盘组 {number}"))
    for path in (*images, *labels):
        line(f"  {path}")


COMMANDS: Sequence[click.Command] = (build,)
