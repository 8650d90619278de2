"""Stores that join a vault in use: on disks, and on real servers, as a person adds them; and those that are lost."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from minio import Minio

from tests import servers
from tests.ops.conftest import Done, Program

Adds = Callable[[str, str, str, str], None]


@pytest.fixture
def home(run: Program) -> Path:
    """A vault with one store and three recordings."""
    assert call(run, "init", "--store", "甲").code == 0
    (run.cwd / "录像").mkdir()
    for name in ("一.mp4", "二.mp4", "三.mp4"):
        (run.cwd / "录像" / name).write_text(name * 1000, encoding="utf-8")
    assert call(run, "ingest", "录像", "--section", "监督检查科").code == 0
    return run.cwd / "库"


@pytest.fixture
def add(home: Path) -> Adds:
    """Step two and three of the README: the secret, and the lines in strongroom.toml."""

    def write(name: str, kind: str, location: str, secret: str) -> None:
        lines = f'\n[[store]]\nname = "{name}"\nkind = "{kind}"\nlocation = "{location}"\n'
        if secret:
            path = home / f"{name}.secret"
            path.write_text(secret, encoding="utf-8")
            path.chmod(0o600)
            lines += f'secret = "{name}.secret"\n'
        with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
            config.write(lines)

    return write


def call(run: Program, *words: str) -> Done:
    """The program on the vault; the exit code is the test's to look at."""
    return run("--vault", "库", *words, expect=None)


def sums(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "objects").rglob("*") if path.is_file())


def test_a_disk_joins_and_gets_a_copy_of_everything(run: Program, home: Path, add: Adds) -> None:
    add("b", "disk", "../乙", "")
    new = call(run, "store", "status", "--json").lines
    assert {"store": "b", "attached": False} in new
    assert call(run, "store", "attach", "b").code == 0
    assert call(run, "fsck").code == 0  # what is owed is no fault
    done = call(run, "scrub", "--store", "b")
    assert done.code == 0, done.err
    assert sums(run.cwd / "乙") == sums(run.cwd / "甲")
    (row,) = [row for row in call(run, "store", "status", "--json").lines if row["store"] == "b"]
    assert row["copies"] == {"good": 3}
    shutil.rmtree(run.cwd / "甲")
    assert call(run, "rebuild", "--from", "b").code == 0
    assert len(call(run, "find", "--all", "--json").lines) == 3


def test_attaching_twice_or_without_a_word_in_the_configuration(run: Program, home: Path, add: Adds) -> None:
    unknown = call(run, "store", "attach", "b")
    assert (unknown.code, "[[store]]" in unknown.err) == (2, True)
    add("b", "disk", "../乙", "")
    assert call(run, "store", "renew", "b").code == 4
    assert call(run, "store", "attach", "b").code == 0
    again = call(run, "store", "attach", "b")
    assert again.code == 4


def test_a_place_that_holds_something_is_refused_and_left_as_it_is(run: Program, home: Path, add: Adds) -> None:
    (run.cwd / "乙").mkdir()
    (run.cwd / "乙" / "家庭照片.jpg").write_text("照片", encoding="utf-8")
    add("b", "disk", "../乙", "")
    refused = call(run, "store", "attach", "b")
    assert refused.code == 4
    assert os.listdir(run.cwd / "乙") == ["家庭照片.jpg"]


def test_another_vaults_store_is_not_taken(run: Program, home: Path, add: Adds) -> None:
    assert run("--vault", "别库", "init", "--store", "乙").code == 0
    add("b", "disk", "../乙", "")
    refused = call(run, "store", "attach", "b")
    assert refused.code == 5
    assert "another vault" in refused.err or "另一个档案库" in refused.err


def test_another_vaults_disk_in_a_stores_place_is_told_as_that(run: Program, home: Path, add: Adds) -> None:
    """Its copies counted as good ones, and fsck advised to heal it."""
    add("b", "disk", "../乙", "")
    assert call(run, "store", "attach", "b").code == 0
    assert run("--vault", "别库", "init", "--store", "丁").code == 0
    assert run("--vault", "别库", "ingest", "录像", "--section", "监督检查科").code == 0
    shutil.move(run.cwd / "乙", run.cwd / "拔出")
    shutil.move(run.cwd / "丁", run.cwd / "乙")
    (report,) = call(run, "scrub", "--store", "b", "--json").lines
    assert (report["checked"], report["failed"], report["healed"]) == (0, 0, 0)
    told = call(run, "fsck")
    assert (told.code, "the wrong disk is there" in told.err, "strongroom scrub" in told.err) == (5, True, False)
    shutil.rmtree(run.cwd / "乙")
    shutil.move(run.cwd / "拔出", run.cwd / "乙")
    (row,) = [row for row in call(run, "store", "status", "--json").lines if row["store"] == "b"]
    assert row["copies"] == {"owed": 3}
    assert call(run, "scrub", "--store", "b").code == 0
    assert call(run, "fsck").code == 0


