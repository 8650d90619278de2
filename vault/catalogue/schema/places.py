"""Stores, and the copies on them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, text

from vault.catalogue.schema.base import metadata

store = Table(
    "store",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("location", String, nullable=False),
    Column("journal_size", Integer, nullable=False),  # entries published there
    Column("standing", String, nullable=False),  # open | suspected | emptying
    Column("copies", Integer, nullable=False),  # that the journal says are there, damaged ones too
    Column("bytes", Integer, nullable=False),  # of these
    Column("locks", Integer, nullable=False, server_default="0"),  # 1: it locks copies, as configured
    Column("absent", Integer, nullable=False, server_default="0"),  # copies that checks found so since it is attached
    Column("corrupt", Integer, nullable=False, server_default="0"),  # the same
    Column("mended", Integer, nullable=False, server_default="0"),  # files of its journal that had to be
    Column("scrubbed_at", String),  # when a scrub of it last ended; NULL: none has
    Column("passed_at", String),  # when one last ended that left nothing damaged or untold
    Column("drilled_at", String),  # when a rebuild from it was last rehearsed; NULL: never
    Column("drill_passed_at", String),  # when that last showed that it suffices
    Index("store_locks", "locks"),  # lies here twice, as in copy_oldest
)

planned = Table(  # one row: by which rules all plans were made (vault/catalogue/plans.py)
    "planned",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rules", String, nullable=False),
)

growth = Table(  # by how much those figures changed on a day (UTC)
    "growth",
    metadata,
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("day", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    PrimaryKeyConstraint("store_id", "day"),
    sqlite_with_rowid=False,
)

volume = Table(  # one row: how many objects there are, and their bytes
    "volume",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("objects", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
)

finding = Table(  # what a probe last found a store to promise (vault/promises.py)
    "finding",
    metadata,
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("answer", String, nullable=False),
    Column("value", String, nullable=False),  # JSON
    Column("found_at", String, nullable=False),
    PrimaryKeyConstraint("store_id", "name"),
    sqlite_with_rowid=False,
)

copy = Table(
    "copy",
    metadata,
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("object_id", Integer, ForeignKey("object.id"), nullable=False),
    Column("state", String, nullable=False),  # vault/catalogue/copies.py
    Column("verified_at", String, nullable=False),  # empty: not since the catalogue was rebuilt
    PrimaryKeyConstraint("store_id", "object_id"),
    # Holds every column: what no journal tells lies here twice, and SQLite's own check compares the two.
    Index("copy_oldest", "store_id", "verified_at", "object_id", "state"),
    Index("copy_to_do", "store_id", "state", "object_id", sqlite_where=text("state != 'good'")),
    sqlite_with_rowid=False,
)

lock = Table(  # copies on stores that lock
    "lock",
    metadata,
    Column("store_id", Integer, ForeignKey("store.id"), nullable=False),
    Column("object_id", Integer, ForeignKey("object.id"), nullable=False),
    Column("look_on", String),  # when its lock is due; empty: now; NULL: not before something changes
    Column("held", Integer, nullable=False),  # 1: the legal hold there is this vault's own
    PrimaryKeyConstraint("store_id", "object_id"),
    Index("lock_due", "store_id", "look_on", "object_id", "held"),  # every column, as copy_oldest
    sqlite_with_rowid=False,
)
