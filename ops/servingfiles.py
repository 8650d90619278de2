"""Files that [serve] of strongroom.toml names: whether they can be used, said before the service needs them."""

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ops.config import FILE
from ops.misread import wrong_at
from ops.servingconfig import ServeConfig
from vault.causes import cause
from vault.errors import BadInput
from vault.text import Text

_LEAST_TOKEN = 16  # characters


def files_to_require(home: Path, serve: ServeConfig) -> Iterator[Callable[[], object]]:
    """Each raises BadInput where its file cannot be used."""
    if serve.token_file:
        yield partial(read_token, home, serve.token_file)
    for key in ("certificate", "key", "client_ca"):
        if name := getattr(serve, key):
            yield partial(readable, home, f"serve.{key}", name)
    if serve.textfile:
        yield partial(_require_folder, home, serve.textfile)


def read_token(home: Path, name: str) -> str:
    """The one line of a token's file, which nobody but its owner may read. BadInput names the file."""
    path = readable(home, "serve.token_file", name)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        what = Text(en=f"{path} can be read by others: chmod 600", zh=f"{path} 可被他人读取，请 chmod 600")
        raise wrong_at(home / FILE, "serve.token_file", what)
    token = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(token) < _LEAST_TOKEN or not token.isascii() or len(token.split()) != 1:
        what = Text(
            en=f"{path} must hold one word of {_LEAST_TOKEN} characters or more",
            zh=f"{path} 应只含一个不少于 {_LEAST_TOKEN} 个字符的口令",
        )
        raise wrong_at(home / FILE, "serve.token_file", what)
    return token


def readable(home: Path, key: str, name: str) -> Path:
    """The file's path. BadInput where it cannot be read."""
    path = home / name
    try:
        with open(path, "rb"):
            return path
    except OSError as error:
        raise _cannot(home, key, path, error) from error


def _require_folder(home: Path, name: str) -> None:
    folder = (home / name).parent
    try:
        os.listdir(folder)
    except OSError as error:
        raise _cannot(home, "serve.textfile", folder, error) from error


def _cannot(home: Path, key: str, path: Path, error: OSError) -> BadInput:
    why = cause(error)
    return wrong_at(home / FILE, key, Text(en=f"{path}: {why.en}", zh=f"{path}：{why.zh}"))
