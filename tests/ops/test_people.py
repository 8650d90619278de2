"""People at the command line: enrolled, at work in their own name, refused, asking and agreeing."""

import json
import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ops.wiring import at_work, open_vault
from tests.ops.conftest import Program
from vault.actions import Action
from vault.errors import Refused
from vault.people import Person, Role
from vault.rights import may
from vault.text import Language

PEOPLE = (
    ("lina", "李娜", "custodian", "档案室"),
    ("zhangmin", "张敏", "officer", "稽查科"),
    ("wangfang", "王芳", "supervising-leader", ""),
    ("root", "周杰", "operator", ""),
    ("wangjianguo", "王建国", "principal-leader", ""),
)
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def staffed(run: Program) -> Program:
    """A vault with one record and an office's people; the tests run as root, who began it."""
    (run.cwd / "录像.mp4").write_text("录像", encoding="utf-8")
    run("--vault", "库", "init")
    run("--vault", "库", "ingest", "录像.mp4", "--section", "稽查科", "--party", "王小丫")
    for login, name, role, section in PEOPLE:
        run("--vault", "库", "person", "add", login, "--name", name, "--role", role, "--section", section)
    return run


def as_(run: Program, login: str, *words: str, expect: int | None = 0, language: str | None = None):  # type: ignore[no-untyped-def]
    return run("--vault", "库", "--by", login, *words, expect=expect, language=language)


def entries(store: Path) -> list[dict[str, object]]:
    """The acts that lie on a store."""
    newest = max((store / "journal/tile/entries").glob("000.p/*"), key=lambda path: int(path.name))
    data, found = newest.read_bytes(), []
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        found.append(json.loads(data[2:end]))
        data = data[end:]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_rights_that_are_shown_are_those_that_rule(run: Program, language: Language) -> None:
    """Shown without a vault: they are the same for every office."""
    shown = dict(re.split(" {2,}", line) for line in run("person", "rights", language=language).out.splitlines())
    assert len(shown) == len(Action)
    for action in Action:
        able = [role for role in Role if may(Person("a", "甲", frozenset({role})), action).allowed]
        roles = {"en": ", ", "zh": "、"}[language].join(role.label.said(language) for role in able)
        assert shown[action.label.said(language)] == (roles or {"en": "no role", "zh": "无"}[language])
    for role in Role:
        mine = run("person", "rights", "--role", role.label.said(language), "--json", language=language).lines
        assert [one["action"] for one in mine] == [
            action for action in Action if may(Person("a", "甲", frozenset({role})), action).allowed
        ]


def test_who_enrols_a_namesake_is_told(staffed: Program) -> None:
    add = ("person", "add", "wangfang2", "--name", "王芳", "--role", "officer")
    told = as_(staffed, "wangjianguo", *add, language="zh")
    assert "另有同名人员：wangfang" in told.err
    more = ("person", "add", "x", "--name", "甲", "--role", "officer")
    assert "王芳 (wangfang2) may not do that" in as_(staffed, "wangfang2", *more, expect=4).err
    as_(staffed, "wangjianguo", "person", "leave", "wangfang", "--why", "退休")
    assert "王芳 (wangfang2) may not do that" in as_(staffed, "wangfang2", *more, expect=4).err
    again = as_(staffed, "wangjianguo", "person", "add", "wang", "--name", "王芳", "--role", "officer", language="zh")
    assert "另有同名人员：wangfang、wangfang2" in again.err  # who left, too: they may have had a part in what goes on


@pytest.mark.parametrize(
    ("known", "name"), [("监二", "监 二"), ("Ann Li", "ＡＮＮ　ｌｉ"), ("买买提·艾力", "买买提.艾力")]
)
def test_a_namesake_is_one_however_the_name_is_written(staffed: Program, known: str, name: str) -> None:
    for login, called in (("yi", known), ("yi2", name)):
        told = as_(staffed, "wangjianguo", "person", "add", login, "--name", called, "--role", "officer", language="zh")
    assert "另有同名人员：yi。" in told.err
    more = ("person", "add", "x", "--name", "甲", "--role", "officer")
    assert f"{known} (yi) may not do that" in as_(staffed, "yi", *more, expect=4).err
    assert f"{name} (yi2) may not do that" in as_(staffed, "yi2", *more, expect=4).err


def test_an_offices_day(staffed: Program) -> None:
    listed = as_(staffed, "lina", "person", "list", "--json").lines
    assert [(one["login"], one["name"], one["roles"], one["section"]) for one in listed] == [
        (login, name, [role], section) for login, name, role, section in sorted(PEOPLE)
    ]
    refused = as_(
        staffed, "zhangmin", "get", "2031-0000001", "出.mp4", "--approved-by", "王芳", "--why", "查", expect=4
    )
    assert "--request, not --approved-by" in refused.err
    asked = as_(staffed, "zhangmin", "viewing", "request", "2031-0000001", "--why", "案件审理")
    assert (asked.out, asked.err) == ("A00001\n", "Waits for: supervising leader\n")
    said = ("viewing", "request", "2031-0000001", "--why", "案件审理", "--for", "查阅", "--json")
    assert as_(staffed, "zhangmin", *said).lines == [{"request": "A00002", "needs": ["supervising-leader"]}]
    assert (
        "待主管领导审批"
        in as_(staffed, "zhangmin", "get", "2031-0000001", "出.mp4", "--request", "A00001", expect=4, language="zh").err
    )
    other, row = as_(staffed, "wangfang", "viewing", "list", "--json").lines
    assert (other["for"], other["request"]) == ("view", "A00002")
    assert (row["stage"], row["waits_for"], row["records"]) == ("open", "supervising-leader", ["2031-0000001"])
    (row,) = as_(staffed, "wangfang", "viewing", "approve", "A00001", "--json").lines
    assert (row["stage"], row["consents"][0]["by"]) == ("approved", "wangfang")
    as_(staffed, "zhangmin", "get", "2031-0000001", "出.mp4", "--request", "A00001")
    assert (staffed.cwd / "出.mp4").read_text(encoding="utf-8") == "录像"
    assert (
        "A00001  已使用  zhangmin  查阅  2031-0000001  案件审理\n  主管领导  wangfang"
        in as_(staffed, "wangfang", "viewing", "list", language="zh").out
    )
    as_(staffed, "zhangmin", "get", "2031-0000001", "再.mp4", "--request", "A00001", expect=4)
    assert not (staffed.cwd / "再.mp4").exists()


