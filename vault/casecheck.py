"""What a case has of what the office's list demands: gathered from the catalogue for vault/completeness.py."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from vault.casenumbers import case_key
from vault.catalogue import schema
from vault.catalogue.announced import open_activities
from vault.catalogue.explained import interruptions_of, missing_of_case
from vault.catalogue.holdings import of_case
from vault.catalogue.queries import PAGE, read_records
from vault.catalogue.rows import serial_of
from vault.completeness import Announced, Checked, Missing, Recorded, Shown, check
from vault.deadlines import Timeliness
from vault.errors import BadInput
from vault.facts import Facts
from vault.profile import ListedRecording, Profile
from vault.records import Record, Standing
from vault.terms import local_day
from vault.text import Text


def demanded(profile: Profile) -> Sequence[ListedRecording]:
    """The items of the office's list. BadInput where it has none: to check nothing is not to find nothing lacking."""
    if profile.recordings is None or not profile.recordings.items:
        raise BadInput(
            Text(
                en=f"Profile {profile.id} has no list of recordings; nothing was checked.",
                zh=f"制度配置 {profile.id} 中没有音像记录清单；未作核对。",
            ),
            hint=Text(
                en="Enter the office's own list in its profile: [[recordings.items]]",
                zh="请将本单位的清单填入制度配置：[[recordings.items]]",
            ),
        )
    return profile.recordings.items


def check_case(connection: Connection, profile: Profile, case: str, named: Sequence[str], now: datetime) -> Checked:
    """What the case demands and what of it there is. `named`: matters that took place, whatever records say.

    BadInput where neither the office nor any record, activity or explanation knows the case: a number mistyped would
    else lack nothing.
    """
    items = demanded(profile)
    missing = [
        Missing(one.number, one.facts.matter, _day(one.facts, profile), one.settled)
        for one in missing_of_case(connection, case)
    ]
    announced = [
        Announced(
            one.number,
            one.facts.matter,
            _day(one.facts, profile),
            missed=one.due.standing(now) is Timeliness.MISSED,
        )
        for one in open_activities(connection, profile, case)
    ]
    recorded = _recorded(connection, profile, case)
    if not (recorded or missing or announced or _is_filed(connection, case)):
        raise BadInput(
            Text(en=f"There is no case {case}.", zh=f"没有案件 {case}。"),
            hint=Text(
                en="Check the number: strongroom find --case-number …; or file the case: strongroom case open",
                zh="请核对案号：strongroom find --case-number …；或先立案：strongroom case open",
            ),
        )
    return check(items, recorded, missing, announced, named)


def _is_filed(connection: Connection, case: str) -> bool:
    key = schema.case_file.c.key
    return connection.execute(select(key).where(key == case_key(case))).first() is not None


def _recorded(connection: Connection, profile: Profile, case: str) -> list[Recorded]:
    """The case's records, as far as the check wants to know of them: their files pass by a page at a time."""
    id_ = schema.record.c.id
    recorded: list[Recorded] = []
    after = 0
    while True:
        mine = select(id_).where(of_case(case), id_ > after).order_by(id_).limit(PAGE)
        serials = connection.execute(mine).scalars().all()
        recorded += [_as_recorded(connection, profile, record) for record in read_records(connection, serials)]
        if len(serials) < PAGE:
            return recorded
        after = serials[-1]


def _as_recorded(connection: Connection, profile: Profile, record: Record) -> Recorded:
    gaps = [gap for gap in interruptions_of(connection, serial_of(record.number)) if not gap.settled]
    return Recorded(
        number=record.number,
        matter=record.facts.matter,
        day=_day(record.facts, profile),
        files=tuple(Shown(file.media_type, file.sound) for file in record.files),
        interrupted=any(gap.began is not None for gap in gaps),
        unclear=any(gap.began is None for gap in gaps),
        gone=record.standing is Standing.DESTROYED,
    )


def _day(facts: Facts, profile: Profile) -> date | None:
    """The office's day of the activity: of its beginning, where that is known."""
    moment = facts.recorded_at or facts.recorded_until or facts.activity_ended_at
    return local_day(moment, profile.zone) if moment is not None else None
