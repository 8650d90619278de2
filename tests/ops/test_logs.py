"""Events are JSON lines: one an act, none of them broken by what it carries, and none about people but for a login."""

import json
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ops import logs
from ops.wiring import Working, open_vault
from tests.ops.conftest import Program
from tests.vault.scene import take_in
from vault import acts
from vault.errors import BlobMissing, DiscWanted, SourceUnreadable, StoreNotMounted, TargetProblem
from vault.text import Text


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    logs.begin(str(tmp_path / "事件.log"))
    yield tmp_path / "事件.log"
    logs.begin(os.devnull)


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_act_has_an_event_and_the_event_says_where_it_stands_and_not_what_it_is_about(
    home: Path, working: Working, log_file: Path
) -> None:
    with open_vault(home, working) as vault:
        (number,) = take_in(vault, [b"video"])
        with vault.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT seq, act FROM journal WHERE seq > 2").all()
    told = events(log_file)
    assert [(one["entry"], one["event"]) for one in told] == [tuple(row) for row in rows]
    assert (told[0]["event"], told[0]["record"], told[0]["by"]) == ("record.stored", number, "李建国")
    assert "王芳" not in log_file.read_text(encoding="utf-8")


# Texts that people write, by the act's field: any of them may hold what somebody is called.
WRITTEN = {
    "why",
    "name",
    "names",
    "facts",
    "authority",
    "basis",
    "unit",
    "producer",
    "activity",
    "to",
    "office",
    "about",
}
WRITTEN |= {"section", "location", "approved_by", "case", "citation", "warnings", "origins", "files", "path"}


def test_nothing_that_people_write_is_among_what_is_logged_of_any_act() -> None:
    assert not WRITTEN & set(logs.IDS)
    named = {}
    for act in typing.get_args(acts.AnyAct):
        for field in msgspec.structs.fields(act):
            if field.name in logs.IDS:
                named.setdefault(field.name, set()).add(field.type)
    assert set(named) == set(logs.IDS)
    assert all(types <= {str, int} for types in named.values())


@pytest.mark.parametrize(
    "odd", ["一\n二", "一\r二", "一\u2028二", "一\x85二", "一\x1b[2J二", "一\x9b2J二", "一\udcff二", '一"二']
)
def test_a_line_stays_a_line_whatever_it_carries(log_file: Path, odd: str) -> None:
    logs.log("试验", store=odd)
    assert len(log_file.read_bytes().splitlines()) == len(log_file.read_text(encoding="utf-8").splitlines()) == 1
    assert not set(log_file.read_text(encoding="utf-8").rstrip("\n")) & set("\n\r\x1b\x85\x9b\u2028")
    assert events(log_file)[0]["store"] == odd


def test_moments_are_utc_and_paths_are_text(log_file: Path) -> None:
    logs.log("试验", level="warning", until=datetime(2031, 3, 3, tzinfo=UTC), file=Path("/库"), count=3)
    (said,) = events(log_file)
    assert (said["until"], said["file"], said["count"]) == ("2031-03-03T00:00:00+00:00", "/库", 3)
    assert (said["level"], said["process"]) == ("warning", os.getpid())
    assert datetime.fromisoformat(said["at"]).utcoffset() is not None


def test_an_error_is_told_in_its_words_only_where_they_name_nobody(log_file: Path) -> None:
    what = Text(en="询问李伟.mp4", zh="询问李伟.mp4")
    for kind in (StoreNotMounted, BlobMissing, SourceUnreadable, TargetProblem, DiscWanted):
        logs.log_failure(kind(what))
    logs.log_failure(ValueError("李伟"))
    assert [(one["error"], "what" in one) for one in events(log_file)] == [
        ("StoreNotMounted", True),
        ("BlobMissing", True),
        ("SourceUnreadable", False),
        ("TargetProblem", False),
        ("DiscWanted", False),
        ("ValueError", False),
    ]


def test_a_log_that_is_moved_away_is_begun_anew_and_one_that_cannot_be_written_stops_nobody(log_file: Path) -> None:
    logs.log("一")
    log_file.rename(log_file.with_suffix(".1"))
    logs.log("二")
    assert [one["event"] for one in events(log_file)] == ["二"]
    log_file.rename(log_file.with_suffix(".2"))
    log_file.mkdir()
    logs.log("三")
    log_file.rmdir()
    logs.begin("/dev/full")
    logs.log("四")
    logs.begin(str(log_file))


def test_commands_log_where_they_are_told_to(run: Program) -> None:
    run("--vault", "库", "init", "--profile", "dengzhou")
    run(
        "--vault",
        "库",
        "--log",
        "事件.log",
        "hold",
        "place",
        "2031-0000009",
        "--why",
        "王芳调卷",
        "--authority",
        "法院",
        expect=2,
    )
    run("--vault", "库", "quarantine", env={"STRONGROOM_LOG": "事件.log"})
    told = events(run.cwd / "事件.log")
    assert [(one["event"], one.get("command"), one.get("exit")) for one in told] == [
        ("command.begun", "hold", None),
        ("command.failed", None, None),
        ("command.ended", "hold", 2),
        ("command.begun", "quarantine", None),
        ("command.ended", "quarantine", 0),
    ]
    assert "王芳" not in (run.cwd / "事件.log").read_text(encoding="utf-8")
    (run.cwd / "库/store-b").rename(run.cwd / "别处")
    assert "no strongroom.json" in run("--vault", "库", "--log", "-", "scrub", expect=5).err
    assert "Cannot write" in run("--vault", "库", "--log", "没有/事件.log", "find", expect=1).err


def test_systemds_journal_gets_a_priority_in_front_and_nobody_else_does(tmp_path: Path) -> None:
    program = "from ops import logs; logs.begin('-'); logs.log('试验', level='error')"
    root = Path(__file__).parents[2]

    def said(stream: str) -> str:
        with (tmp_path / "journal").open("w") as journal:
            there = os.fstat(journal.fileno())
            env = os.environ | {"JOURNAL_STREAM": stream.format(there=there), "PYTHONPATH": str(root), "LC_ALL": "C"}
            subprocess.run([sys.executable, "-c", program], stderr=journal, env=env, check=True)
        return (tmp_path / "journal").read_text(encoding="utf-8")

    assert said("{there.st_dev}:{there.st_ino}").startswith('<3>{"at":')
    assert said("8:12345").startswith('{"at":')
    assert json.loads(said(""))["event"] == "试验"
