"""INSERT … ON CONFLICT. SQLite and PostgreSQL spell it alike; SQLAlchemy has a class for each, and compiles this one
for both. The columns in conflict must be named: PostgreSQL asks for them.
"""

from sqlalchemy.dialects.sqlite import insert as upsert

__all__ = ["upsert"]
