"""How acts change the catalogue: the one place where its rows are written, live and in a rebuild alike.

`project` takes acts in journal order inside one transaction. Because a rebuild calls the same function over the
same entries, the catalogue that a vault works with is the one its journal yields.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from vault import acts
from vault.catalogue import copies, locks, schema
from vault.catalogue.bulk import insert_rows, select_in
from vault.catalogue.holdings import expiry_columns, holding_of, new_holding, records_of_case
from vault.catalogue.rows import (
    fact_columns,
    read_facts,
    read_origins,
    spell_date,
    spell_file,
    spell_json,
    spell_time,
)
from vault.catalogue.search import spaced
from vault.digest import Digest
from vault.facts import FACT, Facts
from vault.profile import Profile
from vault.records import RecordFile
from vault.retention import Holding

FileLister = Callable[[acts.RecordStored], Sequence[RecordFile]]
_NAMES_SEARCHED = 1_000  # names of a record's files that can be searched; further ones are found through the record


def serial_of(number: str) -> int:
    """The serial in a record's number: 2026-0000042 -> 42."""
    return int(number.rpartition("-")[2])


def project(
    connection: Connection,
    profile: Profile,
    entries: Sequence[tuple[int, acts.AnyAct]],
    files_of: FileLister,
) -> None:
    """Apply acts, each with its place in the journal, to the catalogue. `files_of` gives a record's files, wherever
    their list is."""
    _index(connection, entries)
    stored: list[acts.RecordStored] = []
    for _, act in entries:
        if isinstance(act, acts.RecordStored):
            stored.append(act)  # many at once: see _store_records
            continue
        if stored:
            _store_records(connection, profile, stored, files_of)
            stored = []
        change = _CHANGES.get(type(act))
        if change is not None:
            change(connection, profile, act)
    if stored:
        _store_records(connection, profile, stored, files_of)


def _index(connection: Connection, entries: Sequence[tuple[int, acts.AnyAct]]) -> None:
    rows = []
    for seq, act in entries:
        number = getattr(act, "record", None)
        rows.append(
            {
                "seq": seq,
                "act": act.__struct_config__.tag,
                "at": spell_time(act.at),
                "by": act.by,
                "record_id": serial_of(number) if number else None,
            }
        )
    insert_rows(connection, schema.journal, rows)


def _store_records(
    connection: Connection, profile: Profile, stored: Sequence[acts.RecordStored], files_of: FileLister
) -> None:
    lists = [files_of(act) for act in stored]
    objects = _object_ids(connection, stored, lists)
    records, texts = [], []
    reckoned: dict[Holding, dict[str, str | None]] = {}  # what comes in together mostly expires together,
    spelled: dict[Facts, tuple[dict[str, str], dict[str, str]]] = {}  # and the same is said of it
    for act, listed in zip(stored, lists, strict=True):
        holding = new_holding(connection, act)
        if holding not in reckoned:
            reckoned[holding] = expiry_columns(holding, profile)
        if act.facts not in spelled:
            spelled[act.facts] = fact_columns(act.facts), _searchable_facts(act.facts)
        columns, words = spelled[act.facts]
        serial = serial_of(act.record)
        records.append(
            {
                "id": serial,
                "number": act.record,
                "standing": act.standing.value,
                "stored_at": spell_time(act.at),
                "stored_by": act.by,
                "origins": spell_json(act.origins),
                **columns,
                **reckoned[holding],
            }
        )
        names = "\n".join([file.name for file in listed[:_NAMES_SEARCHED]])
        texts.append({"rowid": serial, "number": act.record, "files": spaced(names), **words})
    insert_rows(connection, schema.record, records)
    insert_rows(connection, schema.record_text, texts)
    files = (
        {"record_id": row["id"], "position": n, "object_id": objects[file.sha256], "details": spell_file(file)}
        for row, listed in zip(records, lists, strict=True)
        for n, file in enumerate(listed)
    )
    insert_rows(connection, schema.record_file, files)
    locks.look_again(connection, list(objects.values()))


