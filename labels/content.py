"""What stands on a label, as the templates take it: values with their captions, in the order in which they stand."""

from collections.abc import Callable
from typing import Any

from labels.fields import (
    label_captions,
    label_values,
    require_label,
    require_statement,
    statement_captions,
    statement_values,
)
from labels.qr import qr_code
from labels.typesetting import breakable
from vault.discs.model import DiscCopy, DiscSet, Statement
from vault.profile import LabelField, Profile

Shown = Callable[[str], str]  # a text as the fonts can set it

_RUN = 12  # characters; the longest run that fits every place, in its largest letters, without a place to break
_MOST_RECORDS = 8  # that a slip names; it counts the others

_FACTS = (  # of a sleeve
    LabelField.PRODUCING_UNIT,
    LabelField.PRODUCER,
    LabelField.PRODUCED_ON,
    LabelField.SECTION,
    LabelField.CASE_NUMBER,
    LabelField.PARTY,
    LabelField.CLASS,
    LabelField.MEDIUM,
)
_ABOUT = (LabelField.CASE_NUMBER, LabelField.PARTY, LabelField.SECTION)  # of the disc's face, below the title


def label_content(disc: DiscCopy, profile: Profile, shown: Shown) -> dict[str, Any]:
    """What every kind of label draws from. Refused: a demanded field is empty."""
    values = label_values(disc, profile.zone)
    require_label(values, profile)
    captions, digest = label_captions(profile), disc.image.hex
    code = qr_code(disc)

    def fact(field: LabelField) -> dict[str, str]:
        return _fact(captions[field], values[field], shown)

    def fact_if_said(field: LabelField) -> dict[str, str] | None:
        return fact(field) if values[field] else None

    return {
        "kicker": "执法音像记录",
        "title": fact(LabelField.TITLE),
        "unit": fact(LabelField.PRODUCING_UNIT),
        "producer": fact(LabelField.PRODUCER),
        "produced": fact(LabelField.PRODUCED_ON),
        "number": {"caption": captions[LabelField.NUMBER], "value": disc.mark.volume_id},
        "secrecy": fact_if_said(LabelField.CONFIDENTIALITY),
        "kept": fact_if_said(LabelField.CLASS),
        "medium": fact_if_said(LabelField.MEDIUM),
        "about": [fact(field) for field in _ABOUT if values[field]],
        "facts": [fact(field) for field in _FACTS if values[field]],
        "copy": disc.copy,
        "position": f"第 {disc.disc} 张  共 {disc.set.discs} 张",
        "pair": f"一式两份 · {disc.copy} 份" + (f" · 第 {disc.generation} 代" if disc.generation > 1 else ""),
        "scan": f"扫码核对 {disc.mark}",
        "qr": code.svg,
        "quiet": code.quiet,
        "digest": [" ".join(line[i : i + 8] for i in range(0, 32, 8)) for line in (digest[:32], digest[32:])],
    }


def statement_content(disc: DiscCopy, profile: Profile, statement: Statement, shown: Shown) -> dict[str, Any]:
    """What the slip for the case file says besides. What nobody demands and nobody said is left to be filled in by
    hand. Refused: a demanded field is empty."""
    made, rule = disc.set, profile.evidence_disc
    values = statement_values(statement, profile.zone)
    require_statement(values, profile)
    said, captions = label_values(disc, profile.zone), label_captions(profile)
    rows = [
        *((captions[field], said[field]) for field in (LabelField.TITLE, LabelField.CASE_NUMBER, LabelField.PARTY)),
        ("记录编号", _records(made)),
        (captions[LabelField.CLASS], said[LabelField.CLASS]),
        *((caption, values[field]) for field, caption in statement_captions(profile).items()),
        ("光盘标号", f"{disc.mark}（第 {disc.disc} 张，共 {made.discs} 张）{said[LabelField.MEDIUM]}"),
        ("光盘刻录", f"{said[LabelField.PRODUCING_UNIT]} {said[LabelField.PRODUCER]} {said[LabelField.PRODUCED_ON]}"),
    ]
    into_file = rule is not None and rule.into_case_file
    return {
        "heading": "音像记录证据光盘附卷说明" if into_file else "音像记录证据光盘说明",
        "basis": f"依据《{profile.regulation.zh}》第 {rule.article} 条" if rule is not None else "",
        "rows": [_fact(caption, value, shown) for caption, value in rows],
        "fixed": "光盘封套粘贴处",
        "signatures": ["制作人：", "提取人：", "日期："],
    }


def _fact(caption: str, value: str, shown: Shown) -> dict[str, str]:
    return {"caption": caption, "value": breakable(shown(value), _RUN)}


def _records(made: DiscSet) -> str:
    """Those on this disc; of which a part lies on another one, is said."""
    numbers = [f"{number}（部分）" if number in made.parts else number for number in made.records]
    named = "、".join(numbers[:_MOST_RECORDS])
    return named if len(numbers) <= _MOST_RECORDS else f"{named} 等 {len(numbers)} 件"


# The back of a keep case: how a disc is read and checked, and what is written by hand while it is kept.
BACK = {
    "heading": "检查与借阅登记",
    "columns": ["日期", "经办人", "事由及结果", "归还／存放"],
    "reading": [
        "浏览：在任何电脑上打开光盘中的 index.html，无需网络和专用软件。",
        "核对：运行光盘中的 verify.ps1（Windows）或 verify.sh（Linux）。",
        "救读：光盘读不全时勿弃置，与另一份一起交档案库合并恢复。",
    ],
}
