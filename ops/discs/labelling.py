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
from vault.catalogue.holdings import holdings_of
from vault.catalogue.rows import serial_of
from vault.digest import Digest
from vault.discs.inscription import highest, longest
from vault.discs.model import COPIES, DiscCopy, DiscSet, Mark
from vault.discs.states import SUCCEEDED, State
from vault.discs.stepping import step
from vault.errors import BadInput
from vault.journal import CHECKPOINT
from vault.profile import Profile
from vault.records import Record, Standing
from vault.retention import expiry
from vault.store import Vault
from vault.text import Text


def described(
    connection: Connection, profile: Profile, disc_set: DiscSet, medium: str, records: Iterable[Record]
) -> DiscSet:
    """The set with what its records have in common, what they do not left away, and with what the most demanding of
    them asks for. Records that were destroyed say nothing."""
    kept = [record for record in records if record.standing is not Standing.DESTROYED]
    facts = [record.facts for record in kept]
    holdings = holdings_of(connection, [serial_of(record.number) for record in kept])
    term = longest(expiry(holding, profile) for holding in holdings.values())
    secrecy = highest(one.confidentiality for one in facts)

    def shared(name: str) -> str:
        values = {getattr(one, name) for one in facts}
        return values.pop() if len(values) == 1 else ""

    return replace(
        disc_set,
        medium=MEDIUMS[medium].label,
        kept=term.label if term is not None else disc_set.kept,
        confidentiality=Text(en=secrecy, zh=secrecy),
        section=shared("section"),
        case_number=shared("case_number"),
        party=shared("party"),
    )


def as_labelled(connection: Connection, profile: Profile, number: str) -> DiscSet:
    """A set as its labels and its images speak of it. BadInput where there is none."""
    planned, bare = discs.find_set(connection, number), discs.as_labelled(connection, number)
    records = (queries.get_record(connection, one) for one in bare.records)
    return described(connection, profile, bare, planned.medium, records)


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


def try_labels(vault: Vault, disc_set: DiscSet, config: LabelsConfig) -> None:
    """Draw what would be drawn: a label that would be refused is refused before gigabytes are written."""
    copies = [DiscCopy(disc_set, 1, letter, Digest.of(b""), newest_checkpoint(vault)) for letter in COPIES]
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
    disc_set = as_labelled(connection, vault.profile, marks[0].disc_set)
    checkpoint = newest_checkpoint(vault)
    images = [(mark, discs.image_of(connection, mark).image) for mark in marks]
    return [
        DiscCopy(disc_set, mark.disc, mark.copy, Digest.parse(image), checkpoint, mark.generation)
        for mark, image in images
        if image is not None
    ]


def newest_checkpoint(vault: Vault) -> str:
    """The journal's newest."""
    return next(iter(vault.writable.values())).read_file(CHECKPOINT).decode()