def test_the_journal_says_in_whose_name_and_by_whose_hand(staffed: Program) -> None:
    as_(staffed, "lina", "hold", "place", "2031-0000001", "--why", "投诉", "--authority", "纪检")
    staffed("--vault", "库", "hold", "place", "2031-0000001", "--why", "投诉", "--authority", "纪检", expect=4)
    placed, refused = entries(staffed.cwd / "库/store-a")[-2:]
    assert (placed["act"], placed["by"], placed["via"]) == ("hold.placed", "lina", ME)
    assert (refused["act"], refused["by"], refused["action"], refused["why"]) == (
        *("action.refused", ME, "hold.place", ["role"]),
    )
    assert "via" not in refused


READINGS = (
    ("find", "--all"),
    ("case", "check", "甲案"),
    ("profile", "preview", "xinzhou"),
    ("disc", "plan", "2031-0000001", "--medium", "practice", "--dry-run"),
    ("deadline", "list"),
    ("deadline", "explain", "2031-0000001"),
    ("interruption", "list"),
    ("disposal", "show", "D2031-0001"),
    ("retention", "due"),
)


@pytest.mark.parametrize("words", READINGS, ids=" ".join)
def test_every_reading_of_facts_wants_the_right_to_it(staffed: Program, words: tuple[str, ...]) -> None:
    for login in ("root", "nobody-known"):
        refused = as_(staffed, login, *words, expect=4)
        assert ("read the facts of records" in refused.err, refused.out) == (True, "")


def test_who_may_not_appraise_is_refused_before_the_records_are_looked_at(staffed: Program) -> None:
    for more in (("2031-0000001",), ("--all-due",)):
        refused = as_(staffed, "zhangmin", "disposal", "review", *more, "--why", "试", expect=4)
        assert "may not do that: appraise for disposal" in refused.err
    listed = as_(staffed, "wangjianguo", "journal", "refusals", "--json").lines
    assert [one["action"] for one in listed] == ["disposal.appraise"] * 2


def test_the_operator_sees_neither_facts_nor_content(staffed: Program) -> None:
    for words in (
        ("find", "王小丫"),
        ("show", "2031-0000001"),
        ("quarantine",),
        ("retention", "explain", "2031-0000001"),
        ("prove", "2031-0000001"),
        ("viewing", "list"),
        ("viewing", "request", "2031-0000001", "--why", "看看"),
        ("export", "包", "2031-0000001", "--request", "A00001"),
        ("ingest", "录像.mp4"),
    ):
        done = staffed("--vault", "库", *words, expect=4)
        assert "王小丫" not in done.out + done.err
    for words in (("scrub",), ("sweep",), ("repair",), ("store", "status"), ("fsck",), ("journal", "verify")):
        staffed("--vault", "库", *words)


def test_what_was_refused_is_shown_to_who_audits(staffed: Program) -> None:
    as_(staffed, "zhangmin", "hold", "place", "2031-0000001", "--why", "投诉", "--authority", "纪检", expect=4)
    as_(staffed, "lina", "journal", "refusals", expect=4)
    newest, first = as_(staffed, "wangjianguo", "journal", "refusals", "--json").lines
    assert (first["by"], first["via"], first["action"], first["about"], first["why"]) == (
        *("zhangmin", ME, "hold.place", "2031-0000001", ["role"]),
    )
    assert (newest["by"], newest["action"]) == ("lina", "journal.audit")
    assert f"lina ({ME})  审计日志\n" in as_(staffed, "wangjianguo", "journal", "refusals", language="zh").out


@pytest.fixture
def commons(tmp_path: Path) -> Iterator[Path]:
    """A folder that every account of the machine can use."""
    folder = Path(tempfile.mkdtemp(prefix="strongroom-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def as_nobody(do: Callable[[], object]) -> str:
    """What a Refused says that this ends with in the system's account `nobody`; empty where there was none."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        said = "fault"
        with suppress(BaseException):
            os.setgid(65534)
            os.setuid(65534)
            try:
                do()
                said = ""
            except Refused as error:
                said = error.what.en
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with open(reading, encoding="utf-8") as answer:
        return answer.read()


@pytest.mark.root
def test_a_name_of_ones_own_choice_is_roots_alone(staffed: Program, commons: Path) -> None:
    """Another account of the machine, with every right to the vault's files, may not say that it is somebody."""
    home = commons / "库"
    shutil.copytree(staffed.cwd / "库", home)
    for path in (home, *home.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)

    def opened(said: str) -> str:
        working = at_work(home, said, clock_vouched=True)
        with open_vault(home, working) as vault, vault.database.reading():
            return vault.setting.person

    assert opened("wangfang") == "wangfang", "root may; and has imported now what nobody may not read"
    assert as_nobody(lambda: opened("wangfang")) == "王芳 may not do that: act under another's name (no role)."
    assert as_nobody(lambda: opened("")) == ""
    last = entries(home / "store-a")[-1]
    assert (last["by"], last["via"], last["action"]) == ("wangfang", "nobody", "person.stand-in")
