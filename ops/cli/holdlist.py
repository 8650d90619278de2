"""`strongroom hold list`: what may not be disposed of, and on whose demand; the rows of the register of holds."""

from typing import Any

import click

from ops.cli.common import Place, as_json, known_case, local
from ops.language import said, t
from ops.output import json_line, line, note
from vault.profile import Profile
from vault.registers.holds import FORM, listed
from vault.registers.model import spelled


@click.command("list", help=t("List holds in force.", "列出有效的暂缓处置。"))
@click.option("--all", "everything", is_flag=True, help=t("those that were released, too", "包括已解除的"))
@click.option("--record", default="", metavar=t("NUMBER", "编号"), help=t("of that record", "仅限该记录"))
@click.option("--case", default="", metavar=t("CASE", "案号"), help=t("of that case's records", "仅限该案件的记录"))
@as_json
@click.pass_obj
def list_(place: Place, everything: bool, record: str, case: str, as_json: bool) -> None:
    """In the order in which they were placed."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        of_case, any_ = known_case(case, vault) if case else "", False
        for row in listed(connection, record=record, case=of_case, released=everything):
            any_, told = True, spelled(FORM, row)
            if as_json:
                json_line(told)
            else:
                _tell(told, vault.profile)
    if not any_ and not as_json:
        note(t("There is no hold.", "没有暂缓处置。"))


def _tell(row: dict[str, Any], profile: Profile) -> None:
    about = "  ".join(row[name] for name in ("record", "case_number", "party") if row[name])
    line(f"{row['hold']}  {said(row['standing'])}  {about}")
    by, at, authority, why = row["placed_by"], local(row["placed_at"], profile), row["authority"], row["why"]
    line(t(f"  placed by {by} on {at} for {authority}: {why}", f"  设立：{by}，{at}；{authority}要求：{why}"))
    if row["released_at"] is not None:
        by, at, why = row["released_by"], local(row["released_at"], profile), row["released_why"]
        line(t(f"  released by {by} on {at}: {why}", f"  解除：{by}，{at}；{why}"))
