"""Stores in trouble, as an office meets it: lost or only unmounted, shut out by a file, too few, too full."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import servers
from tests.ops.conftest import Done, Program

GET = ("--approved-by", "王局长", "--why", "核对")


@pytest.fixture
def home(run: Program) -> Path:
    """A vault with three stores that each have a copy of three recordings."""
    run("--vault", "库", "init", "--store", "甲", "--store", "乙", "--store", "丙")
    (run.cwd / "录像").mkdir()
    for name in ("一.mp4", "二.mp4", "三.mp4"):
        (run.cwd / "录像" / name).write_text(name * 1000, encoding="utf-8")
    run("--vault", "库", "ingest", "录像", "--section", "监督检查科")
    return run.cwd / "库"


def call(run: Program, *words: str, language: str = "en") -> Done:
    """The program on the vault; the exit code is the test's to look at."""
    return run("--vault", "库", *words, expect=None, language=language)


def say_more(home: Path, store: str, *lines: str) -> None:
    """Write further lines below a store."""
    path = home / "strongroom.toml"
    head, name, rest = path.read_text(encoding="utf-8").partition(f'name = "{store}"\n')
    path.write_text(head + name + "".join(f"{line}\n" for line in lines) + rest, encoding="utf-8")


# A place that is empty


def test_an_empty_folder_is_no_loss_until_somebody_says_so(run: Program, home: Path) -> None:
    """It renewed a store whose disk was not mounted, and wrote beneath the mount point."""
    shutil.move(run.cwd / "乙", run.cwd / "拔出")
    (run.cwd / "乙").mkdir()
    refused = call(run, "store", "renew", "b")
    assert (refused.code, "findmnt" in refused.err, "store renew b --lost" in refused.err) == (4, True, True)
    assert "可能只是没有挂载" in call(run, "store", "renew", "b", language="zh").err
    assert list((run.cwd / "乙").iterdir()) == []
    (run.cwd / "乙").rmdir()
    assert call(run, "store", "renew", "b").code == 4
    assert call(run, "store", "renew", "b", "--lost").code == 0
    assert call(run, "repair").code == 0
    assert call(run, "fsck").code == 0


def test_what_is_there_is_not_lost_whatever_is_said(run: Program, home: Path) -> None:
    refused = call(run, "store", "renew", "b", "--lost")
    assert (refused.code, "in its place" in refused.err) == (4, True)


@pytest.mark.root
def test_a_new_disk_that_is_mounted_in_its_place_needs_no_further_word(run: Program, home: Path) -> None:
    shutil.rmtree(run.cwd / "乙")
    (run.cwd / "乙").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "strongroom", str(run.cwd / "乙")], check=True)
    try:
        assert call(run, "store", "renew", "b").code == 0
        assert call(run, "repair").code == 0
    finally:
        subprocess.run(["umount", "-l", str(run.cwd / "乙")], check=True)


def add_bucket(home: Path, server: servers.S3Server, folder: str) -> None:
    """A fourth store, behind a line that is not asked again."""
    secret = home / "桶.secret"
    secret.write_text(f'access_key = "{server.access_key}"\nsecret_key = "{server.secret_key}"\n', encoding="utf-8")
    secret.chmod(0o600)
    lines = ["", "[[store]]", 'name = "桶"', 'kind = "s3"', f'location = "{server.url}/{server.bucket}/{folder}"']
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write("\n".join([*lines, 'secret = "桶.secret"', "retries = 0", ""]))


def test_a_server_that_is_silent_is_not_renewed(
    run: Program, home: Path, s3_server: servers.S3Server, own_name: str
) -> None:
    add_bucket(home, s3_server, own_name)
    assert call(run, "store", "attach", "桶").code == 0
    path = home / "strongroom.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(s3_server.url, "http://127.0.0.1:9"), encoding="utf-8")
    for words in ((), ("--lost",)):
        silent = call(run, "store", "renew", "桶", *words)
        assert (silent.code, "may be whole" in silent.err, "store detach 桶 --lost" in silent.err) == (5, True, True)


# A secret that is no good


def test_a_secret_that_is_lost_shuts_one_store_and_no_other(
    run: Program, home: Path, s3_server: servers.S3Server, own_name: str
) -> None:
    """Every command failed because of it, those that did not need that store too."""
    add_bucket(home, s3_server, own_name)
    assert call(run, "store", "attach", "桶").code == 0
    (home / "桶.secret").rename(home / "别处")
    status = call(run, "store", "status")
    assert (status.code, "桶: Store 桶: The secret" in status.out, "secret file" in status.err) == (5, True, True)
    (row,) = [row for row in call(run, "store", "status", "--json").lines if row["store"] == "桶"]
    assert (row["up"], "桶.secret" in row["trouble"]["zh"]) == (False, True)
    assert len(call(run, "find", "--all", "--json").lines) == 3
    assert call(run, "get", "2031-0000001", "一.mp4", *GET).code == 0
    (run.cwd / "四.mp4").write_text("四", encoding="utf-8")
    taken = call(run, "ingest", "四.mp4", "--section", "监督检查科")
    assert (taken.code, "Store 桶 was left out" in taken.err) == (0, True)
    needed = call(run, "repair", "--store", "桶")
    assert (needed.code, "桶.secret" in needed.err) == (5, True)
    (home / "别处").rename(home / "桶.secret")
    assert call(run, "repair").code == 0
    assert call(run, "fsck").code == 0
