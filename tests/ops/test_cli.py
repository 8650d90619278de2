"""The program as a process: how it starts and is stopped, readers that leave, disks that are full, odd arguments."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.cli import COMMANDS, cli
from ops.cli.choosing import OneOf
from tests.ops.conftest import Program, make
from tests.ops.test_json import LEAVES
from tests.program import PROGRAM

# Starting


def test_the_version_is_said_within_150_ms() -> None:
    """Best of five, by the processor's clock: what a busy machine adds is not the program's."""
    best = 1e9
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "ops.cli", "--version"], capture_output=True, text=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.stdout.startswith("strongroom ")
    assert best <= 0.15, f"{best:.3f} s"


def test_the_version_loads_no_heavy_library() -> None:
    code = (
        "import sys; from ops.cli import main\n"
        "sys.argv = ['strongroom', '--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(' '.join({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[1].split())
    assert {"click", "ops"} <= loaded
    heavy = {"sqlalchemy", "alembic", "msgspec", "cryptography", "openpyxl", "pycdlib", "typst", "tqdm", "sqlite3"}
    assert not loaded & heavy
    assert "vault" not in loaded or "vault.store" not in loaded


def test_every_command_is_declared_where_the_table_says_and_under_its_name() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


# Being stopped


@pytest.fixture
def home(run: Program) -> Path:
    run("--vault", "库", "init", clock="2026-11-20T02:00:00+00:00")
    return run.cwd / "库"


def ingest(home: Path, *words: str) -> subprocess.Popen[str]:
    command = [*PROGRAM, "--clock-is-right", "--vault", str(home), "ingest", "--section", "会计科", *words]
    env = os.environ | {"STRONGROOM_LANG": "zh"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def rest(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it still says until its end. (`communicate` would drop what `readline` has read ahead.)"""
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        return process.stdout.read(), process.stderr.read()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_says_so_and_asking_again_completes(run: Program, home: Path, sign: signal.Signals) -> None:
    source = make(run.cwd / "录像", 800)
    process = ingest(home, "--json", str(source))
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.send_signal(sign)
    out, err = rest(process)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "已停止。已报告的内容均已安全入库；重新运行同一命令即可继续。"
    assert "Traceback" not in err
    reported = [first, *(json.loads(line) for line in out.splitlines())]
    assert len(reported) < 800
    again = ingest(home, "--json", str(source))
    out, err = rest(again)
    assert again.returncode == 0, err
    rows = {row["file"]: row for row in map(json.loads, out.splitlines())}
    assert len(rows) == 800
    assert all(rows[one["file"]]["record"] == one["record"] for one in reported)
    assert all(rows[one["file"]]["result"] == "resumed" for one in reported)
    assert run("--vault", "库", "fsck", clock="2026-12-01T02:00:00+00:00").code == 0


def test_ctrl_c_while_a_large_file_is_read_leaves_nothing_behind(run: Program, home: Path) -> None:
    path = run.cwd / "录像.mp4"
    with open(path, "wb") as stream:
        stream.truncate(4 << 30)
    process = ingest(home, str(path))
    tmp = [home / store / "tmp" for store in ("store-a", "store-b")]
    deadline = time.monotonic() + 30
    while not all(any(f.stat().st_size for f in folder.rglob("*") if f.is_file()) for folder in tmp):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = rest(process)
    assert process.returncode == 130, err
    assert not [f for folder in tmp for f in folder.rglob("*") if f.is_file()]


# Readers that leave, and outputs that are full


@pytest.mark.parametrize(
    "words", ["find", "find --json", "metrics", "journal checkpoint", "show 2031-0000001", "ingest --json 录像"]
)
def test_a_reader_that_leaves_is_no_fault(filled: Program, words: str) -> None:
    command = [*PROGRAM, "--clock-is-right", "--vault", "库", *words.split()]
    process = subprocess.Popen(command, cwd=filled.cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()  # before a word was written
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 1
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert "fault of the program" not in err


def test_a_full_disk_under_the_output_is_said(filled: Program) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        for words in (["find"], ["metrics"], ["show", "2031-0000001", "--json"]):
            done = subprocess.run(
                [*PROGRAM, "--clock-is-right", "--vault", "库", *words],
                cwd=filled.cwd,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"STRONGROOM_LANG": "zh"},
                check=False,
            )
            assert (done.returncode, done.stderr) == (1, "strongroom: 空间不足\n")


@pytest.mark.parametrize("encoding", ["gbk", "latin-1"])
def test_a_terminal_that_lacks_characters_gets_the_others(filled: Program, encoding: str) -> None:
    """Chinese servers with GBK are still about: a rare character once ended an intake half-way."""
    (filled.cwd / "𠮷野.mp4").write_text("𠮷", encoding="utf-8")
    command = [*PROGRAM, "--clock-is-right", "--vault", "库", "ingest", "𠮷野.mp4", "--section", "会计科"]
    env = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, cwd=filled.cwd, capture_output=True, env=env, check=False)
    assert done.returncode == 0
    assert "\\U00020bb7" in done.stdout.decode(encoding)
    listed = subprocess.run(
        [*PROGRAM, "--clock-is-right", "--vault", "库", "find", "𠮷野", "--json"],
        cwd=filled.cwd,
        capture_output=True,
        env=env,
        check=True,
    )
    assert json.loads(listed.stdout)["files"][0]["name"] == "𠮷野.mp4"  # JSON is UTF-8 (RFC 8259, 8.1)


# Odd arguments

