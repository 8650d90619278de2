"""Secrets of stores: TOML files that only their owner can read, or credentials that systemd hands to a service.

    secret = "nas.secret"          a file in the vault's folder, chmod 600
    secret = "credential:nas"      LoadCredential=nas:… or LoadCredentialEncrypted=nas:… of the unit (systemd.exec(5))

Nothing of them is ever shown or logged.
"""

import os
import re
import stat
import tomllib
from collections.abc import Collection
from pathlib import Path

from backends.registry import Secret
from vault.causes import cause
from vault.errors import BadSecret
from vault.text import Text

_CREDENTIAL = re.compile(r"credential:([\w.-]+)")


def is_credential(named: str) -> bool:
    """Whether strongroom.toml means one that systemd hands over."""
    return named.startswith("credential:")


def secret_of(home: Path, named: str, known: Collection[str] | None) -> Secret:
    """What strongroom.toml names, read. BadSecret as `read_secret`, and where systemd has handed over nothing."""
    if not is_credential(named):
        return read_secret(home / named, known)
    found, folder = _CREDENTIAL.fullmatch(named), os.environ.get("CREDENTIALS_DIRECTORY")
    if found is None:
        raise BadSecret(Text(en=f"{named!r} is no name of a credential.", zh=f"{named!r} 不是有效的凭据名。"))
    if folder is None:
        raise BadSecret(
            Text(
                en=f"systemd hands no credentials to this process: {named}.",
                zh=f"systemd 未向本进程提供凭据：{named}。",
            ),
            hint=Text(
                en=f"Name it in the unit: LoadCredential={found[1]}:FILE; by hand: systemd-run -P -p LoadCredential=…",
                zh=f"请在服务单元写明 LoadCredential={found[1]}:文件；手工可用 systemd-run -P -p LoadCredential=…",
            ),
        )
    return read_secret(Path(folder) / found[1], known, guarded=True)


def read_secret(path: Path, known: Collection[str] | None, *, guarded: bool = False) -> Secret:
    """BadSecret where it is missing, is no TOML of texts, has a key that is not `known` (None: any may be), or
    others could read it; `guarded`: systemd sees to that, by access lists that look like a group's.
    """
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            values = tomllib.load(file)
    except OSError as error:
        raise _wrong(path, cause(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # whose words would repeat a part of the secret
        raise _wrong(path, Text(en="it is no TOML", zh="不是有效的 TOML")) from None
    if mode & 0o077 and not guarded:
        raise BadSecret(
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
    return Text(
        en=f"there is no key {name!r}; there are: {', '.join(known)}",
        zh=f"没有 {name!r} 这个项；可用：{'、'.join(known)}",
    )


def _wrong(path: Path, why: Text) -> BadSecret:
    return BadSecret(Text(en=f"The secret {path}: {why.en}.", zh=f"密钥文件 {path}：{why.zh}。"))
