"""What is wrong with a profile's tables: all of it, so that an office corrects its file once.

msgspec stops at the first mistake; here each table and each list is gone through, and only what is right in all its
parts is asked what msgspec and the part itself (`Part.slips`) say of the whole.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from vault.profile.parts import Article, Identifier, Part, Words, Wrong
from vault.text import Text

Steps = tuple[str | int, ...]  # keys and places in lists, from the top of the file


class Mistake(NamedTuple):
    """A mistake, where it is, and what would be right."""

    steps: Steps
    what: Text


def mistakes_in(value: object, kind: Any, steps: Steps = ()) -> Iterator[Mistake]:
    """Every mistake in a value that is to be of that kind, from the file's beginning to its end."""
    inner = list(_inside(value, _bare(kind), steps))
    yield from inner
    if inner:
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, Wrong):
            for key, what in error.__cause__.slips:
                yield Mistake((*steps, *key.split(".")), what)
        else:
            wanted = _wanted(kind)
            yield Mistake(
                steps, Text(en=f"{value!r:.60} is not {wanted.en}", zh=f"{value!r:.60} 不对，应为：{wanted.zh}")
            )


def _inside(value: object, kind: Any, steps: Steps) -> Iterator[Mistake]:
    if _is_part(kind) and isinstance(value, dict):
        yield from _in_table(value, kind, steps)
    elif get_origin(kind) is tuple and isinstance(value, list):
        for place, one in enumerate(value):
            yield from mistakes_in(one, get_args(kind)[0], (*steps, place))


def _in_table(table: Mapping[str, object], kind: type[Part], steps: Steps) -> Iterator[Mistake]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    missing = [name for name, field in fields.items() if field.required and name not in table]
    for key, value in table.items():
        if key in fields:
            yield from mistakes_in(value, fields[key].type, (*steps, key))
            continue
        meant = next(iter(get_close_matches(key, fields.keys() - table.keys(), 1)), None)
        if meant in missing:  # one mistake, not two
            missing.remove(meant)
        yield Mistake((*steps, key), _unknown(meant, list(fields)))
    for name in missing:
        yield Mistake((*steps, name), _NO_ARTICLE if name == "article" else _MISSING)


def _unknown(meant: str | None, known: list[str]) -> Text:
    if meant is not None:
        return Text(
            en=f"no such key is known here; did you mean {meant}?", zh=f"此处没有这个项，请检查拼写：是否指 {meant}？"
        )
    return Text(
        en=f"no such key is known here; there are: {', '.join(known)}",
        zh=f"此处没有这个项，请检查拼写；可用：{'、'.join(known)}",
    )


_MISSING = Text(en="is missing", zh="缺少此项")
_NO_ARTICLE = Text(en="a rule must name the article it comes from", zh="规则必须注明所依据的条款（article）")


def _wanted(kind: Any) -> Text:
    """What a value of that kind is, for whoever has to write one."""
    for spelt, what in _SPELT:
        if kind == spelt:
            return what
    bare, least = _bare(kind), _least(kind)
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return _one_of([one.value for one in bare])
    if get_origin(bare) is Literal:
        return _one_of(list(get_args(bare)))
    if get_origin(bare) is tuple:
        return Text(en=f"a list{' of one or more' if least else ''}", zh=f"列表{'（至少一项）' if least else ''}")
    if _is_part(bare):
        return Text(en="a table", zh="表")
    if bare is int:
        return Text(en=f"a whole number from {least} on", zh=f"不小于 {least} 的整数")
    return _PLAIN[bare]


def _one_of(words: list[str]) -> Text:
    return Text(en=f"one of: {', '.join(words)}", zh=f"以下之一：{'、'.join(words)}")


_SPELT = (
    (Words, Text(en="words in quotes, and not blank", zh="引号内的文字（不能为空白）")),
    (Article, Text(en='an article, such as "12", "12(1)" or "第十二条"', zh='条款，如 "12"、"12(1)" 或 "第十二条"')),
    (
        Identifier,
        Text(
            en="a name of small letters a-z, digits and -, with a letter first, 40 characters at most",
            zh="由小写字母 a-z、数字和 - 组成的名称（以字母开头，至多 40 个字符）",
        ),
    ),
)
_PLAIN = {bool: Text(en="true or false", zh="true 或 false"), str: Text(en="words in quotes", zh="引号内的文字")}


def _bare(kind: Any) -> Any:
    """Without what is said about it, and without None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        (only,) = (one for one in get_args(kind) if one is not NoneType)
        return _bare(only)
    return kind


def _least(kind: Any) -> int:
    """The least number, or the fewest items, that may stand there."""
    if get_origin(kind) in (Union, UnionType):
        return max(map(_least, get_args(kind)))
    said = [meta for meta in get_args(kind)[1:] if isinstance(meta, Meta)] if get_origin(kind) is Annotated else []
    return max([0, *(int(bound) for meta in said for bound in (meta.ge, meta.min_length) if bound is not None)])


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)
