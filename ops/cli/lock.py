"""`strongroom lock`: copies that no credentials can delete before their date, and whether the store has them so."""

from typing import Any

import click

from ops.cli.common import Place, as_json, local
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress
from ops.words import VERDICTS
from vault.authority import Action, require
from vault.errors import BadInput
from vault.lockers import locking_stores
from vault.locking import Verdict
from vault.lockreport import Compared, Count, report
from vault.locksync import Synced, sync
from vault.profile import Profile
from vault.store import Vault
from vault.text import Text


@click.group(help=t("Copies that nobody can delete before their date.", "到期之前任何人都不能删除的副本。"))
def lock() -> None:
    """Locks."""


def _require_some(vault: Vault) -> None:
    if not locking_stores(vault):
        raise BadInput(
            Text(en="No store of this vault locks its copies.", zh="本档案库没有会锁定副本的存储。"),
            hint=Text(
                en='Say so in strongroom.toml, below a store of the kind s3: lock = "compliance" (or "governance")',
                zh='请在 strongroom.toml 中 s3 类型的存储下写明：lock = "compliance"（或 "governance"）',
            ),
        )


@lock.command("sync", help=t("Set, extend and renew the locks that are due.", "设置、延长、续期到期应办的锁定。"))
@as_json
@click.pass_obj
def sync_(place: Place, as_json: bool) -> int:
    """0: none is due any more; 3: a copy is missing; 5: a store did not answer, or did not do it."""
    with place.open() as vault:
        _require_some(vault)
        require(vault, Action.LOCKS_SYNC)
        with progress(None, as_json, t(" locks", " 个锁定")) as tick:
            reports = sync(vault, tick)
    for one in reports:
        if as_json:
            json_line(_synced(one))
            continue
        line(
            t(
                f"{one.store}: {one.looked} looked at, {one.changed} changed, {one.missing} missing, {one.left} left",
                f"{one.store}：已查看 {one.looked}，已更改 {one.changed}，缺失 {one.missing}，仍待办 {one.left}",
            )
        )
        if one.trouble is not None:
            complain(one.trouble)
    if any(one.missing for one in reports):
        return 3
    return 5 if any(one.left or one.trouble for one in reports) else 0


def _synced(one: Synced) -> dict[str, Any]:
    row = {"store": one.store, "looked": one.looked, "changed": one.changed, "missing": one.missing, "left": one.left}
    return row if one.trouble is None else row | {"error": one.trouble.what}


@lock.command("report", help=t("Vault and store side by side, copy by copy.", "逐一对照档案库与存储中的锁定。"))
@as_json
@click.pass_obj
def report_(place: Place, as_json: bool) -> int:
    """0: every lock is as it should be, or longer; 3: one is not; 5: a store could not tell; 1: there was none."""
    count = Count()
    told: set[tuple[str, str]] = set()
    with place.open() as vault:
        _require_some(vault)
        with progress(None, as_json, t(" locks", " 个锁定")) as tick:
            for one in report(vault, count, tick):
                if as_json:
                    json_line(_row(one), "copy")
                else:
                    _tell(one, vault.profile, told)
    _sum_up(count, as_json)
    if count.too_little:
        return 3
    if count.verdicts[Verdict.CANNOT_TELL]:
        return 5
    return 0 if count.looked else 1


def _row(one: Compared) -> dict[str, Any]:
    return {
        "store": one.store,
        "sha256": one.digest.hex,
        "record": one.record or None,
        "records": one.records,
        "wanted": {"until": one.should.least, "held": one.should.held},
        "found": None
        if one.lock is None
        else {"until": one.lock.until, "mode": one.lock.mode and one.lock.mode.value, "held": one.lock.held},
        "verdict": one.verdict.value,
    } | ({"error": one.error.what} if one.error is not None else {})


def _tell(one: Compared, profile: Profile, told: set[tuple[str, str]]) -> None:
    """`told`: what was said of stores already; what is wrong with a store is said once, and not of every copy."""
    should = _spelled(local(one.should.least, profile), "", held=one.should.held)
    there = ""
    if one.lock is not None:
        mode = one.lock.mode.value if one.lock.mode is not None else ""
        there = _spelled(local(one.lock.until, profile), mode, held=one.lock.held)
    of = one.record or t("a list of files", "文件清单")
    more = t(f" and {one.records - 1} more", f" 等 {one.records} 条") if one.records > 1 else ""
    side_by_side = t(f"vault: {should}; {one.store}: {there}", f"档案库：{should}；{one.store}：{there}")
    line(f"{said(VERDICTS[one.verdict])}  {of}{more}  {one.digest}  {side_by_side}")
    if one.error is not None and one.verdict is Verdict.CANNOT_TELL:
        why = said(one.error.what)
        if (one.store, why) not in told:
            told.add((one.store, why))
            note(f"  {why}")


def _spelled(until: str, mode: str, *, held: bool) -> str:
    parts = [t(f"until {until}", f"至 {until}")] if until else []
    parts += [mode] if mode else []
    parts += [t("held", "依法保留")] if held else []
    return t(", ", "、").join(parts) or t("no lock", "无锁定")


def _sum_up(count: Count, as_json: bool) -> None:
    if as_json:
        counted = {verdict.value: number for verdict, number in count.verdicts.items()}
        json_line({"looked": count.looked, "skipped": count.skipped} | counted, "sum")
        return
    words = t(", ", "，").join(f"{said(VERDICTS[v])} {number}" for v, number in count.verdicts.items() if number)
    note(
        t(
            f"{count.looked} copies: {words or 'none'}; {count.skipped} not there yet or damaged, not looked at.",
            f"共 {count.looked} 个副本：{words or '无'}；{count.skipped} 个尚缺或已损坏，未查看。",
        )
    )
    if count.too_little:
        note(t("  What has too little is due: strongroom lock sync", "  不足者已列为待办：strongroom lock sync"))
