"""What is said of records: cases, classes, extensions, holds, viewings; and of whom it was said."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from vault.catalogue.schema.base import metadata

case_file = Table(
    "case_file",
    metadata,
    Column("key", String, primary_key=True),  # vault/casenumbers.py, as everywhere
    Column("number", String, nullable=False),  # as it was first opened
    Column("name", String, nullable=False),
    Column("opened_on", String),
    Column("closed_on", String),
    Column("keep", String),
    Column("reopened_on", String),  # last
    Index("case_by_opening", "opened_on", "key"),
)

also_claimed = Table(  # further cases of a record, for which it was handed in again; the first is a fact of the record
    "also_claimed",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("case_key", String, nullable=False),
    Column("case_number", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    PrimaryKeyConstraint("record_id", "case_key"),
    Index("also_claimed_by", "case_key"),
    sqlite_with_rowid=False,
)

corrected = Table(  # which facts of a record were completed, corrected or emptied, by place in the journal
    "corrected",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("facts", Text, nullable=False),  # JSON: their names
    Column("why", Text, nullable=False),
)

once_named = Table(  # whom a record named, and its row names no more: they stand back all the same
    "once_named",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("name", String, nullable=False),
    PrimaryKeyConstraint("record_id", "name"),
    sqlite_with_rowid=False,
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

extension = Table(  # a record was appraised and is kept longer: until the end of that day at least
    "extension",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("until", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False),
    Index("extension_of_record", "record_id"),
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
    Column("released_by", String),
    Column("released_why", Text),
    Index("hold_of_record", "record_id"),
    Index("hold_by_placing", "placed_at", "id"),
    Index("hold_in_force", "id", sqlite_where=text("released_at IS NULL")),
)

viewing = Table(  # content that left the vault, by the order of the journal
    "viewing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),  # what they were called then; and as what they saw it
    Column("title", String, nullable=False),
    Column("how", String, nullable=False),
    Column("approved_by", Text, nullable=False),  # JSON list of by, name and title, as above
    Column("why", Text, nullable=False),
    Column("request", String, nullable=False),  # under which; empty: under none
    Column("files", Text, nullable=False),  # JSON list of SHA-256; empty: all that the record holds
    Index("viewing_by_time", "at", "id"),
    Index("viewing_under", "request", sqlite_where=text("request != ''")),
)
