"""Announcing activities whose recordings are still to come, so that a deadline can be seen before it is missed."""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.authority import Action, require
from vault.catalogue import schema
from vault.catalogue.announced import facts_of_activity
from vault.catalogue.numbers import Letter, next_number
from vault.errors import BadInput
from vault.facts import Facts
from vault.intake.facts_text import require_in_order
from vault.profile.known import require_known_words
from vault.store import Vault
from vault.text import Text


def announce(vault: Vault, facts: Facts) -> str:
    """Enter an activity that took place; its number. BadInput where nobody could tell later which record is its own."""
    require(vault, Action.FACTS_CORRECT)
    require_known_words(vault.profile, facts)
    _require_enough(facts)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.ActivityAnnounced]:
        number = next_number(connection, schema.activity.c.number, Letter.ACTIVITY)
        return [acts.ActivityAnnounced(at=now, by=by, activity=number, facts=facts)]

    (announced,) = vault.commit(draft)
    assert isinstance(announced, acts.ActivityAnnounced)
    return announced.activity


def amend(vault: Vault, number: str, facts: Facts) -> None:
    """Say more of an announced activity: when the officers returned, say. What was said before and not now, stays."""
    require(vault, Action.FACTS_CORRECT, about=number)
    require_known_words(vault.profile, facts)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        together = facts.over(_required(connection, number))
        require_in_order(together, vault.profile.zone)
        return [acts.ActivityAnnounced(at=now, by=by, activity=number, facts=together)]

    vault.commit(draft)


def close(vault: Vault, number: str, why: str) -> None:
    """Expect nothing more of an announced activity."""
    require(vault, Action.FACTS_CORRECT, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        _required(connection, number)
        return [acts.ActivityClosed(at=now, by=by, activity=number, why=why)]

    vault.commit(draft)


def _required(connection: Connection, number: str) -> Facts:
    """What was said of an activity. BadInput unless it is open."""
    facts = facts_of_activity(connection, number)
    if facts is None:
        raise BadInput(
            Text(en=f"No announced activity {number} is open.", zh=f"没有编号为 {number} 的待入库活动。"),
            hint=Text(en="Those that are: strongroom deadline list", zh="查看待入库活动：strongroom deadline list"),
        )
    return facts


def _require_enough(facts: Facts) -> None:
    if facts.activity_ended_at is None or not (facts.case_number or facts.section):
        raise BadInput(
            Text(
                en="An announced activity needs its end, and the case or the section.",
                zh="登记待入库活动须注明活动结束时间，以及案号或科室。",
            ),
            hint=Text(
                en="For example: --section 监督检查科 --activity-ended-at '2026-11-21 11:20'",
                zh="例如：--section 监督检查科 --activity-ended-at '2026-11-21 11:20'",
            ),
        )
