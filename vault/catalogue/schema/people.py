"""People, what they were refused, and what they agreed to."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from vault.catalogue.schema.base import metadata

person = Table(  # whoever is or was enrolled
    "person",
    metadata,
    Column("login", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("roles", String, nullable=False),  # JSON list
    Column("section", String, nullable=False),
    Column("since", String, nullable=False),  # from when the login is theirs, by this name and in these roles
    Column("left_at", String),  # NULL: still there
)

once_called = Table(  # names that somebody bore before: records may still name them so
    "once_called",
    metadata,
    Column("login", String, nullable=False),
    Column("name", String, nullable=False),
    Column("until", String, nullable=False),
    PrimaryKeyConstraint("login", "name", "until"),
    sqlite_with_rowid=False,
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
    Column("asked_name", String, nullable=False),  # what they were called then; and as what they asked
    Column("asked_title", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("until", String, nullable=False),
    Column("needs", String, nullable=False),  # JSON list of roles
    Column("why", Text, nullable=False),
    Column("about", Text, nullable=False),  # JSON list of record numbers, or the disposal's
    Column("purpose", String, nullable=False),
    Column("declined_by", String),
    Column("declined_why", Text),
    Column("used_at", String),
    Index("approval_by_action", "action", "id"),
    Index("approval_by_end", "action", "until"),
)

consent = Table(
    "consent",
    metadata,
    Column("approval_id", Integer, ForeignKey("approval.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),  # what they were called then
    Column("role", String, nullable=False),
    Column("at", String, nullable=False),
    PrimaryKeyConstraint("approval_id", "position"),
    sqlite_with_rowid=False,
)
