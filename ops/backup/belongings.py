"""The files of a vault that no store has, found through its configuration.

Left out on purpose: the catalogue, which the stores bring back; clock.json, which is this machine's word and must not
speak on another; locks, and images of discs in the making. Credentials are systemd's, and not in reach.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from backends.registry import STORES
from ops.attached import FILE as ATTACHED
from ops.config import FILE, StoreConfig, read_config
from ops.keys import FILE as KEY
from ops.secrets import is_credential, read_secret
from vault.errors import BadInput
from vault.outputs import reading_from
from vault.text import Text

HOME, ELSEWHERE = "home", "elsewhere"  # where a file lay: in the vault's folder; anywhere else, under its whole path
_NOT_LOOKED_AT = frozenset({"location", "folder", "work"})  # keys that name folders: of stores, robots; some may hang
_LARGEST = 4 << 20  # bytes; a profile has 64 KiB at most


def belongings(home: Path) -> Mapping[str, bytes]:
    """Their contents by place in a backup. SourceUnreadable, BadSecret or BadInput where one cannot be read: a
    backup that leaves something out would be found wanting when it is too late.
    """
    return {_place(home, path): _content(path) for path in dict.fromkeys(_paths(home))}


def _paths(home: Path) -> Iterator[Path]:
    config = read_config(home)
    yield home / FILE
    yield home / KEY
    if (home / ATTACHED).exists():
        yield home / ATTACHED
    if config.vault.profile.endswith(".toml"):
        yield home / config.vault.profile
    if config.catalogue.secret and not is_credential(config.catalogue.secret):
        yield home / config.catalogue.secret
    for store in config.store:
        if store.secret and not is_credential(store.secret):
            yield home / store.secret
            yield from _named_in_secret(home / store.secret, store)
    for robot in config.discs.robot:
        if robot.template:
            yield home / robot.template
    for text in _texts(tomllib.loads(_content(home / FILE).decode())):
        if os.path.isfile(home / text):
            yield home / text


def _texts(value: object) -> Iterator[str]:
    """Every text in a table. Whatever else the configuration names, now or in a later version, is found so."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NOT_LOOKED_AT:
                yield from _texts(item)


def _named_in_secret(path: Path, store: StoreConfig) -> Iterator[Path]:
    """Files that a secret names in turn: an SSH key; what another program's library asks for by an absolute path."""
    kind = STORES.get(store.kind)
    if kind is None:
        return
    for name, value in read_secret(path, kind.asks).values.items():
        foreign = kind.asks is None and os.path.isabs(value) and os.path.isfile(value)
        if name == "private_key" or foreign:
            yield path.parent / value


def _place(home: Path, path: Path) -> str:
    absolute, base = PurePosixPath(os.path.abspath(path)), os.path.abspath(home)
    inside = absolute.is_relative_to(base)
    place = f"{HOME}/{absolute.relative_to(base)}" if inside else f"{ELSEWHERE}{absolute}"
    if not place.isprintable():
        raise BadInput(Text(en=f"{path} has a control character in its name.", zh=f"{path} 的名称含有控制字符。"))
    return place


def _content(path: Path) -> bytes:
    with reading_from(path), path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise BadInput(
            Text(
                en=f"{path} is larger than {_LARGEST >> 20} MiB: that is no key and no configuration.",
                zh=f"{path} 超过 {_LARGEST >> 20} MiB，不是密钥或配置文件。",
            )
        )
    return data
