"""An office's regulation as data: what it demands, each rule with the article it comes from.

A profile is a TOML file, not code: an office under another regulation writes its own. The model below is what may
stand in it. Unknown keys are refused (a misspelt rule would otherwise be a rule that silently does not apply), and so
is a rule without an article: nobody could check it, and nobody could tell the office's rule from the programmer's.
Where the regulation is silent and the office chose, `start_note` says so.

What a regulation leaves open is closed here, on the safe side: without an approver nobody may view; without a class
nothing expires.
"""

from vault.profile.citing import cited
from vault.profile.model import (
    Article,
    BaseRule,
    Bilingual,
    CaseRule,
    Circumstance,
    Identifier,
    Intake,
    LabelField,
    LabelRule,
    NamedRule,
    Part,
    Profile,
    RequiredFact,
    Rule,
    Start,
    StoredWithin,
    TermKind,
    Viewing,
    Words,
    Wrong,
)
from vault.profile.reading import SIZE_LIMIT, load_profile, parse_profile, shipped_profiles

__all__ = [
    "SIZE_LIMIT",
    "Article",
    "BaseRule",
    "Bilingual",
    "CaseRule",
    "Circumstance",
    "Identifier",
    "Intake",
    "LabelField",
    "LabelRule",
    "NamedRule",
    "Part",
    "Profile",
    "RequiredFact",
    "Rule",
    "Start",
    "StoredWithin",
    "TermKind",
    "Viewing",
    "Words",
    "Wrong",
    "cited",
    "load_profile",
    "parse_profile",
    "shipped_profiles",
]
