"""What was acknowledged survives a power cut at any moment, and nothing half written ever shows.

A scene of everything that a store can be told to do runs on a file system in which only synced things last
(tests/faults/fuse_memory.py). Its diary is then judged moment by moment. The same test runs over stores with a bug
planted in them; each of those must be found out, or the test would prove nothing.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from backends import durable, linux
from tests.backends.disks import FOUNDING, begin_store, open_store, place_of
from tests.faults.fuse_memory import Mounted, mounted
from tests.faults.loop import ext4
from tests.rig import arrive, numbered
from vault.digest import Digest
from vault.errors import StoreUnavailable
from vault.permits import permit_for_orphan

pytestmark = pytest.mark.root

Plant = Callable[[pytest.MonkeyPatch], None]
Contents = dict[str, bytes | None]  # by path; None: absent


class Scene:
    """A store at work that tells what it begins and what was acknowledged, before and after each act."""

    def __init__(self, disk: Mounted) -> None:
        self.disk = disk
        self.store = open_store(disk.root / "库房")
        self.settled: Contents = {}

    def play(self) -> None:
        """Everything that changes a store, in small and large."""
        self._act(lambda: self.store.create_files(FOUNDING), dict(FOUNDING))
        large = numbered(1, "视频" * 900_000)  # over the size from which a file is synced by itself
        for batch in (numbered(1), numbered(3, "照片"), large, numbered(12, "录音"), numbered(2, "照片")):
            arrivals = [(arrive(self.store, data), Digest.of(data)) for data in batch]
            self._act(lambda arrivals=arrivals: self.store.put(arrivals), {_place(data): data for data in batch})  # type: ignore[misc]
        for files in ([("journal/tile/0/000.p/1", b"a")], [(f"journal/tile/entries/x{n:03}", b"b") for n in range(6)]):
            self._act(lambda files=files: self.store.create_files(files), dict(files))  # type: ignore[misc]
        for signed in (b"first", b"second"):
            self._act(
                lambda signed=signed: self.store.replace_file("journal/checkpoint", signed),  # type: ignore[misc]
                {"journal/checkpoint": signed},
            )
        self._replace_damaged(*numbered(1))
        self._set_aside(*numbered(1, "照片"))
        for gone in numbered(2, "录音"):
            self._delete(gone, at_first_attempt=gone.endswith(b"0"))

    def _replace_damaged(self, data: bytes) -> None:
        self._spoil(data)
        arrivals = [(arrive(self.store, data), Digest.of(data))]
        place = f"damaged/{Digest.of(data)}"
        self._act(lambda: self.store.put(arrivals), {place: b"rot", _place(data): data}, {_place(data): None})

    def _set_aside(self, data: bytes) -> None:
        self._spoil(data)
        self._act(
            lambda: self.store.set_aside(Digest.of(data)), {f"damaged/{Digest.of(data)}": b"rot", _place(data): None}
        )

    def _delete(self, data: bytes, *, at_first_attempt: bool) -> None:
        permit = permit_for_orphan(Digest.of(data), frozenset())
        if not at_first_attempt:
            self.disk.tell({"begun": [_hashes({_place(data): None})]})
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(durable, "sync_path", _raise_input_output_error)
                with pytest.raises(StoreUnavailable):
                    self.store.delete(Digest.of(data), permit)
        self._act(lambda: self.store.delete(Digest.of(data), permit), {_place(data): None})

    def _spoil(self, data: bytes) -> None:
        def rot() -> None:
            path = self.store.root / _place(data)
            path.write_bytes(b"rot")
            durable.sync_path(str(path))

        self._act(rot, {_place(data): b"rot"}, {_place(data): b""})

    def _act(self, act: Callable[[], object], result: Contents, between: Contents | None = None) -> None:
        """`between`: what else a path may have while the act is going on."""
        self.disk.tell({"begun": [_hashes(result), _hashes(between or {})]})
        act()
        self.disk.tell({"acknowledged": _hashes(result)})
        self.settled |= result


def _raise_input_output_error(path: str) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), path)


def _place(data: bytes) -> str:
    return place_of(Digest.of(data))


def _hashes(contents: Contents) -> dict[str, str | None]:
    return {f"库房/{path}": None if data is None else sha256(data).hexdigest() for path, data in contents.items()}


def judge(diary: list[Any]) -> Iterator[str]:
    """What would have been lost, or half there, had the power been cut at one of the diary's moments."""
    settled: dict[str, str | None] = {}
    coming: list[dict[str, str | None]] = []
    for moment in diary:
        if "begun" in moment:
            coming = moment["begun"]
        elif "acknowledged" in moment:
            settled |= moment["acknowledged"]
            coming = []
        else:
            for path in {*settled, *(path for after in coming for path in after)}:
                allowed = {settled.get(path), *(after[path] for after in coming if path in after)}
                for extreme, left in moment.items():
                    if left.get(path) not in allowed:
                        yield f"{extreme}: {path} is {left.get(path)}, not {allowed}"
            for extreme, left in moment.items():
                strange = {path for path in left if "/tmp/" not in path} - {*settled, *(p for c in coming for p in c)}
                yield from (f"{extreme}: {path} was not asked for" for path in strange)


