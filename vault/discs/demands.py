"""What regulations demand on disc, and when that is met: pure functions over states.

    demanded(circumstances, profile)   which of a record's circumstances demand discs
    judge(copies, carriers)            whether sets that carry the record come up to it, and what they lack

Rules:

- A circumstance demands discs where the profile names the medium `disc` and a number of copies (邓州 12, 舞钢 16:
  刻录光盘保存的，应当制作一式两份). Where the regulation gives no number (忻州 13: 刻录光盘、使用移动储存介质等方式),
  the office chooses, and nothing is demanded here.
- Only a set that carries the whole record counts, and only while both copies of every disc with a part of it are `KEPT`
  (vault/discs/states.py): verified, labelled, and with a place. A set brings two copies.
- A demand that was met is open again as soon as one of these copies is not kept any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vault.discs.model import COPIES, Mark
from vault.discs.states import KEPT, State
from vault.profile import Profile
from vault.profile.keeping import Medium
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Demand:
    """What one circumstance demands, and where the regulation says so."""

    circumstance: str
    words: Text
    article: str
    copies: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """A disc set that carries a record: every copy, of whatever generation, of the discs that have a part of it."""

    copies: tuple[tuple[Mark, State], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a demand is met; what is `lacking`: the newest copies that would have to be kept, and are not."""

    met: bool
    lacking: tuple[tuple[Mark, State], ...] = ()


def demanded(circumstances: Collection[str], profile: Profile) -> tuple[Demand, ...]:
    """In the profile's order."""
    return tuple(
        Demand(rule.id, rule.text, rule.article, rule.disc_copies)
        for rule in profile.circumstances
        if rule.id in circumstances and Medium.DISC in rule.media and rule.disc_copies >= 1
    )


def judge(copies: int, carriers: Sequence[Carrier]) -> Verdict:
    """Whether so many copies of a record are kept, by all disc sets that carry it."""
    lacks = [_lacking(carrier) for carrier in carriers]
    kept = sum(not lacking for lacking in lacks) * len(COPIES)
    if kept >= copies:
        return Verdict(met=True)
    return Verdict(met=False, lacking=tuple(one for lacking in lacks for one in lacking))


def _lacking(carrier: Carrier) -> list[tuple[Mark, State]]:
    """For each copy that is not kept in any generation, the newest one."""
    newest: dict[tuple[int, str], tuple[Mark, State]] = {}
    kept: set[tuple[int, str]] = set()
    for mark, state in sorted(carrier.copies, key=lambda one: one[0].generation):
        newest[mark.disc, mark.copy] = mark, state
        if state in KEPT:
            kept.add((mark.disc, mark.copy))
    return [newest[place] for place in sorted(newest) if place not in kept]
