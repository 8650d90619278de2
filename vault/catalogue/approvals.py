"""Approvals as the catalogue has them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from vault.actions import Action
from vault.approvals import Approval, Consent, Stage
from vault.catalogue import people, schema
from vault.catalogue.rows import read_time, spell_time
from vault.people import Role, Signature

_PAGE = 100


def find(connection: Connection, number: str) -> Approval | None:
    """The approval of that number, None where there is none."""
    row = connection.execute(select(schema.approval).where(schema.approval.c.number == number)).first()
    return _read(connection, row) if row is not None else None


def asked_for(connection: Connection, action: Action) -> Iterator[Approval]:
    """All that were asked for under an action, the newest first. Memory holds a page."""
    approval = schema.approval.c
    before: int | None = None
    while True:
        page = select(schema.approval).where(approval.action == action.value).order_by(approval.id.desc()).limit(_PAGE)
        rows = connection.execute(page if before is None else page.where(approval.id < before)).all()
        for row in rows:
            yield _read(connection, row)
        if len(rows) < _PAGE:
            return
        before = rows[-1].id


def unfinished(connection: Connection, action: Action, now: datetime) -> Sequence[Approval]:
    """Those under an action that wait for somebody's consent, or have it and are not used up; the oldest first."""
    row = schema.approval.c
    open_ = (
        select(schema.approval)
        .where(row.action == action.value, row.until >= spell_time(now))
        .where(row.used_at.is_(None), row.declined_by.is_(None))
        .order_by(row.id)
    )
    read = [_read(connection, one) for one in connection.execute(open_).all()]
    return [one for one in read if one.stage(now) in (Stage.OPEN, Stage.APPROVED)]


def _read(connection: Connection, row: Row[Any]) -> Approval:
    consent, apart = schema.consent, people.told_apart(connection)
    given = connection.execute(select(consent).where(consent.c.approval_id == row.id).order_by(consent.c.position))
    return Approval(
        number=row.number,
        action=Action(row.action),
        sha256=row.sha256,
        asked_by=row.asked_by,
        asked_at=read_time(row.asked_at),
        until=read_time(row.until),
        needs=msgspec.json.decode(row.needs, type=tuple[Role, ...]),
        why=row.why,
        about=msgspec.json.decode(row.about, type=tuple[str, ...]),
        purpose=row.purpose,
        consents=tuple(Consent(one.by, Role(one.role), read_time(one.at), apart(one.by, one.name)) for one in given),
        declined=(row.declined_by, row.declined_why) if row.declined_by else None,
        used_at=read_time(row.used_at) if row.used_at else None,
        asked=Signature(
            row.asked_by,
            read_time(row.asked_at),
            name=apart(row.asked_by, row.asked_name),
            title=Role(row.asked_title) if row.asked_title else None,
        ),
    )
