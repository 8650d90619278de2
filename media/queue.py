"""Which copy is burnt next, and in which drive: pure, over what waits, what is under way and what was burnt.

    choose(waiting, blanks, past, under_way) -> Burn | None

- The two copies of a disc shall not share what could spoil both: they come from different drives, and from blanks of
  different batches, where there are such. A batch weighs more: a drive that burns badly is found when its disc is read
  back, a dye that fades is not. Nothing waits for that: a copy that has to share does.
- A copy that failed goes to another drive than before, and waits for one that is at work; its sister, which did not
  fail, is not burnt again.
- A drive that failed twice running gets no third blank to lose.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vault.discs.model import Mark

_SPENT = 2  # failures running


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank that lies in a drive which waits for work. `batch`: as the person names it, or ""."""

    drive: str
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Burn:
    """A copy that is burnt, or was. `failed`: it came to no verified disc."""

    mark: Mark
    blank: Blank
    failed: bool = False


def choose(
    waiting: Sequence[Mark], blanks: Sequence[Blank], past: Sequence[Burn] = (), under_way: Sequence[Burn] = ()
) -> Burn | None:
    """The next burn; None where nothing waits, or no drive is fit or ready. `past` in the order of time.

    Ties fall to what waits longest.
    """
    sound = [blank for blank in blanks if not is_spent(blank.drive, past)]
    pairs = [(mark, blank) for mark in waiting for blank in sound]
    if under_way:
        pairs = [(mark, blank) for mark, blank in pairs if not _failed_there(mark, blank, past)]
    if not pairs:
        return None
    known = [*(burn for burn in past if not burn.failed), *under_way]
    mark, blank = min(
        pairs, key=lambda pair: (_failed_there(pair[0], pair[1], past), *_shared(pair[0], pair[1], known))
    )
    return Burn(mark, blank)


def _shared(mark: Mark, blank: Blank, known: Sequence[Burn]) -> tuple[bool, bool]:
    """Whether it would have its batch in common with its sister, and its drive."""
    sisters = [burn.blank for burn in known if _sisters(burn.mark, mark)]
    return (
        any(blank.batch and sister.batch == blank.batch for sister in sisters),
        any(sister.drive == blank.drive for sister in sisters),
    )


def _failed_there(mark: Mark, blank: Blank, past: Sequence[Burn]) -> bool:
    return any(burn.failed and burn.mark == mark and burn.blank.drive == blank.drive for burn in past)


def is_spent(drive: str, past: Sequence[Burn]) -> bool:
    """Whether it gets no more blanks."""
    last = [burn.failed for burn in past if burn.blank.drive == drive][-_SPENT:]
    return len(last) == _SPENT and all(last)


def _sisters(one: Mark, other: Mark) -> bool:
    """Two copies of the same disc, of whatever generation."""
    return (one.disc_set, one.disc) == (other.disc_set, other.disc) and one.copy != other.copy
