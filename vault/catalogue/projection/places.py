"""Stores, and the copies on them."""

from sqlalchemy import Connection, delete, insert, select, update

from vault import acts
from vault.catalogue import copies, locks, schema
from vault.catalogue.bulk import insert_rows
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_json, spell_time
from vault.digest import Digest
from vault.profile import Profile


def _attach_store(connection: Connection, profile: Profile, act: acts.StoreAttached) -> None:
    """It comes empty."""
    row = {"name": act.store, "kind": act.kind, "location": act.location, "journal_size": 0, "standing": "open"}
    store_id = copies.store_ids(connection).get(act.store)
    if store_id is None:
        connection.execute(insert(schema.store), {**row, "copies": 0, "bytes": 0})
        return
    unseen = {"absent": 0, "corrupt": 0, "mended": 0, "scrubbed_at": None, "passed_at": None}
    unseen |= {"drilled_at": None, "drill_passed_at": None}
    connection.execute(update(schema.store).where(schema.store.c.id == store_id).values(row | unseen))
    copies.empty(connection, store_id)


def _detach_store(connection: Connection, profile: Profile, act: acts.StoreDetached) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.empty(connection, store_id)
    connection.execute(delete(schema.finding).where(schema.finding.c.store_id == store_id))
    connection.execute(delete(schema.doomed_copy).where(schema.doomed_copy.c.store == act.store))
    connection.execute(delete(schema.store).where(schema.store.c.id == store_id))


def _stand_store(connection: Connection, profile: Profile, act: acts.StoreStanding) -> None:
    connection.execute(update(schema.store).where(schema.store.c.name == act.store).values(standing=act.standing))


def _probe_store(connection: Connection, profile: Profile, act: acts.StoreProbed) -> None:
    store_id = connection.execute(select(schema.store.c.id).where(schema.store.c.name == act.store)).scalar_one()
    connection.execute(delete(schema.finding).where(schema.finding.c.store_id == store_id))
    insert_rows(
        connection,
        schema.finding,
        (
            {
                "store_id": store_id,
                "name": found.name,
                "answer": found.answer,
                "value": spell_json(found.value),
                "found_at": spell_time(act.at),
            }
            for found in act.findings
        ),
    )


def _damage_copy(connection: Connection, profile: Profile, act: acts.CopyDamaged) -> None:
    _set_copy(connection, act.store, act.sha256, "damaged", "")
    _count(connection, act.store, act.state)


def _heal_copy(connection: Connection, profile: Profile, act: acts.CopyHealed) -> None:
    _set_copy(connection, act.store, act.sha256, "good", spell_time(act.at))


def _set_copy(connection: Connection, store: str, sha256: str, state: str, verified_at: str) -> None:
    object_id = select(schema.object_.c.id).where(schema.object_.c.sha256 == Digest.parse(sha256).raw).scalar_subquery()
    store_id = select(schema.store.c.id).where(schema.store.c.name == store).scalar_subquery()
    connection.execute(
        update(schema.copy)
        .where(schema.copy.c.object_id == object_id, schema.copy.c.store_id == store_id)
        .values(state=state, verified_at=verified_at)
    )
    locks.look_again(connection, connection.execute(select(object_id)).scalars().all())


def _mend_journal(connection: Connection, profile: Profile, act: acts.JournalHealed) -> None:
    _count(connection, act.store, "mended")


def _count(connection: Connection, store: str, kind: str) -> None:
    counted = schema.store.c[kind]
    connection.execute(update(schema.store).where(schema.store.c.name == store).values({kind: counted + 1}))


def _end_scrub(connection: Connection, profile: Profile, act: acts.Scrubbed) -> None:
    ended = {"scrubbed_at": spell_time(act.at)}
    if act.checked and act.failed == act.healed and not act.skipped:
        ended["passed_at"] = spell_time(act.at)
    connection.execute(update(schema.store).where(schema.store.c.name == act.store).values(ended))


def _lock_objects(connection: Connection, profile: Profile, act: acts.ObjectsLocked) -> None:
    if act.held is not None:
        locks.note_holds(connection, act.store, act.objects, held=act.held)


def _make_copies(connection: Connection, profile: Profile, act: acts.CopiesMade) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.make(connection, store_id, copies.object_ids(connection, act.sha256), act.at)


def _let_copies_go(connection: Connection, profile: Profile, act: acts.CopiesRemoved) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.let_go(connection, store_id, copies.object_ids(connection, act.sha256), act.at)


CHANGES: Changes = {
    acts.StoreAttached: _attach_store,
    acts.StoreDetached: _detach_store,
    acts.StoreStanding: _stand_store,
    acts.StoreProbed: _probe_store,
    acts.CopiesMade: _make_copies,
    acts.CopiesRemoved: _let_copies_go,
    acts.CopyDamaged: _damage_copy,
    acts.CopyHealed: _heal_copy,
    acts.JournalHealed: _mend_journal,
    acts.Scrubbed: _end_scrub,
    acts.ObjectsLocked: _lock_objects,
}
