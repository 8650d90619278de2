"""What every part of a profile is made of: names in both languages, rules with their article, people by their role."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from vault.actions import Action
from vault.facts import FACT
from vault.people import Role
from vault.rights import ALLOWED
from vault.text import Text

Words = Annotated[str, Meta(min_length=1, pattern=r"\S")]
KEY = r"^[a-z][a-z0-9-]{0,39}$"
Identifier = Annotated[str, Meta(pattern=KEY)]
# An article, with its item where it has items: "11", "12(1)", "annex 4"; or another norm by name and number.
Article = Annotated[str, Meta(pattern=r"[0-9一二三四五六七八九十百]|annex|附件")]
Hours = Annotated[int, Meta(ge=1)]


class Slip(NamedTuple):
    """A value of the right type that cannot stand there, by its key in the table."""

    key: str
    what: Text


class Wrong(ValueError):
    """A table's slips. msgspec adds where that was; the texts are kept for people."""

    def __init__(self, slips: Sequence[Slip]) -> None:
        super().__init__("; ".join(slip.what.en for slip in slips))
        self.slips = slips


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""

    def slips(self) -> Iterator[Slip]:
        """What is wrong with it, though each of its values is right by itself."""
        return iter(())

    def __post_init__(self) -> None:
        if found := tuple(self.slips()):
            raise Wrong(found)


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


def no_fact(key: str, name: str) -> Iterator[Slip]:
    """A slip unless records have a fact of that name."""
    if name not in FACT:
        known = ", ".join(FACT)
        yield Slip(
            key,
            Text(
                en=f"no record has the fact {name!r}; there are: {known}", zh=f"没有 {name!r} 这一项信息；可用：{known}"
            ),
        )


def not_entitled(key: str, roles: Iterable[Role], action: Action) -> Iterator[Slip]:
    """Slips where somebody is given a part in which vault/rights.py refuses them: it is the same for every office."""
    for role in roles:
        if role not in ALLOWED[action]:
            able = sorted(ALLOWED[action])
            yield Slip(
                key,
                Text(
                    en=f"{role.value!r} may never do that; who may: {', '.join(able)}",
                    zh=f"{role.value!r}（{role.label.zh}）不得承担此职责；可用：{'、'.join(able)}",
                ),
            )


def twins(where: str, names: Iterable[str]) -> Iterator[Slip]:
    """Slips where a name stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Slip(where, Text(en=f"{name!r} stands here twice", zh=f"{name!r} 重复出现"))
        seen.add(name)


def ids(parts: Iterable[Known]) -> list[str]:
    """The identifiers of rules, in order."""
    return [part.id for part in parts]
