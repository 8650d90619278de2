"""`strongroom find`: by any fact, and by Chinese text however short."""

from typing import Any

import click
import msgspec

from ops.cli.common import Place, as_json, local, searched_options
from ops.language import t
from ops.output import json_line, line, note
from vault.catalogue import queries
from vault.intake.facts_text import moment_named
from vault.profile import Profile
from vault.records import Record, Standing
from vault.text import counted

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


def summary(record: Record, profile: Profile, *, content_stays: bool = False) -> str:
    """A record in one line. `content_stays`: of one that ended while others hold all that it held."""
    facts = record.facts
    known = [local(facts.recorded_at, profile), facts.case_name or facts.case_number, facts.party, facts.section]
    marks = {
        Standing.QUARANTINED: t("  [in quarantine]", "  [待补全]"),
        Standing.DESTROYED: t("  [destroyed]", "  [已销毁]"),
    }
    mark = t("  [ended]", "  [已终止]") if content_stays else marks.get(record.standing, "")
    files = t(counted(len(record.files), "file"), f"{len(record.files)} 个文件") if record.files else ""
    return "  ".join([record.number, *(text for text in (*known, files) if text)]) + mark


def row_of(record: Record) -> dict[str, Any]:
    """A record for programs."""
    row: dict[str, Any] = msgspec.to_builtins(record, builtin_types=())
    return row