def _fsync_only(kind: Callable[[int], bool]) -> Plant:
    real = os.fsync

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(os, "fsync", lambda fd: real(fd) if kind(os.fstat(fd).st_mode) else None)

    return plant


def _acknowledge_early(patch: pytest.MonkeyPatch) -> None:
    """Names are synced, but only when the next ones are."""
    real, late = durable.Syncer.names, list[str]()

    def names(self: durable.Syncer, paths: list[str]) -> None:
        real(self, late)
        late[:] = paths

    patch.setattr(durable.Syncer, "names", names)


def _name_before_bytes(patch: pytest.MonkeyPatch) -> None:
    """Everything is synced before it is acknowledged, but bytes after their names."""
    real = durable.publish

    def publish(syncer: durable.Syncer, moves: list[tuple[str, str]], unsynced: list[str]) -> list[bool]:
        got = real(syncer, moves, [])
        syncer.files([final for (_, final), new in zip(moves, got, strict=True) if new])
        return got

    patch.setattr(durable, "publish", publish)


def _nearest_folder_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(durable.Syncer, "_folders_above", lambda _, paths: {os.path.dirname(path) for path in paths})


def _own_name_unsynced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(durable, "sync_above", lambda _: None)


BUGS: dict[str, Plant | None] = {
    "as it is": None,
    "bytes are not synced": _fsync_only(stat.S_ISDIR),
    "folders are not synced": _fsync_only(stat.S_ISREG),
    "acknowledged early": _acknowledge_early,
    "named before its bytes are synced": _name_before_bytes,
    "new parents are not synced": _nearest_folder_only,
    "the store's own name is not synced": _own_name_unsynced,
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_power_cut_at_any_moment(bug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = BUGS[bug]
    with mounted(tmp_path / "disk") as disk:
        scene = Scene(disk)
        with monkeypatch.context() as patch:
            if plant is not None:
                plant(patch)
            scene.play()
        diary = disk.diary()
        assert sum("late" in moment for moment in diary) > 100
        faults = list(judge(diary))
        assert (faults == []) is (plant is None), faults[:5]
        if plant is None:
            disk.cut_power()
            _require_settled(scene)


def _require_settled(scene: Scene) -> None:
    """Another program, after the power cut, finds what was acknowledged."""
    store = open_store(scene.store.root)
    objects = {path: data for path, data in scene.settled.items() if path.startswith("objects/") and data is not None}
    assert {_place(data) for data in objects.values() if data is not None} == set(objects)
    assert [info.digest for info in store.list()] == sorted(Digest.of(data) for data in objects.values() if data)
    for path, data in scene.settled.items():
        if data is not None:
            assert (scene.store.root / path).read_bytes() == data
    assert store.read_file("journal/checkpoint") == b"second"
    store.close()


@pytest.mark.parametrize("bug", ["as it is", "syncfs does nothing"])
def test_a_batch_that_is_flushed_at_once(bug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ext4 with its power cut: here a batch is synced by two calls for the whole file system."""
    contents = numbered(40)
    with ext4(tmp_path / "disk", megabytes=64) as disk:
        store = begin_store(disk.root)
        if bug != "as it is":
            monkeypatch.setattr(linux, "syncfs", lambda _: None)
        store.put([(arrive(store, data), Digest.of(data)) for data in contents])
        store.create_files([(f"journal/tile/{number}", data) for number, data in enumerate(contents)])
        disk.cut_power()
        store.close()
        disk.remount()
        again = open_store(disk.root)
        whole = [info.digest for info in again.list()] == sorted(map(Digest.of, contents))
        tiles = list(again.list_files("journal")) == sorted(f"journal/tile/{number}" for number in range(40))
        assert (whole and tiles) is (bug == "as it is")
        again.close()
