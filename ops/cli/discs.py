"""How one disc is told, wherever it is."""

from pathlib import Path
from typing import Any

import click

from ops.language import said, t
from vault.catalogue.discs import Copy
from vault.discs.model import Mark
from vault.discs.states import THERE
from vault.errors import Refused
from vault.text import Text


class DiscPlace(click.ParamType[Path]):
    """Where a disc lies to be read: a drive, an image, a folder; of a pseudo-drive (`stdio:…`) its file."""

    name = t("path|device", "路径|设备")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return Path(str(value).removeprefix("stdio:"))


def tell(copy: Copy) -> str:
    """A disc in one line: where it stands, and who has it."""
    words = [str(copy.mark), said(copy.state.label)]
    if copy.location and copy.state in THERE:
        words.append(copy.location)
    if copy.holder:
        words.append(t(f"{copy.holder}, until {copy.until}", f"{copy.holder}，至 {copy.until}"))
    return "  ".join(words)


def another_disc(where: str, name: str, mark: Mark) -> Refused:
    """In a drive lies another one than was said."""
    return Refused(
        Text(
            en=f"{where} has disc {name}; {mark} is a copy of {mark.volume_id}.",
            zh=f"{where} 中是光盘 {name}；{mark} 应为 {mark.volume_id} 的副本。",
        ),
        Text(
            en="Look at the label: insert the disc that is meant, or say which it is. Nothing was entered.",
            zh="请核对标签：放入应检查的光盘，或改正 --mark。未作任何登记。",
        ),
    )


def copy_row(copy: Copy) -> dict[str, Any]:
    """A disc for programs."""
    return {
        "mark": str(copy.mark),
        "state": copy.state.value,
        "since": copy.since,
        "location": copy.location,
        "holder": copy.holder,
        "until": copy.until,
        "drive": copy.drive,
        "blank": copy.blank,
        "inspected_at": copy.inspected_at,
        "level": copy.level,
    }
