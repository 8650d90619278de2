"""What a set says of itself on its labels, and the labels of copies that are verified, drawn and entered."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from labels.draw import draw
from labels.kinds import Kind
from labels.lacking import Lacking, lacking
from media.mediums import MEDIUMS
from ops.discs.paper import Paper, give_labels, label_options, tell_lacking
from ops.discs.workshop import Workshop
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import note
from vault import acts
from vault.catalogue import discs
from vault.catalogue.inscribed import changed_since
from vault.digest import Digest
from vault.discs.model import COPIES, DiscCopy, DiscSet, Inscription, Mark
from vault.discs.states import SUCCEEDED, State
from vault.discs.stepping import step
from vault.errors import BadInput
from vault.journal import CHECKPOINT
from vault.store import Vault
from vault.text import Text


def described(disc_set: DiscSet, medium: str, inscription: Inscription) -> DiscSet:
    """The set as labels speak of it."""
    return replace(disc_set, medium=MEDIUMS[medium].label, inscription=inscription)


def copies_of(vault: Vault, which: str) -> list[DiscCopy]:
    """The discs of a set or the one of a mark, as labels speak of them. BadInput where there are none with an image."""
    with vault.database.reading() as connection:
        if which.count("-") == 1:
            number = discs.find_set(connection, which).number
            marks = [copy.mark for copy in discs.copies(connection, number) if copy.state not in SUCCEEDED]
        else:
            marks = [discs.find_copy(connection, Mark.parse(which)).mark]
        found = _as_labelled(vault, connection, marks)
    if not found:
        raise BadInput(
            Text(en=f"{which} has no image yet: there is nothing to label.", zh=f"{which} 尚无映像，不能生成标签。"),
            hint=Text(en="Go on with it: strongroom disc run", zh="请继续制作：strongroom disc run"),
        )
    return found


def try_labels(vault: Vault, looks: Iterable[DiscSet], config: LabelsConfig) -> None:
    """Draw what would be drawn for the discs of a set, those that say the same once: a label that would be refused is
    refused before gigabytes are written."""
    checkpoint = newest_checkpoint(vault)
    copies = [DiscCopy(one, 1, COPIES[0], Digest.of(b""), checkpoint) for one in dict.fromkeys(looks)]
    draw(Kind.DISC, copies, vault.profile, label_options(Kind.DISC, "", 1, config))


def label_verified(shop: Workshop, number: str, config: LabelsConfig, where: Paper) -> list[Path]:
    """Draw the labels of a set's verified copies, and enter them; the files."""
    vault = shop.vault
    with vault.database.reading() as connection:
        marks = [copy.mark for copy in discs.copies(connection, number) if copy.state is State.VERIFIED]
        copies = _as_labelled(vault, connection, marks)
    drawn = draw_labels(vault, copies, config, where)
    for mark in marks:
        step(vault, acts.DiscLabelled(at=shop.now(), by=shop.by, mark=str(mark), labels=(Kind.DISC.value,)))
    return drawn


def draw_labels(vault: Vault, copies: Sequence[DiscCopy], config: LabelsConfig, where: Paper) -> list[Path]:
    """Labels for the discs' faces, a sheet for each disc; the files."""
    drawn = []
    for (_, generation), group in groupby(copies, lambda copy: (copy.disc, copy.generation)):
        sheet = list(group)
        title = sheet[0].mark.volume_id + (f".{generation}" if generation > 1 else "")
        labels = draw(Kind.DISC, sheet, vault.profile, label_options(Kind.DISC, "", 1, config))
        drawn += give_labels(title, Kind.DISC, sheet, labels, where)
    tell_lacking(copies, vault.profile)
    tell_changed(vault, copies)
    return drawn


def tell_changed(vault: Vault, copies: Iterable[DiscCopy]) -> None:
    """Say where a label would say something else of the records today: it says what its disc holds."""
    places = dict.fromkeys((copy.set.number, copy.disc, copy.generation) for copy in copies)
    for number, disc, generation in places:
        mark = Mark(number, disc, COPIES[0], generation)
        with vault.database.reading() as connection:
            records = changed_since(connection, vault.profile, number, discs.image_of(connection, mark))
        if records is not None:
            _say_changed(mark, records)


def _say_changed(mark: Mark, records: Sequence[str]) -> None:
    en, zh = (", ".join(records), f"记录 {'、'.join(records)} ") if records else ("the rules", "保管规则")
    note(
        t(
            f"{mark.volume_id}: {en} changed since the image was made. The label says what the disc holds. For a new "
            f"generation with what holds now: strongroom disc replace {mark} --why …",
            f"{mark.volume_id}：生成映像之后，{zh}有变化；标签按光盘所载内容标注。"
            f"如需按现状制作新一代光盘：strongroom disc replace {mark} --why …",
        )
    )


def lacking_on(vault: Vault, mark: Mark) -> tuple[Lacking, ...]:
    """What the fonts lack of a copy's label; nothing while it has no image, and so no label."""
    with vault.database.reading() as connection:
        return tuple(one for copy in _as_labelled(vault, connection, [mark]) for one in lacking(copy, vault.profile))


def _as_labelled(vault: Vault, connection: Connection, marks: Sequence[Mark]) -> list[DiscCopy]:
    if not marks:
        return []
    medium = discs.find_set(connection, marks[0].disc_set).medium
    checkpoint = newest_checkpoint(vault)
    copies = []
    for mark in marks:
        image = discs.image_of(connection, mark)
        if image.image is None or image.inscription is None:
            continue
        said = described(discs.as_labelled(connection, mark), medium, image.inscription)
        copies.append(DiscCopy(said, mark.disc, mark.copy, Digest.parse(image.image), checkpoint, mark.generation))
    return copies


def newest_checkpoint(vault: Vault) -> str:
    """The journal's newest."""
    return next(iter(vault.writable.values())).read_file(CHECKPOINT).decode()
