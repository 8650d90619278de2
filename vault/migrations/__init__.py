"""The catalogue's history: one file a change of its tables, applied by Alembic."""
