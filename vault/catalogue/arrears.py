"""Figures of what is late, interrupted or still to come: from the indexes of what is open, whatever the vault holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from vault.catalogue.announced import count_missed
from vault.catalogue.explained import count_open
from vault.catalogue.timeliness import Lateness, count_ahead, counted


@dataclass(frozen=True, slots=True)
class Arrears:
    """What people have to see to."""

    lateness: dict[Lateness, int]  # late | explained | unclear -> records
    ahead: int  # records that were recorded, by their own time, after they were stored
    announced: int  # activities of which nothing is stored yet
    missed: int  # of these, the deadline is over
    interruptions: int  # that nobody has explained
    reviews: int  # explanations that wait for one


def arrears(connection: Connection, now: datetime) -> Arrears:
    """Count them at a moment (UTC)."""
    announced, missed = count_missed(connection, now)
    interruptions, reviews = count_open(connection)
    return Arrears(counted(connection), count_ahead(connection), announced, missed, interruptions, reviews)
