"""Commands that messages offer: whoever reads one can type it, with … for what only they know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

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
