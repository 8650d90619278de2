"""`strongroom show`: all that is known of one record."""

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import Connection

from ops.cli.common import Place, as_json, local
from ops.cli.discs import copy_row, tell
from ops.cli.find import row_of, summary
from ops.language import said, t
from ops.output import json_line, line
from ops.words import ACTS, AHEAD, COPIES, LATENESS
from vault.catalogue import discs, disposals, queries, timeliness
from vault.catalogue.disposals import Appraised, Stays
from vault.catalogue.holdings import also_claiming
from vault.catalogue.queries import Happened
from vault.catalogue.rows import serial_of
from vault.deadlines import ahead
from vault.discs.states import THERE
from vault.facts import FACT, FACTS, Fact, Kind
from vault.intake.names import shown
from vault.intake.said import AGAIN
from vault.people import Signature
from vault.placement import Tier
from vault.profile import Profile
from vault.profile.known import in_words
from vault.records import Standing
from vault.registers.outcomes import kept
from vault.terms import local_day
from vault.text import counted
from vault.timekeeping import expiry_pause, hear


@click.command(help=t("Show one record: facts, files, copies, history.", "显示一条记录：信息、文件、副本、经历。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@as_json
@click.pass_obj
def show(place: Place, number: str, as_json: bool) -> None:
    """Print everything that is known of a record, its content excepted."""
    with place.open_to_read() as vault, vault.database.reading() as connection:
        verdict = hear(vault)
        record = queries.get_record(connection, number)
        destroyed = record.standing is Standing.DESTROYED
        ended = _end_of(connection, number) if destroyed else None
        stays = disposals.staying(connection, ended[0].disposal.number, number).get(number) if ended else None
        now, paused = verdict.now, expiry_pause(connection, verdict)
        decision = None if destroyed else queries.explain(connection, number, vault.profile, now, paused)
        happened = queries.history(connection, number)
        judged = timeliness.judged(connection, serial_of(number))
        copies = {file.sha256: queries.copies(connection, file.digest) for file in record.files}
        on_disc = [copy for copy in discs.with_record(connection, serial_of(number)) if copy.state in THERE]
        also = also_claiming(connection, serial_of(number))
        if as_json:
            json_line(
                row_of(record)
                | ({"also_claimed_by": also} if also else {})
                | {
                    "retention": None
                    if decision is None
                    else {"state": decision.state.value, "expires_on": decision.expires_on},
                    **(_ended_row(*ended, stays) if ended is not None else {}),
                    "copies": {
                        digest: [{"store": c.store, "state": c.state, "verified_at": c.verified_at} for c in held]
                        for digest, held in copies.items()
                    },
                    "discs": [copy_row(copy) | {"tier": Tier.OFFLINE.value} for copy in on_disc],
                    "history": [_happened_row(one) for one in happened],
                }
            )
            return
        line(summary(record, vault.profile, content_stays=stays is not None and stays.all))
        for fact in FACTS:
            value = getattr(record.facts, fact.name)
            if value:
                text = _spelled(fact, value, vault.profile)
                line(f"  {said(fact.label)}{t(': ', '：')}{text}  [{_origin(record.origins.get(fact.name, ''))}]")
        for case in also:
            line(t(f"  claimed by case {case}, too", f"  同时归入案件 {case}"))
        for file in record.files:
            held = ", ".join(f"{c.store}: {said(COPIES[c.state])}" for c in copies[file.sha256])
            line(f"  {shown(file.name)}  {file.size:,} B  {file.media_type}".rstrip())
            line(f"    sha256 {file.sha256}  ({held})")
        for copy in on_disc:
            line(t("  offline: ", "  离线：") + tell(copy))
        if judged.lateness in ("late", "explained"):
            line(f"  {said(LATENESS[judged.lateness])}")
        if ahead(record.facts, record.stored_at):
            line(f"  {said(AHEAD)}")
        if ended is not None:
            for words in _ended(*ended, stays, vault.profile):
                line(f"  {words}")
        if decision is not None and decision.kept is not None:
            line(t("  kept: ", "  保存期限：") + said(decision.kept))
        for one in happened:
            line(f"  #{one.seq}  {local(one.at, vault.profile)}  {one.by}  {said(ACTS[one.act])}{_spoken_of(one)}")


def _end_of(connection: Connection, number: str) -> tuple[disposals.Standing, Appraised]:
    """The disposal by which a record was destroyed, and its line there."""
    disposal = disposals.disposal_of(connection, number)
    return disposals.standing(connection, disposal), disposals.appraisal_of(connection, disposal, number)


def _ended(standing: disposals.Standing, line: Appraised, stays: Stays | None, profile: Profile) -> Iterator[str]:
    """How much it was, what of it stays for others, and who decided what of it, each as what they were then."""
    disposal = standing.disposal
    if stays is not None and stays.all:
        yield t("ended by disposal ", "已依规终止，处置编号：") + disposal.number
    else:
        yield t("destroyed by disposal ", "已依规销毁，处置编号：") + disposal.number
    if stays is not None:
        yield said(kept(stays))
    appraised = _signed(line.by, profile)
    yield t(
        f"{counted(line.files, 'file')}, {line.bytes:,} bytes; appraised by {appraised}: {line.why}",
        f"{line.files} 个文件，{line.bytes:,} 字节；鉴定人：{appraised}，理由：{line.why}",
    )
    consents = disposal.approval.consents if disposal.approval is not None else ()
    for en, zh, signatures in (
        ("approved by", "批准人", [one.signature for one in consents]),
        ("supervised by", "监销人", disposal.supervisors),
        ("carried out by", "销毁执行人", standing.carried_out),
    ):
        if signatures:
            yield t(f"{en} ", f"{zh}：") + t(", ", "、").join(_signed(one, profile) for one in signatures)


def _signed(one: Signature, profile: Profile) -> str:
    day = local_day(one.at, profile.zone)
    return t(f"{one.words.en} on {day}", f"{one.words.zh}于{day}")


def _ended_row(standing: disposals.Standing, line: Appraised, stays: Stays | None) -> dict[str, Any]:
    consents = standing.disposal.approval.consents if standing.disposal.approval is not None else ()
    return {
        "disposal": standing.disposal.number,
        "destroyed": {
            "files": line.files,
            "bytes": line.bytes,
            "why": line.why,
            "appraised_by": line.by.by,
            "approved_by": [one.by for one in consents],
            "supervisors": [one.by for one in standing.disposal.supervisors],
            "carried_out_by": [one.by for one in standing.carried_out],
            "proven_at": standing.proven_at,
            "objects": {"stay": stays.count, "of": stays.objects, "kept_for": stays.kept_for} if stays else None,
        },
    }


def _happened_row(happened: Happened) -> dict[str, Any]:
    row = {"entry": happened.seq, "act": happened.act, "at": happened.at, "by": happened.by}
    return row | ({"facts": happened.facts, "why": happened.why} if happened.facts else {})


def _spoken_of(happened: Happened) -> str:
    """Which facts an entry was about, and its reason where one was given."""
    if not happened.facts:
        return ""
    names = t(", ", "、").join(said(FACT[name].label) for name in happened.facts)
    why = said(AGAIN) if happened.why == AGAIN.en else happened.why
    return t(f": {names}", f"：{names}") + (t(f" ({why})", f"（{why}）") if why else "")


def _spelled(fact: Fact, value: Any, profile: Profile) -> str:
    if fact.kind is Kind.TIME:
        return local(value, profile)
    if fact.is_of_the_profile:
        return said(in_words(profile, fact.name, value if fact.kind is Kind.CODES else (value,)))
    return value if isinstance(value, str) else t(", ", "、").join(value)


def _origin(origin: str) -> str:
    return {
        "option": t("typed in", "录入"),
        "sheet": t("sheet", "清单"),
        "sidecar": t("sidecar", "附属文件"),
        "folder": t("drop folder", "投放文件夹"),
        "media": t("the media", "媒体文件"),
        "correction": t("completed later", "后补"),
    }.get(origin, origin)
