"""Files of images: where they lie, and that they are gone."""

from datetime import datetime

from sqlalchemy import Connection, update

from vault import acts
from vault.catalogue import imagefiles, schema
from vault.catalogue.projection.change import Changes
from vault.catalogue.rows import spell_time
from vault.discs.model import ImageFile
from vault.profile import Profile


def _lay(connection: Connection, profile: Profile, act: acts.DiscImageLaid) -> None:
    name = ImageFile.parse(act.file)
    assert name is not None
    imagefiles.add(connection, name, act.machine, act.path, act.at)


def _begin_to_erase(connection: Connection, profile: Profile, act: acts.DiscImageErasing) -> None:
    imagefiles.change(connection, act.file, erasing=act.folder)


def _erase(connection: Connection, profile: Profile, act: acts.DiscImageErased) -> None:
    """No disposal waits for it any more."""
    end(connection, act.file, act.at)
    task = schema.disc_task.c
    waiting = (task.disc == act.file) & (task.second_by == "")
    connection.execute(update(schema.disc_task).where(waiting).values(erased_at=spell_time(act.at)))


def end(connection: Connection, name: str, at: datetime) -> None:
    """It is no more."""
    imagefiles.change(connection, name, gone_at=spell_time(at))


CHANGES: Changes = {
    acts.DiscImageLaid: _lay,
    acts.DiscImageErasing: _begin_to_erase,
    acts.DiscImageErased: _erase,
}
