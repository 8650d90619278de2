"""Commands that messages offer: whoever reads one can type it, with … for what only they know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.test_docs import require_complete

ROOT = Path(__file__).parents[2]
ROOMS = ("vault", "ops", "labels", "media", "backends")
COMMAND = re.compile(r"strongroom ((?:(?:--?)?[\w{}/-]+ ?|… ?)+)", re.ASCII)


def strings(tree: ast.AST) -> Iterator[str]:
    """Everything that is written out, with `{}` for values."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.value


def offered() -> Iterator[tuple[str, str]]:
    """Where a command is offered, and what follows the program's name."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for text in strings(ast.parse(path.read_text(encoding="utf-8"))):
                for found in COMMAND.findall(text):
                    yield str(path.relative_to(ROOT)), found


def test_no_command_that_is_offered_is_roots_alone() -> None:
    """`interruption missing` told people to go on with --by, which is refused to all but root."""
    found = list(offered())
    assert len(found) > 300
    assert [(where, command) for where, command in found if "--by" in command.split()] == []


def test_what_is_offered_about_clocks_and_expiry_runs_as_it_stands() -> None:
    """`status` offered a `retention release` without --why, and clocks in doubt an option that belonged to nothing."""
    about = [words.split() for _, words in offered() if "--clock-is-right" in words or "retention release" in words]
    assert len(about) >= 10
    for words in about:
        require_complete(words)


def test_vouching_for_a_clock_is_offered_as_a_command() -> None:
    loose = re.compile(r"(?<!strongroom )--clock-is-right")
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for text in strings(ast.parse(path.read_text(encoding="utf-8"))):
                assert text == "--clock-is-right" or not loose.search(text), f"{path.relative_to(ROOT)}: {text}"
