"""strongroom.toml: what an office says of its vault. Read strictly; an error names the file and the key."""

import os
import re
import tomllib
from pathlib import Path

import msgspec

from ops.sizes import read_speed
from vault.causes import cause
from vault.errors import BadInput, NewerFormat, NotAVault
from vault.layout import FORMAT
from vault.outputs import replace_file, sync, writing_to
from vault.text import Text

FILE = "strongroom.toml"
_NAME = re.compile(r"[\w.-]{1,64}")
_MOST_RETRIES = 20
UNFINISHED = "strongroom.toml.unfinished"  # that of an `init` which has not come to its end


class StoreConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One store. `location`, where it is a folder, and `secret`, a file, may be relative to the vault's folder.

    `recipients`: age keys for which all that goes there is sealed. `retries`: how often a place behind a network is
    asked again (None: as the program thinks best). `bandwidth`: as "20 MB/s"; "": all there is.
    """

    name: str
    kind: str
    location: str
    secret: str = ""
    recipients: tuple[str, ...] = ()
    retries: int | None = None
    bandwidth: str = ""
    read_only: bool = False


class CopiesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many copies must be durable before a success is reported."""

    minimum: int = 2


class VaultConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose vault this is and which regulation it follows: a shipped profile's name, or the path of a TOML file."""

    id: str
    office: str
    profile: str


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    vault: VaultConfig
    copies: CopiesConfig = CopiesConfig()
    store: tuple[StoreConfig, ...]


def read_config(home: Path, file: str = FILE) -> Config:
    """The configuration of the vault in a folder. NotAVault, NewerFormat or BadInput."""
    path = home / file
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotAVault(Text(en=f"There is no vault in {home}.", zh=f"{home} 中没有档案库。")) from None
    except OSError as error:
        why = cause(error)
        raise _wrong(path, Text(en=f"cannot be read: {why.en}", zh=f"无法读取：{why.zh}")) from error
    except UnicodeDecodeError as error:
        raise _wrong(path, Text(en="not UTF-8", zh="不是 UTF-8 编码")) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        place = f"（第 {at[1]} 行）" if at else ""
        raise _wrong(path, Text(en=f"not TOML: {error}", zh=f"不是有效的 TOML{place}")) from error
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise NewerFormat(
            Text(
                en=f"{path}: format {raw['format']} is newer than {FORMAT}.",
                zh=f"{path}：格式 {raw['format']} 比本程序支持的 {FORMAT} 新。",
            )
        )
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise _explained(path, error) from error
    require_sound(config, path)
    return config


