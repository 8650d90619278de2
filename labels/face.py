"""The label of one disc: an A4 page with the disc's face, and a picture of the face to look at.

The five fields are those of the profile (Dengzhou, article 12: 制作单位、制作人、制作时间、执法活动或者案件名称、标号).
While one is empty no label is drawn. The QR code binds the very disc (set, disc, copy) to its image's SHA-256 and to
the journal's signed checkpoint: it can be read, and checked, by anybody with a telephone.

Drawn from face.typ (labels/typesetting.py).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from labels.fonts import font_directory
from labels.qr import qr_svg
from labels.typesetting import Unset, breakable, typeset_pdf, typeset_png
from vault.discs.model import DiscCopy
from vault.errors import BadInput, Refused
from vault.profile import LabelField, Profile
from vault.text import Text

_TEMPLATE = Path(__file__).with_name("face.typ")
_PREVIEW_PPI = 200
_RUN = 16  # characters; the longest run that fits every place, in its largest letters, without a place to break

# Avery L7676 and its like: two discs on a sheet of A4, each 117 mm wide. Copy A goes on the upper one, copy B on the
# lower, so that one sheet takes both. Centres in mm from the sheet's top left corner.
_CENTRES = {"A": (105.0, 80.5), "B": (105.0, 217.5)}


@dataclass(frozen=True, slots=True)
class DrawnLabel:
    """The page to print, and the face as a picture (200 pixels an inch)."""

    pdf: bytes
    png: bytes


def draw_label(disc: DiscCopy, profile: Profile, fonts: Path | None = None) -> DrawnLabel:
    """The label of one disc, under the names that the profile's regulation gives its fields, in the office's time.

    Refused: a demanded field is empty. BadInput: a text is too long for its place even in the smallest letters, or has
    a character that no font has. FontsMissing: the fonts are not installed.
    """
    values = _values(disc, profile.zone)
    _refuse_empty(values, profile)
    label = _label(disc, values, {rule.label_field.value: rule.zh for rule in profile.disc_label})
    directory = fonts or font_directory()
    with _fitting(label["captions"]):
        pdf = typeset_pdf(_TEMPLATE, label, directory, disc.set.produced_at)
        png = typeset_png(_TEMPLATE, {**label, "preview": True}, directory, _PREVIEW_PPI)
    return DrawnLabel(pdf, png)


def _values(disc: DiscCopy, zone: ZoneInfo) -> dict[LabelField, str]:
    made = disc.set.produced_at.astimezone(zone)
    values = {
        LabelField.PRODUCING_UNIT: disc.set.unit,
        LabelField.PRODUCER: disc.set.producer,
        LabelField.PRODUCED_ON: f"{made.year}年{made.month}月{made.day}日 {made:%H:%M}",
        LabelField.TITLE: disc.set.activity,
        LabelField.NUMBER: disc.mark.volume_id,
    }
    return {field: " ".join(value.split()) for field, value in values.items()}


def _refuse_empty(values: Mapping[LabelField, str], profile: Profile) -> None:
    for rule in profile.disc_label:
        if not values[rule.label_field]:
            raise Refused(
                Text(
                    en=f"The disc's label lacks: {rule.en} ({rule.zh}). "
                    f"{profile.regulation.en}, article {rule.article}, demands it.",
                    zh=f"光盘标签缺少“{rule.zh}”。《{profile.regulation.zh}》第 {rule.article} 条要求标明。",
                ),
                _HINTS[rule.label_field],
            )


_HINTS = {
    LabelField.PRODUCING_UNIT: Text(en="The vault was made without an office's name.", zh="建库时未填写单位名称。"),
    LabelField.PRODUCER: Text(
        en="Say who makes the disc: strongroom --by NAME …", zh="请用 strongroom --by 注明制作人。"
    ),
    LabelField.PRODUCED_ON: Text(en="Check the machine's clock.", zh="请检查本机时钟。"),
    LabelField.TITLE: Text(en="Say it with --activity.", zh="请用 --activity 注明。"),
    LabelField.NUMBER: Text(en="Build the disc set again.", zh="请重新制作光盘组。"),
}

# For fields that the profile does not demand; where it does, its own words stand on the disc.
_CAPTIONS = {
    LabelField.PRODUCING_UNIT.value: "制作单位",
    LabelField.PRODUCER.value: "制作人",
    LabelField.PRODUCED_ON.value: "制作时间",
    LabelField.TITLE.value: "执法活动或者案件名称",
    LabelField.NUMBER.value: "标号",
}


def _label(disc: DiscCopy, values: Mapping[LabelField, str], captions: Mapping[str, str]) -> dict[str, Any]:
    digest = disc.image.hex
    return {
        "preview": False,
        "centre": _CENTRES[disc.copy],
        "captions": {**_CAPTIONS, **captions},
        "kicker": "执法音像记录",
        "mark": str(disc.mark),
        "copy": disc.copy,
        "position": f"第 {disc.disc} 张  共 {disc.set.discs} 张",
        "pair": f"一式两份 · {disc.copy} 份",
        "author": values[LabelField.PRODUCING_UNIT],
        "unit": breakable(values[LabelField.PRODUCING_UNIT], _RUN),
        "producer": breakable(values[LabelField.PRODUCER], _RUN),
        "produced": breakable(values[LabelField.PRODUCED_ON], _RUN),
        "title": breakable(values[LabelField.TITLE], _RUN),
        "number": values[LabelField.NUMBER],
        "scan": "扫码核对",
        "qr": qr_svg(disc),
        "digest": [" ".join(line[i : i + 8] for i in range(0, 32, 8)) for line in (digest[:32], digest[32:])],
    }


_TOO_LONG = re.compile(r"too-long:([a-z-]+)")


@contextmanager
def _fitting(captions: Mapping[str, str]) -> Iterator[None]:
    """Around the drawing: says of a text that does not fit which it is."""
    try:
        yield
    except Unset as error:
        found = _TOO_LONG.search(error.message)
        if found is None:
            raise
        caption = captions.get(found[1], found[1])
        raise BadInput(
            Text(
                en=f"The {found[1]} ({caption}) is too long for the disc's label even in the smallest letters.",
                zh=f"“{caption}”过长，用最小字号也无法印在光盘标签上，请缩写。",
            )
        ) from error
