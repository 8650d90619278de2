"""`strongroom profile`: the office's regulation as data: which there are, what they say, and what a change would do."""

from collections import Counter
from importlib import resources
from pathlib import Path

import click
from sqlalchemy import Connection

from ops.cli.common import Number, Place, as_json
from ops.cli.speaking import Reason
from ops.configwriting import name_profile
from ops.language import said, t
from ops.output import complain, json_line, line, note
from ops.profiles import left_open, rules
from ops.words import EFFECTS
from vault import adoption
from vault.actions import Action
from vault.adoption import Change, Effect
from vault.authority import require
from vault.catalogue.rows import serial_of
from vault.errors import BadInput
from vault.profile import Profile, cited, load_profile, shipped_profiles
from vault.retention import Decision
from vault.store import Vault
from vault.text import Text, counted

_NAME = t("NAME|FILE", "名称|文件")


@click.group(help=t("The regulation that the vault follows.", "所执行的制度。"))
def profile() -> None:
    """Profiles."""


@profile.command(name="list", help=t("List the profiles that come with the program.", "列出自带的制度配置。"))
@as_json
def list_(as_json: bool) -> None:
    """By name."""
    for name in shipped_profiles():
        one = load_profile(name)
        if as_json:
            json_line(_named(one) | {"regulation": one.regulation.text, "office": one.office.text})
        else:
            line(f"{one.id:<12}{one.version:>3}  {said(one.regulation.text)}")


@profile.command(help=t("Show every rule with its article.", "列出各项规则及其条款。"))
@click.argument("name", metavar=f"[{_NAME}]", default="")
@as_json
@click.pass_obj
def show(place: Place, name: str, as_json: bool) -> None:
    """One that is named, or the one in force here."""
    if name:
        one = load_profile(name)
    else:
        with place.adopting() as vault:
            one = vault.profile
    if not as_json:
        line(f"{one.id} {one.version}  {said(one.regulation.text)}")
    for shown in rules(one):
        if as_json:
            json_line(shown.row)
        else:
            line(f"  {shown.key}  {said(shown.text)}  [{said(cited(shown.rule.article))}]")


@profile.command(help=t("Check a profile of your own.", "检查本单位的制度配置。"))
@click.argument("file", metavar=t("FILE", "文件"), type=click.Path(dir_okay=False, path_type=Path))
@as_json
def check(file: Path, as_json: bool) -> None:
    """What is wrong is an error; what is left open is told."""
    one = load_profile(file)
    count = sum(1 for _ in rules(one))
    if as_json:
        json_line({"id": one.id, "version": one.version, "rules": count, "open": list(left_open(one))})
        return
    said_of = Text(
        en=f"{file}: {one.id}, version {one.version}: {count} rules.",
        zh=f"{file}：{one.id} 第{one.version}版，共 {count} 项规则。",
    )
    line(said(said_of))
    for text in left_open(one):
        note(f"  {said(text)}")


@profile.command(help=t("Print a template with every rule explained.", "输出带说明的配置模板。"))
def template() -> None:
    """From which an office writes its own."""
    line((resources.files("vault") / "profile" / "template.toml").read_text(encoding="utf-8").rstrip())


@profile.command(help=t("Show what adopting a profile would do to every record.", "预览采用某制度配置对各记录的影响。"))
@click.argument("name", metavar=_NAME)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(0), help=t("records to list", "列出的记录数")
)
@click.option("--after", type=Number(), help=t("list from the record after this one", "自该编号之后列出"))
@as_json
@click.pass_obj
def preview(place: Place, name: str, limit: int, after: int | None, as_json: bool) -> None:
    """Counts of all records, and a page of those that would change. Nothing is changed here."""
    wanted = load_profile(name)
    with place.adopting() as vault:
        require(vault, Action.FACTS_READ)
        _preview(vault, wanted, limit, after, as_json)


