"""`strongroom config`: what strongroom.toml says, and what is wrong in it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import msgspec

from ops.cli.common import Place, as_json
from ops.config import FILE, examined, parsed, read_config
from ops.language import said, t
from ops.output import json_line, line, note
from ops.servingfiles import files_to_require
from ops.shownconfig import Origin, Setting, settings
from ops.stores import require_openable
from ops.wiring import profile_of
from vault.errors import StrongroomError


@click.group(help=t("The vault's settings.", "档案库的设置。"))
def config() -> None:
    """Settings."""


@config.command(help=t("Say everything that is wrong in strongroom.toml.", "列出 strongroom.toml 中的所有错误。"))
@as_json
@click.pass_obj
def check(place: Place, as_json: bool) -> int:
    """0: nothing; else the code of the first mistake. No store is asked."""
    errors = list(_mistakes(place.home))
    for error in errors:
        if as_json:
            json_line({"what": error.what, "hint": error.hint}, "mistake")
        else:
            line(said(error.what))
    found = len(errors)
    if as_json:
        json_line({"mistakes": found}, "sum")
    else:
        note(t(f"Mistakes: {found}.", f"错误 {found} 处。") if found else t("Nothing is wrong.", "没有错误。"))
    return errors[0].exit_code if errors else 0


def _mistakes(home: Path) -> Iterator[StrongroomError]:
    try:
        read, wrong = examined(home)
    except StrongroomError as error:
        yield error
        return
    yield from wrong
    if read is None:
        return
    tried: list[Callable[[], object]] = [partial(profile_of, home, read)]
    tried += [partial(require_openable, home, read, store) for store in read.store]
    for require in (*tried, *files_to_require(home, read.serve)):
        try:
            require()
        except StrongroomError as error:
            yield error


@config.command(help=t("Show every setting, and who says it.", "显示每项设置及其来源。"))
@as_json
@click.pass_obj
def show(place: Place, as_json: bool) -> None:
    """Nothing of a secret."""
    path = place.home / FILE
    for one in settings(read_config(place.home), path, parsed(path)):
        if as_json:
            json_line(
                {
                    "key": one.key,
                    "value": one.value,
                    "origin": one.origin.value,
                    "line": one.line,
                    "variable": one.variable or None,
                }
            )
        else:
            line(f"{one.key} = {msgspec.json.encode(one.value).decode()}  ({_origin(one)})")


def _origin(one: Setting) -> str:
    if one.variable:
        return f"{said(one.origin.label)} {one.variable}"
    if one.line is None:
        return said(one.origin.label)
    if one.origin is Origin.CREDENTIAL:
        return said(one.origin.label) + t(f", line {one.line}", f"，第 {one.line} 行")
    return t(f"line {one.line}", f"第 {one.line} 行")
