"""How one disc is told, wherever it is."""

from typing import Any

from ops.language import said, t
from vault.catalogue.discs import Copy
from vault.discs.states import KEPT


def tell(copy: Copy) -> str:
    """A disc in one line: where it stands, and who has it."""
    words = [str(copy.mark), said(copy.state.label)]
    if copy.state in KEPT:
        words.append(copy.location)
    if copy.holder:
        words.append(t(f"{copy.holder}, until {copy.until}", f"{copy.holder}，至 {copy.until}"))
    return "  ".join(words)


def copy_row(copy: Copy) -> dict[str, Any]:
    """A disc for programs."""
    return {
        "mark": str(copy.mark),
        "state": copy.state.value,
        "since": copy.since,
        "location": copy.location,
        "holder": copy.holder,
        "until": copy.until,
        "drive": copy.drive,
        "blank": copy.blank,
        "inspected_at": copy.inspected_at,
        "level": copy.level,
    }
