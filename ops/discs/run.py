"""A set from its plan to the shelf: images, burns, labels, places; as far as it comes, and on from there the next time.

What was done is in the journal, what was made lies in the work folder, and nothing else is remembered: a run that ends,
however it ends, is gone on with by the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.discs.burning import Burning, burn_set, settle
from ops.discs.images import make_images, remove_used
from ops.discs.labelling import label_verified
from ops.discs.paper import Paper
from ops.discs.workshop import Workshop
from ops.labels import LabelsConfig
from vault import acts
from vault.catalogue import discs
from vault.catalogue.discs import Copy
from vault.discs.model import COPIES
from vault.discs.states import State
from vault.discs.stepping import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Finishing:
    """What is done with copies that are verified. `shelf`: their place; None where they get none yet."""

    labels: LabelsConfig
    paper: Paper
    shelf: str | None


def run_set(shop: Workshop, number: str, burning: Burning, finishing: Finishing) -> list[Path]:
    """Bring a set as far as it can be; the labels that were drawn.

    What burning raises is raised once the copies that are verified have their labels and their place.
    """
    unknown = settle(shop, number, COPIES)
    make_images(shop, number, unknown)
    try:
        burn_set(shop, number, burning)
    finally:
        drawn = label_verified(shop, number, finishing.labels, finishing.paper)
        if finishing.shelf:
            _shelve(shop, number, finishing.shelf)
        remove_used(shop, number)
    return drawn


def tidy(shop: Workshop) -> None:
    """Remove what a run that was killed at its very end left in the work folder."""
    for number in {path.name[: len("2026-0001")] for path in shop.folder.glob("????-????-*.iso")}:
        remove_used(shop, number)


def standing(shop: Workshop, number: str) -> Sequence[Copy]:
    """How the copies of a set stand now."""
    with shop.vault.database.reading() as connection:
        return [copy for copy in discs.copies(connection, number) if copy.state is not State.REPLACED]


def _shelve(shop: Workshop, number: str, location: str) -> None:
    for copy in standing(shop, number):
        if copy.state is State.LABELLED:
            step(shop.vault, acts.DiscShelved(at=shop.now(), by=shop.by, mark=str(copy.mark), location=location))
