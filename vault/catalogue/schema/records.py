"""Records, their files and objects, and how many there are."""

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

from vault.catalogue.schema.base import metadata
from vault.facts import FACTS, Kind

# By its own time it was recorded after it was stored (vault/deadlines.py, `ahead`): times compare as texts.
RECORDED_AHEAD = "recorded_at > stored_at OR recorded_until > stored_at"

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
    Column("case_key", Text),  # by which its case is found (vault/casenumbers.py); NULL: it has none
    Column("retention_class", String, nullable=False),
    Column("retention_state", String, nullable=False),  # as the rules have it without a clock: never due or paused
    Column("expires_on", String),  # first local day on which it may be reviewed; NULL: no day can be named
    Column("list_id", Integer, ForeignKey("object.id")),  # the object that lists its files; NULL: the entry does
    Column("lock_day", String),  # first local day on which its objects need no lock; NULL: no such day is known
    Column("floor", Text),  # JSON of vault.retention.Floor: what an earlier profile gave; NULL: there was none
    Column("store_by", String),  # when it had to be stored; NULL: no such moment is known (vault/deadlines.py)
    Column("lateness", String),  # late | explained | unclear; NULL: it was stored in time, or no rule says when
    Column("place_on", String),  # day (UTC) on which an age rule moves its copies; NULL: none will
    Index("record_placing", "place_on", "id", sqlite_where=text("place_on IS NOT NULL")),
    Index("record_expiry", "expires_on", "id", sqlite_where=text("expires_on IS NOT NULL")),
    Index("record_lateness", "lateness", "id", sqlite_where=text("lateness IS NOT NULL")),
    Index("record_ahead", "id", sqlite_where=text(RECORDED_AHEAD)),
    Index("record_by_case", "case_key", sqlite_where=text("case_key IS NOT NULL")),
    Index("record_by_time", "recorded_at"),
    Index("record_by_list", "list_id", sqlite_where=text("list_id IS NOT NULL")),
    Index("record_by_storing", "stored_at", "id"),
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

# The full-text index: one column a fact that is text, and the record's number and file names.
SEARCHED = ("number", "files", *(fact.name for fact in FACTS if fact.kind is not Kind.TIME))
record_text = Table("record_text", MetaData(), Column("rowid", Integer), *(Column(name, Text) for name in SEARCHED))
CREATE_RECORD_TEXT = (
    f"CREATE VIRTUAL TABLE record_text USING fts5({', '.join(SEARCHED)}, tokenize='unicode61 remove_diacritics 0')"
)
# The same on PostgreSQL: the words of each text, and what leads to them (vault/catalogue/postgresql/grams.py).
CREATE_RECORD_GRAMS = (
    f"CREATE TABLE record_text (rowid BIGINT PRIMARY KEY, {', '.join(f'{name} TEXT' for name in SEARCHED)},"
    " grams TEXT[] NOT NULL)",
    "CREATE INDEX record_text_grams ON record_text USING gin (grams)",
)
