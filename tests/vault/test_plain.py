"""Names and reasons hold nothing that a reader cannot see, by whatever way they come in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vault.disposal_scene import LEADER, ONE, Office
from vault.disposal.sheet import read_appraisals
from vault.enrolling import change, enrol
from vault.errors import BadInput
from vault.facts import FACTS, Kind
from vault.intake.facts_text import parse_fact
from vault.people import Role
from vault.plain import invisible, require_plain
from vault.text import Text

HIDDEN = {
    "control": "\x07",
    "tab": "\t",
    "delete": "\x7f",
    "line": "\n",
    "line separator": "\u2028",
    "override": "\u202e",
    "isolate": "\u2066",
    "mark": "\u200f",
    "no width": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "filler": "\u3164",
    "blank braille": "\u2800",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_cannot_be_seen_is_found_wherever_it_stands(what: str) -> None:
    code = f"U+{ord(HIDDEN[what]):04X}"
    for text in (f"王{HIDDEN[what]}芳", f"{HIDDEN[what]}王芳", f"王芳{HIDDEN[what]}", HIDDEN[what]):
        assert invisible(text) == code
        with pytest.raises(BadInput) as caught:
            require_plain(Text(en="name", zh="姓名"), text)
        assert caught.value.what.en.startswith("name: holds an invisible character")
        assert code in caught.value.what.zh


@pytest.mark.parametrize(
    "text",
    [
        "",
        "王芳",
        "欧阳 建国",
        "𠮷田㐂",
        "葛\U000e0100飾",
        "买买提·吐尔逊",
        "张　伟",
        "José",
        "Müller-Lüdenscheidt",
        "ئۇ\u200cيغۇر",
        "\ue5e5",
    ],
)
def test_names_of_all_sorts_are_plain(text: str) -> None:
    """Rare characters, a form of one, scripts that join, and those of a private font as well."""
    assert invisible(text) == ""


def test_lines_are_plain_where_there_may_be_several() -> None:
    assert invisible("王芳\r\n李娜", lines=True) == ""
    assert invisible("王芳\r\n\u202e李娜", lines=True) == "U+202E"


def test_people_facts_and_sheets_are_held_to_it(office: Office, tmp_path: Path) -> None:
    hidden = "张\u202e伟"
    with office.by(LEADER) as vault:
        ways: list[Callable[[], object]] = [
            lambda: enrol(vault, "zhang\u200bwei", "张伟", [Role.OFFICER], ""),
            lambda: enrol(vault, "zhangwei", hidden, [Role.OFFICER], ""),
            lambda: enrol(vault, "zhangwei", "张伟", [Role.OFFICER], hidden),
            lambda: change(vault, "lina", hidden, [], None, "更名"),
            *(
                lambda fact=fact: parse_fact(fact, hidden, vault.profile.zone, vault.now())
                for fact in FACTS
                if fact.kind is not Kind.TIME
            ),
        ]
        for way in ways:
            with pytest.raises(BadInput, match="invisible character"):
                way()
    sheet = tmp_path / "鉴定.csv"
    for line in (f"{ONE},销毁,{hidden}", f"{ONE}\u200b,销毁,期满"):
        sheet.write_text(f"编号,决定,理由\n{line}\n", encoding="utf-8")
        with pytest.raises(BadInput, match="line 2: holds an invisible character"):
            read_appraisals(sheet, "年度鉴定")
