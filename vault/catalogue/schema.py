"""The catalogue's tables. Times are text, UTC, `2026-11-21T08:00:00Z`: they sort, and read the same in every database.

Everything here follows from the journal except what is only about this machine's work: the outbox (entries not yet on
the stores), `copy.verified_at` (when a copy was last read whole), where copies ought to be (`record.place_on`,
`planned`, copies owed or leaving), the locks that are due (`store.locks`, `lock.look_on`), and the intake tables (how
far an interrupted intake came). A rebuild starts those anew.
"""

from sqlalchemy import (
    BLOB,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from vault.facts import FACTS, Kind

HEAD = "0001"  # the Alembic revision these tables are at; a test holds the two together

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

journal = Table(  # what happened, by place in the journal; the entries themselves lie on the stores
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("act", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("record_id", Integer),
    Index("journal_of_record", "record_id", sqlite_where=text("record_id IS NOT NULL")),
)

outbox = Table(  # entries whose bundle is not yet full, or not yet on the stores
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", BLOB, nullable=False),
)

published = Table(  # one row: the right edge of the tree that the stores have (vault/tlog.py), and its root
    "published",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edge", BLOB, nullable=False),
)

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

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the serial in its number
    Column("number", String, nullable=False, unique=True),
    Column("standing", String, nullable=False),
    Column("stored_at", String, nullable=False),
    Column("stored_by", String, nullable=False),
    Column("origins", Text, nullable=False),  # JSON: fact -> where it was said
    *(Column(fact.name, Text) for fact in FACTS),  # NULL: not known
    Column("retention_class", String, nullable=False),
    Column("retention_state", String, nullable=False),  # as the rules have it without a clock: never due or paused
    Column("expires_on", String),  # first local day on which it may be reviewed; NULL: no day can be named
    Column("lock_day", String),  # first local day on which its objects need no lock; NULL: no such day is known
    Column("place_on", String),  # day (UTC) on which an age rule moves its copies; NULL: none will
    Index("record_placing", "place_on", "id", sqlite_where=text("place_on IS NOT NULL")),
    Index("record_expiry", "expires_on", "id", sqlite_where=text("expires_on IS NOT NULL")),
    Index("record_by_case", "case_number", sqlite_where=text("case_number IS NOT NULL")),
    Index("record_by_time", "recorded_at"),
    Index("record_quarantined", "id", sqlite_where=text("standing = 'quarantined'")),
)

tally = Table(  # how many records stand so: vault/catalogue/tally.py
    "tally",
    metadata,
    Column("retention_class", String, nullable=False),
    Column("retention_state", String, nullable=False),
    Column("expires_on", String, nullable=False),  # empty: no day can be named
    Column("records", Integer, nullable=False),
    PrimaryKeyConstraint("retention_class", "retention_state", "expires_on"),
    sqlite_with_rowid=False,
)

object_ = Table(
    "object",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", BLOB, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
)

record_file = Table(
    "record_file",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("object_id", Integer, ForeignKey("object.id"), nullable=False),
    Column("details", BLOB, nullable=False),  # JSON of vault.records.RecordFile
    PrimaryKeyConstraint("record_id", "position"),
    Index("record_file_object", "object_id"),
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

case_file = Table(
    "case_file",
    metadata,
    Column("number", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("opened_on", String),
    Column("closed_on", String),
    Column("keep", String),
)

assigned = Table(
    "assigned",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("retention_class", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Index("assigned_to_record", "record_id"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", String, primary_key=True),
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("placed_at", String, nullable=False),
    Column("released_at", String),
    Index("hold_of_record", "record_id"),
)

disc_set = Table(
    "disc_set",
    metadata,
    Column("number", String, primary_key=True),
    Column("records", Text, nullable=False),  # JSON list of record numbers
    Column("sha256", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("built_at", String, nullable=False),
)

intake = Table(  # one run of `ingest`; unfinished ones are resumed
    "intake",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request", Text, nullable=False),
    Column("started_at", String, nullable=False),
    Column("finished_at", String),
    Index("intake_by_request", "request", "finished_at", "started_at"),  # every column, as copy_oldest
)

intake_file = Table(  # what an unfinished run has stored: by the file's identity, never by its name alone
    "intake_file",
    metadata,
    Column("intake_id", Integer, ForeignKey("intake.id"), nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("record_id", Integer, nullable=False),
    PrimaryKeyConstraint("intake_id", "fingerprint"),
    sqlite_with_rowid=False,
)

# The full-text index: one column a fact that is text, and the record's number and file names.
SEARCHED = ("number", "files", *(fact.name for fact in FACTS if fact.kind is not Kind.TIME))
record_text = Table("record_text", MetaData(), Column("rowid", Integer), *(Column(name, Text) for name in SEARCHED))
CREATE_RECORD_TEXT = (
    f"CREATE VIRTUAL TABLE record_text USING fts5({', '.join(SEARCHED)}, tokenize='unicode61 remove_diacritics 0')"
)
