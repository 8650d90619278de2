"""Files of images with destroyed records: the program erases those that it can reach, people see to the others."""

from vault.catalogue import imagefiles
from vault.catalogue.disctasks import disc_tasks
from vault.discs.imagefiles import erase
from vault.discs.model import ImageFile
from vault.outputs import Progress
from vault.store import Vault
from vault.text import Text


def erase_images(vault: Vault, number: str, progress: Progress = int) -> dict[str, Text]:
    """Erase what a disposal waits for; of what stays, by its name, where it is and why. It may be run again."""
    stay: dict[str, Text] = {}
    with vault.database.reading() as connection:
        waiting = {ImageFile.parse(task.disc): task.called for task in disc_tasks(connection, number) if task.open}
        laid = [imagefiles.find(connection, name) for name in waiting if name is not None]
    for one in laid:
        why, where = erase(vault, one, progress), waiting[one.name]
        if why is not None:
            stay[str(one.name)] = Text(en=f"{where.en}: {why.en}", zh=f"{where.zh}：{why.zh}")
    return stay
