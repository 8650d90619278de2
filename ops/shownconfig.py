"""Every setting of a vault, its value, and who says so: the file, the environment, or nobody, so that the program does.

Of a secret only its name is a setting; what a location carries of one (a password in a URL) is not shown.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from ops.config import Config
from ops.overrides import variable_of
from ops.secrets import is_credential
from ops.tomllines import lines_of
from vault.text import Text

_PASSWORD = re.compile(r"(://[^/@:]*):[^/@]*@")


class Origin(StrEnum):
    """Who says a setting."""

    FILE = "file"
    DEFAULT = "default"
    ENVIRONMENT = "environment"
    CREDENTIAL = "credential"  # the file, or the environment, says that systemd has it

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS = {
    Origin.FILE: Text(en="file", zh="文件"),
    Origin.DEFAULT: Text(en="default", zh="默认"),
    Origin.ENVIRONMENT: Text(en="environment", zh="环境变量"),
    Origin.CREDENTIAL: Text(en="systemd credential", zh="systemd 凭据"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """`key` as people know it: store.nas.location. `line` of the file, or the environment's `variable`."""

    key: str
    value: Any
    origin: Origin
    line: int | None = None
    variable: str = ""


def settings(config: Config, path: Path, raw: Mapping[str, Any]) -> Iterator[Setting]:
    """All of them, in the order in which the program has them; `raw`: the file as it was read."""
    lines = lines_of(path.read_text(encoding="utf-8"))
    for key, value in _leaves(config, ""):
        named = re.sub(r"^store\[(\d+)\]", lambda found: f"store.{config.store[int(found[1])].name}", key)
        if variable := variable_of(key, raw, os.environ):
            origin, line = Origin.ENVIRONMENT, None
        else:
            line = lines.get(key)
            origin = Origin.DEFAULT if line is None else Origin.FILE
        if re.fullmatch(r"(store\[\d+\]|catalogue)\.secret", key) and is_credential(value):
            origin = Origin.CREDENTIAL
        yield Setting(named, _shown(value), origin, line, variable)


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _leaves(getattr(value, name), f"{key}.{name}".removeprefix("."))
    elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        for place, one in enumerate(value):
            yield from _leaves(one, f"{key}[{place}]")
    elif not (
        isinstance(value, tuple) and not value and key in ("age", "pin", "watch", "discs.robot", "inspection.level")
    ):
        yield key, value


def _shown(value: Any) -> Any:
    plain = msgspec.to_builtins(value)
    return _PASSWORD.sub(r"\1:…@", plain) if isinstance(plain, str) else plain
