"""`--json`: every command that prints rows has it, and says what docs/operations.md says."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from ops.cli import cli
from tests.ops.conftest import Program, make


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield path, command


LEAVES = dict(leaves(cli))
APPROVED = ["--approved-by", "王局长", "--why", "复核"]
JSON_CALLS: dict[str, list[str]] = {
    "init": ["--store", "别/甲", "--store", "别/乙"],
    "ingest": ["录像", "没有.mp4"],
    "quarantine": [],
    "complete": ["2031-0000001", "--place", "值班室"],
    "find": ["王芳"],
    "show": ["2031-0000001"],
    "get": ["2031-0000001", "取.mp4", "--file", "1", *APPROVED],
    "export": ["包", "2031-0000001", *APPROVED],
    "case open": ["邓城管罚字〔2031〕第0001号", "--name", "占道经营案"],
    "case close": ["邓城管罚字〔2031〕第0001号", "--keep", "permanent"],
    "case reopen": ["邓城管罚字〔2031〕第0001号", "--why", "复议"],
    "flag": ["2031-0000001", "--why", "看看"],
    "hold place": ["2031-0000001", "--authority", "法院", "--why", "调卷"],
    "hold list": [],
    "hold release": ["H00001", "--why", "已结"],
    "case check": ["邓城管罚字〔2031〕第0001号", "--matter", "听证"],
    "deadline list": [],
    "deadline explain": ["2031-0000001"],
    "deadline expect": ["--section", "会计科", "--activity-ended-at", "2031-03-03 09:00"],
    "interruption justify": ["2031-0000062", "--ground", "weather", "--why", "暴雨", "--basis", "预警"],
    "interruption missing": ["--section", "会计科", "--ground", "weather", "--why", "暴雨", "--basis", "预警"],
    "interruption list": ["--to-review"],
    "interruption grounds": [],
    "register intake": [],
    "register late": [],
    "register viewing": [],
    "register holds": [],
    "register monthly": [],
    "register completeness": [],
    "profile list": [],
    "profile show": [],
    "profile check": [str(Path(__file__).parents[2] / "vault/profiles/dengzhou.toml")],
    "profile preview": ["wugang"],
    "retention due": ["--on", "2099-01-01"],
    "retention count": [],
    "retention explain": ["2031-0000001"],
    "clock": [],
    "scrub": [],
    "repair": [],
    "rebalance": [],
    "tier run": [],
    "store explain": ["2031-0000001"],
    "store drain": ["a"],
    "fsck": [],
    "sweep": [],
    "journal verify": [],
    "prove": ["2031-0000001", "证明"],
    "store status": [],
    "store probe": ["a"],
    "disc plan": ["2031-0000001", "--dry-run", "--price", "3.50"],
    "disc show": ["2031-0000001"],
    "disc build": ["2031-0000001", "--to", "光盘", "--medium", "practice", "--activity", "现场检查", *APPROVED],
    "disc cancel": ["2031-0001", "--why", "误建"],
    "disc list": [],
    "serve": ["--once"],
    "rebuild": [],
    "status": [],
    "doctor": ["program", "secrets"],
    "config check": [],
    "config show": [],
    "person add": ["zhangmin", "--name", "张敏", "--role", "officer"],
    "person change": ["zhangmin", "--role", "custodian", "--why", "换岗"],
    "person list": [],
    "person rights": [],
}

# These need a bucket (test_locks.py), or several people (test_people.py).
_DISPOSAL = ("list", "review", "submit", "approve", "supervise", "stop", "run", "confirm-disc", "show")
_PAPERS = ("appraisal", "register", "certificate")
ELSEWHERE = {f"disposal {verb}" for verb in (*_DISPOSAL, *_PAPERS)}  # test_disposal.py
ELSEWHERE |= {  # test_discs.py
    f"disc {verb}" for verb in ("demands", "shelve", "loan", "return", "degrade", "replace", "shred", "stocktake")
}
ELSEWHERE |= {"disc drives", "disc verify"}  # test_disc_drives.py
ELSEWHERE |= {"disc run", "disc burn"}  # test_disc_run.py
ELSEWHERE |= {"disc label", "disc calibrate", "disc salvage"}  # test_disc_labels.py, test_disc_salvage.py
ELSEWHERE |= {"disc attach", "disc attached", "disc inspect", "disc due"}  # test_reading_discs.py, transcripts/disc.txt
ELSEWHERE |= {"backup", "restore", "drill", "watch"}  # test_backup.py, test_drill.py, test_watch.py
ELSEWHERE |= {
    "lock sync",
    "lock report",
    "viewing request",
    "viewing approve",
    "viewing decline",
    "viewing list",
    "journal refusals",
}
ELSEWHERE |= {"case withdraw"}  # transcripts/claims.txt


OUTCOMES = {"ingest", "profile show"}  # what became of each file is in `result`; rules are as different as they are
# What prints no row: a sentence that it is done, or a text that is a format of its own.
WITHOUT_ROWS = {"profile adopt", "person leave", "retention release", "interruption review", "demo"}
WITHOUT_ROWS |= {"deadline close", "deadline justify", "disc detach"}
WITHOUT_ROWS |= {f"store {verb}" for verb in ("accept", "attach", "detach", "renew")}
WITHOUT_ROWS |= {"profile template", "journal checkpoint", "metrics"}
A_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


def moments_in(value: object) -> Iterator[str]:
    """Every moment that an object of --json holds, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from moments_in(one)
    if isinstance(value, str) and A_MOMENT.fullmatch(value):
        yield value


