"""Everything that people read exists in both languages, down to what click says by itself."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ops.cli import cli
from ops.cli.choosing import OneOf
from tests.ops.conftest import Program

ROOMS = ("vault", "backends", "media", "labels", "ops")
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"(?<![\w-])[A-Za-z]{2,}(?![\w-])")
# Names that stand in Chinese text as they are: commands and options in examples, formats, standards, and identifiers.
NAMES = {"strongroom", "ZIP", "TAR", "ISO", "CSV", "XLSX", "JSON", "BagIt", "RFC", "Prometheus", "toml", "dengzhou"}
NAMES |= {"STRONGROOM", "VAULT", "file", "folder", "all", "months", "year", "permanent", "lifetime"}
NAMES |= {"officer", "custodian", "auditor", "operator", "view", "export", "disc", "loan", "release"}
NAMES |= {"age", "CD", "DVD", "pdf", "xlsx", "zh", "en", "both", "dvd", "practice", "postgresql"}
NAMES |= {"sleeve", "tray", "keep", "case", "spine", "slip", "bare", "narrow"}


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command of the program, groups included, as it is typed."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


COMMANDS = sorted(commands(cli))


def words_taken(command: click.Command) -> Iterator[OneOf[str]]:
    """Every closed set of words that an option of the program takes."""
    yield from (one.type for one in command.params if isinstance(one.type, OneOf))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from words_taken(found)


TAKEN = list(words_taken(cli))
TYPED = {word.zh for one in TAKEN for word in one.words.values()}


@pytest.mark.parametrize("one", TAKEN, ids=lambda one: "-".join(one.words)[:40])
def test_a_word_is_taken_by_its_key_and_in_both_languages(one: OneOf[str]) -> None:
    for key, word in one.words.items():
        assert {one.convert(said, None, None) for said in (key, key.upper(), word.en, word.zh)} == {key}
        assert key in one.listed
        assert word.zh in one.listed
    with pytest.raises(click.BadParameter) as refused:
        one.convert("没有的词", None, None)
    assert one.listed in refused.value.message


def test_there_are_as_many_commands_as_were_meant() -> None:
    assert len(COMMANDS) > 30
    assert ("journal", "verify") in COMMANDS


def test_chinese_help_has_no_english_words(run: Program) -> None:
    for path in COMMANDS:
        said = run(*path, "--help", language="zh").out
        assert HAN.search(said.splitlines()[2]), said  # what it is for
        options_removed = re.sub(r"(?<!\w)--?[\w-]+", "", said.replace("strongroom " + " ".join(path), ""))
        lines = [line for line in options_removed.splitlines() if line.strip()]
        if any(line.startswith("命令") for line in lines):  # names of commands head these lines
            start = next(n for n, line in enumerate(lines) if line.startswith("命令"))
            lines[start:] = [line.split(None, 1)[-1] for line in lines[start:]]
        words = set(WORD.findall("\n".join(lines))) - NAMES
        assert not words, f"{path}: {words}\n{said}"


def test_english_help_has_no_chinese_but_what_may_be_typed(run: Program) -> None:
    """Words that are taken in either language stand there with their keys."""
    for path in COMMANDS:
        said = run(*path, "--help", language="en").out
        said = " ".join(said.split())
        for word in TYPED:
            said = said.replace(f"({word})", "")
        assert not HAN.search(said), said
        assert said.startswith("Usage: strongroom")


def test_the_systems_language_is_taken_and_strongroom_lang_comes_before_it() -> None:
    def said(**env: str) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "STRONGROOM"))}
        command = [sys.executable, "-m", "ops.cli", "sho"]
        return subprocess.run(command, env=clean | env, capture_output=True, text=True, check=False).stderr

    assert "没有命令" in said(LANG="zh_CN.UTF-8")
    assert "没有命令" in said(LANG="en_US.UTF-8", LC_ALL="zh_CN.UTF-8")
    assert "没有命令" in said(LANG="en_US.UTF-8", STRONGROOM_LANG="zh")
    assert "No such command" in said(LANG="zh_CN.UTF-8", STRONGROOM_LANG="en")
    assert "No such command" in said(LANG="C.UTF-8")
    assert "No such command" in said()


MISTAKES = [
    ["没有"],
    ["find", "--prty", "王芳"],
    ["show"],
    ["show", "一", "二"],
    ["ingest"],
    ["ingest", "x", "--group", "week"],
    ["scrub", "--workers", "99"],
    ["scrub", "--workers", "很多"],
    ["scrub", "--bytes"],
    ["scrub", "--minutes", "很久"],
    ["scrub", "--json=1"],
    ["case", "开"],
    ["case", "close", "一案"],
    ["case", "close", "一案", "--keep", "三年"],
    ["retention", "due", "--on", "今天"],
    ["hold", "place", "一", "--why", " "],
    ["--vault", "/etc/hostname", "find"],
    ["init", "--store", "/etc/hostname"],
]


@pytest.mark.parametrize("words", MISTAKES, ids=lambda words: " ".join(words))
def test_what_click_says_of_a_mistake_is_chinese(run: Program, words: list[str]) -> None:
    done = run(*words, language="zh", expect=2)
    last = done.err.rstrip().splitlines()
    said = re.sub(r"'[^']*'|--[\w-]+|strongroom.*", "", "\n".join(last))
    assert HAN.search(said)
    assert not set(WORD.findall(said)) - NAMES, done.err


def texts(path: Path) -> Iterator[tuple[int, str, str]]:
    """Where a module says something in both languages: line, English, Chinese; values as `{}`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "Text":
            said = {keyword.arg: keyword.value for keyword in node.keywords}
            pair = (said.get("en"), said.get("zh"))
        elif node.func.id == "t" and len(node.args) == 2:
            pair = (node.args[0], node.args[1])
        else:
            continue
        if pair[0] is not None and pair[1] is not None:
            yield node.lineno, literal(pair[0]), literal(pair[1])


def literal(node: ast.expr) -> str:
    """What is written out in an expression."""
    return "".join(
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def test_every_message_in_the_source_is_said_in_chinese_too() -> None:
    root = Path(__file__).parents[2]
    found = 0
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            for line, en, zh in texts(path):
                found += 1
                if WORD.search(re.sub(r"strongroom[^.:]*|--[\w-]+|\w+\.\w+", "", en)) and en != zh:
                    assert HAN.search(zh), f"{path.relative_to(root)}:{line}: {en!r} is {zh!r}"
    assert found > 300
