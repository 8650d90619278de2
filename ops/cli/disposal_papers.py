"""`strongroom disposal appraisal`, `register`, `certificate`: what was decided of each record, what is signed before a
destruction, and what proves it.
"""

from pathlib import Path

import click

from labels.wording import Languages
from ops.cli.common import Place
from ops.cli.issuing import drawing, give_out, output_options, scope_of
from ops.cli.speaking import Reason
from ops.language import t
from vault.authority import Action, at_the_door, require
from vault.catalogue import disposals
from vault.catalogue.disposals import Standing
from vault.registers.appraisal import appraisal_of
from vault.registers.certificate import certificate_of
from vault.registers.disposal import register_of
from vault.registers.period import Period
from vault.store import Vault
from vault.terms import local_day

_DRAWN = {"appraisal": appraisal_of, "register": register_of, "certificate": certificate_of}


def _command(kind: str, about: str) -> click.Command:
    """One of the papers as a command of its own."""

    @click.argument("number", metavar=t("DISPOSAL", "处置编号"), type=Reason())
    @output_options
    @click.pass_obj
    def command(place: Place, number: str, target: Path | None, languages: Languages, as_json: bool) -> None:
        draw = drawing(target, languages, as_json)
        with place.open() as vault:
            require(vault, Action.REGISTERS_READ, about=number)
            with at_the_door(vault, Action.REGISTERS_READ, number), vault.database.reading() as connection:
                period = _period(disposals.standing(connection, number), vault)
                scope = scope_of(vault, connection, period, disposal=number)
                give_out(vault, _DRAWN[kind](connection, scope), target, draw, as_json)

    return click.command(kind, help=about)(command)


def _period(standing: Standing, vault: Vault) -> Period:
    """From its opening to its end, or to this day while it has none: what has ended reads the same whenever drawn."""
    zone = vault.profile.zone
    return Period(local_day(standing.opened.at, zone), local_day(standing.ended_at or vault.now(), zone))


appraisal = _command("appraisal", t("Every decision with its reason, to be signed.", "生成鉴定意见表（签字用）。"))
register = _command("register", t("The register of destruction, to be signed.", "生成销毁清册（签字用）。"))
certificate = _command("certificate", t("The certificate, once all is proven.", "生成销毁证明（须已核验）。"))
