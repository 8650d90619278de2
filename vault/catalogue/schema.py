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
    Index("record_by_case", "case_number", sqlite_where=text("case_number IS NOT NULL")),
    Index("record_by_time", "recorded_at"),
    Index("record_by_list", "list_id", sqlite_where=text("list_id IS NOT NULL")),
    Index("record_by_storing", "stored_at", "id"),
    Index("record_quarantined", "id", sqlite_where=text("standing = 'quarantined'")),
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
    Index("case_by_opening", "opened_on", "number"),
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
)

viewing = Table(  # content that left the vault, by the order of the journal
    "viewing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("how", String, nullable=False),
    Column("approved_by", Text, nullable=False),  # JSON list of names
    Column("why", Text, nullable=False),
    Index("viewing_by_time", "at", "id"),
)

person = Table(  # whoever is or was enrolled
    "person",
    metadata,
    Column("login", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),  # JSON list
    Column("section", String, nullable=False),
    Column("left_at", String),  # NULL: still there
)

refusal = Table(  # what somebody wanted to do and might not
    "refusal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("via", String, nullable=False),
    Column("action", String, nullable=False),
    Column("about", Text, nullable=False),
    Column("why", String, nullable=False),  # JSON list of vault.authority.Bar
)

approval = Table(  # what consent was asked for
    "approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("action", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("until", String, nullable=False),
    Column("needs", String, nullable=False),  # JSON list of roles
    Column("why", Text, nullable=False),
    Column("about", Text, nullable=False),  # JSON list of record numbers
    Column("purpose", String, nullable=False),
    Column("used_at", String),
    Index("approval_by_action", "action", "id"),
)

consent = Table(
    "consent",
    metadata,
    Column("approval_id", Integer, ForeignKey("approval.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("role", String, nullable=False),
    Column("at", String, nullable=False),
    PrimaryKeyConstraint("approval_id", "position"),
    sqlite_with_rowid=False,
)

late_explained = Table(  # why a record came late
    "late_explained",
    metadata,
    Column("record_id", Integer, ForeignKey("record.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False),
    Index("late_explained_of_record", "record_id"),
)

activity = Table(  # announced: its recordings are still to come, until it is closed
    "activity",
    metadata,
    Column("number", String, primary_key=True),
    Column("case_number", Text),
    Column("section", Text),
    Column("facts", Text, nullable=False),  # JSON of vault.facts.Facts
    Column("due_by", String),  # after which it is missed; NULL: no such moment is known
    Column("announced_by", String, nullable=False),
    Column("announced_at", String, nullable=False),
    Column("closed_at", String),
    Column("closed_by", String),  # the number of a record or an explanation; empty: a person closed it
    Index("activity_open", "due_by", "number", sqlite_where=text("closed_at IS NULL")),
    Index("activity_of_case", "case_number", sqlite_where=text("closed_at IS NULL AND case_number IS NOT NULL")),
    Index("activity_of_section", "section", sqlite_where=text("closed_at IS NULL AND case_number IS NULL")),
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
    Index("explanation_of_case", "case_number", sqlite_where=text("case_number IS NOT NULL")),
    Index("explanation_to_review", "number", sqlite_where=text("reviewer != '' AND reviewed_at IS NULL")),
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

disposal = Table(  # vault/disposal/rules.py
    "disposal",
    metadata,
    Column("number", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("why", Text, nullable=False),  # it was opened; once stopped, why that was
    Column("opened_by", String, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("submitted_by", String, nullable=False),  # these three are empty until it happens, and after a change
    Column("approved_by", String, nullable=False),
    Column("approved_at", String, nullable=False),
    Column("approved_sha256", String, nullable=False),  # of the list that was approved
    Column("approved_until", String, nullable=False),
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
    Column("at", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("runs_from", String, nullable=False),
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
    Column("at", String, nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("outcome", String, nullable=False),  # empty | spared | begun | destroyed
    Column("spared_why", Text, nullable=False),
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
    PrimaryKeyConstraint("disposal", "store", "sha256"),
    Index("doomed_copy_on", "store", "sha256"),
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

disc_task = Table(  # a disc that carries a destroyed record: open until two people saw it destroyed
    "disc_task",
    metadata,
    Column("disposal", String, ForeignKey("disposal.number"), nullable=False),
    Column("disc", String, nullable=False),  # 2026-0001-1A
    Column("first_by", String, nullable=False),
    Column("first_at", String, nullable=False),
    Column("second_by", String, nullable=False),
    Column("second_at", String, nullable=False),
    PrimaryKeyConstraint("disposal", "disc"),
    sqlite_with_rowid=False,
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