def require_sound(config: Config, path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    if config.format != FORMAT:
        raise _wrong(path, Text(en=f"format: must be {FORMAT}", zh=f"format：应为 {FORMAT}"))
    names = [store.name for store in config.store]
    for name in names:
        if not _NAME.fullmatch(name):
            known = Text(en="use letters, digits, '.', '_' and '-'", zh="请使用文字、数字、“.”、“_”和“-”")
            raise _wrong(path, Text(en=f"store.name: {name!r}; {known.en}", zh=f"store.name：{name!r}；{known.zh}"))
    if len(set(names)) < len(names):
        raise _wrong(path, Text(en="store.name: two stores have one name", zh="store.name：两个存储同名"))
    places = [os.path.realpath(path.parent / store.location) for store in config.store]
    if len(set(places)) < len(places):
        raise _wrong(
            path,
            Text(
                en="store.location: two stores have one; the second copy would be no copy",
                zh="store.location：两个存储位于同一位置，第二个副本等于没有",
            ),
        )
    for store in config.store:
        _require_sound_line(store, path)
    minimum = config.copies.minimum
    if not 1 <= minimum <= len(names):
        raise _wrong(
            path,
            Text(
                en=f"copies.minimum: {minimum}, but there are {len(names)} stores",
                zh=f"copies.minimum：{minimum}，但只有 {len(names)} 个存储",
            ),
        )
    writable = sum(not store.read_only for store in config.store)
    if minimum > writable:
        raise _wrong(
            path,
            Text(
                en=f"copies.minimum: {minimum}, but only {writable} of the stores take writes (store.read_only)",
                zh=f"copies.minimum：{minimum}，但可写的存储只有 {writable} 个（store.read_only）",
            ),
        )


def _require_sound_line(store: StoreConfig, path: Path) -> None:
    if store.retries is not None and not 0 <= store.retries <= _MOST_RETRIES:
        what = f"store {store.name}: retries: {store.retries}, but 0 … {_MOST_RETRIES} make sense"
        raise _wrong(path, Text(en=what, zh=f"存储 {store.name}：retries：{store.retries}，应为 0 … {_MOST_RETRIES}"))
    try:
        if store.bandwidth:
            read_speed(store.bandwidth)
    except ValueError as error:
        raise _wrong(
            path,
            Text(
                en=f'store {store.name}: bandwidth: {store.bandwidth!r} is no speed such as "20 MB/s"',
                zh=f'存储 {store.name}：bandwidth：{store.bandwidth!r} 不是速度，例如 "20 MB/s"',
            ),
        ) from error


_TYPES = {"int": "整数", "str": "文字", "bool": "真假", "float": "小数", "array": "列表", "object": "表"}


def _explained(path: Path, error: msgspec.ValidationError) -> BadInput:
    """msgspec's sentence with the key in front, and a Chinese one beside it."""
    what, _, at = str(error).partition(" - at `$")
    key = at.removesuffix("`").removeprefix(".")
    zh = what
    if found := re.fullmatch(r"Object (contains unknown|missing required) field `(.+)`", what):
        key = f"{key}.{found[2]}".removeprefix(".")
        unknown = found[1] == "contains unknown"
        what, zh = ("there is no such key", "没有这个项") if unknown else ("is missing", "缺少此项")
    elif found := re.fullmatch(r"Expected `(\w+)`, got `(\w+)`", what):
        zh = f"应为{_TYPES.get(found[1], found[1])}，而不是{_TYPES.get(found[2], found[2])}"
    return _wrong(path, Text(en=f"{key}: {what}", zh=f"{key}：{zh}"))


def _wrong(path: Path, what: Text) -> BadInput:
    return BadInput(
        Text(en=f"{path}: {what.en}.", zh=f"{path}：{what.zh}。"),
        hint=Text(en="Nothing was done. Correct the file and try again.", zh="未作任何操作。请改正该文件后重试。"),
    )


def write_config(home: Path, config: Config, file: str = FILE) -> None:
    """Write a new configuration, durably; people edit it afterwards."""
    lines = [
        "# Strongroom · 执法音像档案库",
        f"format = {config.format}",
        "",
        "[vault]",
        f"id = {_quoted(config.vault.id)}",
        f"office = {_quoted(config.vault.office)}",
        f"profile = {_quoted(config.vault.profile)}  # the office's regulation · 所执行的制度",
        "",
        "[copies]",
        f"minimum = {config.copies.minimum}  # durable before a success is reported · 确认入库前至少写妥的副本数",
    ]
    for store in config.store:
        lines += [
            "",
            "[[store]]",
            f"name = {_quoted(store.name)}",
            f"kind = {_quoted(store.kind)}",
            f"location = {_quoted(store.location)}",
            *([f"secret = {_quoted(store.secret)}"] if store.secret else []),
            *([f"recipients = [{', '.join(map(_quoted, store.recipients))}]"] if store.recipients else []),
            *([f"retries = {store.retries}"] if store.retries is not None else []),
            *([f"bandwidth = {_quoted(store.bandwidth)}"] if store.bandwidth else []),
            *(["read_only = true"] if store.read_only else []),
        ]
    replace_file(home / file, ("\n".join(lines) + "\n").encode())


def _quoted(text: str) -> str:
    """A JSON string is a TOML string, but for the one control character that JSON lets stand (TOML 1.0, String)."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def finish_config(home: Path) -> None:
    """Give the unfinished configuration its name, durably: from now on there is a vault."""
    with writing_to(home / FILE):
        os.replace(home / UNFINISHED, home / FILE)
        sync(home)
