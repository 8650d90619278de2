"""Going on where an interrupted intake was: by the identity of files, remembered only until the run has finished.

A file counts as taken in only if device, inode, size and both times are those that were seen then; a run that has
ended forgets them, so asking for the same files again reads them again. A run belongs to the process that holds its
lock: what another one is still at has perhaps not reached the stores, and must not be told as done. Runs that nobody
goes on with within a month are forgotten when another begins: whoever asks for the same then has it read again.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from vault.catalogue import schema
from vault.catalogue.rows import spell_time
from vault.intake.filing import spell_fingerprint
from vault.intake.items import Fingerprint
from vault.store import Vault

LOCKS = "intakes"  # turns: one a run that has not ended
_ABANDONED = timedelta(days=30)


class Run:
    """One run of `ingest`, new or resumed; this process's own until `close`."""

    def __init__(self, vault: Vault, paths: Sequence[Path], options: str) -> None:
        self._vault = vault
        request = json.dumps([sorted(str(path.absolute()) for path in paths), options], ensure_ascii=True)
        with vault.database.writing() as connection:  # nobody else claims or ends a run meanwhile
            self.resumed = self._resume(connection, request)
            if not self.resumed:
                started = {"request": request, "started_at": spell_time(vault.setting.clock())}
                new: int = connection.execute(insert(schema.intake).returning(schema.intake.c.id), started).scalar_one()
                self._claim(new)
            self._forget_others(connection)
            vault.database.turns.sweep(LOCKS)  # whoever resumes a run whose process is gone makes another

    def _resume(self, connection: Connection, request: str) -> bool:
        intake = schema.intake.c
        unfinished = select(intake.id).where(intake.request == request, intake.finished_at.is_(None))
        return any(self._claim(run) for run in connection.scalars(unfinished.order_by(intake.id.desc())).all())

    def _claim(self, run: int) -> bool:
        """Take the run if nobody is at it."""
        self.id = run
        self._turn = self._vault.database.turns.turn(f"{LOCKS}/{run}")
        claimed = self._turn.take(wait=False)
        if not claimed:
            self._turn.give_back()
        return claimed

    def _forget_others(self, connection: Connection) -> None:
        """Those that have ended, and those that were abandoned. Never the newest: its number shall not come again."""
        intake, files = schema.intake.c, schema.intake_file.c
        ended = intake.finished_at.is_not(None) | (
            intake.started_at < spell_time(self._vault.setting.clock() - _ABANDONED)
        )
        newest = select(func.max(intake.id)).scalar_subquery()
        others = select(intake.id).where(ended, intake.id != self.id, intake.id < newest)
        for run in connection.scalars(others).all():
            turn = self._vault.database.turns.turn(f"{LOCKS}/{run}")
            if turn.take(wait=False):
                connection.execute(delete(schema.intake_file).where(files.intake_id == run))
                connection.execute(delete(schema.intake).where(intake.id == run))
            turn.give_back()

    def close(self) -> None:
        """Leave the run to whoever asks for the same again."""
        self._turn.give_back()

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
        self._turn.forget()