def _preview(vault: Vault, wanted: Profile, limit: int, after: int | None, as_json: bool) -> None:
    counts: Counter[Effect] = Counter()
    listed = 0
    with vault.database.reading() as connection:
        _warn(connection, wanted, as_json=as_json)
        _tell_both(vault.profile, wanted, as_json=as_json)
        for number, change in adoption.preview(connection, vault.profile, wanted):
            counts[change.effect] += 1
            if change.effect is Effect.SAME or serial_of(number) <= (after or 0) or listed >= limit:
                continue
            listed += 1
            _tell(number, change, as_json=as_json)
        lists = adoption.overtaken_lists(connection, vault, wanted)
    if as_json:
        told = {"submit_anew": lists.submit_anew, "cut_short": lists.cut_short}
        json_line({"counts": {effect.value: counts[effect] for effect in Effect}} | told, "counts")
        return
    for effect in Effect:
        line(t(f"{counts[effect]:>9,}  {EFFECTS[effect].en}", f"{counts[effect]:>9,}  {EFFECTS[effect].zh}"))
    _tell_lists(lists)


def _tell_lists(lists: adoption.Overtaken) -> None:
    """Those who agreed to a list did so under the profile before."""
    if numbers := lists.submit_anew:
        listed = t(", ", "、").join(numbers)
        many = counted(len(numbers), "list of disposal", "lists of disposal")
        note(
            t(
                f"To be submitted anew under it ({many}): {listed}",
                f"须按新制度重新报批的处置清册（{len(numbers)} 份）：{listed}",
            )
        )
    if numbers := lists.cut_short:
        listed = t(", ", "、").join(numbers)
        many = counted(len(numbers), "list of disposal", "lists of disposal")
        note(
            t(
                f"Being destroyed; what is left of it is spared under it, and appraised anew ({many}): {listed}",
                f"正在销毁、其余记录将免予销毁并须重新鉴定的处置清册（{len(numbers)} 份）：{listed}",
            )
        )


def _warn(connection: Connection, wanted: Profile, *, as_json: bool) -> None:
    """Say beforehand what `adopt` would refuse."""
    try:
        adoption.require_counted_up(connection, wanted)
    except BadInput as error:
        if as_json:
            json_line({"warning": error.what, "hint": error.hint}, "warning")
        else:
            complain(error)


def _tell_both(before: Profile, after: Profile, *, as_json: bool) -> None:
    if as_json:
        json_line({"before": _named(before), "after": _named(after)}, "profiles")
    else:
        line(f"{before.id} {before.version} → {after.id} {after.version}")


def _named(one: Profile) -> dict[str, object]:
    return {"id": one.id, "version": one.version}


def _tell(number: str, change: Change, *, as_json: bool) -> None:
    if as_json:
        row = {"number": number, "effect": change.effect.value}
        json_line(row | {"before": _end(change.before), "after": _end(change.after)}, "record")
        return
    line(f"  {number}  {_spelled(change.before)} → {_spelled(change.after)}  {said(EFFECTS[change.effect])}")


def _end(decision: Decision) -> dict[str, object]:
    of = decision.retention_class
    return {"state": decision.state.value, "class": of.value if of else None, "last_day": decision.last_day}


def _spelled(decision: Decision) -> str:
    of = said(decision.retention_class.label) if decision.retention_class else "–"
    return f"{of} {decision.last_day or '–'}"


@profile.command(help=t("Let a profile decide from now on.", "采用制度配置。"))
@click.argument("name", metavar=_NAME)
@click.option("--why", type=Reason(), required=True, help=t("the decision that it rests on", "依据"))
@click.pass_obj
def adopt(place: Place, name: str, why: str) -> None:
    """First the journal, then strongroom.toml. No record's term becomes shorter."""
    wanted = load_profile(name)
    named = name if name in shipped_profiles() else str(Path(name).absolute())
    with place.adopting() as vault:
        lists = adoption.adopt(vault, wanted, why)
    name_profile(place.home, named)
    line(
        t(
            f"Profile {wanted.id}, version {wanted.version}, is in force.",
            f"制度配置 {wanted.id}（第{wanted.version}版）已生效。",
        )
    )
    _tell_lists(lists)