def test_json_is_one_object_a_line_everywhere(filled: Program) -> None:
    """Every command that prints rows has --json, and is tried here; a line tells its sort where there are several."""
    having = {" ".join(path) for path, command in LEAVES.items() if any(p.name == "as_json" for p in command.params)}
    assert having == {*JSON_CALLS, *ELSEWHERE}
    assert {" ".join(path) for path in LEAVES} - having == WITHOUT_ROWS
    (filled.cwd / "别").mkdir()
    (filled.cwd / "无科室.mp4").write_text("无科室", encoding="utf-8")
    filled("--vault", "库", "ingest", "无科室.mp4")
    segments = make(filled.cwd / "两段", 0)
    for name in ("一.mp4", "二.mp4"):  # two videos that say nothing of when: nobody knows what lies between
        (segments / name).write_bytes(b"\0\0\0\x18ftypmp42" + name.encode())
    filled("--vault", "库", "ingest", segments, "--group", "folder", "--section", "会计科")
    with open(filled.cwd / "库/strongroom.toml", "a", encoding="utf-8") as config:  # so that one can be emptied
        config.write('\n[[store]]\nname = "c"\nkind = "disk"\nlocation = "store-c"\n')
    filled("--vault", "库", "store", "attach", "c")
    said = ("--section", "会计科", "--ground", "weather", "--why", "暴雨", "--basis", "预警")
    filled("--vault", "库", "interruption", "missing", *said)
    orphan = filled.cwd / "库/store-a/objects/ab/cd"
    orphan.mkdir(parents=True)
    (orphan / ("abcd" + "0" * 60)).write_text("孤儿", encoding="utf-8")
    for words, more in JSON_CALLS.items():
        home = "新库" if words == "init" else "库"
        done = filled("--vault", home, *words.split(), *more, "--json", expect=None)
        assert done.code in (0, 1, 3, 5), (words, done)
        assert done.lines, words
        assert all(isinstance(row, dict) and row for row in done.lines), words
        for row in done.lines:
            assert all(key.isascii() for key in row)
            assert all(moment.endswith("Z") for moment in moments_in(row)), (words, row)
        sorts = {frozenset(row) - {"sum", "label", "error", "hint", "missing", "warnings"} for row in done.lines}
        assert len(sorts) == 1 or words in OUTCOMES or all("type" in row for row in done.lines), (words, sorts)
