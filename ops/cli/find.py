"""`strongroom find` and `show`: by any fact, and by Chinese text however short."""

from typing import Any

import click
import msgspec

from ops.cli.common import Place, as_json, local, searched_options
from ops.language import said, t
from ops.output import json_line, line, note
from ops.words import ACTS, COPIES, LATENESS
from vault.catalogue import queries, timeliness
from vault.catalogue.disposals import disposal_of
from vault.catalogue.rows import serial_of
from vault.facts import FACTS, Kind
from vault.intake.facts_text import moment_named
from vault.intake.names import shown
from vault.profile import Profile
from vault.records import Record, Standing
from vault.terms import RetentionClass
from vault.timekeeping import expiry_pause, hear

LIMIT = 50
_MOMENT = t("TIME", "时间")  # on the office's clock: 2026-03-01, 2026-03-01 09:30, 2026年3月1日


@click.command(help=t("Find records: words anywhere, or in one fact.", "检索记录：任意文字，或指定某项信息。"))
@click.argument("words", metavar=t("[WORD]...", "[文字]..."), nargs=-1)
@click.option("--from", "since", metavar=_MOMENT, help=t("recorded at or after", "记录时间不早于"))
@click.option("--before", metavar=_MOMENT, help=t("recorded before", "记录时间早于"))
@click.option("--all", "everything", is_flag=True, help=t(f"not only the newest {LIMIT}", f"不限于最新 {LIMIT} 条"))
@searched_options
@as_json
@click.pass_obj
def find(
    place: Place,
    /,
    words: tuple[str, ...],
    since: str | None,
    before: str | None,
    everything: bool,
    as_json: bool,
    **facts: Any,
) -> int:
    """Print what matches, newest first; 1 if nothing does."""
    with place.open_to_read() as vault:
        profile = vault.profile
        wanted = queries.Wanted(
            words=words,
            facts={name: text for name, text in facts.items() if text},
            recorded_from=moment_named(since, profile.zone) if since else None,
            recorded_before=moment_named(before, profile.zone) if before else None,
        )
        count = 0
        with vault.database.reading() as connection:
            for record in queries.find(connection, wanted, None if everything else LIMIT):
                count += 1
                if as_json:
                    json_line(row_of(record))
                else:
                    line(summary(record, profile))
    if not as_json and not count:
        note(t("Nothing matches.", "没有符合的记录。"))
    if not as_json and count == LIMIT and not everything:
        note(t(f"The newest {LIMIT}; --all shows every one.", f"仅列最新 {LIMIT} 条；--all 显示全部。"))
    return 0 if count else 1


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
        now, paused = verdict.now, expiry_pause(connection, verdict)
        decision = None if destroyed else queries.explain(connection, number, vault.profile, now, paused)
        happened = queries.history(connection, number)
        judged = timeliness.judged(connection, serial_of(number))
        copies = {file.sha256: queries.copies(connection, file.digest) for file in record.files}
        if as_json:
            json_line(
                row_of(record)
                | {
                    "retention": None
                    if decision is None
                    else {"state": decision.state.value, "expires_on": decision.expires_on},
                    **({"disposal": disposal_of(connection, number)} if destroyed else {}),
                    "copies": {
                        digest: [{"store": c.store, "state": c.state, "verified_at": c.verified_at} for c in held]
                        for digest, held in copies.items()
                    },
                    "history": [{"entry": h.seq, "act": h.act, "at": h.at, "by": h.by} for h in happened],
                }
            )
            return
        line(summary(record, vault.profile))
        for fact in FACTS:
            value = getattr(record.facts, fact.name)
            if value:
                text = local(value, vault.profile) if fact.kind is Kind.TIME else value
                text = text if isinstance(text, str) else "、".join(text)
                line(f"  {said(fact.label)}{t(': ', '：')}{text}  [{_origin(record.origins.get(fact.name, ''))}]")
        for file in record.files:
            held = ", ".join(f"{c.store}: {said(COPIES[c.state])}" for c in copies[file.sha256])
            line(f"  {shown(file.name)}  {file.size:,} B  {file.media_type}".rstrip())
            line(f"    sha256 {file.sha256}  ({held})")
        if judged.lateness in ("late", "explained"):
            line(f"  {said(LATENESS[judged.lateness])}")
        if destroyed:
            line(t("  destroyed by disposal ", "  已依规销毁，处置编号：") + disposal_of(connection, number))
        if decision is not None and decision.retention_class is not None:
            line(t("  kept: ", "  保存期限：") + said(RetentionClass(decision.retention_class).label))
        for one in happened:
            line(f"  #{one.seq}  {local(one.at, vault.profile)}  {one.by}  {said(ACTS[one.act])}")


def _origin(origin: str) -> str:
    return {
        "option": t("typed in", "录入"),
        "sheet": t("sheet", "清单"),
        "sidecar": t("sidecar", "附属文件"),
        "media": t("the media", "媒体文件"),
        "correction": t("completed later", "后补"),
    }.get(origin, origin)


def summary(record: Record, profile: Profile) -> str:
    """A record in one line."""
    facts = record.facts
    known = [local(facts.recorded_at, profile), facts.case_name or facts.case_number, facts.party, facts.section]
    marks = {
        Standing.QUARANTINED: t("  [in quarantine]", "  [待补全]"),
        Standing.DESTROYED: t("  [destroyed]", "  [已销毁]"),
    }
    mark = marks.get(record.standing, "")
    files = t(f"{len(record.files)} file{'s' * (len(record.files) != 1)}", f"{len(record.files)} 个文件")
    return "  ".join([record.number, *(text for text in known if text), files]) + mark


def row_of(record: Record) -> dict[str, Any]:
    """A record for programs."""
    row: dict[str, Any] = msgspec.to_builtins(record, builtin_types=())
    return row
