"""Writing strongroom.toml: a new one at `init`, and the one line of it that a command may change."""

import os
import re
import tomllib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ops.catalogueconfig import CatalogueConfig
from ops.config import FILE, UNFINISHED, Config, read_config
from ops.misread import wrong
from vault.outputs import replace_file, sync, writing_to
from vault.text import Text


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
        *_catalogue_lines(config.catalogue),
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
            *([f"lock = {_quoted(store.lock.value)}"] if store.lock else []),
            *([f"retries = {store.retries}"] if store.retries is not None else []),
            *([f"bandwidth = {_quoted(store.bandwidth)}"] if store.bandwidth else []),
            *(["read_only = true"] if store.read_only else []),
        ]
    replace_file(home / file, ("\n".join(lines) + "\n").encode())


def _catalogue_lines(catalogue: CatalogueConfig) -> list[str]:
    if not catalogue.url:
        return []
    secret = [f"secret = {_quoted(catalogue.secret)}"] if catalogue.secret else []
    return ["", "[catalogue]", f"url = {_quoted(catalogue.url)}", *secret]


def name_profile(home: Path, profile: str) -> None:
    """Put the name of the profile that was adopted into the configuration; everything else in it stays as it is.

    BadInput where that cannot be done by changing one line.
    """
    before = read_config(home, environ={})
    text = (home / FILE).read_text(encoding="utf-8")
    changed = re.sub(
        r"""^(\s*profile\s*=\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""",
        lambda found: found[1] + _quoted(profile),
        text,
        count=1,
        flags=re.MULTILINE,
    )
    wanted = replace(before, vault=replace(before.vault, profile=profile))
    try:
        done = msgspec.convert(tomllib.loads(changed), Config) == wanted
    except (tomllib.TOMLDecodeError, msgspec.ValidationError):
        done = False
    if not done:
        line = f"profile = {_quoted(profile)}"
        raise wrong(home / FILE, Text(en=f"write {line} into it", zh=f"请在其中写入 {line}"))
    replace_file(home / FILE, changed.encode())


def _quoted(text: str) -> str:
    """A JSON string is a TOML string, but for the one control character that JSON lets stand (TOML 1.0, String)."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def finish_config(home: Path) -> None:
    """Give the unfinished configuration its name, durably: from now on there is a vault."""
    with writing_to(home / FILE):
        os.replace(home / UNFINISHED, home / FILE)
        sync(home)