def test_a_lost_disk_is_renewed_and_only_by_that_word(run: Program, home: Path, add: Adds) -> None:
    add("b", "disk", "../乙", "")
    assert call(run, "store", "attach", "b").code == 0
    assert call(run, "scrub").code == 0
    there = call(run, "store", "renew", "b")
    assert there.code == 4, "it is in its place"
    shutil.rmtree(run.cwd / "乙")
    (run.cwd / "乙").mkdir()  # a mount point, perhaps
    hinted = call(run, "store", "attach", "b")
    assert (hinted.code, "store renew b" in hinted.err) == (4, True)
    assert os.listdir(run.cwd / "乙") == []
    assert call(run, "store", "renew", "b", "--lost").code == 0
    (row,) = [row for row in call(run, "store", "status", "--json").lines if row["store"] == "b"]
    assert row["copies"] == {"owed": 3}
    assert call(run, "scrub").code == 0
    assert sums(run.cwd / "乙") == sums(run.cwd / "甲")
    assert call(run, "fsck").code == 0


# Secrets


def test_a_secret_is_named_and_never_shown(run: Program, home: Path, add: Adds) -> None:
    add("b", "s3", "http://127.0.0.1:9/bucket", 'access_key = "AK"\nsecret_key = "streng-geheim"\n')
    (home / "b.secret").chmod(0o644)
    open_to_others = call(run, "store", "attach", "b")
    assert (open_to_others.code, "chmod 600" in open_to_others.err) == (2, True)
    (status,) = [row for row in call(run, "store", "status", "--json").lines if row["store"] == "b"]
    assert status == {"store": "b", "attached": False}, "whoever does not ask for it is not stopped by it"
    (home / "b.secret").chmod(0o600)
    down = call(run, "store", "attach", "b")
    assert down.code == 5
    (home / "b.secret").write_text('access_key = "AK"\nsecret_key = streng-geheim\n', encoding="utf-8")
    broken = call(run, "store", "attach", "b")
    assert (broken.code, "b.secret" in broken.err) == (2, True)
    (home / "b.secret").write_text('access_key = "AK"\n', encoding="utf-8")
    lacking = call(run, "store", "attach", "b")
    assert (lacking.code, "secret_key" in lacking.err) == (2, True)
    for done in (open_to_others, down, broken, lacking):
        assert "geheim" not in done.out + done.err
        assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "location", ["s3.example.org/b", "http://", "https://host", "ftp://host/b", "http://127.0.0.1:9/v4"]
)
def test_a_location_that_is_none(run: Program, home: Path, add: Adds, location: str) -> None:
    add("b", "s3", location, 'access_key = "AK"\nsecret_key = "SK"\n')
    done = call(run, "store", "attach", "b")
    assert (done.code, location in done.err) == (2, True)


def test_a_mistyped_bucket_stops_nobody_before_its_store_has_joined(run: Program, home: Path, add: Adds) -> None:
    """Every command ended as a fault of the program."""
    add("b", "s3", "http://127.0.0.1:9/v4", 'access_key = "AK"\nsecret_key = "SK"\n')
    (run.cwd / "四.mp4").write_bytes(b"4")
    taken = call(run, "ingest", "四.mp4", "--section", "监督检查科")
    assert taken.code == 0, taken.err
    attached = call(run, "store", "attach", "b")
    assert (attached.code, "strongroom.toml: store b: location" in attached.err) == (2, True)
    assert "'v4' is no bucket's name" in attached.err
    assert "不能作存储桶名" in run("--vault", "库", "store", "attach", "b", expect=2, language="zh").err


def test_a_mistyped_bucket_of_a_store_that_has_joined_is_told_at_once(run: Program, home: Path, add: Adds) -> None:
    add("b", "disk", "../乙", "")
    assert call(run, "store", "attach", "b").code == 0
    config = (home / "strongroom.toml").read_text(encoding="utf-8")
    head, _, _ = config.rpartition("\n[[store]]")
    (home / "strongroom.toml").write_text(head, encoding="utf-8")
    add("b", "s3", "http://127.0.0.1:9/v4", 'access_key = "AK"\nsecret_key = "SK"\n')
    for words in (("find", "--all"), ("scrub",)):
        told = call(run, *words)
        assert (told.code, "strongroom.toml: store b: location" in told.err) == (2, True)


