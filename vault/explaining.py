"""Explaining what the rules want explained: late intake, interruptions, recordings that were not made; and reviewing.

The causes are the profile's, and so is whether somebody has to review. Nobody reviews what they filed themselves.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from vault import acts
from vault.authority import Action, Bar, Barred, Reason, Ruling, at_the_door, refuse, require
from vault.catalogue import queries, schema
from vault.catalogue.announced import facts_of_activity
from vault.catalogue.explained import explanation, interruptions_of
from vault.catalogue.numbers import Letter, next_number
from vault.catalogue.rows import serial_of
from vault.catalogue.timeliness import judged
from vault.errors import BadInput
from vault.facts import Facts
from vault.people import Role
from vault.profile import Explanation, Profile
from vault.profile.known import require_known_words
from vault.profile.recording import Lack
from vault.store import Vault
from vault.text import Text


def explain_late(vault: Vault, numbers: Sequence[str], why: str) -> None:
    """Say why records were stored after their deadline. BadInput for one that is not late, and then none is changed."""
    require(vault, Action.GAP_EXPLAIN, about=", ".join(numbers))
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        for number in numbers:
            queries.get_record(connection, number)
            if judged(connection, serial_of(number)).lateness not in ("late", "explained"):
                raise BadInput(
                    Text(en=f"{number} is not late: there is nothing to explain.", zh=f"{number} 未逾期，无需说明。"),
                    hint=Text(
                        en=f"By when it had to be stored: strongroom deadline explain {number}",
                        zh=f"入库时限及依据：strongroom deadline explain {number}",
                    ),
                )
        return [acts.LateExplained(at=now, by=by, record=number, why=why) for number in dict.fromkeys(numbers)]

    vault.commit(draft)


def explain_interruption(
    vault: Vault, number: str, gaps: Sequence[int], cause: str, why: str, basis: str
) -> acts.InterruptionExplained:
    """Say why a record's recording stopped. `gaps`: which of those that were found, counted from 1; none: all of them.
    BadInput where none was found."""
    require(vault, Action.GAP_EXPLAIN, about=number)
    rule = require_cause(vault.profile, "interrupted", cause)
    require_stated(rule, basis)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        queries.get_record(connection, number)
        began = _began(connection, number, gaps)
        return [
            acts.InterruptionExplained(
                at=now,
                by=by,
                explanation=_next(connection),
                record=number,
                began=began,
                cause=cause,
                why=why,
                basis=basis,
                reviewer=_reviewer(rule),
            )
        ]

    (filed,) = vault.commit(draft)
    assert isinstance(filed, acts.InterruptionExplained)
    return filed


def _began(connection: Connection, number: str, gaps: Sequence[int]) -> tuple[datetime, ...]:
    """When the gaps that are meant began. BadInput for one that was not found."""
    found = interruptions_of(connection, serial_of(number))
    if not found:
        raise BadInput(
            Text(
                en=f"{number} has no gap that would have to be explained: none was found.",
                zh=f"{number} 没有需要说明的中断：未发现任何中断。",
            ),
            hint=Text(
                en="What was not recorded, or not to its end: strongroom interruption missing --case-number …",
                zh="未记录或未能继续记录的：strongroom interruption missing --case-number …",
            ),
        )
    placed = [one.began for one in found if one.began is not None]
    for gap in gaps:
        if not 1 <= gap <= len(placed):
            raise BadInput(
                Text(
                    en=f"{number} has no gap {gap}; {len(placed)} were found.",
                    zh=f"{number} 没有第 {gap} 处中断；共发现 {len(placed)} 处。",
                ),
                hint=Text(
                    en=f"Look at: strongroom interruption list {number}",
                    zh=f"请查看：strongroom interruption list {number}",
                ),
            )
    return tuple(sorted({placed[gap - 1] for gap in gaps}))


def explain_missing(
    vault: Vault, facts: Facts, cause: str, why: str, basis: str, activity: str = ""
) -> acts.RecordingMissing:
    """Say why a recording was not made. What an announced `activity` says need not be said again; it is closed."""
    require(vault, Action.GAP_EXPLAIN, about=activity)
    rule = require_cause(vault.profile, "not-recorded", cause)
    require_stated(rule, basis)
    require_known_words(vault.profile, facts)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        said = facts
        if activity:
            announced = facts_of_activity(connection, activity)
            if announced is None:
                raise BadInput(
                    Text(en=f"No announced activity {activity} is open.", zh=f"没有编号为 {activity} 的待入库活动。")
                )
            said = facts.over(announced)
        if not (said.case_number or said.section):
            raise BadInput(
                Text(
                    en="Say of which case or section the recording is missing.",
                    zh="请注明未记录的执法活动所属案号或科室。",
                )
            )
        return [
            acts.RecordingMissing(
                at=now,
                by=by,
                explanation=_next(connection),
                facts=said,
                activity=activity,
                cause=cause,
                why=why,
                basis=basis,
                reviewer=_reviewer(rule),
            )
        ]

    (filed,) = vault.commit(draft)
    assert isinstance(filed, acts.RecordingMissing)
    return filed


def review(vault: Vault, number: str, why: str) -> None:
    """Agree with an explanation, in the role that the profile wants for it. Refused to whoever filed it, and where it
    was reviewed already.
    """
    with vault.database.reading() as connection:
        asked = explanation(connection, number)
    filers, filed_at = ((asked.filed_by,), asked.filed_at) if asked is not None else ((), None)
    person = require(vault, Action.GAP_REVIEW, about=number, asked_by=filers, asked_at=filed_at)
    if asked is not None and asked.reviewer and person.roles and Role(asked.reviewer) not in person.roles:
        role = Role(asked.reviewer).label
        wanted = Text(en=f"{number} is for another role to review: {role.en}.", zh=f"{number} 应由{role.zh}审核。")
        refuse(vault, Action.GAP_REVIEW, Ruling((Reason(Bar.ROLE, wanted),)), number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        filed = explanation(connection, number)
        if filed is None:
            raise BadInput(
                Text(en=f"There is no explanation {number}.", zh=f"没有编号为 {number} 的说明。"),
                hint=Text(
                    en="Those to be reviewed: strongroom interruption list --to-review",
                    zh="待审核的说明：strongroom interruption list --to-review",
                ),
            )
        if filed.reviewed_at is not None:
            raise Barred(
                Reason(
                    Bar.ALREADY,
                    Text(
                        en=f"{filed.reviewed_by} has reviewed {number} already.",
                        zh=f"{number} 已由 {filed.reviewed_by} 审核。",
                    ),
                    hint=Text(
                        en="Those to be reviewed: strongroom interruption list --to-review",
                        zh="待审核的说明：strongroom interruption list --to-review",
                    ),
                )
            )
        if filed.filed_by == by:
            raise Barred(
                Reason(
                    Bar.OWN,
                    Text(
                        en=f"{by} filed {number}: somebody else has to review it.",
                        zh=f"{number} 由 {by} 本人填报，须由他人审核。",
                    ),
                    hint=Text(
                        en=f"They do so under their own name: strongroom interruption review {number}",
                        zh=f"由他人以本人名义办理：strongroom interruption review {number}",
                    ),
                )
            )
        return [acts.ExplanationReviewed(at=now, by=by, explanation=number, why=why)]

    with at_the_door(vault, Action.GAP_REVIEW, number):
        vault.commit(draft)


def rules_for(profile: Profile, lack: Lack) -> list[Explanation]:
    """What the profile demands where a recording lacks in that way."""
    return [rule for rule in profile.explanations if lack in rule.covers]


def require_cause(profile: Profile, lack: Lack, cause: str) -> Explanation | None:
    """The rule that the cause belongs to; None where the profile has no causes for this, and any words will do.

    BadInput for a cause that is not on the profile's list.
    """
    rules = rules_for(profile, lack)
    if not rules:
        return None
    for rule in rules:
        if any(known.id == cause for known in rule.causes):
            return rule
    known = [one for rule in rules for one in rule.causes]
    raise BadInput(
        Text(
            en=f"Profile {profile.id} knows no cause {cause!r} for this.",
            zh=f"制度配置 {profile.id} 中没有原因 {cause!r}。",
        )
        if cause
        else Text(en="Give --ground, one of the causes below.", zh="请用 --ground 注明原因，可选项如下。"),
        hint=Text(
            en="; ".join(f"{one.id}: {one.en} ({one.article})" for one in known),
            zh="；".join(f"{one.id}：{one.zh}（{one.article}）" for one in known),
        ),
    )


def require_stated(rule: Explanation | None, basis: str) -> None:
    """BadInput where the regulation wants the basis written down (写明原因和依据) and it is not."""
    if rule is not None and "basis" in rule.states and not basis.strip():
        raise BadInput(
            Text(
                en=f"Article {rule.article} wants the basis as well as the cause.",
                zh=f"依据条款 {rule.article}，除原因外还须写明依据。",
            ),
            hint=Text(en="Add: --basis …", zh="请补充：--basis …"),
        )


def _reviewer(rule: Explanation | None) -> str:
    return rule.reviewer.value if rule is not None and rule.reviewer is not None else ""


def _next(connection: Connection) -> str:
    return next_number(connection, schema.explanation.c.number, Letter.EXPLANATION)
