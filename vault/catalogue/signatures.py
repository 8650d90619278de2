"""Who signed a list as supervisor of destruction (监销人), whether that still counts, and who took whose place; and who
carried the destruction out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from vault.catalogue import people, schema
from vault.catalogue.rows import read_time
from vault.disposal.rules import OPEN, Signed, State
from vault.people import Signature


def supervisors(connection: Connection, disposal: str, state: State) -> tuple[Signed, ...]:
    """In the order in which they signed. What is over stays as it was, whoever leaves afterwards."""
    table, apart = schema.disposal_signature, people.told_apart(connection)
    mine = select(table).where(table.c.disposal == disposal).order_by(table.c.at, table.c.by)
    rows = connection.execute(mine).all()
    plain = {row.by: people.signature(apart, row.by, row.at, row.name, row.title) for row in rows}
    return tuple(
        Signed(
            row.by,
            plain[row.by].at,
            row.sha256,
            read_time(row.runs_from),
            state not in OPEN or row.lost_at is None,
            plain.get(row.replaced_by),
            name=plain[row.by].name,
            title=plain[row.by].title,
        )
        for row in rows
    )


def replaced_before(signed: Iterable[Signed], carried: Iterable["Carried"]) -> frozenset[str]:
    """Logins of those whose place others had taken before anything was destroyed: they supervised nothing."""
    began = min((one.at for one in carried), default=None)
    replaced = ((one.by, one.replaced.at) for one in signed if one.replaced is not None)
    return frozenset(by for by, at in replaced if began is None or at < began)


@dataclass(frozen=True, slots=True)
class Carried(Signature):
    """Somebody who carried a destruction out, from `at` to `until`."""

    until: datetime


def carried_out(connection: Connection, disposal: str) -> tuple[Carried, ...]:
    """In the order in which they began."""
    table, apart = schema.carried_out, people.told_apart(connection)
    mine = select(table).where(table.c.disposal == disposal).order_by(table.c.first_at, table.c.by)
    return tuple(
        Carried(
            row.by,
            read_time(row.first_at),
            read_time(row.last_at),
            name=apart(row.by, row.name),
            title=people.role(row.title),
        )
        for row in connection.execute(mine)
    )
