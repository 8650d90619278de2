"""A set from its plan to the shelf: images, burns, labels, places; as far as it comes, and on from there the next time.

What was done is in the journal, what was made lies in the work folder, and nothing else is remembered: a run that ends,
however it ends, is gone on with by the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.discs.burning import Burning, burn_set
from ops.discs.images import make_images, remove_used
from ops.discs.labelling import label_verified
from ops.discs.paper import Paper
from ops.discs.robots import burn_by_robots, require_read_back, settle_jobs
from ops.discs.settling import settle
from ops.discs.workshop import Workshop
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import note
from vault import acts
from vault.catalogue import discs
from vault.catalogue.discs import Copy
from vault.discs.finishing import require_makeable
from vault.discs.model import COPIES
from vault.discs.states import SUCCEEDED, State
from vault.discs.stepping import step
from vault.discs.superseding import supersede


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
    unknown = {*settle(shop, number, COPIES), *settle_jobs(shop, number, burning.robots)}
    try:
        with shop.vault.database.reading() as connection:
            require_makeable(connection, number)
        make_images(shop, number, unknown)
        burn_by_robots(shop, number, burning.letters, burning.robot, burning.robots, finishing.labels)
        burn_set(shop, number, burning)
        require_read_back(shop, number, burning.again)
    finally:
        drawn = label_verified(shop, number, finishing.labels, finishing.paper)
        if finishing.shelf:
            _shelve(shop, number, finishing.shelf)
        remove_used(shop, number)
        _retire_the_old(shop, number)
    return drawn


def tidy(shop: Workshop) -> None:
    """Remove what a run that was killed at its very end left in the work folder."""
    for number in {path.name[: len("2026-0001")] for path in shop.folder.glob("????-????-*.iso")}:
        remove_used(shop, number)


def standing(shop: Workshop, number: str) -> Sequence[Copy]:
    """How the copies of a set stand now."""
    with shop.vault.database.reading() as connection:
        return [copy for copy in discs.copies(connection, number) if copy.state not in SUCCEEDED]


def _retire_the_old(shop: Workshop, number: str) -> None:
    for copy in supersede(shop.vault, number):
        note(
            t(
                f"{copy.mark} stays as it is for now ({copy.state.label.en}). When it is back: "
                f"strongroom disc run --set {number}",
                f"{copy.mark} 暂保持现状（{copy.state.label.zh}）。归还后请运行：strongroom disc run --set {number}",
            )
        )


def _shelve(shop: Workshop, number: str, location: str) -> None:
    for copy in standing(shop, number):
        if copy.state is State.LABELLED:
            step(shop.vault, acts.DiscShelved(at=shop.now(), by=shop.by, mark=str(copy.mark), location=location))
