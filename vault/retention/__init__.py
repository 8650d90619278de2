"""Until when a record is kept, and why. `deciding` opens with the rules; `rules` is what each of them says."""

from vault.retention.deciding import Decision, decide, due_on, expiry, floor, lets_go, shortens, undercut, unsettled
from vault.retention.holding import AFTER_REBUILD, Assigned, CaseClaim, Extension, Floor, Hold, Holding, Pending
from vault.retention.rules import Reason, State, case_terms, own_day

__all__ = [
    "AFTER_REBUILD",
    "Assigned",
    "CaseClaim",
    "Decision",
    "Extension",
    "Floor",
    "Hold",
    "Holding",
    "Pending",
    "Reason",
    "State",
    "case_terms",
    "decide",
    "due_on",
    "expiry",
    "floor",
    "lets_go",
    "own_day",
    "shortens",
    "undercut",
    "unsettled",
]
