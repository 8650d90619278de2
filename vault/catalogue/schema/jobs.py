"""The jobs that services do by themselves, and who is at which. About this machine's work: no part of the journal."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from vault.catalogue.schema.base import metadata

job = Table(
    "job",
    metadata,
    Column("name", String, primary_key=True),
    Column("due_at", String, nullable=False),
    Column("holder", String, nullable=False),  # host/process of whoever is at it, or was last
    Column("token", String, nullable=False),  # drawn anew with each lease; empty: nobody is at it
    Column("lease_until", String),  # what is held beyond may be taken by others
    Column("started_at", String),
    Column("succeeded_at", String),
    Column("failed_at", String),
    Column("failures", Integer, nullable=False),  # since the last success
    Column("error", Text, nullable=False),  # of the last failure; empty after a success
    Column("seconds", Float),  # that the last run took
    Column("found", Integer),  # what the last success found waiting for people, where the job looks for such
)
