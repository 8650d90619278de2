"""An office's regulation as data: what it demands, each rule with the article it comes from.

A profile is a TOML file, not code: an office under another regulation writes its own. The model below is what may
stand in it. Unknown keys are refused (a misspelt rule would otherwise be a rule that silently does not apply), and so
is a rule without an article: nobody could check it, and nobody could tell the office's rule from the programmer's.
Where the regulation is silent and the office chose, `start_note` says so.

What a regulation leaves open is closed here, on the safe side: without an approver nobody may view; without a class
nothing expires.
"""

from vault.people import Role
from vault.profile.access import Classified, RegisterField, Release, Secret, Viewing
from vault.profile.citing import cited
from vault.profile.discs import EvidenceDisc, LabelField, LabelRule, StatementField, StatementRule
from vault.profile.keeping import (
    BaseRule,
    CaseRule,
    Circumstance,
    Disposal,
    Medium,
    RecordKind,
    Start,
    TermKind,
)
from vault.profile.model import Profile
from vault.profile.oversight import DeviceDuty, DeviceRule, Forbidden, Oversight
from vault.profile.parts import Approver, Article, Bilingual, Identifier, Known, NamedRule, Part, Rule, Words
from vault.profile.reading import SIZE_LIMIT, load_profile, parse_profile, shipped_profiles
from vault.profile.recording import Announcement, Explanation, ListedRecording, Method, RecordingList
from vault.profile.taking import FileKind, Intake, LaterStoring, RequiredFact, StoredWithin, file_kinds

__all__ = [
    "SIZE_LIMIT",
    "Announcement",
    "Approver",
    "Article",
    "BaseRule",
    "Bilingual",
    "CaseRule",
    "Circumstance",
    "Classified",
    "DeviceDuty",
    "DeviceRule",
    "Disposal",
    "EvidenceDisc",
    "Explanation",
    "FileKind",
    "Forbidden",
    "Identifier",
    "Intake",
    "Known",
    "LabelField",
    "LabelRule",
    "LaterStoring",
    "ListedRecording",
    "Medium",
    "Method",
    "NamedRule",
    "Oversight",
    "Part",
    "Profile",
    "RecordKind",
    "RecordingList",
    "RegisterField",
    "Release",
    "RequiredFact",
    "Role",
    "Rule",
    "Secret",
    "Start",
    "StatementField",
    "StatementRule",
    "StoredWithin",
    "TermKind",
    "Viewing",
    "Words",
    "cited",
    "file_kinds",
    "load_profile",
    "parse_profile",
    "shipped_profiles",
]
