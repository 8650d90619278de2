"""What was taken over from another vault."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from vault.catalogue.schema.base import metadata

taken_over = Table(
    "taken_over",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # here
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("was", Integer, nullable=False),  # its place in the lost journal; the next three: what it says there
    Column("act", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Index("taken_over_of", "record_id", "was", unique=True),
)
