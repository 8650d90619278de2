"""strongroom.toml: what an office says of its vault. Read strictly; an error names the file and the key."""

import tomllib
from pathlib import Path

import msgspec

from vault.errors import BadInput, NewerFormat, NotAVault
from vault.layout import FORMAT
from vault.text import Text

FILE = "strongroom.toml"


class StoreConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One store. `location` may be relative to the vault's folder."""

    name: str
    kind: str
    location: str


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


def read_config(home: Path) -> Config:
    """The configuration of the vault in a folder. NotAVault, NewerFormat or BadInput."""
    path = home / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotAVault(Text(en=f"There is no vault in {home}.", zh=f"{home} 中没有档案库。")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Text(en=f"{path}: {error}", zh=f"{path}：{error}")) from error
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise NewerFormat(
            Text(
                en=f"{path}: format {raw['format']} is newer than {FORMAT}.", zh=f"{path}：格式 {raw['format']} 更新。"
            )
        )
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise BadInput(Text(en=f"{path}: {error}", zh=f"{path}：{error}")) from error
    _require_sound(config, path)
    return config


def _require_sound(config: Config, path: Path) -> None:
    names = [store.name for store in config.store]
    if len(set(names)) < len(names):
        raise BadInput(Text(en=f"{path}: two stores have one name.", zh=f"{path}：两个存储同名。"))
    if not 1 <= config.copies.minimum <= len(names):
        raise BadInput(
            Text(
                en=f"{path}: copies.minimum is {config.copies.minimum}, but there are {len(names)} stores.",
                zh=f"{path}：copies.minimum 为 {config.copies.minimum}，但只有 {len(names)} 个存储。",
            )
        )


def write_config(home: Path, config: Config) -> None:
    """Write a new configuration; people edit it afterwards."""
    quoted = msgspec.json.encode  # a JSON string is a TOML string
    lines = [
        "# Strongroom · 执法音像档案库",
        f"format = {config.format}",
        "",
        "[vault]",
        f"id = {quoted(config.vault.id).decode()}",
        f"office = {quoted(config.vault.office).decode()}",
        f"profile = {quoted(config.vault.profile).decode()}  # the office's regulation · 所执行的制度",
        "",
        "[copies]",
        f"minimum = {config.copies.minimum}  # durable before a success is reported · 确认入库前至少写妥的副本数",
    ]
    for store in config.store:
        lines += [
            "",
            "[[store]]",
            f"name = {quoted(store.name).decode()}",
            f"kind = {quoted(store.kind).decode()}",
            f"location = {quoted(store.location).decode()}",
        ]
    (home / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
