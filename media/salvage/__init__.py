"""Salvage of a disc from damaged copies: a program of its own, which every disc carries as one file, tools/salvage.py.

It has to run in decades, on a bare machine and without Strongroom: these modules import one another and Python's own
library, nothing else, and keep to Python 3.8. `single_file` joins them.
"""

from importlib.resources import files

_PARTS = (
    "refusals",
    "copies",
    "layout",
    "tree",
    "identity",
    "joining",
    "whole",
    "pieces",
    "command",
)  # each after those it needs
_OWN = ("from media.salvage.", "from __future__ ")


def single_file() -> bytes:
    """The program as one text, for `python3 salvage.py`."""
    texts = [files(__name__).joinpath(f"{name}.py").read_text(encoding="utf-8") for name in _PARTS]
    docstring = texts[-1].partition('"""\n\n')[0]
    head = f'#!/usr/bin/env python3\n{docstring}"""\n\nfrom __future__ import annotations\n'
    return "\n\n".join([head, *map(_body, texts)]).encode()


def _body(text: str) -> str:
    """A module without its docstring and what it imports from its neighbours."""
    lines = text.partition('"""\n\n')[2].splitlines()
    return "\n".join(line for line in lines if not line.startswith(_OWN)).strip() + "\n"
