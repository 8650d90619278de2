"""Stores that go in the middle: an S3 server is killed, a mounted share is unmounted, a disk fills up.

Each in the middle of `ingest`, of `tier run` and of `store drain`. Nothing that was told may be missing anywhere it is
said to be, no copy may be let go without enough others, nothing half may have an object's name, and once the store is
back asking again must end with every copy where it belongs.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from minio import Minio

from ops.config import FILE
from ops.wiring import open_vault
from tests import servers
from tests.faults import moves
from tests.faults.loop import ext4
from vault.catalogue.plans import plan_all, plan_due
from vault.errors import StoreUnavailable
from vault.facts import Facts
from vault.fsck import Count, fsck
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.membership import attach, set_standing
from vault.moving import Mover, moving
from vault.scrub import Budget

FILES = 100
How = Literal["ingest", "tier", "drain"]


@dataclass(frozen=True)
class Victim:
    """A store that goes and comes back, and what is on it, seen without the program."""

    lines: str
    go: Callable[[], object]
    come_back: Callable[[], object]
    objects: Callable[[], Iterator[tuple[str, bytes]]]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "录像"
    folder.mkdir()
    for n in range(FILES):
        (folder / f"录像{n:03}.mp4").write_bytes(hashlib.shake_256(str(n).encode()).digest(20_000))
    return folder


@contextmanager
def killed_server(tmp_path: Path) -> Iterator[Victim]:
    with servers.seaweedfs(tmp_path / "s3") as s3:
        client = Minio(urlsplit(s3.url).netloc, s3.access_key, s3.secret_key, secure=False)

        def objects() -> Iterator[tuple[str, bytes]]:
            for found in client.list_objects(s3.bucket, "库/objects/", recursive=True):
                key = str(found.object_name)
                yield key.rpartition("/")[2], client.get_object(s3.bucket, key).data

        secret = tmp_path / "乙.secret"
        secret.write_text(f'access_key = "{s3.access_key}"\nsecret_key = "{s3.secret_key}"\n', encoding="utf-8")
        secret.chmod(0o600)
        lines = f'kind = "s3"\nlocation = "{s3.url}/{s3.bucket}/库"\nsecret = "{secret}"\nretries = 0\n'
        yield Victim(lines, s3.server.kill, s3.server.start, objects)


@contextmanager
def unmounted_share(tmp_path: Path) -> Iterator[Victim]:
    with ext4(tmp_path / "网存", 64) as disk:
        lines = f'kind = "nas"\nlocation = "{disk.root}/库"\n'
        yield Victim(lines, disk.unmount, disk.mount, lambda: _in(disk.root / "库"))


@contextmanager
def full_disk(tmp_path: Path) -> Iterator[Victim]:
    with ext4(tmp_path / "小盘", 16) as disk:
        filler = disk.root / "别的文件"

        def fill() -> None:
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass

        lines = f'kind = "disk"\nlocation = "{disk.root}/库"\n'
        yield Victim(lines, fill, filler.unlink, lambda: _in(disk.root / "库"))


def _in(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in (root / "objects").rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()


VICTIMS = {"killed": killed_server, "unmounted": unmounted_share, "full": full_disk}


@pytest.mark.root
@pytest.mark.parametrize("how", ["ingest", "tier", "drain"])
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_store_that_goes_in_the_middle(victim: str, how: How, source: Path, tmp_path: Path) -> None:
    home = moves.template(tmp_path, tmp_path / "nothing" if how == "ingest" else source)
    with VICTIMS[victim](tmp_path) as store:
        with (home / FILE).open("a", encoding="utf-8") as file:
            file.write(f'\n[[store]]\nname = "乙"\ntier = "cold"\n{store.lines}')
            file.write(moves.AGES if how == "tier" else "")
        text = (home / FILE).read_text(encoding="utf-8").replace("minimum = 2", "minimum = 2\nwanted = 2")
        if how == "ingest":  # a store that the intake writes to, and may do without
            text = text.replace('tier = "cold"\n', "").replace("wanted = 2", "wanted = 3")
        (home / FILE).write_text(text, encoding="utf-8")
        with open_vault(home, moves.LATER) as vault:
            attach(vault, "乙", "?", "乙", list)
            if how == "drain":
                set_standing(vault, "甲", "emptying", "换盘")
        gone = _after(FILES * 20_000 // 3, store.go)
        told = _do(home, how, source, gone)
        assert gone.happened
        _judge(home, store, told, alive=victim == "full")
        store.come_back()
        _judge(home, store, told, alive=True)
        _do(home, how, source, lambda _: None)
        if how == "ingest":
            _do(home, "drain", source, lambda _: None)  # brings what is owed
        _assert_placed(home, store, 3 if how == "ingest" else 2)


class _after:
    """Once so many bytes have gone by."""

    def __init__(self, count: int, act: Callable[[], object]) -> None:
        self._left = count
        self._act = act
        self.happened = False

    def __call__(self, count: int) -> None:
        self._left -= count
        if self._left <= 0 and not self.happened:
            self.happened = True
            self._act()


def _do(home: Path, how: How, source: Path, progress: Callable[[int], object]) -> set[str]:
    """What was told as stored; nothing but a store that does not answer may end it."""
    told: set[str] = set()
    try:
        with open_vault(home, moves.LATER) as vault:
            if how == "ingest":
                request = Request(paths=(source,), facts=Facts(section="监督检查科"))
                for outcome in Intake(vault, request, progress).run():
                    assert outcome.record, outcome
                    told.add(hashlib.sha256(Path(outcome.where).read_bytes()).hexdigest())
                return told
            with moving(vault):
                plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)
                plan_due(vault.database, vault.setting.rules, vault.now())
                mover = Mover(vault, Budget(), progress)
                mover.bring(list(vault.stores))
                mover.let_go(list(vault.stores))
    except StoreUnavailable:
        pass
    return told


def _copies(home: Path, store: Victim, alive: bool) -> dict[str, set[str]]:
    """Whole copies by digest. Nothing may lie under a name that is not its own."""
    copies: dict[str, set[str]] = {}
    places = {disk: list(_in(home / disk)) for disk in moves.DISKS} | ({"乙": list(store.objects())} if alive else {})
    for place, found in places.items():
        for name, data in found:
            assert hashlib.sha256(data).hexdigest() == name, f"half an object on {place}"
            copies.setdefault(name, set()).add(place)
    return copies


def _judge(home: Path, store: Victim, told: set[str], *, alive: bool) -> None:
    copies = _copies(home, store, alive)
    with open_vault(home, moves.LATER) as vault, vault.database.reading() as connection:
        filed = {row[0] for row in connection.exec_driver_sql("SELECT lower(hex(sha256)) FROM object")}
    assert told <= filed
    least = 2 if alive else 1  # what is on a store that is away cannot be looked at
    assert all(len(copies.get(digest, ())) >= least for digest in filed)


def _assert_placed(home: Path, store: Victim, copies: int) -> None:
    found = _copies(home, store, True)
    assert len(found) == FILES
    assert all(len(places) == copies and "乙" in places for places in found.values())
    with open_vault(home, moves.LATER) as vault:
        assert [finding.text.en for finding in fsck(vault, Count()) if finding.kind != "orphan"] == []
