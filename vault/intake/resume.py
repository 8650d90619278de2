"""Going on where an interrupted intake was: by the identity of files, remembered only until the run has finished.

A file counts as taken in only if device, inode, size and both times are those that were seen then; a run that has
ended forgets them, so asking for the same files again reads them again.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from vault.catalogue import schema
from vault.catalogue.rows import spell_time
from vault.intake.filing import spell_fingerprint
from vault.intake.items import Fingerprint
from vault.store import Vault


class Run:
    """One run of `ingest`, new or resumed."""

    def __init__(self, vault: Vault, paths: Sequence[Path], options: str) -> None:
        self._vault = vault
        request = json.dumps([sorted(str(path.absolute()) for path in paths), options], ensure_ascii=True)
        intake = schema.intake
        with vault.database.writing() as connection:
            unfinished = connection.execute(
                select(intake.c.id)
                .where(intake.c.request == request, intake.c.finished_at.is_(None))
                .order_by(intake.c.id.desc())
                .limit(1)
            ).scalar()
            self.resumed = unfinished is not None
            if unfinished is None:
                started = {"request": request, "started_at": spell_time(vault.setting.clock())}
                unfinished = connection.execute(insert(intake).returning(intake.c.id), started).scalar_one()
        self.id: int = unfinished

    def taken(self, fingerprint: Fingerprint | None) -> str | None:
        """The record that an interrupted run filed this very file under."""
        if not self.resumed or fingerprint is None:
            return None
        with self._vault.database.reading() as connection:
            return connection.execute(
                select(schema.record.c.number)
                .join(schema.intake_file, schema.intake_file.c.record_id == schema.record.c.id)
                .where(
                    schema.intake_file.c.intake_id == self.id,
                    schema.intake_file.c.fingerprint == spell_fingerprint(fingerprint),
                )
            ).scalar()

    def finish(self) -> None:
        """All was met and answered for: forget the files."""
        with self._vault.database.writing() as connection:
            connection.execute(delete(schema.intake_file).where(schema.intake_file.c.intake_id == self.id))
            connection.execute(
                update(schema.intake)
                .where(schema.intake.c.id == self.id)
                .values(finished_at=spell_time(self._vault.setting.clock()))
            )
