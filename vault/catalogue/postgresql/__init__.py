"""The catalogue on PostgreSQL, for an archive that works on several machines: docs/postgresql.md. Loaded by whoever has
one, and by nobody else.

dialect.py how statements and tables that are written for SQLite are spelt · database.py opening it, writers in turn,
rebuilding it in a schema beside · turns.py locks that every machine sees · grams.py finding Chinese words · schemas.py
comparing it with the journal · keeping.py a copy before its tables change.
"""
