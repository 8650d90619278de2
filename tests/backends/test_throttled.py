"""The contract, kept by a store behind a slow line; and how slow it is."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends.files import Bytes
from backends.generic import FsspecFiles
from backends.throttled import ThrottledFiles
from tests.backends.remotes import GenericRig
from tests.contract import StoreContract
from vault.bandwidth import Bandwidth


class TestThrottledStore(StoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GenericRig:
        monkeypatch.setattr("vault.bandwidth._PIECES", 3000)  # pieces that all streams are longer than
        return GenericRig(tmp_path / "远", lambda files: ThrottledFiles(files, Bandwidth(600_000_000)))


def test_all_threads_and_both_directions_share_the_line(tmp_path: Path) -> None:
    files = ThrottledFiles(FsspecFiles(f"file://{tmp_path / '远'}", {}), Bandwidth(1_000_000))
    began = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda n: files.create(f"objects/{n}", Bytes(b"x" * 50_000)), range(4)))
    assert made == [True] * 4
    written = time.monotonic() - began
    with files.open("objects/0", 0) as stream:
        assert stream.read() == b"x" * 50_000
    files.replace("journal/checkpoint", b"x" * 50_000)
    assert written >= 0.2
    assert time.monotonic() - began >= 0.3


def test_an_idle_line_is_not_made_up_for() -> None:
    line = Bandwidth(1_000_000)
    line.take(1000)
    time.sleep(0.1)
    began = time.monotonic()
    line.take(50_000)
    assert time.monotonic() - began >= 0.05
