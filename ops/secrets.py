"""Secrets of stores: TOML files that only their owner can read. Nothing of them is ever shown or logged."""

import stat
import tomllib
from collections.abc import Collection
from pathlib import Path

from backends.registry import Secret
from vault.causes import cause
from vault.errors import StoreNoAccess
from vault.text import Text


def read_secret(path: Path, known: Collection[str] | None) -> Secret:
    """StoreNoAccess where it is missing, is no TOML of texts, has a key that is not `known` (None: any may be), or
    others could read it.
    """
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            values = tomllib.load(file)
    except OSError as error:
        raise _wrong(path, cause(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # whose words would repeat a part of the secret
        raise _wrong(path, Text(en="it is no TOML", zh="不是有效的 TOML")) from None
    if mode & 0o077:
        raise StoreNoAccess(
            Text(en=f"The secret {path} can be read by others.", zh=f"密钥文件 {path} 可被他人读取。"),
            hint=Text(en=f"chmod 600 {path}", zh=f"请运行：chmod 600 {path}"),
        )
    for name, value in values.items():
        if known is not None and name not in known:
            raise _wrong(path, _unknown(name, known))
        if not isinstance(value, str):
            raise _wrong(path, Text(en=f"{name} must be text in quotes", zh=f"{name} 应为带引号的文字"))
    return Secret(path, values)


def _unknown(name: str, known: Collection[str]) -> Text:
    if not known:
        return Text(
            en=f"there is no key {name!r}: this kind of store asks for none",
            zh=f"没有 {name!r} 这个项：该类型存储不需要密钥",
        )
    return Text(
        en=f"there is no key {name!r}; there are: {', '.join(known)}",
        zh=f"没有 {name!r} 这个项；可用：{'、'.join(known)}",
    )


def _wrong(path: Path, why: Text) -> StoreNoAccess:
    return StoreNoAccess(Text(en=f"The secret {path}: {why.en}.", zh=f"密钥文件 {path}：{why.zh}。"))
