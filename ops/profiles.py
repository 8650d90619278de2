"""A profile for people and programs: its rules one by one, each with its article, and what it leaves open."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from vault.facts import FACT
from vault.profile import Bilingual, NamedRule, Profile, Rule, cited
from vault.text import Text


class Shown(NamedTuple):
    """One rule. `key`: where it stands in the file, counted from 1: circumstances[2]."""

    key: str
    rule: Rule

    @property
    def text(self) -> Text:
        """Its name, if people see it by one, and its values."""
        said = [self.rule.text] if isinstance(self.rule, NamedRule) else []
        said += [Text(en=f"{name}: {value.en}", zh=f"{name}：{value.zh}") for name, value in _values(self.rule)]
        return Text(en="; ".join(text.en for text in said), zh="；".join(text.zh for text in said))

    @property
    def row(self) -> dict[str, Any]:
        """For programs."""
        return {"rule": self.key, "article": self.rule.article, "cited": cited(self.rule.article)} | {
            name: value for name, value in msgspec.to_builtins(self.rule).items() if name != "article"
        }


def rules(part: msgspec.Struct, key: str = "") -> Iterator[Shown]:
    """Every rule of a profile, however deep, in the order of the model."""
    if isinstance(part, Rule):
        yield Shown(key, part)
    for field in msgspec.structs.fields(part):
        value, name = getattr(part, field.name), f"{key}.{field.encode_name}".removeprefix(".")
        if isinstance(value, msgspec.Struct):
            yield from rules(value, name)
        elif isinstance(value, tuple):
            for number, item in enumerate(value, 1):
                if isinstance(item, msgspec.Struct):
                    yield from rules(item, f"{name}[{number}]")


def _values(rule: Rule) -> Iterator[tuple[str, Text]]:
    """What a rule sets, but for names, and rules inside it, which have lines of their own. A number or a yes is said
    though it is the default: it acts."""
    for field in msgspec.structs.fields(rule):
        value = getattr(rule, field.name)
        unsaid = value == field.default and not (isinstance(value, int) and value)
        if field.name in ("article", "zh", "en") or unsaid or value in (None, (), ""):
            continue
        items = value if isinstance(value, tuple) else (value,)
        if any(isinstance(item, Rule) for item in items):
            continue
        texts = [_value(field.name, item) for item in items]
        yield field.encode_name, Text(en=", ".join(x.en for x in texts), zh="、".join(x.zh for x in texts))


def _value(name: str, item: object) -> Text:
    """A value in words, where it has some; else as it stands in the file."""
    if name in ("fact", "counted_from"):
        return FACT[str(item)].label
    if isinstance(item, bool):
        return Text(en="yes", zh="是")
    if isinstance(item, Bilingual):
        return item.text
    label = getattr(item, "label", None)
    return label if isinstance(label, Text) else Text(en=str(item), zh=str(item))


def left_open(profile: Profile) -> Iterator[Text]:
    """What the profile does not say, and what follows until somebody does."""
    if profile.base.retention_class is None:
        yield Text(
            en="base has no class: a record whose kind gives none cannot expire before a class is set and cited",
            zh="base 未设定期限（class）：类别亦未规定期限的记录，在设定期限并注明依据之前不会到期",
        )
    if not profile.approvers:
        yield Text(en="viewing names no approver: nobody may view", zh="viewing 未指定审批人：一律不得查阅")
    if profile.release is None or (profile.release.outside == "approved" and not profile.release.approvers):
        yield Text(en="release names no approver: nothing may be given out", zh="release 未指定审批人：不得对外提供")
    if profile.disposal is None or not profile.disposal.approvers:
        yield Text(en="disposal names no approver: nothing may be disposed of", zh="disposal 未指定审批人：不得处置")
    if profile.recordings is None or not profile.recordings.items:
        yield Text(
            en="recordings has no items: no case is checked for what must be recorded",
            zh="recordings 清单为空：不核对案件应有的记录",
        )
    if profile.intake.stored_within is None:
        yield Text(
            en="intake.stored_within is missing: nothing comes in late", zh="缺少 intake.stored_within：不计逾期"
        )
