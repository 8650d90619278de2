"""What came of a burn, entered and told to whoever is there: the disc was closed, it is the image, or it is lost."""

from media.image import ImageInfo
from ops.language import t
from ops.output import note
from vault import acts
from vault.catalogue import discs, spoiled
from vault.discs.model import Mark
from vault.discs.stepping import step
from vault.store import Vault
from vault.text import Text


def finish(vault: Vault, mark: Mark, drive: str, blank: str = "") -> None:
    """The drive, or the robot, has closed it."""
    step(vault, acts.DiscBurnt(at=vault.now(), by=vault.setting.person, mark=str(mark), drive=drive, blank=blank))


def verify(vault: Vault, mark: Mark, drive: str, info: ImageInfo) -> None:
    """It was read back in that drive, and is the image."""
    step(
        vault,
        acts.DiscVerified(at=vault.now(), by=vault.setting.person, mark=str(mark), image=info.sha256.hex, drive=drive),
    )
    note(
        t(
            f"{mark}: verified. Take it out of {drive} and write {mark} on it.",
            f"{mark}：已核验。请从 {drive} 取出，并在盘面写上 {mark}。",
        )
    )


def enter(vault: Vault, mark: Mark, drive: str, info: ImageInfo) -> None:
    """It was burnt elsewhere, read back here in that drive, and is the image."""
    at, by = vault.now(), vault.setting.person
    step(vault, acts.DiscEntered(at=at, by=by, mark=str(mark), image=info.sha256.hex, drive=drive))
    note(
        t(
            f"{mark}: burnt elsewhere; verified and entered. Put it in its place, then: "
            f"strongroom disc shelve {mark} --at …",
            f"{mark}：外部刻录，已核验并登记。请放入存放位置，然后运行：strongroom disc shelve {mark} --at …",
        )
    )


def fail(vault: Vault, mark: Mark, drive: str, why: Text) -> None:
    """It is not what was to be burnt, and is written off."""
    step(vault, acts.DiscBurnFailed(at=vault.now(), by=vault.setting.person, mark=str(mark), drive=drive, why=why))
    with vault.database.reading() as connection:
        name = spoiled.newest(connection, mark)
    en, zh = why.en.rstrip("."), why.zh.rstrip("。")
    note(
        t(
            f"{mark}: the disc in {drive} is written off ({en}). It may be readable: write {name} on it, shred it, "
            f"then: strongroom disc shred {name} --why …",
            f"{mark}：{drive} 中的光盘作废（{zh}）。其内容可能仍可读出：请在盘面写上 {name} 并粉碎，"
            f"然后运行：strongroom disc shred {name} --why …",
        )
    )


def leave_untouched(vault: Vault, mark: Mark, drive: str, why: Text) -> None:
    """It was begun, and nothing of it was written: the blank is used again."""
    at, by = vault.now(), vault.setting.person
    step(vault, acts.DiscBurnFailed(at=at, by=by, mark=str(mark), drive=drive, why=why, untouched=True))


def write_off(vault: Vault, mark: Mark) -> None:
    """A disc that was begun cannot be brought back: a person says so. Refused where none was begun."""
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, mark)
    fail(vault, mark, copy.drive, Text(en="it cannot be brought back", zh="光盘无法找回"))
