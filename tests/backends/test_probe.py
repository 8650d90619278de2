"""What a probe says of real places, and that it is not taken in by those that keep no promise."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Barrier
from typing import BinaryIO

import pytest
from minio import Minio
from minio.objectlockconfig import DAYS, ObjectLockConfig

from backends.files import Bytes, Content
from backends.probe import Place, Scratch, probe
from backends.probe_places import FolderPlace
from backends.registry import STORES, Opening, Secret
from backends.s3 import S3Files
from tests.backends.disks import VAULT
from tests.rude import RudeServer
from tests.servers import S3Server, SftpServer, Share, sshd
from vault.errors import Refused, StoreUnavailable
from vault.promises import QUESTIONS, Finding, lacking, meaning, require_needed

COMMON = {"whole": "yes", "kept": "yes", "name-once": "yes", "range": "yes", "clock": "yes"}
OF_SERVERS = dict.fromkeys(("conditional", "checked", "versioning", "lock"), "not-applicable")


def place_of(kind: str, location: str, **secret: str) -> Place:
    return STORES[kind].place(Opening(name="试", location=location, vault_id=VAULT, secret=Secret(values=secret)))


def answers(findings: list[Finding]) -> dict[str, str]:
    """By question, without the figures, which only have to be there."""
    told = {found.name: found.answer for found in findings}
    figures = {found.name: found.value for found in findings if found.name.endswith("-rate")}
    assert all(isinstance(figure, int) and figure > 0 for figure in figures.values())
    assert len(figures) == 2
    return {name: answer for name, answer in told.items() if name not in figures}


def s3_place(server: S3Server, name: str, bucket: str = "") -> Place:
    location = f"{server.url}/{bucket or server.bucket}/{name}"
    return place_of("s3", location, access_key=server.access_key, secret_key=server.secret_key)


def client_of(server: S3Server) -> Minio:
    return Minio(server.url.removeprefix("http://"), server.access_key, server.secret_key, secure=False)


# places as they are


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "盘").mkdir()
    (tmp_path / "盘" / "家庭照片.jpg").write_bytes(b"x")
    found = probe("试", place_of("disk", str(tmp_path / "盘")))
    assert answers(found) == COMMON | OF_SERVERS | dict.fromkeys(("name-once-raced", "durable", "names-durable"), "yes")
    assert os.listdir(tmp_path / "盘") == ["家庭照片.jpg"]
    assert lacking(found) == []


def test_a_folder_that_is_not_there_yet_is_not_there_afterwards(tmp_path: Path) -> None:
    probe("试", place_of("disk", str(tmp_path / "新盘")))
    assert os.listdir(tmp_path) == []
    with pytest.raises(StoreUnavailable):
        probe("试", place_of("disk", str(tmp_path / "未挂载" / "盘")))
    assert os.listdir(tmp_path) == []


def test_a_share_confirms_bytes_and_not_names(share: Share, own_name: str) -> None:
    (share.folder / own_name).mkdir(mode=0o777)
    found = probe("试", place_of("smb", f"{share.url}/{own_name}", password=share.password))
    assert answers(found) == COMMON | OF_SERVERS | {
        "name-once-raced": "yes",
        "durable": "yes",
        "names-durable": "unknown",
    }
    assert os.listdir(share.folder / own_name) == ["tmp"]
    assert os.listdir(share.folder / own_name / "tmp") == []


def sftp_place(server: SftpServer, name: str) -> Place:
    (server.folder / name).mkdir()
    key = str(server.private_key)
    return place_of("sftp", f"{server.url}/{name}", private_key=key, host_key=server.host_key)


def test_an_sftp_server_confirms_bytes_and_not_names(sftp_server: SftpServer, own_name: str) -> None:
    found = probe("试", sftp_place(sftp_server, own_name))
    assert answers(found)["durable"] == "yes"
    assert [one.name for one in lacking(found)] == ["names-durable"]
    assert os.listdir(sftp_server.folder / own_name) == ["tmp"]


def test_an_sftp_server_that_cannot_sync_is_refused(tmp_path: Path, own_name: str) -> None:
    with sshd(tmp_path, "-P fsync") as server:
        found = probe("试", sftp_place(server, own_name))
    assert [(one.name, one.answer) for one in found] == [("durable", "no")]
    with pytest.raises(Refused, match="power cut"):
        require_needed("试", found)


def test_what_fsspec_reaches_promises_nothing(tmp_path: Path) -> None:
    found = probe("试", place_of("fsspec", f"file://{tmp_path}/远"))
    told = answers(found)
    assert told.pop("name-once-raced") in ("no", "unknown")  # whoever looks first may still be second
    assert told == COMMON | OF_SERVERS | dict.fromkeys(("durable", "names-durable"), "unknown")
    assert os.listdir(tmp_path / "远") == ["tmp"]
    require_needed("试", found)


# buckets


def test_a_bucket(s3_server: S3Server, own_name: str) -> None:
    found = probe("试", s3_place(s3_server, own_name))
    yes = dict.fromkeys(("name-once-raced", "durable", "names-durable", "conditional", "checked"), "yes")
    assert answers(found) == COMMON | yes | {"versioning": "no", "lock": "no"}
    listed = client_of(s3_server).list_objects(s3_server.bucket, f"{own_name}/", recursive=True)
    assert [one.object_name for one in listed] == [f"{own_name}/probe/taken"]


def test_a_bucket_with_object_lock(s3_server: S3Server) -> None:
    client, bucket = client_of(s3_server), "locked"
    client.make_bucket(bucket, object_lock=True)
    told = {one.name: one for one in probe("试", s3_place(s3_server, "", bucket))}
    assert (told["versioning"].answer, told["lock"].answer) == ("yes", "yes")
    assert told["lock"].value == "GOVERNANCE, COMPLIANCE"
    left = client.list_objects(bucket, recursive=True, include_version=True)
    assert {one.object_name for one in left} == {"probe/taken"}, "a version of a scratch file is left"
    client.set_object_lock_config(bucket, ObjectLockConfig("GOVERNANCE", 1, DAYS))
    told = {one.name: one for one in probe("试", s3_place(s3_server, "", bucket))}
    assert told["lock"].value == "GOVERNANCE, 1 Days"


def test_a_server_without_manners_is_found_out(rude_server: RudeServer, own_name: str) -> None:
    found = probe("试", s3_place(rude_server.s3, own_name))
    told = answers(found)
    assert {name: told[name] for name in ("conditional", "checked", "name-once")} == {
        "conditional": "no",
        "checked": "no",
        "name-once": "yes",
    }
    assert told["name-once-raced"] != "yes"
    require_needed("试", found)


def test_what_a_server_without_manners_spoils_does_not_count(rude_server: RudeServer, own_name: str) -> None:
    url = f"{rude_server.s3.url}/{rude_server.s3.bucket}/{own_name}"
    files = S3Files(url, rude_server.s3.access_key, rude_server.s3.secret_key)
    assert files.create("objects/好", Bytes(b"good"))
    rude_server.spoil("spoilt")
    for content in (Bytes(b"small"), Bytes(bytes(17 << 20))):
        with pytest.raises(OSError, match="reads back differently"):
            files.create(f"objects/spoilt-{content.size}", content)
    with pytest.raises(OSError, match="reads back differently"):
        files.replace("journal/spoilt", b"signed")


# places that keep no promise


class _Unfit(FolderPlace):
    """A folder whose files are made in another way."""

    def __init__(self, root: Path, wrong: "Callable[[Scratch, Path], Scratch]") -> None:
        super().__init__(root)
        self._wrong = wrong
        self._where = root

    def connect(self) -> Scratch:  # type: ignore[override]
        return self._wrong(super().connect(), self._where)


class _Around:
    """The folder as it is; one verb is done wrong by those below."""

    def __init__(self, right: Scratch, root: Path) -> None:
        self.right = right
        self.root = root

    def size(self, path: str) -> int:
        return self.right.size(path)

    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]:
        return self.right.open(path, start)

    def create(self, path: str, content: Content) -> bool:
        return self.right.create(path, content)

    def remove(self, path: str) -> None:
        self.right.remove(path)

    def close(self) -> None:
        self.right.close()

    def write(self, path: str, content: Content) -> None:
        """In place, piece by piece."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        with content.open() as source, open(self.root / path, "wb", buffering=0) as target:
            while block := source.read(1 << 16):
                target.write(block)


