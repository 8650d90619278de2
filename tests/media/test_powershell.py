"""verify.ps1 and join.ps1, by PowerShell's grammar: no machine of these tests has the Windows PowerShell 5.1 that a
clerk's desk has, so what they are made of is held against what that brings."""

import re
from collections.abc import Iterator, Mapping

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from media.carrying import template

PARSER = Parser(Language(tree_sitter_powershell.language()))

# Cmdlets of Windows PowerShell 5.1 with the parameters that are used (Microsoft's reference, "PowerShell 5.1")
KNOWN: Mapping[str, frozenset[str]] = {
    "ForEach-Object": frozenset(),
    "Get-ChildItem": frozenset({"-LiteralPath", "-Recurse", "-File"}),
    "Get-FileHash": frozenset({"-LiteralPath", "-Algorithm", "-ErrorAction"}),
    "Join-Path": frozenset(),
    "Move-Item": frozenset({"-LiteralPath", "-Destination", "-Force"}),
    "New-Item": frozenset({"-Path", "-ItemType", "-ErrorAction"}),
    "New-Object": frozenset(),
    "Remove-Item": frozenset({"-LiteralPath"}),
    "Resolve-Path": frozenset({"-LiteralPath"}),
    "Select-Object": frozenset({"-First"}),
    "Split-Path": frozenset({"-Parent"}),
    "Test-Path": frozenset({"-LiteralPath", "-PathType"}),
    "Where-Object": frozenset(),
    "Write-Output": frozenset(),
}
NEWER = {"&&", "||", "?", "??", "??=", "?.", "?[", "ternary_expression", "null_coalesce_expression"}  # of PowerShell 7


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def faults(script: str) -> list[str]:
    """What Windows PowerShell 5.1 would not take."""
    found = []
    for node in nodes(PARSER.parse(script.encode()).root_node):
        said = (node.text or b"").decode()
        if node.is_error or node.is_missing:
            found.append(f"not PowerShell: {said[:60]}")
        elif node.type in NEWER:
            found.append(f"newer than 5.1: {said}")
        elif node.type == "command":
            found += _of_command(node)
    # $n个 is a variable of that name, also within a text.
    names = (name for name in re.findall(r"\$\w+", script) if not name.isascii())
    return found + [f"runs on into its neighbour: {name}" for name in names]


def _own(node: Node) -> Iterator[Node]:
    """Without the commands that stand within it."""
    for child in node.children:
        if child.type != "command":
            yield child
            yield from _own(child)


def _of_command(command: Node) -> list[str]:
    (name,) = (str(n.text, "utf-8") for n in command.children if n.type == "command_name" and n.text)
    given = {str(n.text, "utf-8") for n in _own(command) if n.type == "command_parameter" and n.text}
    if name not in KNOWN:
        return [f"no cmdlet of 5.1: {name}"]
    return [f"{name} has no {parameter}" for parameter in given - KNOWN[name]]


@pytest.mark.parametrize("name", ["verify.ps1", "join.ps1"])
def test_what_a_disc_carries_is_windows_powershell(name: str) -> None:
    assert faults(template(name)) == []
    assert {node.type for node in nodes(PARSER.parse(template(name).encode()).root_node)} >= {"command", "variable"}


@pytest.mark.parametrize(
    "script",
    [
        "if ($found { exit 1 }",
        "foreach ($line in $lines) { $n++ ",
        "Test-Json $line",
        "Get-FileHash -LiteralPath $path -Stream x",
        "Write-Output 'a' && exit 1",
        "$n = $missing ? 1 : 2",
        "$n = $missing ?? 1",
        'Write-Output "$n个文件"',
    ],
)
def test_what_windows_powershell_would_not_take_is_found(script: str) -> None:
    assert faults(script)
