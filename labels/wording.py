"""How a register's cells and texts read on paper and in a sheet, in Chinese, in English, or in both."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from vault.moments import minute
from vault.registers.model import SERIAL, Cell, Column, Kind, Named, Scope
from vault.text import Text

Languages = Literal["zh", "en", "both"]
LANGUAGES: Mapping[Languages, Text] = {
    "zh": Text(en="Chinese", zh="中文"),
    "en": Text(en="English", zh="英文"),
    "both": Text(en="both languages", zh="中英文"),
}

_BYTES = Text(en="(bytes)", zh="（字节）")
LONG = timedelta(hours=48)  # a delay beyond it is said in days


def lines(text: Text, languages: Languages) -> list[str]:
    """A text in one language, or in both, a line each."""
    if languages == "both":
        return list(dict.fromkeys((text.zh, text.en)))
    return [text.said(languages)]


def head_lines(column: Column, languages: Languages) -> list[str]:
    """The heading of a column. Sizes stand in bytes: rounded ones would not add up to their sum."""
    unit = lines(_BYTES, languages) if column.kind is Kind.BYTES else []
    return [*lines(column.heading, languages), *unit]


def joined(text: Text, languages: Languages) -> str:
    return " ".join(lines(text, languages))


def cell_words(cell: Cell, column: Column, zone: ZoneInfo, languages: Languages) -> str:
    """A cell for people. Whatever an office has put into a text, it stays one paragraph."""
    match cell:
        case None:
            return ""
        case Text():
            return joined(cell, languages)
        case Named():
            what = joined(cell.what, languages)
            return Named(Text(en=what, zh=what), cell.name, cell.where).text.said("en" if languages == "en" else "zh")
        case str():
            return " ".join(cell.split())
        case datetime():
            return minute(cell, zone)
        case timedelta() if column.kind is Kind.DELAY and cell > LONG:
            return joined(_in_days(cell), languages)
        case timedelta():
            seconds = round(cell.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case int():
            return str(cell) if column == SERIAL else f"{cell:,}"
        case _:
            return cell.isoformat()


def _in_days(length: timedelta) -> Text:
    hours = length.seconds // 3600
    return Text(en=f"{length.days} days {hours} h", zh=f"{length.days} 天 {hours} 小时")


def unit_line(scope: Scope, languages: Languages) -> str:
    """Whose register it is: the office, and the section where it is one's alone."""
    said = _labelled(Text(en="Unit", zh="单位"), scope.office, languages)
    if scope.section:
        said += "  " + _labelled(Text(en="Section", zh="科室"), scope.section, languages)
    return said


def basis_lines(basis: Text | None, languages: Languages) -> list[str]:
    return lines(Text(en=f"Under: {basis.en}", zh=f"依据：{basis.zh}"), languages) if basis is not None else []


def period_line(scope: Scope, languages: Languages) -> str:
    return _labelled(Text(en="Period", zh="期间"), joined(scope.period.text, languages), languages)


def _labelled(label: Text, value: str, languages: Languages) -> str:
    return joined(label, languages) + (": " if languages == "en" else "：") + value


def drawn_lines(scope: Scope, languages: Languages) -> list[str]:
    """When it was drawn up, and from which state of the journal: whoever has that can draw it again."""
    at = minute(scope.drawn_at, scope.zone)
    said = Text(
        en=f"Drawn up {at} from the first {scope.entries:,} journal entries",
        zh=f"{at} 制，据日志前 {scope.entries:,} 条",
    )
    return lines(said, languages)


def page_lines(number: str, count: str, languages: Languages) -> list[str]:
    """Which page of how many, for the foot of each."""
    return lines(Text(en=f"Page {number} of {count}", zh=f"第 {number} 页 共 {count} 页"), languages)


SIGNED = Text(en="Date:", zh="日期：        年      月      日")
