"""Registers of a real vault in one language: no word of the other one's in them but names and quoted facts."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.ops.conftest import Program
from tests.ops.test_disposal import ONE, TWO, Office, agreed, office
from vault.registers import MAKERS

__all__ = ["office"]

HAN = re.compile(r"[\u4e00-\u9fff]+")
WORD = re.compile(r"[A-Za-z]{2,}")
CASE = "邓财监〔2032〕1号"
# What the office itself has said, of people, places and reasons.
QUOTED = (
    "邓州市财政局",
    "王建军",
    "张建国",
    "陈静",
    "赵晓东",
    "周运维",
    "监督检查科",
    "会计信息质量检查",
    "期满",
    "保存期满",
)
QUOTED += ("二.mp4", "县监委", "线索核查", "复议审理", "暴雨", "邓财监", "号", "碎盘机")
SIGNS = {"SHA", "MiB", "KiB"}  # of hashes and sizes, in both languages


@pytest.fixture
def worked(office: Office) -> str:
    """An office that has viewed, held, opened a case, missed a deadline and destroyed; the disposal's number."""
    said = ("--section", "监督检查科", "--matter", "会计信息质量检查", "--case-number", CASE)
    (office.run.cwd / "四.mp4").write_text("询问", encoding="utf-8")
    office("zhangjianguo", "case", "open", CASE, "--name", "会计信息质量检查")
    office("zhangjianguo", "ingest", "四.mp4", *said, "--activity-ended-at", "2032-03-01 09:00", "--officers", "张建国")
    office("zhangjianguo", "viewing", "request", TWO, "--why", "复议审理")
    office("wangju", "viewing", "approve", "A00001")
    office("zhangjianguo", "get", TWO, "出.mp4", "--request", "A00001")
    for hold in (TWO, "2031-0000003"):
        office("zhangjianguo", "hold", "place", hold, "--authority", "县监委", "--why", "线索核查")
    office("wangju", "hold", "release", "H00001", "--why", "期满")
    number, _ = agreed(office)
    office("yunwei", "disposal", "run", number)
    return number


def texts_of(sheet: Path) -> Iterator[str]:
    """Everything that is written in a workbook, its own name and the foot of its page included."""
    book = openpyxl.load_workbook(sheet)
    (page,) = book.worksheets
    yield from (page.title, str(page.oddFooter.center.text).replace("&C", "").replace("&P", "").replace("&N", ""))
    yield str(book.properties.title)
    for row in page:
        yield from (cell.value for cell in row if isinstance(cell.value, str))


def strange(text: str, language: str, number: str) -> list[str]:
    """What of a text is in the other language, but for what the office said."""
    for one in sorted((*QUOTED, number, CASE, ONE), key=len, reverse=True):
        text = text.replace(one, "")
    found = (HAN if language == "en" else WORD).findall(re.sub(r"[0-9a-f]{64}", "", text))
    return [word for word in found if word not in SIGNS]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_of_the_other_language_is_in_a_register(office: Office, worked: str, language: str) -> None:
    folder = office.run.cwd
    asked = {kind: ["register", kind, "--from", "2031-01-01", "--to", "2032-12-31"] for kind in MAKERS}
    asked |= {f"of {paper}": ["disposal", paper, worked] for paper in ("register", "certificate")}
    for kind, words in asked.items():
        for target in ("册.xlsx", "册.pdf"):
            (folder / target).unlink(missing_ok=True)
            office("zhangjianguo", *words, "-o", target, "--language", language)
        written = list(texts_of(folder / "册.xlsx"))
        assert len(written) > 10, kind
        found = {text: words for text in written if (words := strange(text, language, worked))}
        assert not found, (kind, found)
        drawn = subprocess.run(
            ["pdftotext", "-layout", folder / "册.pdf", "-"], check=True, capture_output=True, text=True
        ).stdout
        assert ("Page 1 of" in drawn, "第1页" in drawn.replace(" ", "")) == (language == "en", language == "zh"), kind
        if language == "zh":  # of a word that is torn, every part would be found
            assert not strange(drawn, language, worked), (kind, strange(drawn, language, worked))


def test_a_register_is_asked_for_in_either_languages_words(run: Program) -> None:
    run("--vault", "库", "init")
    done = run("--vault", "库", "register", "intake", "-o", "册.xlsx", "--language", "英文", language="zh")
    assert done.out.startswith("册.xlsx  0 条")
    assert "Register of Intake" in list(texts_of(run.cwd / "册.xlsx"))
