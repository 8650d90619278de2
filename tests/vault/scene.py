"""A vault with something in it, and the hands that damage it: what tests of the integrity side share."""

import hashlib
import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from tests.catalogues import spelled
from vault import acts
from vault.catalogue.inforce import put_in_force
from vault.catalogue.projection import project
from vault.catalogue.sqlite import SqliteDatabase
from vault.digest import Digest
from vault.facts import Facts
from vault.fsck import Count, Finding, fsck
from vault.intake.filing import Ready, file_records
from vault.layout import MARKER
from vault.ports import Store
from vault.profile import Profile
from vault.readers import Threads
from vault.records import RecordFile, Standing
from vault.scrub import Budget, Report, scrub
from vault.store import Vault

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NAMES = ("王芳", "李娜", "张伟", "刘洋", "陈静", "欧阳建国", "杨𠅤", "赵㛃", "周杰", "买买提·吐尔逊")
PLACES = ("新华东路12号", "湍河街道办事处", "穰东镇集贸市场", "古城广场北侧")


def facts(number: int) -> Facts:
    """The facts of a visit to one of a few people, enough for 邓州's profile."""
    name = NAMES[number % len(NAMES)]
    return Facts(
        case_number=f"邓城管罚字〔2026〕第{number // 3:04d}号" if number % 3 else "",
        case_name=f"{name}占道经营案" if number % 3 else "",
        party=name,
        section=("执法一中队", "执法二中队")[number % 2],
        officers=("李建国", f"执法员{number % 17:02d}"),
        recorder="李建国",
        device_number=f"DSJ-{number % 23:04d}",
        place=PLACES[number % len(PLACES)],
        matter="日常检查",
    )


def noise(size: int, seed: int) -> bytes:
    """Bytes that no two seeds share."""
    return random.Random(seed).randbytes(size)


def land(store: Store, *contents: bytes) -> None:
    """Contents as objects of one store, without a record."""
    arrivals = []
    for data in contents:
        arrival = store.begin(len(data))
        arrival.write(data)
        arrival.finish()
        arrivals.append((arrival, Digest.of(data)))
    store.put(arrivals)


def take_in(vault: Vault, *records: Sequence[bytes], on: Sequence[str] = ()) -> list[str]:
    """File records, each with these contents, on all stores or on some; their numbers."""
    names = tuple(on) or tuple(vault.stores)
    for name in names:
        land(vault.stores[name], *(data for contents in records for data in contents))
    ready = [
        Ready(
            files=tuple(
                RecordFile(sha256=Digest.of(data).hex, size=len(data), name=f"现场录像{place:03d}.mp4")
                for place, data in enumerate(contents)
            ),
            stores=names,
            facts=facts(number),
            origins=dict.fromkeys(facts(number).known(), "option"),
        )
        for number, contents in enumerate(records)
    ]
    return [filed.number for filed in file_records(vault, ready, None)]


def stored(number: int, said: Facts = Facts(), *names: str, standing: Standing = Standing.KEPT) -> acts.RecordStored:  # noqa: B008  # frozen
    listed = [
        RecordFile(sha256=Digest.of(f"{number}{name}".encode()).hex, size=10, name=name)
        for name in names or ("视频.mp4",)
    ]
    return acts.RecordStored(
        at=NOW,
        by="李建国",
        record=f"2026-{number:07d}",
        facts=said,
        files=tuple(listed),
        stores=("甲",),
        standing=standing,
    )


def apply(connection: Connection, profile: Profile, *happened: acts.AnyAct) -> None:
    start = connection.execute(text("SELECT coalesce(max(seq) + 1, 0) FROM journal")).scalar_one()
    put_in_force(connection, profile)
    project(connection, list(enumerate(happened, start)), lambda act: act.files)


# looking


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def findings(vault: Vault) -> tuple[list[Finding], Count]:
    """What fsck has to say."""
    count = Count()
    return list(fsck(vault, count)), count


def told(vault: Vault) -> set[tuple[str, str, str]]:
    """The findings as (kind, store, what)."""
    return {(finding.kind, finding.store, finding.what) for finding in findings(vault)[0]}


def assert_sound(vault: Vault) -> None:
    found, count = findings(vault)
    assert not found, [finding.text.en for finding in found]
    assert count.passed


def scrubbed(vault: Vault, *names: str, most: int | None = None, seconds: float | None = None) -> list[Report]:
    """A scrub of these stores, or of all."""
    return scrub(vault, names or list(vault.stores), Budget(bytes=most, seconds=seconds), Threads(2), int)


