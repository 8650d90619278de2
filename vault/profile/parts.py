"""What every part of a profile is made of: names in both languages, rules with their article, people by their role."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta

from vault.actions import Action
from vault.facts import FACT
from vault.people import Role
from vault.rights import ALLOWED
from vault.text import Text

Words = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# An article, with its item where it has items: "11", "12(1)", "annex 4"; or another norm by name and number.
Article = Annotated[str, Meta(pattern=r"[0-9一二三四五六七八九十百]|annex|附件")]
Hours = Annotated[int, Meta(ge=1)]


class Wrong(ValueError):
    """A value of the right type that cannot stand there. msgspec adds where that was; the text is kept for people."""

    def __init__(self, key: str, what: Text) -> None:
        super().__init__(what.en)
        self.key = key
        self.what = what


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


@lru_cache(maxsize=1024)  # a profile's, over and over
def _text(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


class Bilingual(Part, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return _text(self.en, self.zh)


class Rule(Part, frozen=True, kw_only=True):
    """What the regulation demands, and where it says so."""

    article: Article


class NamedRule(Rule, frozen=True, kw_only=True):
    """A rule that people see by name."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return _text(self.en, self.zh)


class Known(NamedRule, frozen=True, kw_only=True):
    """A rule that records and explanations refer to by its identifier."""

    id: Identifier


class Approver(Bilingual, frozen=True, kw_only=True):
    """Who must agree, by role and by the regulation's own word. `choice`: why the office named this role itself."""

    role: Role
    choice: Bilingual | None = None


def require_fact(key: str, name: str) -> None:
    """Wrong unless records have a fact of that name."""
    if name not in FACT:
        known = ", ".join(FACT)
        raise Wrong(
            key,
            Text(
                en=f"no record has the fact {name!r}; there are: {known}", zh=f"没有 {name!r} 这一项信息；可用：{known}"
            ),
        )


def require_entitled(key: str, roles: Iterable[Role], action: Action) -> None:
    """Wrong where somebody is given a part in which vault/rights.py refuses them: it is the same for every office."""
    for role in roles:
        if role not in ALLOWED[action]:
            able = sorted(ALLOWED[action])
            raise Wrong(
                key,
                Text(
                    en=f"{role.value!r} may never do that; who may: {', '.join(able)}",
                    zh=f"{role.value!r}（{role.label.zh}）不得承担此职责；可用：{'、'.join(able)}",
                ),
            )


def refuse_twins(where: str, names: Iterable[str]) -> None:
    """Wrong where a name stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Wrong(where, Text(en=f"{name!r} stands here twice", zh=f"{name!r} 重复出现"))
        seen.add(name)


def ids(parts: Iterable[Known]) -> list[str]:
    """The identifiers of rules, in order."""
    return [part.id for part in parts]