# On servers


def joined(run: Program, name: str) -> None:
    """Step four, an intake, a loss of the first store, and back from the new one alone."""
    assert call(run, "store", "attach", name).code == 0
    done = call(run, "scrub")
    assert done.code == 0, done.err
    (run.cwd / "四.mp4").write_bytes(b"4" * 20_000_000)  # more than goes in one piece
    assert call(run, "ingest", "四.mp4", "--section", "监督检查科").code == 0
    assert call(run, "fsck").code == 0
    before = call(run, "find", "--all", "--json").out
    shutil.rmtree(run.cwd / "甲")
    got = call(run, "get", "2031-0000004", "回.mp4", "--approved-by", "王局长", "--why", "核对")
    assert got.code == 0, got.err
    assert (run.cwd / "回.mp4").read_bytes() == b"4" * 20_000_000
    assert call(run, "rebuild", "--from", name).code == 0
    assert call(run, "find", "--all", "--json").out == before


def test_a_bucket_joins(run: Program, home: Path, add: Adds, s3_server: servers.S3Server, own_name: str) -> None:
    secret = f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\n'
    add("桶", "s3", f"{s3_server.url}/{s3_server.bucket}/{own_name}", secret)
    joined(run, "桶")


def test_a_sealed_bucket_joins_and_shows_nothing(
    run: Program, home: Path, add: Adds, s3_server: servers.S3Server, own_name: str
) -> None:
    key = pyrage.x25519.Identity.generate()
    secret = f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\nage_identity = "{key}"\n'
    add("云", "s3", f"{s3_server.url}/{s3_server.bucket}/{own_name}", secret)
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(f'recipients = ["{key.to_public()}"]\n')
    joined(run, "云")
    client = Minio(s3_server.url.removeprefix("http://"), s3_server.access_key, s3_server.secret_key, secure=False)
    for found in client.list_objects(s3_server.bucket, f"{own_name}/journal/", recursive=True):
        data = client.get_object(s3_server.bucket, str(found.object_name)).data
        assert data.startswith(b"age-encryption.org/v1\n")


def test_a_disk_that_leaves_the_house_is_sealed_through_fsspec(run: Program, home: Path, add: Adds) -> None:
    key = pyrage.x25519.Identity.generate()
    add("外盘", "disk", str(run.cwd / "外盘"), f'age_identity = "{key}"\n')
    config = home / "strongroom.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write(f'recipients = ["{key.to_public()}"]\n')
    refused = call(run, "store", "attach", "外盘")
    assert refused.code == 2
    location = f"file://{run.cwd / '外盘'}"
    assert f'kind = "fsspec", location = "{location}"' in refused.err
    said, here, of_it = config.read_text().rpartition('kind = "disk"')
    assert here
    config.write_text(said + 'kind = "fsspec"' + of_it.replace(str(run.cwd / "外盘"), location))
    joined(run, "外盘")
    assert all(
        path.read_bytes().startswith(b"age-") for path in (run.cwd / "外盘" / "objects").rglob("*") if path.is_file()
    )


def test_a_share_joins(run: Program, home: Path, add: Adds, share: servers.Share, own_name: str) -> None:
    (share.folder / own_name).mkdir(mode=0o777)
    add("共享", "smb", f"{share.url}/{own_name}", f'password = "{share.password}"\n')
    joined(run, "共享")


def test_an_sftp_server_joins(
    run: Program, home: Path, add: Adds, sftp_server: servers.SftpServer, own_name: str
) -> None:
    (sftp_server.folder / own_name).mkdir()
    secret = f'private_key = "{sftp_server.private_key}"\nhost_key = "{sftp_server.host_key}"\n'
    add("远程", "sftp", f"{sftp_server.url}/{own_name}", secret)
    joined(run, "远程")


def test_a_folder_that_is_not_on_the_server_is_named(
    run: Program, home: Path, add: Adds, share: servers.Share, sftp_server: servers.SftpServer, own_name: str
) -> None:
    """It was `tmp`, which nobody had heard of."""
    add("共享", "smb", f"{share.url}/{own_name}-无", f'password = "{share.password}"\n')
    secret = f'private_key = "{sftp_server.private_key}"\nhost_key = "{sftp_server.host_key}"\n'
    add("远程", "sftp", f"{sftp_server.url}/{own_name}-无", secret)
    for name in ("共享", "远程"):
        done = call(run, "store", "attach", name)
        assert (done.code, f"{own_name}-无 on its server" in done.err, "(no such file" in done.err) == (5, True, False)
        assert "Make that folder" in done.err
        chinese = run("--vault", "库", "store", "attach", name, expect=None, language="zh").err
        assert "请在服务器上新建该文件夹" in chinese