def acts_in(connection: Connection, act: str) -> list[int]:
    """Places in the journal of all acts of a kind."""
    rows = connection.execute(text("SELECT seq FROM journal WHERE act = :act ORDER BY seq"), {"act": act})
    return list(rows.scalars())


def rows_of(vault: Vault, query: str) -> list[tuple[object, ...]]:
    """The catalogue's answer to a query."""
    with vault.database.reading() as connection:
        asked = query if connection.dialect.name == "sqlite" else spelled(query)
        return [tuple(row) for row in connection.exec_driver_sql(asked)]


_KNOWN_TO_THE_JOURNAL = {
    "meta": "*",
    "journal": "*",
    "store": "id, name, kind, location",
    "record": "*",
    "object": "*",
    "record_file": "*",
    "copy": "store_id, object_id",
    "case_file": "*",
    "also_claimed": "*",
    "assigned": "*",
    "corrected": "*",
    "once_named": "*",
    "once_called": "*",
    "hold": "*",
    "viewing": "*",
    "disc_set": "*",
    "disc": "*",
    "disc_copy": "*",
    "disc_record": "*",
    "disc_event": "*",
    "disc_file": "*",
    "disc_demand": "*",
    "volume": "*",
    "disposal": "*",
    "disposal_signature": "*",
    "carried_out": "*",
    "appraised": "*",
    "extension": "*",
    "doomed": "*",
    "doomed_copy": "*",
    "destroyed_copies": "*",
    "staying_object": "*",
    "adopted": "*",
    "disc_task": "*",
    "store_proven": "*",
    "person": "*",
    "refusal": "*",
    "approval": "*",
    "consent": "*",
    "late_corrected": "*",
    "late_explained": "*",
    "activity": "*",
    "interruption": "*",
    "explanation": "*",
    "taken_over": "*",
    "record_text": "rowid, *",
}


def export(vault: Vault) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the catalogue that follows from the journal."""
    return {
        table: sorted(rows_of(vault, f'SELECT {columns} FROM "{table}"'), key=repr)
        for table, columns in _KNOWN_TO_THE_JOURNAL.items()
    }


def journal_acts(vault: Vault, since: int) -> list[acts.AnyAct]:
    """What the journal on 乙 says from a place on."""
    files = (root_of(vault, "乙") / "journal" / "tile" / "entries").glob("000.p/*")
    newest = max(files, key=lambda path: int(path.name))
    data, entries = newest.read_bytes(), []
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        entries.append(acts.decode(data[2:end]))
        data = data[end:]
    return entries[since:]


def entries_so_far(vault: Vault) -> int:
    (count,) = rows_of(vault, "SELECT count(*) FROM journal")[0]
    assert isinstance(count, int)
    return count


# harming


def place_of(vault: Vault, store: str, data: bytes | Digest) -> Path:
    """Where an object's copy lies."""
    name = (data if isinstance(data, Digest) else Digest.of(data)).hex
    return root_of(vault, store) / "objects" / name[:2] / name[2:4] / name


def root_of(vault: Vault, store: str) -> Path:
    return vault.setting.home / store


def flip(path: Path, bit: int = 3) -> None:
    """Turn one bit of a file round, as rot does; a negative one counts from the end."""
    path.chmod(0o640)
    with path.open("r+b") as stream:
        at = bit // 8 if bit >= 0 else path.stat().st_size + bit // 8
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1 << bit % 8]))


def estrange(vault: Vault, store: str) -> None:
    """Another vault's disk in a store's place: what lies there looks the same but for the marker."""
    marker = root_of(vault, store) / MARKER
    marker.chmod(0o640)
    marker.write_bytes(marker.read_bytes().replace(vault.setting.vault_id.encode(), b"0" * 16))


@contextmanager
def away(vault: Vault, store: str) -> Iterator[None]:
    """While the store is not mounted."""
    root = root_of(vault, store)
    elsewhere = root.with_name(root.name + "（已拔出）")
    os.rename(root, elsewhere)
    try:
        yield
    finally:
        os.rename(elsewhere, root)
        vault.absences.forget(store)  # for a vault has no need to know at once


def sql(vault: Vault, *statements: str) -> None:
    """Meddle with the catalogue behind the program's back, and fold SQLite's log into the file."""
    if not isinstance(vault.database, SqliteDatabase):
        with vault.database.writing() as writing:
            writing.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign key holds it up
            for statement in statements:
                writing.exec_driver_sql(spelled(statement))
        return
    connection = sqlite3.connect(vault.database.path, isolation_level=None)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def empty_folder(folder: Path) -> None:
    """Remove what is in a folder that holds only files, if it is there at all."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            path.unlink()
