"""`strongroom quarantine` and `complete`: records that lack facts, and supplying them (补全)."""

from typing import Any

import click

from ops.cli.common import Place, as_json, fact_options, facts_from
from ops.cli.find import row_of, summary
from ops.cli.settling import settle
from ops.language import said, t
from ops.output import json_line, line, note
from vault.catalogue import queries
from vault.corrections import correct
from vault.errors import BadInput
from vault.facts import FACT
from vault.intake.filing import missing_facts
from vault.records import Standing
from vault.text import Text


@click.command(help=t("List records that lack required facts.", "列出待补全的记录。"))
@as_json
@click.pass_obj
def quarantine(place: Place, as_json: bool) -> None:
    """Print each with what it lacks."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        count = 0
        for record in queries.find(connection, queries.Wanted(standing=Standing.QUARANTINED)):
            count += 1
            missing = missing_facts(record.facts, record.files, vault.profile)
            if as_json:
                json_line(row_of(record) | {"missing": list(missing)})
                continue
            names = t(", ", "、").join(said(FACT[name].label) for name in missing)
            line(summary(record, vault.profile) + t(f"  lacks: {names}", f"  缺：{names}"))
        if not as_json and not count:
            note(t("Nothing is in quarantine.", "没有待补全的记录。"))


@click.command(
    help=t(
        "Supply or correct facts of a record; an empty value ('') empties a fact.",
        "补全或更正记录的信息；给出空值（''）即清空该项。",
    )
)
@click.argument("number", metavar=t("NUMBER", "编号"))
@fact_options
@click.option("--why", default="", help=t("the reason, for the journal", "事由，记入日志"))
@as_json
@click.pass_obj
def complete(place: Place, /, number: str, why: str, as_json: bool, **facts: Any) -> None:
    """Enter the facts; the record leaves quarantine when none is missing."""
    with place.open() as vault:
        given = facts_from(facts, vault.profile, vault.now())
        emptied = [name for name, said in facts.items() if said is not None and not said.strip()]
        if not given.known() and not emptied:
            raise BadInput(
                Text(en="No fact was given.", zh="没有给出任何信息。"),
                hint=Text(en="For example: --section 稽查科", zh="例如：--section 稽查科"),
            )
        record = correct(vault, number, given, why, emptied)
        if as_json:
            json_line(row_of(record))
        else:
            line(summary(record, vault.profile))
        settle(vault)
