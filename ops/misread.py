"""What is wrong with strongroom.toml, in its writer's words: the store's name, the key, and what may stand there."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

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


def explained(path: Path, error: msgspec.ValidationError, raw: Mapping[str, Any], config: type) -> BadInput:
    """msgspec's sentence with the key in front, and a Chinese one beside it. `raw` was to be a `config`."""
    what, _, at = str(error).partition(" - at `$")
    key = at.removesuffix("`").removeprefix(".")
    said = Text(en=what, zh=what)
    if found := re.fullmatch(r"Object (contains unknown|missing required) field `(.+)`", what):
        said = Text(en="is missing", zh="缺少此项")
        if found[1] == "contains unknown":
            known = get_type_hints(_type_at(config, key))
            en, zh = ", ".join(known), "、".join(known)
            said = Text(en=f"there is no such key; there are: {en}", zh=f"没有这个项；可用：{zh}")
        key = f"{key}.{found[2]}".removeprefix(".")
    elif found := re.fullmatch(r"Expected `(.+)`, got `(.+)`", what):
        wanted, got = ("或".join(_TYPES.get(one, one) for one in group.split(" | ")) for group in found.groups())
        said = Text(en=what, zh=f"应为{wanted}，而不是{got}")
    elif found := re.fullmatch("Invalid enum value '(.*)'", what):
        values = [str(one.value) for one in _type_at(config, key)]
        en, zh = ", ".join(values), "、".join(values)
        said = Text(en=f"there is no {found[1]!r}; there are: {en}", zh=f"没有“{found[1]}”这个值；可用：{zh}")
    where = _named(key, raw)
    return wrong(path, Text(en=f"{where.en}{said.en}", zh=f"{where.zh}{said.zh}"))


def wrong(path: Path, what: Text) -> BadInput:
    """`what` about the file."""
    return BadInput(
        Text(en=f"{path}: {what.en}.", zh=f"{path}：{what.zh}。"),
        hint=Text(en="Nothing was done. Correct the file and try again.", zh="未作任何操作。请改正该文件后重试。"),
    )


def _named(key: str, raw: Mapping[str, Any]) -> Text:
    """Where it stands. A store by its name, or, where it has none, by its place in the file, from 1."""
    found = re.fullmatch(r"store\[(\d+)\](?:\.(.+))?", key)
    if found is None:
        return Text(en=f"{key}: ", zh=f"{key}：")
    store, place = raw["store"][int(found[1])], int(found[1]) + 1
    name = store.get("name") if isinstance(store, dict) else None
    en, zh = (f"store {name}: ", f"存储 {name}：") if name else (f"store no. {place}: ", f"第 {place} 个存储：")
    return Text(en=f"{en}{found[2]}: ", zh=f"{zh}{found[2]}：") if found[2] else Text(en=en, zh=zh)


def _type_at(config: type, key: str) -> Any:
    """The type that `store[1].tier` and the like lead to: of a list its members'; of what may be None, the other."""
    found: Any = config
    for name in re.findall(r"\w*[a-z_]\w*", key):
        found = get_type_hints(found)[name]
        found = next((one for one in get_args(found) if one not in (type(None), ...)), found)
    return found
