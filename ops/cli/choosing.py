"""Options that take one of a closed set of words: by its key, or by what people call it in either language.

Journal, settings and `--json` have the keys; whoever types need not know them. Help and errors list both.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from ops.cli.common import Command
from ops.language import t
from vault.text import Text

Key = TypeVar("Key", bound=str)


class OneOf(click.ParamType[Key]):
    """One of these words, as its key."""

    name = t("word", "词")

    def __init__(self, words: Mapping[Key, Text]) -> None:
        self.words = words
        self._keys = {_plain(said): key for key, word in words.items() for said in (key, word.en, word.zh)}

    @property
    def listed(self) -> str:
        """Each with its key and its Chinese word, for help and errors; with blanks, at which lines can be broken."""
        return t(", ", " ").join(t(f"{key} ({word.zh})", f"{word.zh}（{key}）") for key, word in self.words.items())

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Key:
        key = self._keys.get(_plain(str(value)))
        if key is None:
            self.fail(t(f"{value!r} is none of: {self.listed}", f"{value!r} 不在可选项之中：{self.listed}"), param, ctx)
        return key


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def word_option(
    *names: str, words: Mapping[Key, Text], help: str, metavar: str, default: Key | None = None, **more: Any
) -> Callable[[Command], Command]:
    """An option that takes one of these words; its help ends with them."""
    chosen = OneOf(words)
    about = f"{help}{t(': ', '：')}{chosen.listed}"
    if default is not None:
        about += t(f" [default: {default}]", f" [默认：{words[default].zh}]")
        more["default"] = default
    return click.option(*names, type=chosen, metavar=metavar, help=about, **more)
