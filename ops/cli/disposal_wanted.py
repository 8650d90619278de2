"""What `strongroom disposal show` and `run` say of viewings that are still open for records on a list.

It is told, and bars nothing. Who asked, for which record and what for, is for those who may read facts; others who may
carry the list out learn that there is such, and who can look.
"""

from sqlalchemy import Connection

from ops.cli.common import local
from ops.language import t
from ops.output import json_line, note
from vault.authority import Action
from vault.catalogue import people
from vault.disposal.wanted import Wanted, wanted
from vault.profile import Profile
from vault.rights import may
from vault.store import Vault
from vault.text import counted
from vault.viewing import Purpose


def show_wanted(vault: Vault, connection: Connection, number: str, as_json: bool) -> None:
    """To whoever may read facts: every viewing that is open, and how a record is kept for it."""
    found = list(wanted(connection, number, vault.now()))
    for one in found:
        if as_json:
            json_line(_row(one), "viewing")
        else:
            note(_words(one, vault.profile))
    if found and not as_json:
        note(
            t(
                "  What is destroyed can be viewed no more. To keep a record: strongroom hold place",
                "  销毁后无法再查阅。如须保留记录：strongroom hold place",
            )
        )


def tell_before_run(vault: Vault, number: str, as_json: bool) -> int:
    """How many viewings are open, before anything is destroyed; 0 to whoever may not carry the list out."""
    with vault.database.reading() as connection:
        person = people.at_work(connection, vault.setting.person)
        if not may(person, Action.DISPOSAL_RUN).allowed:
            return 0
        found = list(wanted(connection, number, vault.setting.clock()))
    if not found or as_json:
        return len(found)
    if may(person, Action.FACTS_READ).allowed:
        for one in found:
            note(_words(one, vault.profile))
    else:
        count, look = len(found), f"strongroom disposal show {number}"
        note(
            t(
                f"Open for records of this list: {counted(count, 'viewing')}. Who may read facts sees which: {look}",
                f"清册中的记录有 {count} 项查阅尚未办结；有权查看记录信息的人员可查看详情：{look}",
            )
        )
    return len(found)


def _words(one: Wanted, profile: Profile) -> str:
    asked, purpose, waits_for = one.asked, Purpose(one.asked.purpose).label, one.asked.waits_for
    who = asked.asked.called if asked.asked is not None else asked.asked_by
    until = local(asked.until, profile)
    stands = t(f"approved, not used up, until {until}", f"已批准，尚未用完，有效至 {until}")
    if waits_for is not None:
        stands = t(f"waits for {waits_for.label.en}", f"待{waits_for.label.zh}审批")
    return t(
        f"{', '.join(one.records)}: viewing {asked.number} ({purpose.en}), asked for by {who}: {stands}",
        f"{'、'.join(one.records)}：查阅申请 {asked.number}（{purpose.zh}，申请人：{who}）：{stands}",
    )


def _row(one: Wanted) -> dict[str, object]:
    return {
        "request": one.asked.number,
        "records": one.records,
        "for": one.asked.purpose,
        "asked_by": one.asked.asked_by,
        "waits_for": one.asked.waits_for,
        "until": one.asked.until,
    }
