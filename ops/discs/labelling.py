"""What a set says of itself on its labels, and the labels of copies that are verified, drawn and entered."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from labels.draw import draw
from labels.kinds import Kind
from media.mediums import MEDIUMS
from ops.discs.paper import Paper, give_labels, label_options
from ops.discs.workshop import Workshop
from ops.labels import LabelsConfig
from vault import acts
from vault.catalogue import discs, queries
from vault.digest import Digest
from vault.discs.model import COPIES, DiscCopy, DiscSet, Mark
from vault.discs.states import State
from vault.discs.stepping import step
from vault.journal import CHECKPOINT
from vault.records import Record
from vault.store import Vault


def described(disc_set: DiscSet, medium: str, records: Iterable[Record]) -> DiscSet:
    """The set with what its records have in common; what they do not is left away."""
    facts = [record.facts for record in records]

    def shared(name: str) -> str:
        values = {getattr(one, name) for one in facts}
        return values.pop() if len(values) == 1 else ""

    return replace(
        disc_set,
        medium=MEDIUMS[medium].label,
        section=shared("section"),
        case_number=shared("case_number"),
        party=shared("party"),
    )


def as_labelled(connection: Connection, number: str) -> DiscSet:
    """A set as its labels and its images speak of it. BadInput where there is none."""
    planned, bare = discs.find_set(connection, number), discs.as_labelled(connection, number)
    return described(bare, planned.medium, (queries.get_record(connection, one) for one in bare.records))


def copies_of(vault: Vault, which: str) -> list[DiscCopy]:
    """The discs of a set or the one of a mark, as labels speak of them. BadInput where there are none with an image."""
    with vault.database.reading() as connection:
        if which.count("-") == 1:
            number = discs.find_set(connection, which).number
            marks = [copy.mark for copy in discs.copies(connection, number) if copy.state is not State.REPLACED]
        else:
            marks = [discs.find_copy(connection, Mark.parse(which)).mark]
        return _as_labelled(vault, connection, marks)


def try_labels(vault: Vault, disc_set: DiscSet, config: LabelsConfig) -> None:
    """Draw what would be drawn: a label that would be refused is refused before gigabytes are written."""
    copies = [DiscCopy(disc_set, 1, letter, Digest.of(b""), _checkpoint(vault)) for letter in COPIES]
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
    return drawn


def _as_labelled(vault: Vault, connection: Connection, marks: Sequence[Mark]) -> list[DiscCopy]:
    if not marks:
        return []
    disc_set, checkpoint = as_labelled(connection, marks[0].disc_set), _checkpoint(vault)
    images = [(mark, discs.image_of(connection, mark).image) for mark in marks]
    return [
        DiscCopy(disc_set, mark.disc, mark.copy, Digest.parse(image), checkpoint, mark.generation)
        for mark, image in images
        if image is not None
    ]


def _checkpoint(vault: Vault) -> str:
    """The journal's newest."""
    return next(iter(vault.writable.values())).read_file(CHECKPOINT).decode()