def test_a_server_with_another_key_is_not_spoken_to(
    run: Program, home: Path, add: Adds, sftp_server: servers.SftpServer
) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIHzn1m6JqUeVyP7yQ8v0fA0Y4XW1bQ2zGm0yCkqQm5T"
    secret = f'private_key = "{sftp_server.private_key}"\nhost_key = "{other}"\n'
    add("远程", "sftp", sftp_server.url, secret)
    done = call(run, "store", "attach", "远程")
    assert (done.code, "host key" in done.err or "主机密钥" in done.err) == (5, True)


# How a store is reached


@pytest.mark.parametrize("line", ["retries = 2", 'bandwidth = "20 MB/s"'])
def test_what_a_folder_has_no_use_for_is_refused_with_its_key(run: Program, home: Path, add: Adds, line: str) -> None:
    add("b", "disk", "../乙", "")
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(f"{line}\n")
    done = call(run, "store", "attach", "b")
    assert (done.code, f"strongroom.toml: store b: {line.split()[0]}" in done.err) == (2, True)


def test_a_bucket_behind_a_slow_line_joins(
    run: Program, home: Path, add: Adds, s3_server: servers.S3Server, own_name: str
) -> None:
    secret = f'access_key = "{s3_server.access_key}"\nsecret_key = "{s3_server.secret_key}"\n'
    add("桶", "s3", f"{s3_server.url}/{s3_server.bucket}/{own_name}", secret)
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write('retries = 5\nbandwidth = "200 MB/s"\n')
    joined(run, "桶")


# One that is only read


@pytest.fixture
def old(run: Program, home: Path, add: Adds) -> Path:
    """Three stores, with a copy of everything on each; of the third nothing may be changed from now on."""
    for name, place in (("b", "../乙"), ("旧", "../旧")):
        add(name, "disk", place, "")
        assert call(run, "store", "attach", name).code == 0
    assert call(run, "scrub").code == 0
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write("read_only = true\n")
    return run.cwd / "旧"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_store_that_is_only_read_stops_nobody_and_stays_as_it_is(run: Program, home: Path, old: Path) -> None:
    name = hashlib.sha256(b"no record names it").hexdigest()
    stray = old / "objects" / name[:2] / name[2:4] / name
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"no record names it")
    before = tree(old)
    (run.cwd / "四.mp4").write_text("四" * 1000, encoding="utf-8")
    done = call(run, "ingest", "四.mp4", "--section", "监督检查科")
    assert (done.code, "旧" in done.err) == (0, False)
    assert "旧: read-only" in call(run, "store", "status").out
    status = {row["store"]: row for row in call(run, "store", "status", "--json").lines}
    old_one = status["旧"]
    assert (old_one["up"], old_one["standing"], old_one["copies"]) == (True, "read-only", {"good": 3})
    assert status["b"]["standing"] == "open"
    scrubbed = {row["store"]: row for row in call(run, "scrub", "--json").lines}
    assert all(row["passed"] for row in scrubbed.values())
    assert scrubbed["旧"]["failed"] == 0
    assert scrubbed["旧"]["checked"] > 3
    assert call(run, "fsck").code == 0
    assert call(run, "sweep").code == 0
    assert call(run, "rebuild").code == 0
    assert call(run, "rebuild", "--from", "旧").code == 3, "its journal is not the newest"
    assert tree(old) == before


def test_a_store_that_is_only_read_is_enough_to_rebuild_from(run: Program, home: Path, old: Path) -> None:
    found = call(run, "find", "--all", "--json").out
    for name in ("甲", "乙"):
        shutil.rmtree(run.cwd / name)
    assert call(run, "rebuild", "--from", "旧").code == 0
    assert call(run, "find", "--all", "--json").out == found


def test_damage_on_a_store_that_is_only_read_is_told_and_left(run: Program, home: Path, old: Path) -> None:
    (copy, *_) = sorted(path for path in (old / "objects").rglob("*") if path.is_file())
    copy.chmod(0o644)
    copy.write_bytes(b"rot")
    before = tree(old)
    done = call(run, "scrub")
    assert (done.code, "read-only" in done.err) == (3, True)
    assert "no answer from" not in done.err
    assert tree(old) == before
    assert call(run, "fsck").code == 3


def test_a_store_that_is_only_read_cannot_join(run: Program, home: Path, add: Adds) -> None:
    add("旧", "disk", "../旧", "")
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write("read_only = true\n")
    done = call(run, "store", "attach", "旧")
    assert (done.code, "read_only = true" in done.err) == (5, True)
    assert not (run.cwd / "旧").exists()
