"""Comparing two catalogues that are schemas of one database, and what PostgreSQL can say of its own soundness.

Of pages it checks sums as it reads them, where the cluster has them (initdb --data-checksums), and comparing reads
every row; how often that failed is asked. Of indexes it checks nothing by itself: what an index holds is compared here
where no journal tells it (the states of copies). What else leads from words to records is not checked: `strongroom
rebuild` makes it anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Connection

from vault.catalogue.beside import Beside, Difference
from vault.errors import Busy, CatalogueBroken, StoreUnavailable

if TYPE_CHECKING:
    from vault.catalogue.postgresql.database import PostgresDatabase


@dataclass(frozen=True, slots=True)
class Schemas(Beside):
    """One transaction that made the scratch schema, and has seen one state of the other since."""

    structure: ClassVar = {
        "pg_indexes": "SELECT tablename, indexname, replace(indexdef, '{place}.', '') FROM pg_catalog.pg_indexes"
        " WHERE schemaname = '{place}'",
        "columns": "SELECT table_name, column_name, data_type, collation_name, is_nullable"
        " FROM information_schema.columns WHERE table_schema = '{place}'",
    }
    misdated: ClassVar = """
        SELECT s.name, count(*) FROM {used}.copy AS u
        JOIN {replayed}.copy AS j USING (store_id, object_id) JOIN {used}.store AS s ON s.id = store_id
        WHERE u.state IN ('good', 'leaving') AND u.verified_at != ''
          AND CASE WHEN u.verified_at !~ '^[0-9]{{4}}-[01][0-9]-[0-3][0-9]T[0-2][0-9](:[0-5][0-9]){{2}}Z$' THEN true
                   ELSE u.verified_at > :latest OR (j.verified_at != '' AND
                        CAST(u.verified_at AS timestamptz) < CAST(j.verified_at AS timestamptz) - INTERVAL '1 day') END
        GROUP BY s.name
    """

    def attempt(self) -> AbstractContextManager[object]:
        return self.connection.begin_nested()

    def compare_words(self) -> Iterator[Difference | int]:
        """The grams of each record's texts, row by row; their index is not looked at."""
        rows = "SELECT rowid, grams FROM {place}.record_text"
        replayed, used = rows.format(place=self.replayed), rows.format(place=self.used)
        for first, second, in_use in ((replayed, used, False), (used, replayed, True)):
            for row in self.rows(f"{first} EXCEPT {second} LIMIT 100"):
                yield Difference("record_text", f"what leads to record {row.rowid}", in_use)
        yield int(self.rows(f"SELECT count(*) FROM {self.replayed}.record_text")[0][0])


_SUM = """
    SELECT count(*), coalesce(sum(hashtextextended(concat_ws('|', store_id, object_id, state, verified_at), 0)), 0)
    FROM copy
"""
_QUESTIONS = 2  # that take long: the sum, in two ways
_BY_TABLE = {"enable_seqscan": "on", "enable_indexscan": "off", "enable_bitmapscan": "off"}
_BY_INDEX = {"enable_seqscan": "off", "enable_indexscan": "on", "enable_bitmapscan": "off"}


def structure_faults(database: "PostgresDatabase") -> list[str]:
    """Sums of pages that failed; and whether the index of copies, which has every column, says what the table does."""
    try:
        with database.reading() as connection:
            return _faults(connection)
    except (CatalogueBroken, StoreUnavailable) as error:
        return [error.what.en]


def look_through(database: "PostgresDatabase", seconds: float) -> str | None:
    """The first of these, "" where there is none; None where the server was not done with one in time."""
    try:
        with database.reading() as connection:
            in_time = f"{max(1.0, seconds * 1000 / _QUESTIONS):.0f}"  # 0 is for ever
            connection.exec_driver_sql("SELECT set_config('statement_timeout', %s, true)", (in_time,)).scalar()
            return next(iter(_faults(connection)), "")
    except Busy:
        return None
    except CatalogueBroken as error:
        return error.what.en


def _faults(connection: Connection) -> list[str]:
    failed = connection.exec_driver_sql(
        "SELECT checksum_failures FROM pg_catalog.pg_stat_database WHERE datname = current_database()"
    ).scalar()
    sums = [_sum(connection, ways) for ways in (_BY_TABLE, _BY_INDEX)]
    faults = [f"{failed} pages have a wrong checksum"] if failed else []
    return faults if sums[0] == sums[1] else [*faults, "the index copy_oldest disagrees with its table"]


def _sum(connection: Connection, ways: Mapping[str, str]) -> tuple[Any, ...]:
    for way, on in ways.items():
        connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (way, on)).scalar()
    return tuple(connection.exec_driver_sql(_SUM).one())
