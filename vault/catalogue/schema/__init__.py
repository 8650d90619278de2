"""The catalogue's tables. Times are text, UTC, `2026-11-21T08:00:00Z`: they sort, and read the same in every database.

Everything here follows from the journal except what is only about this machine's work: the outbox (entries not yet on
the stores), `copy.verified_at` (when a copy was last read whole), where copies ought to be (`record.place_on`,
`planned`, copies owed or leaving), the locks that are due (`store.locks`, `lock.look_on`), the intake tables (how far
an interrupted intake came), and the jobs of services (`job`: who is at which). A rebuild starts those anew.
"""

from vault.catalogue.schema.base import metadata
from vault.catalogue.schema.discs import (
    disc,
    disc_copy,
    disc_demand,
    disc_event,
    disc_file,
    disc_record,
    disc_set,
    disc_spoiled,
)
from vault.catalogue.schema.disposal import (
    appraised,
    carried_out,
    destroyed_copies,
    disc_task,
    disposal,
    disposal_signature,
    doomed,
    doomed_copy,
    staying_object,
    store_proven,
)
from vault.catalogue.schema.jobs import job
from vault.catalogue.schema.log import adopted, journal, meta, outbox, published
from vault.catalogue.schema.people import approval, consent, once_called, person, refusal
from vault.catalogue.schema.places import copy, finding, growth, lock, planned, store, volume
from vault.catalogue.schema.recordings import activity, explanation, interruption, late_corrected, late_explained
from vault.catalogue.schema.records import (
    CREATE_RECORD_GRAMS,
    CREATE_RECORD_TEXT,
    SEARCHED,
    object_,
    record,
    record_file,
    record_text,
    tally,
)
from vault.catalogue.schema.said import (
    also_claimed,
    assigned,
    case_file,
    corrected,
    extension,
    hold,
    once_named,
    viewing,
)
from vault.catalogue.schema.succession import taken_over
from vault.catalogue.schema.work import intake, intake_file

HEAD = "0001"  # the Alembic revision these tables are at; a test holds the two together

__all__ = [
    "CREATE_RECORD_GRAMS",
    "CREATE_RECORD_TEXT",
    "HEAD",
    "SEARCHED",
    "activity",
    "adopted",
    "also_claimed",
    "appraised",
    "approval",
    "assigned",
    "carried_out",
    "case_file",
    "consent",
    "copy",
    "corrected",
    "destroyed_copies",
    "disc",
    "disc_copy",
    "disc_demand",
    "disc_event",
    "disc_file",
    "disc_record",
    "disc_set",
    "disc_spoiled",
    "disc_task",
    "disposal",
    "disposal_signature",
    "doomed",
    "doomed_copy",
    "explanation",
    "extension",
    "finding",
    "growth",
    "hold",
    "intake",
    "intake_file",
    "interruption",
    "job",
    "journal",
    "late_corrected",
    "late_explained",
    "lock",
    "meta",
    "metadata",
    "object_",
    "once_called",
    "once_named",
    "outbox",
    "person",
    "planned",
    "published",
    "record",
    "record_file",
    "record_text",
    "refusal",
    "staying_object",
    "store",
    "store_proven",
    "taken_over",
    "tally",
    "viewing",
    "volume",
]
