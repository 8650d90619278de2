"""`strongroom doctor`: each condition is brought about for real, and told with what to do; nothing unchecked is ok."""

import os
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ops.cli.doctor import doctor as command
from ops.doctor import CHECKS
from ops.doctor.machine import synchronised
from ops.doctor.model import Outcome
from ops.doctor.software import TOOLS, within
from tests.faults.fuse_memory import mounted
from tests.faults.loop import ext4
from tests.ops.conftest import Done, Program
from tests.program import PROGRAM
from tests.servers import S3Server
from vault.catalogue.attached import quick_check

ROOT = Path(__file__).parents[2]
Lines = dict[str, list[dict[str, Any]]]


@pytest.fixture
def home(run: Program) -> Path:
    run("--vault", "库", "init", "--profile", "dengzhou")
    return run.cwd / "库"


def examined(run: Program, *names: str, expect: int = 0, **more: Any) -> Lines:
    """What each of these checks said, or all, by its name."""
    *rows, counted = run("--vault", "库", "doctor", *names, "--json", expect=expect, **more).lines
    told: Lines = {}
    for row in rows:
        told.setdefault(row["check"], []).append(row)
        assert (row["remedy"] is not None) >= (row["outcome"] == "wrong"), row
    assert counted == {"type": "sum"} | {one.value: sum(row["outcome"] == one.value for row in rows) for one in Outcome}
    return told


def outcomes(told: Lines, check: str) -> list[str]:
    return [row["outcome"] for row in told[check]]


def append(home: Path, *lines: str) -> None:
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write("\n".join(["", *lines, ""]))


def test_an_installation_in_order(run: Program, home: Path) -> None:
    told = examined(run)
    assert set(told) == set(CHECKS)
    good = (
        "program",
        "packages",
        "libraries",
        "fonts",
        "locale",
        "config",
        "opening",
        "secrets",
        "catalogue",
        "profile",
        "stores",
    )
    assert {name: set(outcomes(told, name)) for name in (*good, "clock", "umask")} == {
        name: {"ok"} for name in (*good, "clock", "umask")
    }
    assert outcomes(told, "apart") == ["warning"]  # both stores of a first try lie in one folder
    beside = ("drop", "drives", "robots", "workers", "printer")
    assert [outcomes(told, name) for name in beside] == [["not-checked"]] * len(beside)
    said = run("--vault", "库", "doctor", language="zh")
    assert len(said.out.splitlines()) == sum(map(len, told.values()))
    assert "未检查" in said.err
    assert len(run("--vault", "库", "doctor", "program", "umask").out.splitlines()) == 2
    run("--vault", "库", "doctor", "磁盘", expect=2)


def test_without_a_vault_the_machine_is_looked_at_and_nothing_else_is_ok(run: Program) -> None:
    told = examined(run, expect=2)
    assert outcomes(told, "config") == ["wrong"]
    assert outcomes(told, "tools")
    for name in (
        "opening",
        "secrets",
        "folder",
        "room",
        "flush",
        "catalogue",
        "profile",
        "stores",
        "apart",
        "clock",
        "drives",
        "zone",
    ):
        assert outcomes(told, name) == ["not-checked"], name


def test_tools_that_are_missing_are_wrong_where_the_configuration_needs_them(run: Program, home: Path) -> None:
    assert outcomes(examined(run, "tools", env={"PATH": "/没有"}), "tools") == ["warning"] * len(TOOLS)
    append(home, "[discs]", 'drives = ["/dev/sr0"]', "[labels]", 'queue = "labels"')
    told = examined(run, "tools", "printer", env={"PATH": "/没有"}, expect=1)
    assert outcomes(told, "tools") == ["wrong"] * len(TOOLS)
    assert "apt-get install xorriso" in [row["remedy"]["en"] for row in told["tools"]]
    assert outcomes(told, "printer") == ["not-checked"]


def test_a_tool_that_is_too_old_or_says_no_version(run: Program, home: Path) -> None:
    (run.cwd / "bin").mkdir()
    for name, said in (("dvdisaster", "echo dvdisaster 0.72"), ("xorriso", "exit 1")):
        (run.cwd / "bin" / name).write_text(f"#!/bin/sh\n{said}\n")
        (run.cwd / "bin" / name).chmod(0o755)
    told = examined(run, "tools", env={"PATH": f"{run.cwd}/bin:/usr/bin:/bin"})
    said = {row["what"]["en"]: row["outcome"] for row in told["tools"]}
    assert said["dvdisaster is 0.72; 0.79 is needed"] == "warning"
    assert said["xorriso is ?; 1.5 is needed"] == "warning"


