"""Any place of an object can be read, and no byte comes out that is not the one the journal knows."""

import os
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.vault.scene import away, flip, land, noise, place_of
from vault import proven
from vault.digest import Digest
from vault.errors import BlobCorrupt, BlobMissing, StoreUnavailable, hardest
from vault.ports import BlobInfo
from vault.proven import ProvenReader, from_a_good_copy
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text
from vault.verified import BLOCK, VerifiedStream

VIDEO = noise(3 * BLOCK + 4_321, 7)


def filed(data: bytes) -> RecordFile:
    return RecordFile(sha256=Digest.of(data).hex, size=len(data), name="现场录像.mp4")


@pytest.fixture
def stored(vault: Vault) -> RecordFile:
    for store in vault.stores.values():
        land(store, VIDEO)
    return filed(VIDEO)


def reader(vault: Vault, file: RecordFile) -> ProvenReader:
    return ProvenReader(file, tuple(vault.stores.values()))


def whole(stream: ProvenReader) -> bytes:
    with stream:
        return stream.readall()


def test_any_place_can_be_read_as_in_a_file(vault: Vault, stored: RecordFile, tmp_path: Path) -> None:
    (tmp_path / "原件").write_bytes(VIDEO)
    chance = random.Random(3)
    with reader(vault, stored) as stream, open(tmp_path / "原件", "rb", buffering=0) as model:
        for _ in range(200):
            whence = chance.choice((os.SEEK_SET, os.SEEK_CUR, os.SEEK_END))
            offset = chance.randint(0, len(VIDEO) + 100) - (len(VIDEO) if whence == os.SEEK_END else 0)
            assert stream.seek(offset, whence) == model.seek(offset, whence)
            wanted, got = model.read(chance.randint(0, 2 * BLOCK)), b""
            while len(got) < len(wanted):  # a raw stream may give less than is asked for, but at the end
                got += stream.read(len(wanted) - len(got)) or pytest.fail("it ended early")
            assert got == wanted
            assert stream.tell() == model.tell()
        with pytest.raises(ValueError, match="before the beginning"):
            stream.seek(-1)


@pytest.mark.parametrize("data", [b"", b"1", noise(BLOCK, 1), noise(BLOCK + 1, 2), noise(2 * BLOCK, 3)])
def test_every_length_comes_back(vault: Vault, data: bytes) -> None:
    land(vault.stores["乙"], data)
    assert whole(reader(vault, filed(data))) == data


@pytest.mark.parametrize("bit", [0, 8 * BLOCK + 5, -1])
def test_a_flipped_bit_never_comes_out_and_another_store_gives_the_byte(
    vault: Vault, stored: RecordFile, bit: int, caplog: pytest.LogCaptureFixture
) -> None:
    flip(place_of(vault, "甲", VIDEO), bit)
    assert whole(reader(vault, stored)) == VIDEO
    assert "甲: The copy of '现场录像.mp4'" in caplog.text
    flip(place_of(vault, "乙", VIDEO), bit)
    with pytest.raises(BlobCorrupt), reader(vault, stored) as stream:
        stream.read(1)


@pytest.mark.parametrize("longer", [b"", b"x"])
def test_a_copy_of_another_length_is_not_believed(vault: Vault, stored: RecordFile, longer: bytes) -> None:
    for store in ("甲", "乙"):
        place = place_of(vault, store, VIDEO)
        place.chmod(0o640)
        place.write_bytes(VIDEO + longer if longer else VIDEO[:-1])
    with pytest.raises(BlobCorrupt), reader(vault, stored) as stream:
        stream.read(1)


