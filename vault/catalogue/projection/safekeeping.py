"""When what no store has was last saved elsewhere, and when each store was last shown to suffice."""

from sqlalchemy import Connection, delete, insert, update

from vault import acts
from vault.catalogue import schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_time
from vault.catalogue.safekeeping import BACKED_UP
from vault.profile import Profile


def _note_backup(connection: Connection, profile: Profile, act: acts.BackupMade) -> None:
    if act.form == "file":
        connection.execute(delete(schema.meta).where(schema.meta.c.key == BACKED_UP))
        connection.execute(insert(schema.meta).values(key=BACKED_UP, value=spell_time(act.at)))


def _note_drill(connection: Connection, profile: Profile, act: acts.RestoreDrilled) -> None:
    done = {"drilled_at": spell_time(act.at)}
    if act.entries and act.rows and act.objects and not act.failed and not act.skipped:
        done["drill_passed_at"] = spell_time(act.at)
    connection.execute(update(schema.store).where(schema.store.c.name == act.store).values(done))


CHANGES: Changes = {acts.BackupMade: _note_backup, acts.RestoreDrilled: _note_drill}