def _object_ids(
    connection: Connection, stored: Sequence[acts.RecordStored], lists: Sequence[Sequence[RecordFile]]
) -> dict[str, int]:
    """Rows for objects that are new and for the copies that intake made; all objects' ids by hexadecimal digest."""
    sizes: dict[str, int] = {}
    for act, listed in zip(stored, lists, strict=True):
        sizes |= {file.sha256: file.size for file in listed}
        if act.file_list is not None:
            sizes[act.file_list.sha256] = act.file_list.size
    known = known_objects(connection, list(sizes))
    new = [sha256 for sha256 in sizes if sha256 not in known]
    following = (connection.execute(select(func.max(schema.object_.c.id))).scalar() or 0) + 1
    ids = {**known, **{sha256: following + n for n, sha256 in enumerate(new)}}
    insert_rows(
        connection,
        schema.object_,
        ({"id": ids[sha256], "sha256": bytes.fromhex(sha256), "size": sizes[sha256]} for sha256 in new),
    )
    fresh: dict[int, copies.Fresh] = {}
    again: dict[tuple[str, datetime], list[int]] = {}  # store and time -> objects that others of these acts had first
    for act, listed in zip(stored, lists, strict=True):
        for sha256 in [*[file.sha256 for file in listed], *([act.file_list.sha256] if act.file_list else [])]:
            object_id = ids[sha256]
            if sha256 not in known and object_id not in fresh:
                fresh[object_id] = copies.Fresh(sizes[sha256], act.stores, act.at)
            elif object_id not in fresh or fresh[object_id].stores != act.stores:
                for name in act.stores:
                    again.setdefault((name, act.at), []).append(object_id)
    copies.land(connection, fresh)
    stores = copies.store_ids(connection) if again else {}
    for (name, at), objects in again.items():
        copies.make(connection, stores[name], objects, at)
    return ids


_OBJECT_IDS = select(schema.object_.c.sha256, schema.object_.c.id)