ODD = ["", " ", "-", "--", "%s%n", "{x}", "'; DROP TABLE record; --", "../..", "/dev/null", "王\n芳", "💥", "\udcff"]
ODD += [
    "-1",
    "0",
    "1e309",
    "nan",
    "2031-0000001",
    "2031-9999999",
    "1970-01-01",
    "9999-12-31 23:59",
    "长" * 3000,
    "文件",
]
_UNSAFE = {("demo",), ("serve",)}  # makes films for half a minute; serves until it is told to stop


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, zygotes: dict[str, Any]) -> Program:
    program = Program(tmp_path_factory.mktemp("怪"), tmp_path_factory.mktemp("流"), zygotes)
    program("--vault", "库", "init")
    (program.cwd / "文件").write_text("文件", encoding="utf-8")
    program("--vault", "库", "ingest", "文件", "--section", "会计科", "--party", "王芳")
    return program


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_odd_arguments_never_end_in_a_fault(ready: Program, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(set(LEAVES) - _UNSAFE)))
    command = LEAVES[path]
    words: list[str] = []
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            words += data.draw(st.lists(st.sampled_from(ODD), min_size=int(parameter.required), max_size=2))
        elif isinstance(parameter, click.Option) and data.draw(st.booleans()):
            words.append(parameter.opts[0])
            if not parameter.is_flag:
                choices = list(parameter.type.choices) if isinstance(parameter.type, click.Choice) else []
                choices += list(parameter.type.words) if isinstance(parameter.type, OneOf) else []
                words.append(data.draw(st.sampled_from(ODD + choices)))
    by = data.draw(st.sampled_from(["张敏", *ODD]))
    if path == ("init",):
        words += ["--store", "初/甲", "--store", "初/乙"]
    done = ready("--vault", "库", "--by", by, *path, *words, expect=None)
    assert done.code in (0, 1, 2, 3, 4, 5), (path, words, done)
    assert "Traceback" not in done.err, (path, words, done.err)
    assert "fault of the program" not in done.err, (path, words, done.err)
    if done.code > 1:
        assert done.err.strip(), (path, words)
    ready("--vault", "库", "show", "2031-0000001")  # and the vault still works


# Stores that are really full, read-only, unmounted


@pytest.fixture
def mounted(run: Program) -> Iterator[Path]:
    """A disk of 24 MiB for the second store, in the vault `库`."""
    image, mount = run.cwd / "盘.img", run.cwd / "盘"
    mount.mkdir()
    with open(image, "wb") as stream:
        stream.truncate(24 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=False)


@pytest.mark.root
def test_a_store_that_is_full_read_only_and_gone(run: Program, mounted: Path) -> None:
    run("--vault", "库", "init", "--store", "甲", "--store", mounted / "乙")
    small = make(run.cwd / "小", 3)
    large = run.cwd / "大.mp4"
    large.write_bytes(os.urandom(1 << 20) * 30)
    words = ["--vault", "库", "ingest", "--section", "会计科", "--json"]

    run(*words, small)
    full = run(*words, large, expect=5)
    assert full.out == ""
    assert "Store b is full" in full.err
    assert "Make room" in full.err
    assert not [f for f in (mounted / "乙/tmp").rglob("*") if f.is_file()], "what was begun is given back"
    assert run(*words, make(run.cwd / "再", 3)).lines[0]["result"] == "stored"  # smaller ones still fit

    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    read_only = run(*words, make(run.cwd / "三", 1), expect=5, language="zh")
    assert read_only.out == ""
    assert "只读" in read_only.err
    assert run("--vault", "库", "find", "会计科").out.count("\n") == 6
    subprocess.run(["mount", "-o", "remount,rw", str(mounted)], check=True)

    subprocess.run(["umount", str(mounted)], check=True)
    gone = run(*words, run.cwd / "三", expect=5)
    assert "not mounted" in gone.err
    assert "Mount the store" in gone.err
    assert list(mounted.iterdir()) == [], "nothing is written beneath the empty mount point"
    assert run("--vault", "库", "store", "status", expect=5).out.startswith("a: up")
    subprocess.run(["mount", "-o", "loop", str(run.cwd / "盘.img"), str(mounted)], check=True)

    assert [row["result"] for row in run(*words, run.cwd / "三").lines] == ["stored"]
    text = (run.cwd / "库/strongroom.toml").read_text(encoding="utf-8")
    (run.cwd / "库/strongroom.toml").write_text(text.replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    one = run(*words, large)
    assert [row["result"] for row in one.lines] == ["stored"]
    assert "left out" in one.err
    assert "owed 1" in run("--vault", "库", "store", "status").out


def test_other_rules_under_the_adopted_version_are_told_beforehand(run: Program) -> None:
    """`preview` said nothing, and `adopt` refused."""
    run("--vault", "库", "init")
    source = (files("vault") / "profiles" / "dengzhou.toml").read_text(encoding="utf-8")
    changed = run.cwd / "改过.toml"
    changed.write_text(source.replace('class = "1-year"', 'class = "6-months"', 1), encoding="utf-8")
    told = run("--vault", "库", "profile", "preview", changed)
    assert "The rules are others than those adopted as dengzhou, version 1." in told.err
    assert "count its version up" in told.err
    (warning, *_) = run("--vault", "库", "profile", "preview", changed, "--json").lines
    assert warning["type"] == "warning"
    assert (
        run("--vault", "库", "profile", "adopt", changed, "--why", "会议", expect=2, language="zh").err.count("不同")
        == 1
    )
    assert run("--vault", "库", "profile", "preview", "dengzhou").err == ""
