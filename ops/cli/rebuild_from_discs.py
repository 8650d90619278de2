"""`strongroom rebuild --from-discs`: a new vault goes on for one of which nothing is left but its discs."""

from collections.abc import Sequence
from pathlib import Path

import click

from media.contents import Disc
from media.estates import estates, predecessor, require_legible
from media.places import Places, never
from media.reader import DiscReader
from ops.cli.common import Place
from ops.language import said, t
from ops.output import complain, json_line, line, note
from vault.errors import BadInput, ImageBroken, IntegrityBroken, StoreUnavailable, StrongroomError
from vault.note import Verifier
from vault.succession import Taken, begin, take
from vault.text import Text, counted

_GAPS = (
    t(
        "Not on discs, and so not known: cases and their closing, people, disposal lists and extensions, the old "
        "regulation, other records, and whatever was entered after a disc was made (holds, corrections).",
        "光盘不载有、因而未知的内容：案件及结案情况、人员、处置清单与延期、原制度、其他记录，"
        "以及光盘制成之后的登记（暂缓处置、更正等）。",
    ),
    t(
        "Disc sets are not known either: which discs there are, where they lie and who has them. Their numbers are not "
        "used again; disc demands lists the records as not on disc. Keep the old discs together with a list of them.",
        "光盘组也未知：有哪些光盘、存放何处、借给何人。其标号不再使用；disc demands 将这些记录列为尚未刻盘。"
        "请将原有光盘集中保管并另列清单。",
    ),
    t(
        "Nothing expires until a manager has checked it: strongroom retention release --why …",
        "经管理人员核对前不计算到期：strongroom retention release --why …",
    ),
)


def from_discs(place: Place, paths: Sequence[Path], key: str, as_json: bool) -> int:
    """0: every record on the discs is here; 3: some could not be proven, or not had whole, or a disc is damaged."""
    if not paths:
        raise click.UsageError(t("Say where the discs are.", "请指明光盘所在位置。"))
    with place.open() as vault:
        places, damaged = _discs(paths)
        discs = list(places.values())
        lost = predecessor(discs, Verifier.parse(key) if key else None)
        entries = begin(vault, lost, list(dict.fromkeys(disc.name for disc in discs)))
        vault.lenders = [
            DiscReader(disc.name, Places(dict.fromkeys((path, *places)), lost.vault_id, never))
            for path, disc in places.items()
        ]
        outcomes: dict[str, int] = {}
        for one in take(vault, lost, estates(discs)):
            outcomes[one.state] = outcomes.get(one.state, 0) + 1
            _tell(one, as_json)
    away = _absent(discs)
    for error in damaged:
        complain(error)
    if as_json:
        row = {"predecessor": lost.vault_id, "key": lost.verifier.vkey, "key_given": bool(key), "entries": entries}
        told = {state: outcomes.get(state, 0) for state in _STATES}
        json_line(row | told | {"discs_absent": away, "discs_damaged": len(damaged)}, "sum")
    else:
        _sum_up(outcomes, away, lost.verifier.vkey if not key else "", entries)
    return 3 if outcomes.get("unproven") or outcomes.get("incomplete") or damaged else 0


_STATES = ("taken", "known", "unproven", "incomplete")


def _discs(paths: Sequence[Path]) -> tuple[dict[Path, Disc], list[ImageBroken]]:
    """The discs by their places; and what is to be said of those that are damaged. The first of that is raised where
    no disc is left."""
    places = Places((), "", never)
    found: dict[Path, Disc] = {}
    damaged: list[ImageBroken] = []
    for path in paths:
        try:
            disc = places.disc_in(path.absolute())
            if disc is not None:
                require_legible(disc)
        except (IntegrityBroken, StoreUnavailable) as error:
            damaged.append(_damaged(path, error))
            continue
        if disc is None:
            raise BadInput(
                Text(en=f"There is no disc of a vault in {path}.", zh=f"{path} 中没有档案库的光盘。"),
                Text(
                    en="Name images, folders with a disc's files, or drives with a disc in them.",
                    zh="请指定光盘映像、含光盘文件的文件夹，或已放入光盘的光驱。",
                ),
            )
        found[path] = disc
    if not found:
        raise damaged[0]
    return found, damaged


def _damaged(path: Path, error: StrongroomError) -> ImageBroken:
    return ImageBroken(
        Text(en=f"{path} was left out: {error.what.en}", zh=f"{path} 未读入：{error.what.zh}"),
        Text(
            en=f"Mend it, from both copies if there are two, and read that: strongroom disc salvage {path} --to …",
            zh=f"请修复后再读入（有两份时一并使用）：strongroom disc salvage {path} --to …",
        ),
    )


def _absent(discs: Sequence[Disc]) -> list[str]:
    """Discs of these sets that were not among them."""
    here = {disc.name for disc in discs}
    sets = {disc.contents.disc_set: disc.contents.discs for disc in discs}
    every = [f"{number}-{disc}" for number, count in sorted(sets.items()) for disc in range(1, count + 1)]
    return [name for name in every if name not in here]


def _tell(one: Taken, as_json: bool) -> None:
    if as_json:
        missing = [digest.hex for digest in one.missing]
        json_line({"record": one.number, "state": one.state, "why": one.why, "missing": missing}, "record")
    elif one.state == "unproven" and one.why is not None:
        line(t(f"{one.number}: not proven: {said(one.why)}", f"{one.number}：无法证实：{said(one.why)}"))
    elif one.state == "incomplete":
        some = ", ".join(digest.hex for digest in one.missing[:3])
        line(
            t(
                f"{one.number}: {counted(len(one.missing), 'object')} could not be had from these discs: {some}",
                f"{one.number}：这些光盘上有 {len(one.missing)} 个对象无法读出：{some}",
            )
        )


def _sum_up(outcomes: dict[str, int], away: list[str], own_key: str, entries: int) -> None:
    taken, known, unproven, incomplete = (outcomes.get(state, 0) for state in _STATES)
    records = counted(taken, "record")
    line(
        t(
            f"{records} taken over, {known} known already, {unproven} not proven, {incomplete} incomplete.",
            f"已接收 {taken} 条记录，{known} 条此前已接收，{unproven} 条无法证实，{incomplete} 条不完整。",
        )
    )
    if unproven or incomplete:
        note(
            t(
                "Read the other copies as well, all at once: what one lacks another may have. strongroom disc salvage "
                "merges damaged ones.",
                "请将其他副本一并读入：此盘缺失的，彼盘可能完好。损坏的副本可用 strongroom disc salvage 合并。",
            )
        )
    if away:
        note(t(f"Discs of these sets that were not read: {', '.join(away)}", f"未读入的同组光盘：{'、'.join(away)}"))
    if own_key:
        note(
            t(
                f"Checked with the key that the discs themselves carry. Compare it with a label or a paper: {own_key}",
                f"所用密钥取自光盘本身，请与标签或纸质记录核对：{own_key}",
            )
        )
    note(t(f"The lost journal had {counted(entries, 'entry', 'entries')}.", f"原日志共 {entries} 条。"))
    for gap in _GAPS:
        note(gap)