@pytest.mark.parametrize(
    ("there", "bounds", "fits"),
    [
        ("1.16", ">=1.16,<2", True),
        ("1.16.4", "<2,>=1.16", True),
        ("1.9.4", ">=1.16,<2", False),
        ("2.0.0", ">=1.16,<2", False),
        ("2026.1", ">=2026.1", True),
        ("", ">=0.79", False),
    ],
)
def test_bounds_of_versions(there: str, bounds: str, fits: bool) -> None:
    assert within(there, bounds) == fits


def environment_of_its_own(folder: Path, names: Sequence[str], shell: str, **env: str) -> Lines:
    """The program as a process of its own, which a shell has set up."""
    command = f"{shell}; exec {shlex.join(PROGRAM)} --vault {folder} doctor {' '.join(names)} --json"
    done = subprocess.run(
        ["sh", "-c", command], env=os.environ | {"PYTHONPATH": str(ROOT)} | env, capture_output=True, check=False
    )
    told: Lines = {}
    for row in Done(done.returncode, done.stdout.decode(), "").lines[:-1]:
        told.setdefault(row["check"], []).append(row)
    return told


def test_a_machine_that_is_set_up_otherwise(run: Program, home: Path, tmp_path: Path) -> None:
    """A mask that lets others write, a clock on American time, names of files in ASCII, a package of the future."""
    (tmp_path / "segno-99.0.dist-info").mkdir()
    (tmp_path / "segno-99.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: segno\nVersion: 99.0\n")
    plain = shutil.copytree(home, tmp_path / "vault")
    told = environment_of_its_own(
        plain,
        ("umask", "zone", "locale", "packages"),
        "umask 002",
        TZ="America/New_York",
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        PYTHONPATH=f"{tmp_path}:{ROOT}",
    )
    assert outcomes(told, "umask") == ["warning"]
    assert outcomes(told, "zone") == ["warning"]
    assert told["zone"][0]["remedy"]["en"] == "timedatectl set-timezone Asia/Shanghai"
    assert outcomes(told, "locale") == ["wrong"]
    assert [row["what"]["en"] for row in told["packages"]] == ["segno is 99.0, not <2,>=1.6"]


def test_the_office_and_the_machine_in_one_zone(run: Program, home: Path, tmp_path: Path) -> None:
    told = environment_of_its_own(home, ("zone", "umask"), "umask 022", TZ="Asia/Chongqing")
    assert outcomes(told, "zone") == outcomes(told, "umask") == ["ok"]


@pytest.mark.parametrize(
    ("state", "outcome"), [(0, Outcome.OK), (3, Outcome.OK), (5, Outcome.WARNING), (None, Outcome.NOT_CHECKED)]
)
def test_what_the_kernel_says_of_its_clock(state: int | None, outcome: Outcome) -> None:
    assert synchronised(state).outcome is outcome


# permissions


def test_keys_and_folders_that_others_can_use(run: Program, home: Path) -> None:
    home.chmod(0o750)
    assert [outcomes(examined(run, "secrets", "folder"), name) for name in ("secrets", "folder")] == [["ok"], ["ok"]]
    home.chmod(0o755)
    (home / "journal.key").chmod(0o640)
    (home / "strongroom.toml").chmod(0o664)
    told = examined(run, "secrets", "folder", expect=1)
    assert told["secrets"][0]["remedy"]["en"] == f"chmod 600 {home / 'journal.key'}"
    assert [(row["outcome"], row["remedy"]["en"]) for row in told["folder"]] == [
        ("wrong", f"chmod go-w {home / 'strongroom.toml'}"),
        ("warning", f"chmod o-rx {home}"),
    ]
    (home / "journal.key").rename(home / "别处")
    told = examined(run, "secrets", "opening", "config", expect=2)
    assert [outcomes(told, name) for name in ("secrets", "opening", "config")] == [["wrong"], ["wrong"], ["ok"]]


# the vault


def test_stores_that_are_gone_new_or_stopped(run: Program, home: Path) -> None:
    append(home, "[[store]]", 'name = "c"', 'kind = "disk"', 'location = "c"')
    assert outcomes(examined(run, "stores"), "stores") == ["ok", "ok", "warning"]
    (home / "store-b").rename(run.cwd / "别处")
    told = examined(run, "stores", expect=5)
    assert outcomes(told, "stores") == ["ok", "wrong", "warning"]
    assert "Mount the store" in told["stores"][1]["remedy"]["en"]


