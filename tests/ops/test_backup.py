"""`backup` and `restore`: the vault's folder is lost, and comes back with one store; what is bad changes nothing."""

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from ops.backup import restoring
from ops.backup.package import Package, about, pack, unpack
from ops.keys import FILE as KEY
from ops.wiring import Working, closed_vault, open_vault
from tests.labels.page import code, rendered
from tests.ops.conftest import Done, Program
from tests.vault.scene import export, rows_of, tree
from vault.errors import BadInput, IntegrityBroken, NewerFormat, StrongroomError

PROFILE = Path(__file__).parents[2] / "vault/profiles/dengzhou.toml"


@pytest.fixture
def home(run: Program) -> Path:
    """A vault whose stores, own profile, a secret and an SSH key lie outside and inside its folder."""
    outside = run.cwd / "etc"
    outside.mkdir()
    (outside / "本局.toml").write_text(PROFILE.read_text(encoding="utf-8"), encoding="utf-8")
    (outside / "id_ed25519").write_text("ssh 私钥", encoding="utf-8")
    run("--vault", "库", "init", "--profile", "etc/本局.toml", "--store", "盘一", "--store", "盘二")
    home = run.cwd / "库"
    secret = home / "密/nas.secret"
    secret.parent.mkdir()
    key = json.dumps(str(outside / "id_ed25519"))
    host = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC1B0tV0WbwJm1YQ0r3m0X1Yq8nJ0kS0o6mQyZyZyZyZ"
    secret.write_text(f'private_key = {key}\nhost_key = "{host}"\n', encoding="utf-8")
    secret.chmod(0o600)
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write('\n[[store]]\nname = "nas"\nkind = "sftp"\nlocation = "sftp://u@127.0.0.1:9/b"\nretries = 0\n')
        config.write('secret = "密/nas.secret"\n')
    (run.cwd / "录像").mkdir()
    for name in ("一.mp4", "二.mp4"):
        (run.cwd / "录像" / name).write_text(name * 1000, encoding="utf-8")
    run("--vault", "库", "ingest", "录像", "--section", "监督检查科", "--party", "王芳")
    return home


@pytest.fixture
def key(run: Program) -> pyrage.x25519.Identity:
    identity = pyrage.x25519.Identity.generate()
    (run.cwd / "age.key").write_text(f"# created: 2031\n# public key: {identity.to_public()}\n{identity}\n")
    return identity


def backed_up(run: Program, *words: str) -> Path:
    (one, *_) = run("--vault", "库", "backup", "备份.tar", *words, "--json").lines
    return Path(run.cwd / one["file"])


def refused(run: Program, *words: str | Path, code: int) -> str:
    """The call fails with that code, and nothing is different afterwards."""
    before = tree(run.cwd)
    done = run(*words, expect=code)
    assert tree(run.cwd) == before
    assert not list(run.cwd.rglob(".strongroom*"))
    return done.err


def test_the_whole_folder_is_lost_and_comes_back_from_one_store(run: Program, home: Path) -> None:
    key = (home / KEY).read_bytes()
    secret = (home / "密/nas.secret").read_bytes()
    made = run("--vault", "库", "backup", "备份.tar")
    backup = run.cwd / "备份.tar"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closed_vault(home, Working(person="甲")) as vault:
        before = export(vault)
    shutil.rmtree(home)
    shutil.rmtree(run.cwd / "盘二")
    shutil.move(run.cwd / "etc", run.cwd / "丢失")
    back = run("restore", "备份.tar", "新库").out.splitlines()
    new = run.cwd / "新库"
    assert sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()) == [
        f"elsewhere{run.cwd}/etc/id_ed25519",
        f"elsewhere{run.cwd}/etc/本局.toml",
        "journal.key",
        "strongroom.toml",
        "密/nas.secret",
    ]
    assert len(back) == 5
    assert len([line for line in made.out.splitlines() if line.startswith("  ")]) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in new.rglob("*") if path.is_file()} == {0o600}
    assert (stat.S_IMODE(new.stat().st_mode), (new / KEY).read_bytes()) == (0o700, key)
    assert (new / "密/nas.secret").read_bytes() == secret
    shutil.copytree(new / f"elsewhere{run.cwd}/etc", run.cwd / "etc")  # as it says
    run("--vault", "新库", "rebuild", "--from", "a")
    assert run("--vault", "新库", "find", "王芳", "--json").lines != []
    with closed_vault(new, Working(person="甲")) as vault:
        after = export(vault)
    assert {table: after[table] for table in ("record", "object", "record_file", "copy")} == {
        table: before[table] for table in ("record", "object", "record_file", "copy")
    }
    told = run("--vault", "新库", "fsck", "--json", expect=5).lines
    assert {(one["kind"], one["store"]) for one in told[:-1]} == {("unavailable", "b"), ("unavailable", "nas")}
    (run.cwd / "盘二").mkdir()
    run("--vault", "新库", "store", "renew", "b", "--lost")
    run("--vault", "新库", "repair", "--store", "b", expect=None)
    assert len(list((run.cwd / "盘二/objects").rglob("?" * 64))) == 2


