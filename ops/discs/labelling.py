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
from vault import acts
from vault.casenumbers import case_key
from vault.catalogue import discs, queries
from vault.catalogue.holdings import holdings_of
from vault.catalogue.rows import serial_of
from vault.digest import Digest
from vault.discs.inscription import highest, together
from vault.discs.inscription import kept as kept_for
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
    """The set with what these of its records say together, and with what the most demanding of them asks for. Records
    that were destroyed say nothing."""
    kept = [record for record in records if record.standing is not Standing.DESTROYED]
    facts = [record.facts for record in kept]
    holdings = holdings_of(connection, [serial_of(record.number) for record in kept])
    cases: dict[str, str] = {}
    for case in (case for holding in holdings.values() for case in holding.cases):
        cases.setdefault(case_key(case.number), case.number)
    secrecy = highest(one.confidentiality for one in facts)
    return replace(
        disc_set,
        medium=MEDIUMS[medium].label,
        kept=kept_for(expiry(holding, profile) for holding in holdings.values()),
        confidentiality=Text(en=secrecy, zh=secrecy),
        section=together((one.section for one in facts), "个科室"),
        case_number=together(cases.values(), "案"),
        party=together((one.party for one in facts), "人"),
    )


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
    return drawn


def lacking_on(vault: Vault, mark: Mark) -> tuple[Lacking, ...]:
    """What the fonts lack of a copy's label; nothing while it has no image, and so no label."""
    with vault.database.reading() as connection:
        return tuple(one for copy in _as_labelled(vault, connection, [mark]) for one in lacking(copy, vault.profile))


def _as_labelled(vault: Vault, connection: Connection, marks: Sequence[Mark]) -> list[DiscCopy]:
    if not marks:
        return []
    medium = discs.find_set(connection, marks[0].disc_set).medium
    checkpoint = newest_checkpoint(vault)
    said: dict[tuple[int, int], DiscSet] = {}
    copies = []
    for mark in marks:
        image, place = discs.image_of(connection, mark).image, (mark.disc, mark.generation)
        if image is None:
            continue
        if place not in said:
            bare = discs.as_labelled(connection, mark)
            records = queries.get_records(connection, bare.records)
            said[place] = described(connection, vault.profile, bare, medium, records)
        copies.append(DiscCopy(said[place], mark.disc, mark.copy, Digest.parse(image), checkpoint, mark.generation))
    return copies


def newest_checkpoint(vault: Vault) -> str:
    """The journal's newest."""
    return next(iter(vault.writable.values())).read_file(CHECKPOINT).decode()