def test_a_server_that_was_stopped_and_the_environment_that_says_where_it_is(
    run: Program, home: Path, s3_server: S3Server, own_name: str
) -> None:
    secret = home / "nas.secret"
    secret.write_text(f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\n')
    secret.chmod(0o600)
    there = f"{s3_server.url}/{s3_server.bucket}/{own_name}"
    append(home, "[[store]]", 'name = "nas"', 'kind = "s3"', f'location = "{there}"', 'secret = "nas.secret"')
    append(home, "retries = 0")
    run("--vault", "库", "store", "attach", "nas")
    told = examined(run, "stores", "secrets", "flush", "clock", expect=1)
    assert outcomes(told, "stores") == ["ok"] * 3
    assert "store nas" in told["clock"][0]["what"]["en"]  # whose clock is the real one, and the program's shows 2031
    assert told["secrets"][0]["what"]["en"].startswith("2, ")
    assert told["flush"][-1]["what"]["en"].endswith("strongroom store probe nas")
    nobody = {"STRONGROOM__STORE__NAS__LOCATION": there.replace(s3_server.url, "http://127.0.0.1:9")}
    assert outcomes(examined(run, "stores", env=nobody, expect=5), "stores") == ["ok", "ok", "wrong"]
    secret.chmod(0o644)
    told = examined(run, "secrets", "stores", expect=5)
    assert [outcomes(told, name) for name in ("secrets", "stores")] == [["wrong"], ["ok", "ok", "wrong"]]


@pytest.mark.sqlite("rot in its file")
def test_a_catalogue_that_is_rotten_missing_or_looked_at_too_briefly(run: Program, home: Path) -> None:
    path = home / "catalogue.db"
    assert quick_check(path, 60) == ""
    whole = path.read_bytes()
    size = len(whole)
    path.write_bytes(whole[: size // 2] + bytes(8192) + whole[size // 2 + 8192 :])
    assert quick_check(path, 60)
    told = examined(run, "catalogue", "opening", expect=3)
    assert "wrong" in (*outcomes(told, "catalogue"), *outcomes(told, "opening"))
    path.write_bytes(bytes(size))
    told = examined(run, "catalogue", "opening", expect=3)
    assert [outcomes(told, name) for name in ("opening", "catalogue")] == [["wrong"], ["not-checked"]]
    path.unlink()
    assert outcomes(examined(run, "opening", expect=3), "opening") == ["wrong"]


@pytest.mark.sqlite("its quick check of a file")
def test_a_large_catalogue_is_looked_at_for_so_long(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "large.db") as connection:
        connection.execute("CREATE TABLE t (a TEXT UNIQUE)")
        rows = ((f"{n:020d}",) for n in range(60_000))
        connection.executemany("INSERT INTO t VALUES (?)", rows)
    connection.close()
    assert quick_check(tmp_path / "large.db", 0) is None


def test_a_clock_in_doubt_and_a_profile_that_was_not_adopted(run: Program, home: Path) -> None:
    text = (home / "strongroom.toml").read_text(encoding="utf-8")
    (home / "strongroom.toml").write_text(text.replace('"dengzhou"', '"chanhe"'), encoding="utf-8")
    told = examined(run, "profile", expect=4)
    assert outcomes(told, "profile") == ["wrong"]
    (home / "strongroom.toml").write_text(text, encoding="utf-8")
    told = examined(run, "clock", expect=1, clock="2031-06-03T02:00:00+00:00", up="2031-03-03T02:00:00+00:00")
    assert outcomes(told, "clock") == ["wrong"]
    assert "strongroom clock" in told["clock"][0]["remedy"]["en"]


@pytest.fixture
def disk(home: Path) -> Iterator[Path]:
    """A disk of 256 MB of its own."""
    with ext4(home.with_name("小盘"), 256) as made:
        yield made.root


def move_onto(disk: Path, folder: Path) -> None:
    shutil.copytree(folder, disk / "此处")
    shutil.rmtree(folder)
    folder.symlink_to(disk / "此处")


@pytest.mark.sqlite("no room for its file")
@pytest.mark.root
def test_a_vault_on_a_disk_that_is_full(run: Program, home: Path, disk: Path) -> None:
    move_onto(disk, home)
    assert outcomes(examined(run, "room"), "room") == ["warning"]
    with filled(disk / "填满"):
        told = examined(run, "room", "opening", "stores", "flush", expect=5)
    assert [outcomes(told, name) for name in ("room", "opening")] == [["wrong"], ["wrong"]]
    assert [outcomes(told, name) for name in ("stores", "flush")] == [["not-checked"], ["not-checked"]]


@pytest.mark.root
def test_a_store_on_a_disk_that_is_full(run: Program, home: Path, disk: Path) -> None:
    move_onto(disk, home / "store-b")
    assert [outcomes(examined(run, "stores", "apart"), name) for name in ("stores", "apart")] == [
        ["ok", "ok"],
        ["ok", "ok"],
    ]
    with filled(disk / "填满"):
        told = examined(run, "stores", expect=5)
    assert outcomes(told, "stores") == ["ok", "wrong"]


@contextmanager
def filled(path: Path) -> Iterator[None]:
    """Not a byte is left on the disk, until the end."""
    with path.open("wb", buffering=0) as stream:
        for block in (1 << 20, 512):
            with suppress(OSError):
                while stream.write(bytes(block)):
                    pass
    yield
    path.unlink()


# drop folders


def told_of(told: Lines, place: Path) -> list[tuple[str, str]]:
    """What is said of one, and what to do about it."""
    rows = [row for row in told["drop"] if str(place) in row["what"]["en"]]
    return [(row["outcome"], row["remedy"]["en"] if row["remedy"] else "") for row in rows]


def test_drop_folders_that_are_right_gone_mistaken_or_the_vaults_own(run: Program, home: Path) -> None:
    assert outcomes(examined(run, "drop"), "drop") == ["not-checked"]
    (home / "投放").mkdir()
    append(home, "[[watch]]", 'folder = "投放"', 'facts = { section = "监督检查科" }')
    told = examined(run, "drop")
    assert told_of(told, home / "投放") == [("ok", ""), ("ok", "")]
    assert "files of this login's that are still written are seen" in told["drop"][0]["what"]["en"]
    assert list((home / "投放").iterdir()) == [], "what was tried is gone again"
    append(home, "[[watch]]", 'folder = "没有"', 'facts = { circumstances = "beauty" }')
    append(home, "[[watch]]", 'folder = "store-a"')
    told = examined(run, "drop", expect=1)
    ((outcome, remedy),) = told_of(told, home / "没有")
    assert (outcome, remedy.startswith("install -d -o ")) == ("wrong", True)
    assert "beauty" in next(row["what"]["en"] for row in told["drop"] if "[[watch]]" in str(row["remedy"]))
    assert [row["what"]["en"] for row in told["drop"] if "cannot be a drop folder" in row["what"]["en"]]


def test_a_drop_folder_on_what_tells_no_writers(run: Program, home: Path, tmp_path: Path) -> None:
    """Another machine may be at it."""
    with mounted(tmp_path / "共享") as there:
        append(home, "[[watch]]", f'folder = "{there.root}"')
        told = examined(run, "drop")
        assert "nobody can tell what is still written" in told["drop"][0]["what"]["en"]
        assert told_of(told, there.root)[0] == ("ok", "")
        append(home, 'settled = "5 seconds"')
        assert told_of(examined(run, "drop"), there.root)[0] == ("warning", 'settled = "1 minute", or longer')


@pytest.mark.root
def test_a_drop_folder_that_cannot_be_written_or_is_full(run: Program, home: Path, disk: Path) -> None:
    append(home, "[[watch]]", f'folder = "{disk}"')
    assert told_of(examined(run, "drop"), disk) == [("ok", ""), ("warning", "clear 已入库 there out")]
    with filled(disk / "填满"):
        assert [outcome for outcome, _ in told_of(examined(run, "drop"), disk)] == ["ok", "warning"]
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ((outcome, remedy),) = told_of(examined(run, "drop", expect=1), disk)
    assert (outcome, "leave = true" in remedy) == ("wrong", True)
    append(home, "leave = true")
    assert told_of(examined(run, "drop"), disk)[0][0] == "ok"


def test_who_takes_in_has_to_be_an_officer(run: Program, home: Path) -> None:
    (home / "投放").mkdir()
    append(home, "[[watch]]", 'folder = "投放"')
    keeper = (home / "journal.key").owner()
    run("--vault", "库", "person", "add", "liuju", "--name", "刘建军", "--role", "principal-leader")
    told = examined(run, "drop", expect=4)
    assert told["drop"][-1]["what"]["en"] == f"{keeper} may not take recordings in"
    service = ("--name", "档案库服务", "--role", "operator", "--role", "officer")
    run("--vault", "库", "--by", "liuju", "person", "add", keeper, *service)
    assert set(outcomes(examined(run, "drop"), "drop")) == {"ok"}


# what stands beside the machine


def test_drives_robots_and_the_printer(run: Program, home: Path) -> None:
    (run.cwd / "机器人").mkdir()
    (home / "盘").touch()
    append(
        home,
        "[discs]",
        f'drives = ["/dev/没有", "/etc/hostname", "stdio:{home}/盘"]',
        "[[discs.robot]]",
        'name = "一号"',
        'kind = "ptburn"',
        'folder = "../机器人"',
        "[[discs.robot]]",
        'name = "二号"',
        'kind = "ptburn"',
        'folder = "没有"',
        "[labels]",
        'queue = "没有"',
    )
    told = examined(run, "drives", "robots", "printer", expect=1)
    assert outcomes(told, "drives") == ["wrong", "wrong", "ok"]
    assert outcomes(told, "robots") == ["ok", "wrong"]
    assert outcomes(told, "printer") == ["wrong"]


def test_every_check_has_a_name_in_both_languages_and_the_command_says_its_exit_codes() -> None:
    labels = [label for label, _ in CHECKS.values()]
    assert len({label.en for label in labels}) == len({label.zh for label in labels}) == len(CHECKS)
    assert command.callback.__doc__
