"""Reading a profile's TOML; whatever is wrong with it is told by file, line and key."""

import re
import tomllib
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from vault.causes import cause
from vault.errors import BadInput
from vault.profile.model import Profile
from vault.profile.parts import Wrong
from vault.text import Text

SIZE_LIMIT = 65_536  # bytes; Dengzhou's has 4,000. Whatever is larger is some other file.


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


@lru_cache(maxsize=8)  # a service asks for every job, and tomllib is slow
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