class InPlace(_Around):
    def create(self, path: str, content: Content) -> bool:
        if (self.root / path).exists():
            return False
        self.write(path, content)
        return True


class Overwriting(_Around):
    def create(self, path: str, content: Content) -> bool:
        temporary = f"{path}.{id(self)}"
        self.write(temporary, content)
        os.replace(self.root / temporary, self.root / path)
        return True


class AskingFirst(_Around):
    """Two steps: of two at once both find the name free, since neither writes before the other has looked."""

    looked = Barrier(2, timeout=60)

    def create(self, path: str, content: Content) -> bool:
        free = not (self.root / path).exists()
        if "race-" in path:
            self.looked.wait()
        return free and Overwriting(self.right, self.root).create(path, content)


class Forgetting(_Around):
    def create(self, path: str, content: Content) -> bool:
        return self.right.create(path, Bytes(b"") if content.size > 1 << 20 else content)


class FromTheBeginning(_Around):
    def open(self, path: str, start: int) -> AbstractContextManager[BinaryIO]:
        return self.right.open(path, 0)


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [(InPlace, "whole"), (Overwriting, "name-once"), (Forgetting, "kept"), (FromTheBeginning, "range")],
)
def test_a_place_that_is_unfit_is_found_out_and_refused(
    tmp_path: Path, wrong: "Callable[[Scratch, Path], Scratch]", finding: str
) -> None:
    found = probe("试", _Unfit(tmp_path / "盘", wrong))
    assert answers(found)[finding] == "no"
    with pytest.raises(Refused):
        require_needed("试", found)
    assert os.listdir(tmp_path) == []


def test_a_place_where_two_can_get_one_name_is_told(tmp_path: Path) -> None:
    found = probe("试", _Unfit(tmp_path / "盘", AskingFirst))
    assert (answers(found)["name-once"], answers(found)["name-once-raced"]) == ("yes", "no")
    require_needed("试", found)


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_a_clock_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    right = FolderPlace.time_of
    monkeypatch.setattr(FolderPlace, "time_of", lambda self, path: right(self, path) + ahead)
    (clock,) = [one for one in probe("试", FolderPlace(tmp_path)) if one.name == "clock"]
    assert clock.answer == "no"
    assert isinstance(clock.value, int)
    assert abs(clock.value - ahead) <= 2


def test_a_place_that_takes_no_files_is_no_answer(tmp_path: Path) -> None:
    away = place_of("s3", "http://127.0.0.1:9/bucket", access_key="A", secret_key="S")
    with pytest.raises(StoreUnavailable):
        probe("试", away)


def test_every_answer_has_its_sentence() -> None:
    for name, question in QUESTIONS.items():
        sentences = [meaning(Finding(name=name, answer=answer, value=7)) for answer in ("yes", "no", "unknown")]
        assert all(one.en.endswith(".") and one.zh.endswith("。") and "{" not in one.en + one.zh for one in sentences)
        assert question.label.en
        assert question.label.zh
