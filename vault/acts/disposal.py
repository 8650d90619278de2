"""The lawful end of records: appraised, approved, supervised, destroyed, proven; in which order: vault/disposal/."""

from datetime import date, datetime
from typing import Literal

import msgspec

from vault.acts.act import Act
from vault.facts import Facts
from vault.profile.edition import Edition
from vault.terms import RetentionClass, file_terms, in_words
from vault.text import Text

Fate = Literal["dispose", "extend", "keep"]  # 销毁 | 续存 | 长期保存


class Appraisal(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What the custodian decided of one record, and why. `until`: the last day to which `extend` extends."""

    record: str
    fate: Fate
    why: str
    until: date | None = None


class ListedCase(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A case that claimed a record when that was put on a list: when it was closed, and reopened before that, if ever,
    and the class of its file."""

    number: str
    closed_on: date | None = None
    keep: RetentionClass | None = None
    reopened_on: date | None = None

    @property
    def closing(self) -> Text:
        """From when and for how long its file is kept."""
        again = Text(en="", zh="")
        if self.reopened_on is not None:
            again = Text(en=f" (reopened on {self.reopened_on})", zh=f"（曾于{self.reopened_on}重新启动）")
        term = self.keep.label if self.keep is not None else Text(en="not set", zh="未定")
        return Text(
            en=f"{self.number} closed on {self.closed_on}{again.en}, {term.en}",
            zh=f"{self.number} {self.closed_on}结案{again.zh}，{term.zh}",
        )


class AsListed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What was said of a record when it was put on a list; with every case that claimed it, its own first."""

    facts: Facts
    retention_class: RetentionClass | None = None
    cases: tuple[ListedCase, ...] = ()

    @property
    def kept(self) -> Text | None:
        """The class in words, with the term of the case's file; None where there was no class. Where it follows cases
        that are settled, also when each was closed, so that its last day can be reckoned by hand."""
        if self.retention_class is None:
            return None
        of_file = file_terms([(case.closed_on, case.keep) for case in self.cases])
        if not self.of_case or not of_file:
            return in_words(self.retention_class, of_file)
        label, longest = self.retention_class.label, Text(en="", zh="")
        if len(self.cases) > 1:
            longest = Text(en="; the longest counts", zh="；以最长者为准")
        en, zh = "; ".join(one.closing.en for one in self.cases), "；".join(one.closing.zh for one in self.cases)
        return Text(en=f"{label.en}: {en}{longest.en}", zh=f"{label.zh}：{zh}{longest.zh}")

    @property
    def of_case(self) -> bool:
        """Whether it was kept as long as the files of its cases."""
        return self.retention_class is RetentionClass.CASE_LIFETIME


class Listed(Appraisal, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A decision as it stands on a list: of a record of which that was said."""

    said: AsListed


class Spared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that was on the list and is not to be destroyed after all; why, as it was told in either language."""

    record: str
    why: Text


class Doomed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record and those of its objects that no record which stays holds."""

    record: str
    objects: tuple[str, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many objects a store said it certainly does not have."""

    store: str
    absent: int


class DisposalOpened(Act, tag="disposal.opened", frozen=True, kw_only=True):
    """A list of records to be appraised was begun."""

    disposal: str
    why: str = ""


class RecordsAppraised(Act, tag="records.appraised", frozen=True, kw_only=True):
    """Decisions on records; each takes the place of the one before. What lengthens a record's keeping holds at once.

    Whatever was submitted, approved or signed of that list is void.
    """

    disposal: str
    appraised: tuple[Listed, ...]


class DisposalSubmitted(Act, tag="disposal.submitted", frozen=True, kw_only=True):
    """The list was laid before whoever approves it, under that request; `sha256` is the list's, as canonical JSON.

    `supervisors`: how many have to sign before it is destroyed; `profile`: by whose rules that is so, the one in force.
    """

    disposal: str
    request: str
    sha256: str
    records: int
    supervisors: int
    profile: Edition


class DisposalSupervised(Act, tag="disposal.supervised", frozen=True, kw_only=True):
    """A supervisor of destruction (监销人) signed the list of that digest; the grace period is over at `runs_from`."""

    disposal: str
    sha256: str
    runs_from: datetime


class DisposalStopped(Act, tag="disposal.stopped", frozen=True, kw_only=True):
    """Nothing of that list is destroyed."""

    disposal: str
    why: str


class RecordsSpared(Act, tag="records.spared", frozen=True, kw_only=True):
    """Records were found not to be due any more, or not what they were on the list, when they were about to be
    destroyed: they stay."""

    disposal: str
    spared: tuple[Spared, ...]


class DestructionBegun(Act, tag="destruction.begun", frozen=True, kw_only=True):
    """Exactly these objects were about to be destroyed on these stores. From now on their records are no more."""

    disposal: str
    stores: tuple[str, ...]
    doomed: tuple[Doomed, ...]


class CopiesDestroyed(Act, tag="copies.destroyed", frozen=True, kw_only=True):
    """A store has destroyed its copies. `returned`: content that came in anew meanwhile, and stays."""

    disposal: str
    store: str
    sha256: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()


class CopiesLeft(Act, tag="copies.left", frozen=True, kw_only=True):
    """A store was asked and still had copies that are to be destroyed."""

    disposal: str
    store: str
    sha256: tuple[str, ...]


class DestructionProven(Act, tag="destruction.proven", frozen=True, kw_only=True):
    """Every store was asked again for every object, and certainly has none. `sha256`: of the objects' digests, sorted.

    `returned`: content that has come in anew since, and is a later record's.
    """

    disposal: str
    sha256: str
    objects: int
    asked: tuple[Asked, ...]
    returned: int = 0


class DiscDestroyed(Act, tag="disc.destroyed", frozen=True, kw_only=True):
    """One of the two people it takes saw a disc destroyed. `disc`: its mark; `why`: how it was destroyed."""

    disposal: str
    disc: str
    why: str = ""


class DisposalClosed(Act, tag="disposal.closed", frozen=True, kw_only=True):
    """All that was approved is destroyed and proven so, the discs included."""

    disposal: str
    destroyed: int
    spared: int