def test_tar_and_sha256sum_read_it(run: Program, home: Path, tmp_path: Path) -> None:
    backup = backed_up(run)
    subprocess.run(["tar", "-xf", backup, "-C", tmp_path], check=True)
    folder = tmp_path / "strongroom-backup"
    done = subprocess.run(["sha256sum", "-c", "sha256sums.txt"], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == 7
    assert (folder / "home/journal.key").read_bytes() == (home / KEY).read_bytes()
    said = json.loads((folder / "backup.json").read_text(encoding="utf-8"))
    assert said["made_at"].startswith("2031-03-03T02:")
    assert run("--vault", "库", "backup", run.cwd, "--json").lines[0]["file"].endswith(".tar")


def test_it_is_in_the_journal_with_its_digest_before_it_is_there(run: Program, home: Path) -> None:
    backup = backed_up(run)
    with open_vault(home, Working(person="甲", clock_vouched=True)) as vault:
        assert rows_of(vault, "SELECT act FROM journal ORDER BY seq DESC LIMIT 1") == [("backup.made",)]
        ((saved,),) = rows_of(vault, "SELECT value FROM meta WHERE key = 'backed_up_at'")
    assert str(saved).startswith("2031-03-03T02:")
    entries = b"".join(
        path.read_bytes() for path in (run.cwd / "盘一/journal/tile/entries").rglob("*") if path.is_file()
    )
    assert hashlib.sha256(backup.read_bytes()).hexdigest().encode() in entries
    assert "backup_last_success_timestamp_seconds 1.9" in run("--vault", "库", "metrics").out
    for store in ("盘一", "盘二"):
        shutil.move(run.cwd / store, run.cwd / f"{store}（拔出）")
    run("--vault", "库", "backup", "又一份.tar", expect=5)
    assert not (run.cwd / "又一份.tar").exists()


def test_a_sealed_one_opens_with_its_key_alone(run: Program, home: Path, key: pyrage.x25519.Identity) -> None:
    backup = backed_up(run, "--recipient", str(key.to_public()))
    assert backup.read_bytes().startswith(b"age-encryption.org/v1")
    (run.cwd / "别人.key").write_text(str(pyrage.x25519.Identity.generate()))
    (run.cwd / "空.key").write_text("# 空\n")
    assert "is sealed" in refused(run, "restore", backup, "新库", code=2)
    assert "No key in 别人.key opens" in refused(run, "restore", backup, "新库", "--identity", "别人.key", code=2)
    assert "has no age identity" in refused(run, "restore", backup, "新库", "--identity", "空.key", code=2)
    run("restore", backup, "新库", "--identity", "age.key")
    assert (run.cwd / "新库" / KEY).read_bytes() == (home / KEY).read_bytes()
    data = bytearray(backup.read_bytes())
    data[-100] ^= 1
    backup.write_bytes(data)
    refused(run, "restore", backup, "新库二", "--identity", "age.key", code=3)
    for mistyped in ("age1没有", str(key.to_public())[:-1], str(key)):
        told = refused(run, "--vault", "库", "backup", "二.tar", "--recipient", mistyped, code=2)
        assert "no public key of age's" in told
        assert mistyped not in told, "it may be the other half"


def test_a_backup_is_not_put_on_a_store_nor_over_a_file(run: Program, home: Path) -> None:
    backed_up(run)
    for place in ("盘一/备份.tar", "库/备份.tar", "盘二"):
        assert "lies in the vault itself" in refused(run, "--vault", "库", "backup", place, code=2)
    (run.cwd / "近路").symlink_to("盘一")
    assert "lies in the vault itself" in refused(run, "--vault", "库", "backup", "近路/备份.tar", code=2)
    assert "exists already" in refused(run, "--vault", "库", "backup", "备份.tar", code=2)
    refused(run, "--vault", "库", "backup", "无此目录/备份.tar", code=1)
    refused(run, "--vault", "库", "backup", code=2)
    refused(run, "--vault", "库", "backup", "--recipient", "age1", "--sheet", "单.pdf", code=2)


def test_what_cannot_be_read_is_not_left_out(run: Program, home: Path) -> None:
    (run.cwd / "etc/id_ed25519").rename(run.cwd / "etc/别处")
    assert "id_ed25519" in refused(run, "--vault", "库", "backup", "备份.tar", code=1)
    (home / "密/nas.secret").unlink()
    assert "nas.secret" in refused(run, "--vault", "库", "backup", "备份.tar", code=2)


def test_who_may(run: Program, home: Path) -> None:
    people = (("wang", "principal-leader"), ("zhang", "custodian"), ("root", "operator"))
    for login, role in reversed(people):
        run("--vault", "库", "person", "add", login, "--name", login, "--role", role)
    run("--vault", "库", "--by", "zhang", "backup", "一.tar", expect=4)
    assert not (run.cwd / "一.tar").exists()
    run("--vault", "库", "backup", "二.tar")
    run("--vault", "库", "--by", "wang", "backup", "三.tar")


# what is no good


def test_a_truncated_one_leaves_nothing(run: Program, home: Path) -> None:
    backup = backed_up(run)
    whole = backup.read_bytes()
    for size in (
        0,
        100,
        512,
        1500,
        2048,
        5120,
        len(whole) // 2,
        len(whole) // 2 // 512 * 512,
        whole.rindex(b"sha256sums"),
    ):
        backup.write_bytes(whole[:size])
        refused(run, "restore", backup, "新库", code=2 if size < 2048 else 3)
        assert not (run.cwd / "新库").exists()


def test_every_bit_of_what_is_kept_counts(run: Program, home: Path) -> None:
    whole = backed_up(run).read_bytes()
    good = unpack(whole)
    for data in good.files.values():
        start = whole.index(data)
        for at in range(0, len(data), 97):
            changed = bytearray(whole)
            changed[start + at] ^= 1 << at % 8
            with pytest.raises(IntegrityBroken):
                unpack(bytes(changed))
    for at in range(0, len(whole), 61):  # headers and padding too: it is refused, or it is the same
        changed = bytearray(whole)
        changed[at] ^= 1
        try:
            assert unpack(bytes(changed)).files == good.files
        except StrongroomError:
            continue


@pytest.mark.parametrize(
    "path", ["home/../../etc/passwd", "elsewhere", "/etc/passwd", "home//x", "home/./x", "other/x", "home"]
)
def test_a_place_outside_the_folder_is_no_place(path: str) -> None:
    made = about("v", "邓州市财政局", Working(person="").clock())
    with pytest.raises(IntegrityBroken):
        unpack(pack(Package(made, {path: b"x"})))


def test_links_and_twins_in_a_tar_are_refused() -> None:
    made = about("v", "邓州市财政局", Working(person="").clock())
    whole = pack(Package(made, {"home/strongroom.toml": b"x"}))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE):
        changed = io.BytesIO(whole)
        with tarfile.open(fileobj=changed, mode="a") as tar:
            member = tarfile.TarInfo("strongroom-backup/home/strongroom.toml")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        with pytest.raises(IntegrityBroken, match="does not belong there"):
            unpack(changed.getvalue())
    with pytest.raises(BadInput, match="no backup"):
        unpack(b"\x1f\x8b" + bytes(1000))


