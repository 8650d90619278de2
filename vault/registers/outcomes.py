"""What became of a record that was to be destroyed, in words: as little as is so at that moment.

A record may end and nothing with it, because others hold the same objects; and what no store has any more may still
stand on a shelf, on a disc.
"""

from collections.abc import Mapping

from vault.catalogue.disposals import Stays
from vault.disposal.register import RegisterRow
from vault.registers.appraisal import DECISIONS
from vault.text import Text, counted

OUTCOMES: Mapping[str, Text] = {
    "": Text(en="to be destroyed", zh="待销毁"),
    "spared": Text(en="spared", zh="免予销毁"),
    "begun": Text(en="destruction begun", zh="销毁中"),
    "on-stores": Text(en="destroyed on the stores", zh="存储上已销毁"),
    "ended": Text(en="ended, objects kept", zh="记录终止、对象保留"),
    "destroyed": Text(en="destroyed", zh="已销毁"),
}


def part_of(row: RegisterRow) -> Text:
    """Under which outcome it is counted; of one that was not to be destroyed, under which decision."""
    if row.fate != "dispose":
        return DECISIONS[row.fate]
    if row.outcome == "destroyed" and row.stays is not None and row.stays.all:
        return OUTCOMES["ended"]
    return OUTCOMES["on-stores" if row.outcome == "destroyed" and (row.discs or row.images) else row.outcome]


def outcome_of(row: RegisterRow) -> Text | None:
    """What became of it; None while nothing has."""
    if not row.outcome:
        return None
    said = part_of(row)
    if row.outcome_why is not None:
        return Text(en=f"{said.en}: {row.outcome_why.en}", zh=f"{said.zh}：{row.outcome_why.zh}")
    if row.outcome == "destroyed" and row.stays is not None:
        said = kept(row.stays)
    if row.discs or row.images:
        left = _left(row)
        return Text(en=f"{said.en}; {left.en} to be destroyed", zh=f"{said.zh}，尚有 {left.zh}待销毁")
    return said


def _left(row: RegisterRow) -> Text:
    """What still carries it."""
    discs, images = counted(row.discs, "disc"), counted(row.images, "image")
    en = ", ".join(words for words, count in ((discs, row.discs), (images, row.images)) if count)
    discs, images = f"{row.discs} 张光盘", f"{row.images} 个映像"
    return Text(en=en, zh="、".join(words for words, count in ((discs, row.discs), (images, row.images)) if count))


def kept(stays: Stays) -> Text:
    """What of a record that ended stays, and for whom."""
    en, zh = ", ".join(stays.kept_for), "、".join(stays.kept_for)
    if stays.all:
        return Text(
            en=f"ended; nothing was deleted: its {counted(stays.count, 'object')} kept for record {en}",
            zh=f"记录已终止，未删除内容：其 {stays.count} 个对象由记录 {zh} 继续保存",
        )
    return Text(
        en=f"destroyed, but for {stays.count} of {stays.objects} objects, kept for record {en}",
        zh=f"已销毁；{stays.objects} 个对象中有 {stays.count} 个由记录 {zh} 继续保存",
    )
