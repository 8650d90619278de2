"""What happened, by place in the journal, and what of it is not on the stores yet."""

from sqlalchemy import BLOB, Column, Index, Integer, String, Table, Text, text

from vault.catalogue.schema.base import metadata

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

adopted = Table(  # every profile that ever came into force, in order; the last one is in force
    "adopted",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("sha256", String, nullable=False),  # vault.profile.edition
    Column("id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("profile", Text, nullable=False),  # JSON of vault.profile.Profile
    sqlite_with_rowid=False,
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