def test_a_newer_programs_backup_is_refused() -> None:
    made = about("v", "邓州市财政局", Working(person="").clock())
    newer = type(made)(format=2, vault="v", office="o", made_at=made.made_at, program="9")
    with pytest.raises(NewerFormat):
        unpack(pack(Package(newer, {})))


def of_another_vault(run: Program) -> Path:
    run("--vault", "别库", "init", "--store", "甲", "--store", "乙")
    run("--vault", "别库", "backup", "别.tar")
    return run.cwd / "别.tar"


def test_another_vaults_backup_is_refused_where_its_disks_are_not(run: Program, home: Path) -> None:
    """The disks in the places that it names are this vault's."""
    of_another_vault(run)
    shutil.rmtree(run.cwd / "甲")
    shutil.copytree(run.cwd / "盘一", run.cwd / "甲")
    said = refused(run, "restore", "别.tar", "新库", code=4)
    assert "is there, and this is of vault" in said


def changed(backup: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    package = unpack(backup.read_bytes())
    files = dict(package.files)
    change(files)
    backup.write_bytes(pack(Package(package.about, files)))


def test_parts_of_two_vaults_do_not_make_one(run: Program, home: Path) -> None:
    backup, other = backed_up(run), unpack(of_another_vault(run).read_bytes())
    whole = backup.read_bytes()
    changed(backup, lambda files: files.update({"home/strongroom.toml": other.files["home/strongroom.toml"]}))
    assert "another vault's" in refused(run, "restore", backup, "新库", code=3)
    backup.write_bytes(whole)
    changed(backup, lambda files: files.update({"home/journal.key": other.files["home/journal.key"]}))
    assert "not the one that signed the journal on a" in refused(run, "restore", backup, "新库", code=3)
    backup.write_bytes(whole)
    changed(backup, lambda files: files.pop("home/journal.key"))
    assert "journal.key" in refused(run, "restore", backup, "新库", code=2)


def test_a_folder_with_something_in_it_is_left_alone(run: Program, home: Path) -> None:
    backed_up(run)
    assert "is a vault already" in refused(run, "restore", "备份.tar", "库", code=4)
    assert "is not empty" in refused(run, "restore", "备份.tar", "录像", code=4)
    assert "is no folder" in refused(run, "restore", "备份.tar", "备份.tar", code=4)
    (run.cwd / "空").mkdir(mode=0o755)
    run("restore", "备份.tar", "空")
    assert (run.cwd / "空/strongroom.toml").exists()
    assert stat.S_IMODE((run.cwd / "空").stat().st_mode) == 0o755, "whose folder it is, is somebody's decision"


def test_a_restore_that_was_killed_is_no_vault_and_is_finished_by_the_same(
    run: Program, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = unpack(backed_up(run).read_bytes())
    for moved in range(len(package.files)):
        new, replace = tmp_path / f"第{moved}次", os.replace
        left = iter([True] * moved)

        def dying(*where: Path, replace: Callable[..., None] = replace, left: Iterator[bool] = left) -> None:
            if not next(left, False):
                raise KeyboardInterrupt
            replace(*where)

        with monkeypatch.context() as patch:
            patch.setattr(restoring.os, "replace", dying)
            with pytest.raises(KeyboardInterrupt):
                restoring.restore(package, new)
        assert not (new / "strongroom.toml").exists()
        assert len([path for path in new.rglob("*") if path.is_file()]) == len(package.files)
        assert len(restoring.restore(package, new).files) == len(package.files)
        assert (new / "strongroom.toml").exists()
        assert not (new / ".strongroom-restoring").exists()


# the sheet


@pytest.fixture
def sheet(run: Program, home: Path) -> str:
    """What the code on its first page says."""
    run("--vault", "库", "backup", "--sheet", "单.pdf")
    assert stat.S_IMODE((run.cwd / "单.pdf").stat().st_mode) == 0o600
    return code(rendered((run.cwd / "单.pdf").read_bytes(), 150))


def test_a_key_that_is_typed_back_is_byte_identical(run: Program, home: Path, sheet: str) -> None:
    key = (home / KEY).read_bytes()
    (run.cwd / "打.txt").write_text(sheet, encoding="utf-8")
    done = run("restore", "--typed", "打.txt", "新库")
    assert (run.cwd / "新库" / KEY).read_bytes() == key
    assert "Now write strongroom.toml there" in done.err
    assert stat.S_IMODE((run.cwd / "新库" / KEY).stat().st_mode) == 0o600
    (home / KEY).unlink()
    run("--vault", "库", "find", expect=2)
    run("restore", "--typed", "打.txt", "库")
    assert (home / KEY).read_bytes() == key
    run("--vault", "库", "find", "王芳")


def test_a_key_of_another_vault_or_over_one_that_is_there_is_refused(run: Program, home: Path, sheet: str) -> None:
    (run.cwd / "打.txt").write_text(sheet, encoding="utf-8")
    assert "has a key already" in refused(run, "restore", "--typed", "打.txt", "库", code=4)
    run("--vault", "别库", "init", "--store", "甲", "--store", "乙")
    (run.cwd / "别库" / KEY).unlink()
    assert "is there, and this is of vault" in refused(run, "restore", "--typed", "打.txt", "别库", code=4)
    assert "is not empty" in refused(run, "restore", "--typed", "打.txt", "录像", code=4)
    (run.cwd / "打.txt").write_text(sheet.replace("1", "7", 2), encoding="utf-8")
    refused(run, "restore", "--typed", "打.txt", "新库", code=2)


def test_chinese_words(run: Program, home: Path) -> None:
    def zh(*words: str, expect: int) -> Done:
        return run(*words, expect=expect, language="zh")

    assert "勿与存储放在一处" in zh("--vault", "库", "backup", "备份.tar", expect=0).err
    assert "请放回" in zh("restore", "备份.tar", "新库", expect=0).err
    assert "不是空的" in zh("restore", "备份.tar", "录像", expect=4).err
