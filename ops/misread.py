"""What is wrong with strongroom.toml, in its writer's words: where it stands, the key, and what may stand there."""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec

from ops import overrides
from ops.tomllines import line_of
from vault.errors import BadInput
from vault.text import Text

_TYPES = {
    "int": "整数",
    "str": "文字",
    "bool": "真假",
    "float": "小数",
    "array": "列表",
    "object": "表",
    "null": "空",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One key, as `store[1].tier`, and what is wrong with it."""

    key: str
    what: Text


def mistakes(value: Any, kind: Any, key: str = "") -> Iterator[Mistake]:
    """Everything in which a value read from TOML is not of that kind, in the order in which the kind is written."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        fields = msgspec.structs.fields(kind)
        known = [field.name for field in fields]
        for name in value:
            if name not in known:
                en, zh = ", ".join(known), "、".join(known)
                what = Text(en=f"there is no such key; there are: {en}", zh=f"没有这个项；可用：{zh}")
                yield Mistake(f"{key}.{name}".removeprefix("."), what)
        for field in fields:
            at = f"{key}.{field.name}".removeprefix(".")
            if field.name in value:
                yield from mistakes(value[field.name], field.type, at)
            elif field.required:
                yield Mistake(at, Text(en="is missing", zh="缺少此项"))
    elif get_origin(kind) is tuple and get_args(kind)[1:] == (...,) and isinstance(value, list):
        for place, one in enumerate(value):
            yield from mistakes(one, get_args(kind)[0], f"{key}[{place}]")
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield Mistake(key, _said(str(error).partition(" - at `$")[0], kind))


def _said(what: str, kind: Any) -> Text:
    """msgspec's sentence, and a Chinese one beside it."""
    if found := re.fullmatch(r"Expected `(.+)`, got `(.+)`", what):
        wanted, got = ("或".join(_TYPES.get(one, one) for one in group.split(" | ")) for group in found.groups())
        return Text(en=what, zh=f"应为{wanted}，而不是{got}")
    if found := re.fullmatch("Invalid enum value '(.*)'", what):
        kinds = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, Enum)]
        values = [str(one.value) for one in kinds[0]]
        en, zh = ", ".join(values), "、".join(values)
        return Text(en=f"there is no {found[1]!r}; there are: {en}", zh=f"没有“{found[1]}”这个值；可用：{zh}")
    return Text(en=what, zh=what)


def wrong(path: Path, what: Text) -> BadInput:
    """`what` about the file as a whole."""
    return BadInput(Text(en=f"{path}: {what.en}.", zh=f"{path}：{what.zh}。"), hint=_HINT)


def wrong_at(path: Path, key: str, what: Text) -> BadInput:
    """`what` about a key of the file: with the line it stands on, or the environment's variable that says it."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except (OSError, ValueError):  # not written yet
        text, raw = "", {}
    named = _named(key, raw)
    if variable := overrides.variable_of(key, raw, os.environ):
        en, zh = f"{variable}: {named.en}{what.en}.", f"{variable}：{named.zh}{what.zh}。"
        return BadInput(Text(en=en, zh=zh), hint=_ENVIRONMENT)
    line = line_of(text, key)
    at = Text(en=f"{path}:{line}: ", zh=f"{path} 第 {line} 行：") if line else Text(en=f"{path}: ", zh=f"{path}：")
    return BadInput(
        Text(en=f"{at.en}{named.en}{what.en}.", zh=f"{at.zh}{named.zh}{what.zh}。"),
        hint=_HINT,
    )


def require_read(key: str, text: str, read: Callable[[str], object], path: Path) -> None:
    """BadInput where a text that is there cannot be read."""
    try:
        if text:
            read(text)
    except BadInput as error:
        what = Text(en=error.what.en.rstrip("."), zh=error.what.zh.rstrip("。"))
        raise wrong_at(path, key, what) from error


_HINT = Text(en="Nothing was done. Correct the file and try again.", zh="未作任何操作。请改正该文件后重试。")
_ENVIRONMENT = Text(
    en="Nothing was done. Correct or unset that variable of the environment and try again.",
    zh="未作任何操作。请改正或取消该环境变量后重试。",
)


def _named(key: str, raw: Mapping[str, Any]) -> Text:
    """Where it stands. A store by its name, or, where it has none, by its place in the file, from 1."""
    found = re.fullmatch(r"store\[(\d+)\](?:\.(.+))?", key)
    if found is None:
        return Text(en=f"{key}: ", zh=f"{key}：")
    stores, place = raw.get("store"), int(found[1]) + 1
    store = stores[place - 1] if isinstance(stores, list) and len(stores) >= place else None
    name = store.get("name") if isinstance(store, dict) else None
    en, zh = (f"store {name}: ", f"存储 {name}：") if name else (f"store no. {place}: ", f"第 {place} 个存储：")
    return Text(en=f"{en}{found[2]}: ", zh=f"{zh}{found[2]}：") if found[2] else Text(en=en, zh=zh)
