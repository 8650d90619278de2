"""A copy that is read as a stream: what follows is asked for ahead of whoever takes it in large blocks."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from backends.reading import StoreFile
from vault.errors import StoreUnavailable
from vault.text import Text

MIB = 1 << 20


def unavailable(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(Text(en=str(error), zh=str(error)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []

    def advise(descriptor: int, at: int, size: int, _: int) -> None:
        os.fstat(descriptor)  # it is open
        told.append((at, size))
        raise OSError("a file system that takes no advice is read all the same")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    return told


def test_every_byte_that_follows_is_asked_for_once(tmp_path: Path, asked: list[tuple[int, int]]) -> None:
    """From where somebody went to: the piece of a file that lies on a later disc is not asked for from the start."""
    path = tmp_path / "1.mp4"
    path.touch()
    os.truncate(path, 40 * MIB)
    with StoreFile(str(path), unavailable, 0) as stream:
        stream.seek(10 * MIB)
        while stream.read(MIB):
            assert asked[0][0] == 10 * MIB
            assert all(after[0] == sum(before) for before, after in pairwise(asked))
            assert 4 * MIB <= sum(asked[-1]) - stream.tell() <= 17 * MIB


def test_small_reads_ask_for_nothing(tmp_path: Path, asked: list[tuple[int, int]]) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes(bytes(2 * MIB))
    with StoreFile(str(path), unavailable, 7) as stream:
        assert len(stream.read(4_096)) == 4_096
        assert len(stream.read()) == 2 * MIB - 7 - 4_096
    assert asked == []
