"""What a label says: a value for each field, under the name that the profile's regulation gives it.

Dengzhou, article 12, and Wugang, article 16:
在光盘标签或者封套上标明制作单位、制作人、制作时间、执法活动或者案件名称及标号.
Jiangyuan, article 15, and Chanhe, article 13, likewise: 制作文字说明材料，注明制作人、提取人、提取时间.
While a field that the profile demands is empty nothing is drawn.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from vault.discs.model import DiscCopy, DiscSet, Statement
from vault.errors import Refused
from vault.profile import LabelField, LabelRule, Profile, StatementField, StatementRule
from vault.text import Text


def label_values(disc: DiscCopy, zone: ZoneInfo) -> dict[LabelField, str]:
    """Every field of the label, in the office's time; what is empty is "". A value stays one paragraph."""
    made = disc.set
    values = {
        LabelField.PRODUCING_UNIT: made.unit,
        LabelField.PRODUCER: made.producer,
        LabelField.PRODUCED_ON: _produced(made, zone),
        LabelField.TITLE: made.activity,
        LabelField.NUMBER: disc.mark.volume_id,
        LabelField.SECTION: made.inscription.section,
        LabelField.CASE_NUMBER: made.inscription.case_number,
        LabelField.PARTY: made.inscription.party,
        LabelField.CLASS: made.inscription.kept.zh,
        LabelField.CONFIDENTIALITY: made.inscription.confidentiality,
        LabelField.MEDIUM: made.medium.zh,
    }
    return {field: " ".join(value.split()) for field, value in values.items()}


def statement_values(statement: Statement, zone: ZoneInfo) -> dict[StatementField, str]:
    """Every field of the statement; what is empty is ""."""
    at = statement.extracted_at
    values = {
        StatementField.MAKER: statement.maker,
        StatementField.EXTRACTOR: statement.extractor,
        StatementField.EXTRACTED_AT: _moment(at, zone) if at is not None else "",
    }
    return {field: " ".join(value.split()) for field, value in values.items()}


def _produced(made: DiscSet, zone: ZoneInfo) -> str:
    """Of a later generation its own time, and the day of the first, whose content it carries."""
    said = _moment(made.produced_at, zone)
    if made.first_produced_at is None:
        return said
    return f"{said}（首次 {_day(made.first_produced_at, zone)}）"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    at = moment.astimezone(zone)
    return f"{at.year}年{at.month}月{at.day}日"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    """To the minute."""
    return f"{_day(moment, zone)} {moment.astimezone(zone):%H:%M}"


def require_label(values: Mapping[LabelField, str], profile: Profile) -> None:
    """Refused: the label lacks what the profile demands of it."""
    for rule in profile.disc_label:
        if not values[rule.label_field]:
            raise _lacking(Text(en="disc's label", zh="光盘标签"), rule, profile, _HINTS[rule.label_field])


def require_statement(values: Mapping[StatementField, str], profile: Profile) -> None:
    """Refused: the statement lacks what the profile demands of it."""
    for rule in profile.evidence_disc.statement if profile.evidence_disc is not None else ():
        if not values[rule.statement_field]:
            hint = _STATEMENT_HINTS[rule.statement_field]
            raise _lacking(Text(en="evidence disc's statement", zh="证据光盘文字说明"), rule, profile, hint)


def _lacking(what: Text, rule: LabelRule | StatementRule, profile: Profile, hint: Text) -> Refused:
    return Refused(
        Text(
            en=f"The {what.en} lacks: {rule.en} ({rule.zh}). "
            f"{profile.regulation.en}, article {rule.article}, demands it.",
            zh=f"{what.zh}缺少“{rule.zh}”。《{profile.regulation.zh}》第 {rule.article} 条要求标明。",
        ),
        hint,
    )


def label_captions(profile: Profile) -> dict[LabelField, str]:
    """What each field is called; where the profile demands it, in its own words."""
    return {**_CAPTIONS, **{rule.label_field: rule.zh for rule in profile.disc_label}}


def statement_captions(profile: Profile) -> dict[StatementField, str]:
    rules: Iterable[StatementRule] = profile.evidence_disc.statement if profile.evidence_disc is not None else ()
    return {**_STATEMENT_CAPTIONS, **{rule.statement_field: rule.zh for rule in rules}}


_CAPTIONS = {
    LabelField.PRODUCING_UNIT: "制作单位",
    LabelField.PRODUCER: "制作人",
    LabelField.PRODUCED_ON: "制作时间",
    LabelField.TITLE: "执法活动或者案件名称",
    LabelField.NUMBER: "标号",
    LabelField.SECTION: "科室",
    LabelField.CASE_NUMBER: "案号",
    LabelField.PARTY: "当事人",
    LabelField.CLASS: "保管期限",
    LabelField.CONFIDENTIALITY: "密级",
    LabelField.MEDIUM: "介质",
}

_STATEMENT_CAPTIONS = {
    StatementField.MAKER: "制作人",
    StatementField.EXTRACTOR: "提取人",
    StatementField.EXTRACTED_AT: "提取时间",
}

_RECORDS = Text(
    en="Complete the facts of the disc's records: strongroom complete …",
    zh="请补全光盘所载记录的信息：strongroom complete …",
)

_HINTS = {
    LabelField.PRODUCING_UNIT: Text(en="The vault was made without an office's name.", zh="建库时未填写单位名称。"),
    LabelField.PRODUCER: Text(en="Say it with --producer.", zh="请用 --producer 注明。"),
    LabelField.PRODUCED_ON: Text(en="Check the machine's clock.", zh="请检查本机时钟。"),
    LabelField.TITLE: Text(en="Say it with --activity.", zh="请用 --activity 注明。"),
    LabelField.NUMBER: Text(en="Build the disc set again.", zh="请重新制作光盘组。"),
    LabelField.SECTION: _RECORDS,
    LabelField.CASE_NUMBER: _RECORDS,
    LabelField.PARTY: _RECORDS,
    LabelField.CLASS: Text(
        en="Give its records a class: strongroom flag … --class",
        zh="请为所载记录确定保管期限：strongroom flag … --class",
    ),
    LabelField.CONFIDENTIALITY: _RECORDS,
    LabelField.MEDIUM: Text(en="Plan the set for a medium: --medium.", zh="请用 --medium 注明光盘类型。"),
}

_STATEMENT_HINTS = {
    StatementField.MAKER: Text(en="Say it with --maker.", zh="请用 --maker 注明。"),
    StatementField.EXTRACTOR: Text(en="Say it with --extractor.", zh="请用 --extractor 注明。"),
    StatementField.EXTRACTED_AT: Text(en="Say it with --extracted-at.", zh="请用 --extracted-at 注明。"),
}
