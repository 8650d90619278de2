"""Which copy is burnt next, and in which drive: pure, over what waits and what was burnt.

    choose(waiting, blanks, burns) -> Burn | None

The two copies of a disc shall not share what could spoil both: they come from different drives, and from blanks of
different batches, where there are such. Of the two a batch weighs more: a drive that burns badly is found when its
disc is read back, a dye that fades is not. A copy that failed goes to another drive than before, if there is one; its
sister, which did not fail, is not burnt again. Nothing waits for a better drive: a copy that has to share rather does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vault.discs.model import Mark


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank that lies in a drive which waits for work. `batch`: as the person names it, or ""."""

    drive: str
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Burn:
    """A copy that is being burnt or was; `failed`: its blank was lost."""

    mark: Mark
    blank: Blank
    failed: bool = False


def choose(waiting: Sequence[Mark], blanks: Sequence[Blank], burns: Sequence[Burn]) -> Burn | None:
    """The next burn; None where nothing waits or no drive is ready. Ties fall to what waits longest."""
    pairs = [(mark, blank) for mark in waiting for blank in blanks]
    if not pairs:
        return None
    mark, blank = min(pairs, key=lambda pair: _shared(pair[0], pair[1], burns))
    return Burn(mark, blank)


def _shared(mark: Mark, blank: Blank, burns: Sequence[Burn]) -> tuple[bool, bool, bool]:
    """What it would have in common with its sister, then with its own failures: fewer is better."""
    sisters = [burn.blank for burn in burns if not burn.failed and _sisters(burn.mark, mark)]
    return (
        any(blank.batch and sister.batch == blank.batch for sister in sisters),
        any(sister.drive == blank.drive for sister in sisters),
        any(burn.failed and burn.mark == mark and burn.blank.drive == blank.drive for burn in burns),
    )


def _sisters(one: Mark, other: Mark) -> bool:
    """Two copies of the same disc, of whatever generation."""
    return (one.disc_set, one.disc) == (other.disc_set, other.disc) and one.copy != other.copy
