"""Decisions of an appraisal from a sheet (CSV or XLSX): a record a line, with what is decided, until when, and why.

The sheet is the office's own, with headings in either language; or the appraisal (鉴定意见表) that the program drew,
in whichever languages, with its decisions put right.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from vault.acts import Appraisal, Fate
from vault.errors import BadInput
from vault.intake.sheet_rows import Cell, rows_of
from vault.plain import invisible, not_plain
from vault.registers.appraisal import APPRAISAL
from vault.registers.model import SERIAL
from vault.text import Text

_SERIAL = "serial"
_COLUMNS = {
    **{words.lower(): "" for column in APPRAISAL.columns for words in (column.heading.zh, column.heading.en)},
    **dict.fromkeys((SERIAL.heading.zh, SERIAL.heading.en.lower()), _SERIAL),
    **dict.fromkeys(("record", "number", "编号", "记录编号"), "record"),
    **dict.fromkeys(("decision", "fate", "决定", "鉴定意见"), "fate"),
    **dict.fromkeys(("until", "日期", "续存至"), "until"),
    **dict.fromkeys(("why", "reason", "理由", "原因"), "why"),
}
_FATES: dict[str, Fate] = {  # the last of each line are the drawn appraisal's
    **dict.fromkeys(("dispose", "销毁", "销毁 dispose"), "dispose"),
    **dict.fromkeys(("extend", "续存", "延长保存", "续存至", "extend to", "续存至 extend to"), "extend"),
    **dict.fromkeys(("keep", "长期保存", "keep long-term", "长期保存 keep long-term"), "keep"),
}
_RECORD = re.compile(r"\d{4}-\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_appraisals(path: Path, why: str) -> Sequence[Appraisal]:
    """The decisions of a sheet; `why` where a line gives no reason. BadInput names the line that cannot be taken."""
    name, rows = rows_of(path)
    filled = [(number, cells) for number, cells in rows if any(cell.filled for cell in cells)]
    head = next((at for at, (_, cells) in enumerate(filled) if "record" in map(_column, cells)), 0)  # below a title
    columns = _headings(name, *filled[head]) if filled else {}
    found: list[Appraisal] = []
    for number, cells in filled[head + 1 :]:
        said = {column: _text(name, number, cells[at]) for at, column in columns.items() if at < len(cells)}
        if _is_entry(said):
            found.append(_appraisal(name, number, said, why))
    twice = [one.record for n, one in enumerate(found) if one.record in {other.record for other in found[:n]}]
    if twice:
        raise BadInput(
            Text(en=f"{name}: record {twice[0]} stands twice.", zh=f"{name}：记录 {twice[0]} 出现两次。"),
        )
    return found


def _is_entry(said: dict[str, str]) -> bool:
    """Whether a line is of a record: below those of an appraisal stand sums, and what is to be signed."""
    number = said.get(_SERIAL)
    return number is None or number.isdecimal() or _RECORD.fullmatch(said.get("record", "")) is not None


def _headings(name: str, number: int, cells: Sequence[Cell]) -> dict[int, str]:
    """What is read, by place; columns of the appraisal that decide nothing are not."""
    known = {at: _column(cell) for at, cell in enumerate(cells) if cell.filled}
    if "record" not in known.values() or None in known.values():
        raise _wrong(
            name,
            number,
            Text(
                en="the headings are: record, decision, until, why (记录编号, 鉴定意见, 续存至, 理由)",
                zh="表头应为：记录编号、鉴定意见、续存至、理由（record、decision、until、why）",
            ),
        )
    return {at: column for at, column in known.items() if column}


def _column(cell: Cell) -> str | None:
    """What a heading means, in one language or in both, a line each; None where that is not known."""
    meant = [_COLUMNS.get(line.strip().lower()) for line in cell.text.splitlines() if line.strip()]
    return next((column for column in meant if column is not None), None)


def _appraisal(name: str, number: int, said: dict[str, str], why: str) -> Appraisal:
    spelled = said.get("fate") or "dispose"
    fate = _FATES.get(" ".join(_DAY.sub("", spelled).lower().split()))
    if fate is None:
        raise _wrong(
            name,
            number,
            Text(
                en=f"{spelled!r} is no decision; there are: dispose (销毁), extend (续存), keep (长期保存)",
                zh=f"“{spelled}”不是决定；可用：销毁（dispose）、续存（extend）、长期保存（keep）",
            ),
        )
    last = said.get("until") or next(iter(_DAY.findall(spelled)), "")
    until = _day(name, number, last) if last else None
    return Appraisal(record=said.get("record", ""), fate=fate, why=said.get("why") or why, until=until)


def _day(name: str, number: int, spelled: str) -> date:
    found = re.fullmatch(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?", spelled)
    try:
        year, month, day = (int(part) for part in found.groups()) if found else (0, 0, 0)
        return date(year, month, day)
    except ValueError:
        raise _wrong(name, number, Text(en=f"{spelled!r} is no day", zh=f"“{spelled}”不是日期")) from None


def _text(name: str, number: int, cell: Cell) -> str:
    if cell.day is not None:
        return cell.day.isoformat()
    if cell.trouble is not None:
        raise _wrong(name, number, cell.trouble)
    text = cell.moment.date().isoformat() if cell.moment is not None else cell.text.strip()
    if code := invisible(text):
        raise _wrong(name, number, not_plain(code))
    return text


def _wrong(name: str, number: int, why: Text) -> BadInput:
    return BadInput(
        Text(en=f"{name}, line {number}: {why.en}.", zh=f"{name} 第 {number} 行：{why.zh}。"),
        hint=Text(en="Nothing was entered. Correct the sheet and try again.", zh="未录入任何内容。请改正后重试。"),
    )
