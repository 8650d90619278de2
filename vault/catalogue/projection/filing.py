"""Records that come in: many at once, since an intake files them by the thousand."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from vault import acts
from vault.catalogue import copies, demands, locks, schema, tally
from vault.catalogue.announced import close_answered
from vault.catalogue.bulk import insert_rows, select_in
from vault.catalogue.holdings import expiry_columns, new_holding
from vault.catalogue.projection.recordings import note_interruptions
from vault.catalogue.rows import fact_columns, serial_of, spell_file, spell_json, spell_time
from vault.catalogue.search import searchable, spaced
from vault.catalogue.texts import texts_of
from vault.catalogue.timeliness import timeliness_columns
from vault.deadlines import Deadline, deadline
from vault.facts import Facts
from vault.profile import Profile
from vault.records import RecordFile
from vault.retention import Holding

FileLister = Callable[[acts.RecordStored], Sequence[RecordFile]]
_NAMES_SEARCHED = 1_000  # names of a record's files that can be searched; further ones are found through the record
_OBJECT_IDS = select(schema.object_.c.sha256, schema.object_.c.id)


def store_records(
    connection: Connection, profile: Profile, stored: Sequence[acts.RecordStored], files_of: FileLister
) -> None:
    lists = [files_of(act) for act in stored]
    objects = _object_ids(connection, stored, lists)
    records, texts = [], []
    reckoned: dict[Holding, dict[str, str | None]] = {}  # what comes in together mostly expires together,
    spelled: dict[
        tuple[Facts, datetime], tuple[dict[str, str], dict[str, str], Deadline]
    ] = {}  # and the same is said of it
    for act, listed in zip(stored, lists, strict=True):
        holding = new_holding(connection, act)
        if holding not in reckoned:
            reckoned[holding] = expiry_columns(holding, profile)
        said = act.facts, act.at
        if said not in spelled:
            spelled[said] = fact_columns(act.facts), searchable(act.facts), deadline(act.facts, profile, act.at)
        columns, words, due = spelled[said]
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
                **timeliness_columns(due, act.at),
                "list_id": objects[act.file_list.sha256] if act.file_list is not None else None,
            }
        )
        names = "\n".join([file.name for file in listed[:_NAMES_SEARCHED]])
        texts.append({"rowid": serial, "number": act.record, "files": spaced(names), **words})
    insert_rows(connection, schema.record, records)
    tally.change(connection, Counter(tally.place_of(record) for record in records))
    texts_of(connection).put(connection, texts)
    files = (
        {"record_id": row["id"], "position": n, "object_id": objects[file.sha256], "details": spell_file(file)}
        for row, listed in zip(records, lists, strict=True)
        for n, file in enumerate(listed)
    )
    insert_rows(connection, schema.record_file, files)
    locks.look_again(connection, list(objects.values()))
    note_interruptions(connection, ((serial_of(act.record), listed) for act, listed in zip(stored, lists, strict=True)))
    close_answered(connection, profile, ((act.record, act.facts, act.at) for act in stored))
    circumstances = ((serial_of(act.record), act.facts.circumstances, act.at) for act in stored)
    demands.raise_for(connection, profile, circumstances)


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


def known_objects(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    """Ids of those objects that are in the catalogue, by hexadecimal digest."""
    wanted = [bytes.fromhex(sha256) for sha256 in digests]
    found = select_in(connection, _OBJECT_IDS, schema.object_.c.sha256, wanted)
    return {sha256.hex(): object_id for sha256, object_id in found}
