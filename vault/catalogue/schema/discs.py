"""Disc sets: their discs, the two copies of each, what lies on them, what happened to them, and who demands them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy import text as sql

from vault.catalogue.schema.base import metadata

disc_set = Table(
    "disc_set",
    metadata,
    Column("number", String, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("producer", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("medium", String, nullable=False),
    Column("spare", Integer, nullable=False),  # hundredths of each disc, for error correction
    Column("discs", Integer, nullable=False),
    Column("replaces", String, nullable=False),  # empty: no other set
    Column("planned_by", String, nullable=False),
    Column("planned_at", String, nullable=False),
    Column("cancelled_at", String),  # NULL: it stands
    Index("disc_set_replacing", "replaces", sqlite_where=sql("replaces != ''")),
)

disc = Table(  # a generation of a disc: the one image that its copies carry
    "disc",
    metadata,
    Column("disc_set", String, ForeignKey("disc_set.number"), nullable=False),
    Column("disc", Integer, nullable=False),  # from 1
    Column("generation", Integer, nullable=False),  # from 1
    Column("begun_at", String, nullable=False),  # when it was planned, or the first copy of it took the place of one
    Column("iso", String),  # SHA-256 before error correction; NULL, and so are the next seven: not imaged yet
    Column("iso_size", Integer),
    Column("image", String),  # SHA-256 of what is burnt
    Column("image_size", Integer),
    Column("checkpoint", Text),  # under which its proofs are
    Column("contents", String),  # SHA-256 of the list of all that is on it
    Column("inscription", Text),  # JSON: vault.discs.model.Inscription
    Column("imaged_at", String),
    Column("readers", String, nullable=False),  # JSON list of the programs that have checked it
    PrimaryKeyConstraint("disc_set", "disc", "generation"),
    sqlite_with_rowid=False,
)

disc_copy = Table(  # one physical disc
    "disc_copy",
    metadata,
    Column("mark", String, primary_key=True),  # 2026-0001-1A2
    Column("disc_set", String, nullable=False),
    Column("disc", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("letter", String, nullable=False),
    Column("state", String, nullable=False),  # vault.discs.states.State
    Column("since", String, nullable=False),
    Column("drive", String, nullable=False),  # that it was last in; this and the next four: empty until then
    Column("loading", String, nullable=False),  # which putting-in of a disc it was begun in: media/drives/loading.py
    Column("blank", String, nullable=False),
    Column("location", Text, nullable=False),  # where it belongs, also while it is lent
    Column("holder", Text, nullable=False),  # to whom it is lent
    Column("until", String),  # the last day of the loan
    Column("inspected_at", String),
    Column("level", Integer, nullable=False),  # the warning level of that inspection
    Column("reading", Text),  # JSON of what it read: vault.catalogue.inspections.LastReading
    ForeignKeyConstraint(["disc_set", "disc", "generation"], ["disc.disc_set", "disc.disc", "disc.generation"]),
    Index("disc_copy_of", "disc_set", "disc", "generation", "letter"),
    Index("disc_copy_at", "location", "mark"),
    Index("disc_copy_state", "state", "mark"),
    Index("disc_copy_lent", "until", "mark", sqlite_where=sql("until IS NOT NULL")),
    sqlite_with_rowid=False,
)

disc_record = Table(  # what lies on a disc, whole or in part
    "disc_record",
    metadata,
    Column("disc_set", String, ForeignKey("disc_set.number"), nullable=False),
    Column("disc", Integer, nullable=False),
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    PrimaryKeyConstraint("disc_set", "disc", "record_id"),
    Index("disc_record_of", "record_id", "disc_set", "disc"),
    sqlite_with_rowid=False,
)

disc_event = Table(  # what happened to one physical disc, by the order of the journal
    "disc_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mark", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("act", String, nullable=False),
    Column("what", Text, nullable=False),  # the drive, the place, the person, the successor
    Column("why", Text, nullable=False),  # JSON: words, or the program's in both languages
    Index("disc_event_of", "mark", "id"),
)

disc_spoiled = Table(  # a disc that was written off while it was made: it may carry records
    "disc_spoiled",
    metadata,
    Column("name", String, primary_key=True),  # 2026-0001-1A/1
    Column("mark", String, nullable=False),
    Column("disc_set", String, nullable=False),
    Column("disc", Integer, nullable=False),
    Column("drive", String, nullable=False),
    Column("at", String, nullable=False),
    Column("why", Text, nullable=False),  # JSON: words, or the program's in both languages
    Column("shredded_at", String),  # NULL: it is still to be
    Index("disc_spoiled_of", "disc_set", "disc", "name"),
    Index("disc_spoiled_open", "name", sqlite_where=sql("shredded_at IS NULL")),
    sqlite_with_rowid=False,
)

disc_file = Table(  # where the image of a disc was written
    "disc_file",
    metadata,
    Column("name", String, primary_key=True),  # 2026-0001-1.iso/1
    Column("disc_set", String, nullable=False),
    Column("disc", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("machine", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("erasing", String, nullable=False),  # inode of the folder; empty: nobody has begun to erase it
    Column("gone_at", String),  # NULL: it lies there, as far as is known
    Index("disc_file_of", "disc_set", "disc", "name"),
    sqlite_with_rowid=False,
)

disc_demand = Table(  # what a circumstance demands of a record: vault/discs/demands.py
    "disc_demand",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("circumstance", String, nullable=False),
    Column("words", Text, nullable=False),  # JSON: the circumstance in both languages, as the profile had it
    Column("article", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("since", String, nullable=False),
    Column("met_at", String),  # NULL: open
    PrimaryKeyConstraint("record_id", "circumstance"),
    Index("disc_demand_open", "since", "record_id", "circumstance", sqlite_where=sql("met_at IS NULL")),
    sqlite_with_rowid=False,
)
