"""Alembic's entry: runs the migrations on the connection that vault/catalogue/database.py hands over."""

from alembic import context

from vault.catalogue.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=lambda _object, name, kind, _reflected, _compare: (
        not (
            kind == "table" and name is not None and name.startswith("record_text")  # the full-text index's own tables
        )
    ),
)
with context.begin_transaction():
    context.run_migrations()