def known_objects(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """Ids of those objects that are in the catalogue, by hexadecimal digest."""
    wanted = [bytes.fromhex(sha256) for sha256 in digests]
    found = select_in(connection, _OBJECT_IDS, schema.object_.c.sha256, wanted)
    return {sha256.hex(): object_id for sha256, object_id in found}


def _searchable_facts(facts: Facts) -> dict[str, str]:
    values = [(name, getattr(facts, name)) for name in _SEARCHED_FACTS]
    return {name: spaced(v if isinstance(v, str) else "\n".join(v)) for name, v in values if v}


_SEARCHED_FACTS = tuple(name for name in schema.SEARCHED if name in FACT)


# The other acts, one function each.


def _attach_store(connection: Connection, profile: Profile, act: acts.StoreAttached) -> None:
    """It comes empty."""
    row = {"name": act.store, "kind": act.kind, "location": act.location, "journal_size": 0, "standing": "open"}
    store_id = copies.store_ids(connection).get(act.store)
    if store_id is None:
        connection.execute(insert(schema.store), {**row, "copies": 0, "bytes": 0})
        return
    connection.execute(update(schema.store).where(schema.store.c.id == store_id).values(row))
    copies.empty(connection, store_id)


def _detach_store(connection: Connection, profile: Profile, act: acts.StoreDetached) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.empty(connection, store_id)
    connection.execute(delete(schema.finding).where(schema.finding.c.store_id == store_id))
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


def _correct_record(connection: Connection, profile: Profile, act: acts.RecordCorrected) -> None:
    serial = serial_of(act.record)
    row = connection.execute(select(schema.record).where(schema.record.c.id == serial)).mappings().one()
    before = read_facts(dict(row))
    facts = act.facts.over(before)
    origins = {**read_origins(row["origins"]), **dict.fromkeys(act.facts.known(), "correction")}
    connection.execute(
        update(schema.record)
        .where(schema.record.c.id == serial)
        .values(standing=act.standing.value, origins=spell_json(origins), **fact_columns(facts))
    )
    words = {name: words for name, words in _searchable_facts(facts).items() if name in act.facts.known()}
    if words:
        assignments = ", ".join(f"{name} = :{name}" for name in words)
        connection.execute(
            text(f"UPDATE record_text SET {assignments} WHERE rowid = :rowid"), {**words, "rowid": serial}
        )
    _reckon(connection, profile, [serial])


def _file_case(connection: Connection, profile: Profile, act: acts.CaseFiled) -> None:
    connection.execute(delete(schema.case_file).where(schema.case_file.c.number == act.case))
    connection.execute(
        insert(schema.case_file),
        {
            "number": act.case,
            "name": act.name,
            "opened_on": spell_date(act.opened_on),
            "closed_on": spell_date(act.closed_on),
            "keep": act.keep.value if act.keep else None,
        },
    )
    _reckon(connection, profile, records_of_case(connection, act.case))


def _place_hold(connection: Connection, profile: Profile, act: acts.HoldPlaced) -> None:
    connection.execute(
        insert(schema.hold),
        {
            "id": act.hold,
            "record_id": serial_of(act.record),
            "why": act.why,
            "authority": act.authority,
            "placed_by": act.by,
            "placed_at": spell_time(act.at),
        },
    )
    _reckon(connection, profile, [serial_of(act.record)])


def _assign_class(connection: Connection, profile: Profile, act: acts.ClassAssigned) -> None:
    connection.execute(
        insert(schema.assigned),
        {
            "record_id": serial_of(act.record),
            "at": spell_time(act.at),
            "by": act.by,
            "retention_class": act.retention_class.value,
            "why": act.why,
            "citation": act.citation,
        },
    )
    _reckon(connection, profile, [serial_of(act.record)])


def _release_hold(connection: Connection, profile: Profile, act: acts.HoldReleased) -> None:
    connection.execute(update(schema.hold).where(schema.hold.c.id == act.hold).values(released_at=spell_time(act.at)))
    _reckon(connection, profile, [serial_of(act.record)])


def _damage_copy(connection: Connection, profile: Profile, act: acts.CopyDamaged) -> None:
    _set_copy(connection, act.store, act.sha256, "damaged", "")


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


def _lock_objects(connection: Connection, profile: Profile, act: acts.ObjectsLocked) -> None:
    if act.held is not None:
        locks.note_holds(connection, act.store, act.objects, held=act.held)


def _make_copies(connection: Connection, profile: Profile, act: acts.CopiesMade) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.make(connection, store_id, copies.object_ids(connection, act.sha256), act.at)


def _let_copies_go(connection: Connection, profile: Profile, act: acts.CopiesRemoved) -> None:
    store_id = copies.store_ids(connection)[act.store]
    copies.let_go(connection, store_id, copies.object_ids(connection, act.sha256), act.at)


def _build_disc(connection: Connection, profile: Profile, act: acts.DiscBuilt) -> None:
    connection.execute(
        insert(schema.disc_set),
        {
            "number": act.disc_set,
            "records": spell_json(act.records),
            "sha256": act.sha256,
            "size": act.size,
            "built_at": spell_time(act.at),
        },
    )


def _pause_expiry(connection: Connection, profile: Profile, act: acts.CatalogueRebuilt) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key == "expiry_paused"))
    connection.execute(insert(schema.meta), {"key": "expiry_paused", "value": spell_time(act.at)})


def _release_expiry(connection: Connection, profile: Profile, act: acts.ExpiryReleased) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key == "expiry_paused"))


def _reckon(connection: Connection, profile: Profile, serials: Iterable[int]) -> None:
    """Reckon the retention of records anew after what it follows from has changed."""
    for serial in serials:
        holding = holding_of(connection, serial)
        connection.execute(
            update(schema.record).where(schema.record.c.id == serial).values(**expiry_columns(holding, profile))
        )
        locks.look_again_at_record(connection, serial)


_CHANGES: dict[type[acts.Act], Callable[[Connection, Profile, Any], None]] = {
    acts.StoreAttached: _attach_store,
    acts.StoreDetached: _detach_store,
    acts.StoreStanding: _stand_store,
    acts.CopiesMade: _make_copies,
    acts.CopiesRemoved: _let_copies_go,
    acts.StoreProbed: _probe_store,
    acts.RecordCorrected: _correct_record,
    acts.ClassAssigned: _assign_class,
    acts.CaseFiled: _file_case,
    acts.HoldPlaced: _place_hold,
    acts.HoldReleased: _release_hold,
    acts.CopyDamaged: _damage_copy,
    acts.CopyHealed: _heal_copy,
    acts.ObjectsLocked: _lock_objects,
    acts.DiscBuilt: _build_disc,
    acts.CatalogueRebuilt: _pause_expiry,
    acts.ExpiryReleased: _release_expiry,
}
