"""Deadlines, interruptions, and recordings that were not made."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from vault.catalogue.schema.base import metadata

late_explained = Table(  # why a record came late
    "late_explained",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False),
    Index("late_explained_of_record", "record_id"),
)

late_corrected = Table(  # what made a record late afterwards, and what was said of one that was
    "late_corrected",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("store_by", String),  # the deadline before that, where there was one
    Column("was", Text, nullable=False),  # JSON of vault.facts.Facts: those on which the deadline depends; as the next
    Column("becomes", Text, nullable=False),
    Index("late_corrected_of_record", "record_id"),
)

activity = Table(  # announced: its recordings are still to come, until it is closed
    "activity",
    metadata,
    Column("number", String, primary_key=True),
    Column("case_key", Text),
    Column("section", Text),
    Column("facts", Text, nullable=False),  # JSON of vault.facts.Facts
    Column("due_by", String),  # after which it is missed; NULL: no such moment is known
    Column("announced_by", String, nullable=False),
    Column("announced_at", String, nullable=False),
    Column("closed_at", String),
    Column("closed_by", String),  # the number of a record or an explanation; empty: a person closed it
    Index("activity_open", "due_by", "number", sqlite_where=text("closed_at IS NULL")),
    Index("activity_of_case", "case_key", sqlite_where=text("closed_at IS NULL AND case_key IS NOT NULL")),
    Index("activity_of_section", "section", sqlite_where=text("closed_at IS NULL AND case_key IS NULL")),
)

interruption = Table(  # between the segments of a record (vault/gaps.py)
    "interruption",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("device", Text, nullable=False),
    Column("began", String, nullable=False),  # empty, and so is `ended`: segments that cannot be placed may hide one
    Column("ended", String, nullable=False),
    Column("explanation", String),  # its number; NULL: nobody has explained it
    PrimaryKeyConstraint("record_id", "device", "began"),
    Index("interruption_open", "record_id", sqlite_where=text("explanation IS NULL")),
    sqlite_with_rowid=False,
)

explanation = Table(  # of a recording that was interrupted, or not made
    "explanation",
    metadata,
    Column("number", String, primary_key=True),
    Column("lack", String, nullable=False),  # interrupted | not-recorded
    Column("record_id", Integer, ForeignKey("record.id")),  # NULL: there is no recording
    Column("case_key", Text),
    Column("case_number", Text),
    Column("facts", Text, nullable=False),  # JSON of vault.facts.Facts: of the recording that is missing
    Column("cause", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("filed_by", String, nullable=False),
    Column("filed_at", String, nullable=False),
    Column("reviewer", String, nullable=False),  # the role that has to; empty: nobody
    Column("reviewed_by", String),
    Column("reviewed_at", String),
    Index("explanation_of_record", "record_id", sqlite_where=text("record_id IS NOT NULL")),
    Index("explanation_of_case", "case_key", sqlite_where=text("case_key IS NOT NULL")),
    Index("explanation_to_review", "number", sqlite_where=text("reviewer != '' AND reviewed_at IS NULL")),
)
