"""The destruction register (销毁清册) and the certificate (销毁证明), as data; vault/registers/ words them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from vault.acts import ListedCase
from vault.approvals import Approval
from vault.catalogue import disposals, imagefiles, spoiled
from vault.catalogue.discs import discs_with
from vault.catalogue.disctasks import DiscTask, disc_tasks
from vault.catalogue.rows import serial_of
from vault.catalogue.signatures import Carried
from vault.discs.states import THERE
from vault.disposal.rules import Signed, State
from vault.people import Signature
from vault.profile import Profile
from vault.rights import Bar, Barred, Reason
from vault.terms import RetentionClass, local_day
from vault.text import Text
from vault.titles import title_of


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line, as the record was listed: number, title, dates, class, quantity, reason. Days are the office's; `bytes`
    of all files of the record. `kept`: the class in words, with the term of the case's file.

    `fate`: dispose, extend (`until` that day) or keep. `outcome`: empty (to be destroyed), spared, begun or destroyed;
    `outcome_why`: why it was spared. `stays`: what of it other records keep; `discs` and files of
    `images`: that carry it and are not seen destroyed.
    """

    place: int  # in the register or the list, from 1
    record: str
    title: str | Text
    section: str
    case_number: str
    recorded_on: date | None
    stored_on: date
    retention_class: RetentionClass | None
    kept: Text | None
    cases: tuple[ListedCase, ...]
    files: int
    bytes: int
    why: str
    appraised_by: str
    appraiser: Signature
    outcome: str
    outcome_why: Text | None
    fate: str = "dispose"
    until: date | None = None
    stays: disposals.Stays | None = None
    discs: int = 0
    images: int = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a disposal came to: whose decision it was, who saw it, and what every store answered afterwards.

    `copies`: store -> how many it had of what it has destroyed; `staying`: objects that other records hold, too;
    `stays`: whose they were, and `ended`: those of these records of which nothing else was there to be destroyed.
    """

    disposal: str
    state: State
    sha256: str  # of the list
    appraised_by: tuple[str, ...]
    submitted_by: str
    approval: Approval | None
    supervisors: tuple[Signed, ...]
    begun: Signature | None
    proof: disposals.Proof | None
    closed_at: datetime | None
    destroyed: disposals.Amount
    ended: disposals.Amount
    spared: disposals.Amount
    stopped: Signature | None
    why: str  # it was opened; once stopped, why that was
    copies: dict[str, int]
    staying: int
    stays: Mapping[str, disposals.Stays]
    discs: tuple[DiscTask, ...]
    carried_out: tuple[Carried, ...]
    takes: int  # supervisors have to sign

    @property
    def nothing(self) -> bool:
        """Whether it has ended, and nothing was destroyed: no object, no disc."""
        return self.state in (State.STOPPED, State.KEPT) or (
            self.state is State.CLOSED and not self.destroyed.records and not self.discs
        )


def register_rows(connection: Connection, number: str, profile: Profile) -> Iterator[RegisterRow]:
    """The register of a disposal, in the order of the records; extended and kept ones are not on it."""
    to_go = (row for row in list_rows(connection, number, profile) if row.fate == "dispose")
    for place, row in enumerate(to_go, start=1):
        yield replace(row, place=place)


def list_rows(connection: Connection, number: str, profile: Profile) -> Iterator[RegisterRow]:
    """Every line of a list with what was decided, in the order of the records."""
    stays = disposals.staying(connection, number)
    left = {task.disc for task in disc_tasks(connection, number) if task.open}
    for place, line in enumerate(disposals.appraisals(connection, number), start=1):
        facts = line.said.facts
        recorded = facts.recorded_at
        yield RegisterRow(
            place=place,
            record=line.record,
            title=title_of(facts, profile),
            section=facts.section or "",
            case_number=facts.case_number or "",
            recorded_on=local_day(recorded, profile.zone) if recorded is not None else None,
            stored_on=local_day(line.stored_at, profile.zone),
            retention_class=line.said.retention_class,
            kept=line.said.kept,
            cases=line.said.cases,
            files=line.files,
            bytes=line.bytes,
            why=line.why,
            appraised_by=line.by.by,
            appraiser=line.by,
            outcome=line.outcome,
            outcome_why=line.spared_why,
            fate=line.fate,
            until=line.until,
            stays=stays.get(line.record),
            discs=len(left & _discs_with(connection, line.record)) if left else 0,
            images=len(left & _images_with(connection, line.record)) if left else 0,
        )


def _discs_with(connection: Connection, record: str) -> set[str]:
    """All that carry it and can be taken in hand, those that were written off among them."""
    serials = [serial_of(record)]
    return {*discs_with(connection, serials, THERE), *spoiled.with_records(connection, serials)}


def _images_with(connection: Connection, record: str) -> set[str]:
    return {*imagefiles.with_records(connection, [serial_of(record)])}


def certificate(connection: Connection, number: str) -> Certificate:
    """What it has come to so far; `require_done` says whether that can be certified."""
    standing = disposals.standing(connection, number)
    disposal, stays = standing.disposal, disposals.staying(connection, number)
    ended = sum((one.amount for one in stays.values() if one.all), disposals.Amount())
    return Certificate(
        disposal=number,
        state=disposal.state,
        sha256=disposal.sha256,
        appraised_by=tuple(sorted(disposal.appraised_by)),
        submitted_by=disposal.submitted_by,
        approval=disposal.approval,
        supervisors=disposal.supervisors,
        begun=standing.begun,
        proof=disposals.proof(connection, number),
        closed_at=standing.ended_at if disposal.state is State.CLOSED else None,
        destroyed=standing.amount("destroyed") - ended,
        ended=ended,
        spared=standing.amount("spared"),
        stopped=standing.stopped,
        why=standing.why,
        copies=standing.copies,
        staying=standing.staying,
        stays=stays,
        discs=standing.discs,
        carried_out=standing.carried_out,
        takes=disposal.takes,
    )


def require_done(found: Certificate) -> tuple[disposals.Proof, Approval]:
    """The proof, and the approval that it rests on. Refused while anything of the list may still be somewhere."""
    if found.proof is None or found.approval is None:
        why = Text(en="it is not proven that every copy is destroyed", zh="尚未核验全部副本均已销毁")
        raise _not_done(found.disposal, why, "run")
    if left := [task.named for task in found.discs if task.open]:
        en, zh = ", ".join(one.en for one in left), "、".join(one.zh for one in left)
        why = Text(en=f"discs or images are still to be destroyed: {en}", zh=f"光盘或映像尚未确认销毁：{zh}")
        raise _not_done(found.disposal, why, "confirm-disc")
    return found.proof, found.approval


def _not_done(number: str, why: Text, step: str) -> Barred:
    command = f"strongroom disposal {step} {number}"
    text = Text(en=f"Disposal {number}: {why.en}.", zh=f"处置 {number}：{why.zh}。")
    return Barred(Reason(Bar.NOT_PROVEN, text, Text(en=command, zh=command)))
