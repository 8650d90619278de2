"""How far an interrupted intake came."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from vault.catalogue.schema.base import metadata

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
