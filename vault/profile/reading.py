"""Reading a profile's TOML; all that is wrong with it is told at once, by file, line and key."""

import re
import tomllib
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from vault.causes import cause
from vault.errors import BadInput
from vault.profile.mistakes import Mistake, Steps, mistakes_in
from vault.profile.model import Profile
from vault.text import Text

SIZE_LIMIT = 65_536  # bytes; Dengzhou's has 4,000. Whatever is larger is some other file.


def shipped_profiles() -> tuple[str, ...]:
    """The identifiers of the profiles that come with the program, in order."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in _shelf().iterdir() if f.name.endswith(".toml")))


def load_profile(id_or_path: str | Path) -> Profile:
    """A shipped profile by its identifier, or an office's own by its path (one that holds `/` or ends in `.toml`).

    BadInput, a line for each mistake with file, line and key, for whatever is not a profile.
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
        why = Text(en=f"cannot be read: {cause(error).en}", zh=f"无法读取：{cause(error).zh}")
        raise _bad([_said(name, None, "", why)]) from error
    if len(raw) > SIZE_LIMIT:
        large = Text(en=f"is larger than {SIZE_LIMIT} bytes: no profile", zh=f"超过 {SIZE_LIMIT} 字节，不是配置文件")
        raise _bad([_said(name, None, "", large)])
    try:
        return parse_profile(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _bad([_said(name, line, "", Text(en="is not UTF-8", zh="不是 UTF-8 编码"))]) from error


@lru_cache(maxsize=8)  # a service asks for every job, and tomllib is slow
def parse_profile(source: str, name: str) -> Profile:
    """The profile that the TOML text says; `name` is what errors call the file. BadInput as load_profile."""
    source = source.replace("\r\n", "\n")
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        what = Text(en=f"not TOML: {error}", zh=f"不是有效的 TOML：{error}")
        raise _bad([_said(name, int(at[1]) if at else None, "", what)]) from error
    try:
        return msgspec.convert(tables, Profile)
    except msgspec.ValidationError as error:
        raise _bad(_located(list(mistakes_in(tables, Profile)), source, name)) from error


def _located(wrong: Sequence[Mistake], source: str, name: str) -> list[Text]:
    """Each with file, line and key, in the order of the file; what is missing stands where its table begins."""
    lines = _lines_of(source, {steps[:length] for steps, _ in wrong for length in range(1, len(steps) + 1)})
    told = [(lines.get(steps) or lines.get(steps[:-1]), _spelt(steps), what) for steps, what in wrong]
    return [_said(name, line, key, what) for line, key, what in sorted(told, key=lambda one: one[0] or 0)]


def _spelt(steps: Steps) -> str:
    """A path as a person counts it: circumstances[2].article is the second circumstance's article."""
    return "".join(f"[{s + 1}]" if isinstance(s, int) else f".{s}" for s in steps).removeprefix(".")


def _lines_of(source: str, wanted: Collection[Steps]) -> dict[Steps, int]:
    """The lines (from 1) on which values begin, for those that are there.

    tomllib tells no lines, so ever longer beginnings of the file are parsed until a value is there: it begins after
    the last beginning that parsed without it. Exact for every way TOML has of writing a value; used for errors only.
    """
    found: dict[Steps, int] = {}
    lines = source.split("\n")
    begins = 1
    for count in range(1, len(lines) + 1):
        try:
            tables: Any = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value of several lines
        for steps in wanted:
            if steps not in found and _holds(tables, steps):
                found[steps] = begins
        if len(found) == len(wanted):
            break
        begins = count + 1
    return found


def _holds(value: Any, steps: Steps) -> bool:
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


def _said(name: str, line: int | None, key: str, what: Text) -> Text:
    place_en = f"{name}, line {line}" if line else name
    place_zh = f"{name} 第 {line} 行" if line else name
    return Text(
        en=": ".join(filter(None, (place_en, key, what.en))), zh="：".join(filter(None, (place_zh, key, what.zh)))
    )


def _bad(said: Sequence[Text]) -> BadInput:
    return BadInput(
        Text(en="\n".join(text.en for text in said), zh="\n".join(text.zh for text in said)),
        Text(en="Correct the profile; nothing was done.", zh="请更正配置文件；未做任何操作。"),
    )
