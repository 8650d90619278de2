"""`strongroom doctor`: whether everything that the vault stands on is as it should be."""

from collections import Counter

import click

from ops.cli.common import Place, as_json
from ops.columns import padded
from ops.doctor import CHECKS, admitted, examine
from ops.doctor.model import Outcome
from ops.language import said, t
from ops.output import json_line, line, note

_RANK = (3, 5, 2, 4, 1, 0)  # exit codes, the worst first


@click.command(help=t("Check the whole installation, and say what to do.", "检查整个安装环境并给出处理办法。"))
@click.argument("names", nargs=-1, metavar=t("[CHECK]...", "[检查项]..."), type=click.Choice(list(CHECKS)))
@as_json
@click.pass_obj
def doctor(place: Place, names: tuple[str, ...], as_json: bool) -> int:
    """0: nothing is wrong, whatever could not be checked; else the code of the worst: 3 something kept is damaged, 5 a
    store does not answer, 2 and 4 what opening the vault says, 1 all else."""
    counted, codes = Counter[Outcome](), {0}
    with admitted(place.home, place.working) as patient:
        for name, label, found in examine(patient, names):
            counted[found.outcome] += 1
            codes.add(found.code)
            if as_json:
                row = {"check": name, "outcome": found.outcome.value, "what": found.what, "remedy": found.remedy}
                json_line(row, "check")
                continue
            remedy = t(" → ", " → ") + said(found.remedy) if found.remedy is not None else ""
            line(f"{padded(said(found.outcome.label), 12)}{said(label)}{t(': ', '：')}{said(found.what)}{remedy}")
    if as_json:
        json_line({outcome.value: counted[outcome] for outcome in Outcome}, "sum")
    else:
        note(t(", ", "，").join(f"{said(outcome.label)} {counted[outcome]}" for outcome in Outcome))
    return min(codes, key=_RANK.index)
