"""Whether a store can be emptied at all: whether plans without it leave each of its copies the minimum elsewhere."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select, text

from vault.catalogue import schema
from vault.catalogue.copies import store_ids
from vault.catalogue.database import Database
from vault.catalogue.planned import as_if_planned, explain
from vault.catalogue.sites import Rules
from vault.errors import Refused
from vault.placement import Site
from vault.text import Text

_STAY = ("good", "owed", "damaged")  # copies that are, or will be, where plans want them


def require_can_empty(database: Database, rules: Rules, now: datetime, name: str) -> None:
    """Refused, with the reasons, where emptying it could never end. Nothing is changed."""
    refusal = as_if_planned(database, rules, now, lambda seen: _refusal(seen, rules, now, name), emptied=name)
    if refusal is not None:
        raise refusal


def _refusal(connection: Connection, rules: Rules, now: datetime, name: str) -> Refused | None:
    ids = store_ids(connection)
    others = {site.name: site for site in rules.configured if site.name in ids and site.name != name}
    mine, other = schema.copy.c, schema.copy.alias("other").c
    fails_with = case({ids[site.name]: site.fails_with for site in others.values()}, value=other.store_id)
    elsewhere = (
        select(func.count(fails_with.distinct()))
        .where(other.object_id == mine.object_id, other.store_id != mine.store_id, other.state.in_(_STAY))
        .scalar_subquery()
    )
    stuck = (
        select(func.count(), func.min(mine.object_id))
        .where(mine.store_id == ids[name], mine.state.in_(("leaving", "damaged")), elsewhere < rules.policy.minimum)
        .where(text("copy.state != 'good'"))  # the partial index's own words, or SQLite will not use it
    )
    count, object_id = connection.execute(stuck).one()
    if not count:
        return None
    minimum = rules.policy.minimum
    why = _reasons(connection, rules, now, others, object_id)
    return Refused(
        Text(
            en=f"Store {name} cannot be emptied: {count} of its copies would have fewer than {minimum} others that "
            f"do not fail together ({'; '.join(f'{one}: {reason.en}' for one, reason in why.items())}).",
            zh=f"存储 {name} 无法清空：其中 {count} 个副本在别处互不连带失效的副本将少于 {minimum} 个"
            f"（{'；'.join(f'{one}：{reason.zh}' for one, reason in why.items())}）。",
        ),
        hint=Text(
            en="See cleared, limit and domain in strongroom.toml, or attach another store first. Nothing was changed.",
            zh="请先接入其他存储，或检查 strongroom.toml 中的 cleared、limit、domain。未作任何改动。",
        ),
    )


def _reasons(
    connection: Connection, rules: Rules, now: datetime, others: dict[str, Site], object_id: int
) -> dict[str, Text]:
    """Of each other store what it is to one of those copies."""
    file, copy, store = schema.record_file.c, schema.copy.c, schema.store.c
    serial = connection.execute(select(func.min(file.record_id)).where(file.object_id == object_id)).scalar()
    planned = select(store.name).join(schema.copy, copy.store_id == store.id)
    having = set(connection.scalars(planned.where(copy.object_id == object_id, copy.state.in_(_STAY))))
    said = explain(connection, rules, serial, now) if serial is not None else {}
    return {name: _HAS_ONE if name in having else said.get(name) or _NO_ROOM for name in others}


_HAS_ONE = Text(en="has one, or will", zh="已有或将有副本")
_NO_ROOM = Text(en="its limit leaves no room", zh="容量上限已无余量")
