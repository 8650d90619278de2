"""Disposals, and what is left to destroy."""

from sqlalchemy import BLOB, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from vault.catalogue.schema.base import metadata

disposal = Table(  # vault/disposal/rules.py
    "disposal",
    metadata,
    Column("number", String, primary_key=True),
    Column(
        "state", String, nullable=False
    ),  # what people agreed to in between stands in approval and disposal_signature
    Column("why", Text, nullable=False),  # it was opened; once stopped, why that was
    Column("opened_by", String, nullable=False),
    Column("opened_name", String, nullable=False),  # what they were called then, and their role, as in what follows
    Column("opened_title", String, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("request", String, nullable=False),  # approval.number; empty until it was submitted, and after a change
    Column("supervisors", Integer, nullable=False),  # that have to sign
    Column("adoption", Integer),  # adopted.number, in force when it was submitted; NULL where `request` is empty
    Column("stopped_by", String),
    Column("stopped_name", String),
    Column("stopped_title", String),
    Column("begun_by", String),
    Column("begun_name", String),
    Column("begun_title", String),
    Column("begun_at", String),
    Column("proven_at", String),
    Column("proven_objects", Integer),  # that stores were asked for
    Column("proven_returned", Integer),  # of these, as they had come in anew
    Column("ended_at", String),  # closed or stopped
    Index("disposal_open", "number", sqlite_where=text("ended_at IS NULL")),
)

disposal_signature = Table(  # supervisors of destruction (监销人)
    "disposal_signature",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),
    Column("title", String, nullable=False),
    Column("at", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("runs_from", String, nullable=False),
    Column("lost_at", String),  # when they ceased to be one: what is given back, or to another, revives no signature
    Column("replaced_by", String),  # who signed in their place
    PrimaryKeyConstraint("disposal", "by"),
    sqlite_with_rowid=False,
)

carried_out = Table(  # who destroyed something of a list, and from when to when
    "carried_out",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),
    Column("title", String, nullable=False),
    Column("first_at", String, nullable=False),
    Column("last_at", String, nullable=False),
    PrimaryKeyConstraint("disposal", "by"),
    sqlite_with_rowid=False,
)

appraised = Table(  # what was decided of a record on a list, and what became of it
    "appraised",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("fate", String, nullable=False),  # vault.acts.disposal.Fate
    Column("why", Text, nullable=False),
    Column("until", String),  # the last day of an extension
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),
    Column("title", String, nullable=False),
    Column("at", String, nullable=False),
    Column("said", Text, nullable=False),  # JSON of vault.acts.AsListed; once destroyed, only what its line says
    Column("said_sha256", String, nullable=False),  # of all that was said, as canonical JSON
    Column("files", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("outcome", String, nullable=False),  # empty | spared | begun | destroyed
    Column("spared_why", Text, nullable=False),
    Column("returned", Text, nullable=False),  # JSON: facts that were said otherwise when it was handed in since
    PrimaryKeyConstraint("disposal", "record_id"),
    Index("appraised_of_record", "record_id"),
    Index("appraised_waiting", "disposal", "outcome", "record_id"),
    sqlite_with_rowid=False,
)

doomed = Table(  # objects that were destroyed, or are about to be, with the records whose end that is
    "doomed",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("sha256", BLOB, nullable=False),
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("adoption", Integer, nullable=False),  # adopted.number, in force when that was entered
    PrimaryKeyConstraint("disposal", "sha256", "record_id"),
    Index("doomed_object", "sha256"),
    sqlite_with_rowid=False,
)

doomed_copy = Table(  # what a store has not yet been told to destroy, or has not confirmed
    "doomed_copy",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("store", String, nullable=False),
    Column("sha256", BLOB, nullable=False),
    Column("held", Integer, nullable=False),  # 1: by the journal the store had a copy then
    PrimaryKeyConstraint("disposal", "store", "sha256"),
    Index("doomed_copy_on", "store", "sha256"),
    sqlite_with_rowid=False,
)

destroyed_copies = Table(  # how many copies a store had of what it has destroyed
    "destroyed_copies",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("store", String, nullable=False),
    Column("copies", Integer, nullable=False),
    PrimaryKeyConstraint("disposal", "store"),
    sqlite_with_rowid=False,
)

staying_object = Table(  # objects of destroyed records that stay: others hold them, too
    "staying_object",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("sha256", BLOB, nullable=False),
    Column("objects", Integer, nullable=False),  # that the record had
    Column("kept_for", Integer, ForeignKey("record.id")),  # the first that holds it; NULL: it ends further on
    PrimaryKeyConstraint("disposal", "record_id", "sha256"),
    Index("staying_object_of", "disposal", "sha256"),
    sqlite_with_rowid=False,
)

store_proven = Table(  # how many of those objects a store said that it certainly does not have
    "store_proven",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("store", String, nullable=False),
    Column("absent", Integer, nullable=False),
    PrimaryKeyConstraint("disposal", "store"),
    sqlite_with_rowid=False,
)

disc_task = (
    Table(  # a disc or an image with a destroyed record: open until it is erased, or two people saw it destroyed
        "disc_task",
        metadata,
        Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
        Column("disc", String, nullable=False),  # 2026-0001-1A
        Column("first_by", String, nullable=False),
        Column("first_name", String, nullable=False),
        Column("first_title", String, nullable=False),
        Column("first_at", String, nullable=False),
        Column("second_by", String, nullable=False),
        Column("second_name", String, nullable=False),
        Column("second_title", String, nullable=False),
        Column("second_at", String, nullable=False),
        Column("how", Text, nullable=False),  # it was destroyed, as who said it first
        Column("erased_at", String),  # of an image that the program erased
        PrimaryKeyConstraint("disposal", "disc"),
        Index("disc_task_of", "disc"),
        sqlite_with_rowid=False,
    )
)
