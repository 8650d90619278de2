"""An office's regulation as data: what it demands, each rule with the article it comes from.

A profile is a TOML file, not code: an office under another regulation writes its own. The model below is what may
stand in it. Unknown keys are refused (a misspelt rule would otherwise be a rule that silently does not apply), and so
is a rule without an article: nobody could check it, and nobody could tell the office's rule from the programmer's.
Where the regulation is silent and the office chose, `start_note` says so.

What a regulation leaves open is closed here, on the safe side: without an approver nobody may view; without a class
nothing expires.
"""

import re
import tomllib
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field

from vault.causes import cause
from vault.errors import BadInput
from vault.facts import FACT
from vault.terms import RetentionClass
from vault.text import Text

SIZE_LIMIT = 65_536  # bytes; Dengzhou's has 4,000. Whatever is larger is some other file.

Words = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
# An article, with its item where it has items: "11", "12(1)", "annex 4"; or another norm by name and number.
Article = Annotated[str, Meta(pattern=r"[0-9一二三四五六七八九十百]|annex|附件")]


class TermKind(StrEnum):
    """What the end of a term means. Either way a person reviews: nothing is destroyed by the calendar alone."""

    MINIMUM = "minimum"  # 不少于、最少: may be reviewed afterwards, may be kept longer
    FIXED = "fixed"  # 保存期限为: is to be reviewed when it is over


class Start(StrEnum):
    """The day from which a term is counted."""

    RECORDED = "recorded"
    STORED = "stored"
    LATER = "later-of-recorded-and-stored"
    ACTIVITY_ENDED = "activity-ended"
    CASE_CLOSED = "case-closed"


class LabelField(StrEnum):
    """What this program can put on a disc's label; a profile chooses among these."""

    PRODUCING_UNIT = "producing-unit"
    PRODUCER = "producer"
    PRODUCED_ON = "produced-on"
    TITLE = "title"
    NUMBER = "number"