def test_what_rots_after_it_was_proven_does_not_come_out(vault: Vault, stored: RecordFile) -> None:
    with reader(vault, stored) as stream:
        assert stream.read(10) == VIDEO[:10]
        flip(place_of(vault, "甲", VIDEO), 8 * (2 * BLOCK + 17))
        stream.seek(2 * BLOCK)
        assert stream.read(100) == VIDEO[2 * BLOCK : 2 * BLOCK + 100]
        flip(place_of(vault, "乙", VIDEO), 8 * (BLOCK + 17))
        stream.seek(BLOCK)
        assert stream.read(100) == VIDEO[BLOCK : BLOCK + 100]  # of 甲, where that block is good
        flip(place_of(vault, "甲", VIDEO), 8 * 17)
        flip(place_of(vault, "乙", VIDEO), 8 * 17)
        stream.seek(0)
        with pytest.raises(BlobCorrupt, match="changed while it was read"):
            stream.read(1)


def test_a_store_that_goes_away_in_the_middle_is_not_needed(vault: Vault, stored: RecordFile) -> None:
    with reader(vault, stored) as stream:
        stream.read(1)
        with away(vault, "甲"):
            stream.seek(0)
            assert stream.read(100) == VIDEO[:100]
            with away(vault, "乙"):
                stream.seek(2 * BLOCK)
                with pytest.raises(StoreUnavailable):
                    stream.read(1)


def test_the_three_answers_stay_three(vault: Vault, stored: RecordFile) -> None:
    with pytest.raises(BlobMissing):
        whole(reader(vault, filed(b"never here")))
    place_of(vault, "甲", VIDEO).unlink()
    flip(place_of(vault, "乙", VIDEO))
    with pytest.raises(BlobCorrupt):
        whole(reader(vault, stored))
    with away(vault, "甲"), pytest.raises(StoreUnavailable):
        whole(reader(vault, stored))
    what = Text(en="", zh="")
    answers = (BlobMissing(what), BlobCorrupt(what), StoreUnavailable(what))
    assert [hardest(answers[:n]) for n in (1, 2, 3)] == list(answers)


def test_use_begins_anew_with_each_copy(vault: Vault, stored: RecordFile) -> None:
    flip(place_of(vault, "甲", VIDEO), -1)
    begun: list[int] = []

    def copy(stream: VerifiedStream) -> bytes:
        begun.append(0)
        data = b""
        while block := stream.read():
            data += block
        return data

    assert from_a_good_copy(stored, tuple(vault.stores.values()), copy) == VIDEO
    assert len(begun) == 2


class _Counting:
    """A store that counts the bytes it gives and the times it is opened."""

    name = "数"

    def __init__(self, vault: Vault) -> None:
        self._store = vault.stores["甲"]
        self.opened = self.given = 0

    def stat(self, digest: Digest) -> BlobInfo:
        return self._store.stat(digest)

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        return self._store.list(after)

    @contextmanager
    def _open(self, digest: Digest, start: int) -> Iterator[BinaryIO]:
        self.opened += 1
        with self._store.open(digest, start) as stream:
            before = stream.tell()
            yield stream
            self.given += stream.tell() - before

    def open(self, digest: Digest, start: int = 0) -> AbstractContextManager[BinaryIO]:
        return self._open(digest, start)


def test_a_small_file_is_read_once_and_a_large_one_in_order_twice(vault: Vault, stored: RecordFile) -> None:
    small = noise(BLOCK, 9)
    land(vault.stores["甲"], small)
    store = _Counting(vault)
    with ProvenReader(filed(small), [store]) as stream:
        for at in (500, 0, BLOCK - 1):
            stream.seek(at)
            stream.read(1)
    assert (store.opened, store.given) == (1, BLOCK)
    store = _Counting(vault)
    whole(ProvenReader(stored, [store]))
    assert store.opened == 2
    assert store.given <= 2 * len(VIDEO) + 1


def test_memory_does_not_grow_with_the_file() -> None:
    for size in (0, 1, 1 << 30, 64 << 30, (64 << 30) + 1, 10 << 40):
        block = proven._block_of(size)
        assert -(-size // block) <= 65_536
        assert block <= max(1 << 20, size // 32_768)