class Wrong(ValueError):
    """A value of the right type that cannot stand there. msgspec adds where that was; the text is kept for people."""

    def __init__(self, key: str, what: Text) -> None:
        super().__init__(what.en)
        self.key = key
        self.what = what


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Bilingual(Part, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return Text(en=self.en, zh=self.zh)


class Rule(Part, frozen=True, kw_only=True):
    """What the regulation demands, and where it says so."""

    article: Article


class NamedRule(Rule, frozen=True, kw_only=True):
    """A rule that people see by name."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        return Text(en=self.en, zh=self.zh)


class RequiredFact(Rule, frozen=True, kw_only=True):
    """A fact without which a record waits in quarantine."""

    fact: str

    def __post_init__(self) -> None:
        if self.fact not in FACT:
            known = ", ".join(FACT)
            raise Wrong(
                "fact",
                Text(
                    en=f"no record has the fact {self.fact!r}; there are: {known}",
                    zh=f"没有 {self.fact!r} 这一项信息；可用：{known}",
                ),
            )


class StoredWithin(Rule, frozen=True, kw_only=True):
    """By when a recording must be stored. Hours run from the moment itself (Civil Code 201, second paragraph)."""

    hours: Annotated[int, Meta(ge=1)]
    counted_from: Literal["recorded_at", "recorded_until", "activity_ended_at"]


class Intake(Part, frozen=True, kw_only=True):
    """What is asked when a recording comes in. `sm3`: keep an SM3 (GB/T 32905-2016) beside each SHA-256."""

    sm3: bool = False
    required: tuple[RequiredFact, ...] = ()
    stored_within: StoredWithin | None = None


class BaseRule(Rule, frozen=True, kw_only=True):
    """How long every record is kept at least. No class: the regulation gives no figure, a person sets it and cites."""

    retention_class: RetentionClass | None = field(name="class", default=None)
    kind: TermKind
    start: Start
    start_note: Bilingual | None = None


class CaseRule(Rule, frozen=True, kw_only=True):
    """That evidence is kept as long as the case's file. A case suspends expiry under every profile, this or none."""

    kind: TermKind


class Circumstance(NamedRule, frozen=True, kw_only=True):
    """A trigger: what happened that raises a record's class, and how many copies on disc that demands."""

    id: Identifier
    raises_to: RetentionClass
    disc_copies: Annotated[int, Meta(ge=0)] = 0


class Viewing(Rule, frozen=True, kw_only=True):
    """Who must agree, in this order, before anybody sees content; whether a register is kept beforehand."""

    approvers: tuple[Bilingual, ...] = ()
    register_first: bool = True


class LabelRule(NamedRule, frozen=True, kw_only=True):
    """One thing that a disc's label or sleeve must say."""

    label_field: LabelField = field(name="field")


class Profile(Part, frozen=True, kw_only=True):
    """One office's regulation."""

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    time_zone: str
    office: Bilingual
    regulation: Bilingual
    intake: Intake
    base: BaseRule
    case: CaseRule | None = None
    circumstances: tuple[Circumstance, ...] = ()
    viewing: Viewing | None = None
    disc_label: tuple[LabelRule, ...] = ()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder's name an OSError
            what = Text(en=f"no time zone is called {self.time_zone!r}", zh=f"没有名为 {self.time_zone!r} 的时区")
            raise Wrong("time_zone", what) from None
        _refuse_twins("circumstances", [c.id for c in self.circumstances])
        _refuse_twins("disc_label", [f.label_field.value for f in self.disc_label])
        _refuse_twins("intake.required", [r.fact for r in self.intake.required])

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone; its days are the days that count."""
        return ZoneInfo(self.time_zone)

    @property
    def approvers(self) -> tuple[Bilingual, ...]:
        """Who must agree before content is seen, in order. Empty: nobody may view until the profile names one."""
        return self.viewing.approvers if self.viewing is not None else ()

    def circumstance(self, identifier: str) -> Circumstance | None:
        """The circumstance of that name, or None where this profile knows none."""
        return next((c for c in self.circumstances if c.id == identifier), None)


def _refuse_twins(where: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Wrong(where, Text(en=f"{name!r} stands here twice", zh=f"{name!r} 重复出现"))


def shipped_profiles() -> tuple[str, ...]:
    """The identifiers of the profiles that come with the program, in order."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in _shelf().iterdir() if f.name.endswith(".toml")))


def load_profile(id_or_path: str | Path) -> Profile:
    """A shipped profile by its identifier, or an office's own by its path (one that holds `/` or ends in `.toml`).

    BadInput, naming file, line and key, for whatever is not a profile.
    """
    name = str(id_or_path)
    if isinstance(id_or_path, Path) or "/" in name or name.endswith(".toml"):
        return _read(Path(name), name)
    if name not in shipped_profiles():
        known = ", ".join(shipped_profiles())
        raise BadInput(
            Text(en=f"No profile is called {name!r}.", zh=f"没有名为 {name!r} 的制度配置。"),
            Text(
                en=f"Shipped: {known}. For your office's own, give the path of its .toml file.",
                zh=f"自带配置：{known}。本单位自己的配置请给出 .toml 文件路径。",
            ),
        )
    return _read(_shelf() / f"{name}.toml", f"{name}.toml")


def _shelf() -> Traversable:
    return resources.files("vault") / "profiles"


def _read(file: Traversable, name: str) -> Profile:
    try:
        with file.open("rb") as stream:
            raw = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise _bad(name, None, "", f"cannot be read: {cause(error).en}", f"无法读取：{cause(error).zh}") from error
    if len(raw) > SIZE_LIMIT:
        raise _bad(
            name, None, "", f"is larger than {SIZE_LIMIT} bytes: no profile", f"超过 {SIZE_LIMIT} 字节，不是配置文件"
        )
    try:
        return parse_profile(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _bad(name, line, "", "is not UTF-8", "不是 UTF-8 编码") from error


def parse_profile(source: str, name: str) -> Profile:
    """The profile that the TOML text says; `name` is what errors call the file. BadInput as load_profile."""
    source = source.replace("\r\n", "\n")
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise _bad(name, int(at[1]) if at else None, "", f"not TOML: {error}", f"不是有效的 TOML：{error}") from error
    try:
        return msgspec.convert(tables, Profile)
    except msgspec.ValidationError as error:
        raise _explained(error, source, name) from error


def _explained(error: msgspec.ValidationError, source: str, name: str) -> BadInput:
    """msgspec's sentence, with the key spelt out, the line found and a Chinese one beside it."""
    what, _, path = str(error).rpartition(" - at `$") if " - at `$" in str(error) else (str(error), "", "")
    steps: list[str | int] = [int(i) if i else key for key, i in re.findall(r"\.([\w-]+)|\[(\d+)\]", path)]
    inner: list[str | int] = []
    en, zh = what, f"值不符合要求（{what}）"
    if isinstance(error.__cause__, Wrong):
        inner += error.__cause__.key.split(".")
        en, zh = error.__cause__.what.en, error.__cause__.what.zh
    elif at := re.match(r"Object missing required field `(.+)`", what):
        inner.append(at[1])
        en, zh = "is missing", "缺少此项"
        if at[1] == "article":
            en, zh = "a rule must name the article it comes from", "规则必须注明所依据的条款（article）"
    elif at := re.match(r"Object contains unknown field `(.+)`", what):
        inner.append(at[1])
        en, zh = "no such key is known here; check its spelling", "此处没有这个项，请检查拼写"
    line = _line_of(source, [*steps, *inner]) or _line_of(source, steps)
    return _bad(name, line, _spelt([*steps, *inner]), en, zh)


def _spelt(steps: list[str | int]) -> str:
    """A path as a person counts it: circumstances[2].article is the second circumstance's article."""
    return "".join(f"[{s + 1}]" if isinstance(s, int) else f".{s}" for s in steps).removeprefix(".")


def _line_of(source: str, steps: list[str | int]) -> int | None:
    """The line (from 1) on which a value begins, or None.

    tomllib tells no lines, so ever longer beginnings of the file are parsed until the value is there: it begins after
    the last beginning that parsed without it. Exact for every way TOML has of writing a value; used for errors only.
    """
    if not steps:
        return None
    lines = source.split("\n")
    begins = 1
    for count in range(1, len(lines) + 1):
        try:
            tables: Any = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value of several lines
        if _holds(tables, steps):
            return begins
        begins = count + 1
    return None


def _holds(value: Any, steps: list[str | int]) -> bool:
    for step in steps:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return False
            value = value[step]
        elif not isinstance(value, dict) or step not in value:
            return False
        else:
            value = value[step]
    return True


def _bad(name: str, line: int | None, key: str, en: str, zh: str) -> BadInput:
    place_en = f"{name}, line {line}" if line else name
    place_zh = f"{name} 第 {line} 行" if line else name
    return BadInput(
        Text(en=": ".join(filter(None, (place_en, key, en))), zh="：".join(filter(None, (place_zh, key, zh)))),
        Text(en="Correct the profile; nothing was done.", zh="请更正配置文件；未做任何操作。"),
    )


def cited(article: str) -> Text:
    """An article as it is quoted: "12(1)" is Article 12(1), 第十二条第（一）项. Other norms stand as written."""
    if at := re.fullmatch(r"(Civil Code |)(\d{1,3})(?:\((\d{1,2})\))?", article):
        code_en, code_zh = ("Civil Code, ", "《民法典》") if at[1] else ("", "")
        item_en, item_zh = (f"({at[3]})", f"第（{_chinese(int(at[3]))}）项") if at[3] else ("", "")
        return Text(en=f"{code_en}Article {at[2]}{item_en}", zh=f"{code_zh}第{_chinese(int(at[2]))}条{item_zh}")
    if at := re.fullmatch(r"annex (\d{1,3})", article):
        return Text(en=f"Annex, item {at[1]}", zh=f"附件第{at[1]}项")
    return Text(en=article, zh=article)


def _chinese(number: int) -> str:
    """1 to 999 as statutes write numbers: 十二, 二十, 一百零四, 二百一十."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    written = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        written += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        written += "零"
    return written + (digits[ones] if ones else "")
