"""The contract, kept by sealed stores; and what they show to whom."""

import errno
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyrage
import pytest

from backends.files import Bytes, Files
from backends.generic import FsspecFiles
from backends.remote import RemoteStore
from backends.sealed import SealedFiles
from tests.backends.disks import FOUNDING, VAULT, place_of
from tests.backends.remotes import GenericRig, S3Rig
from tests.contract import StoreContract, TellsTimeContract
from tests.faults.faulty import FaultyFiles, Plan
from tests.rig import LARGE, SMALL, fetch, land
from tests.servers import S3Server
from vault.digest import Digest
from vault.errors import BadInput, BadSecret, StoreNoAccess, StoreUnavailable

HOUSE, DEPUTY, STRANGER = (pyrage.x25519.Identity.generate() for _ in range(3))
FOR = [str(HOUSE.to_public()), str(DEPUTY.to_public())]


def sealed(files: Files) -> SealedFiles:
    return SealedFiles(files, FOR, [str(HOUSE)], None)


class TestSealedStore(StoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> GenericRig:
        return GenericRig(tmp_path / "外", sealed)


class TestSealedBucket(StoreContract, TellsTimeContract):
    @pytest.fixture
    def rig(self, s3_server: S3Server, own_name: str) -> Iterator[S3Rig]:
        rig = S3Rig(s3_server, own_name, sealed)
        yield rig
        rig.end()


def opened(folder: Path, *keys: pyrage.x25519.Identity, to: Sequence[str] = FOR) -> RemoteStore:
    """Sealed from now on for `to`, and read with `keys`, of which one fits."""
    files = SealedFiles(FsspecFiles(f"file://{folder}", {}), to, [str(key) for key in keys], None)
    return RemoteStore("外", files, VAULT, str(folder))


def test_each_of_the_keys_opens_it_and_the_place_shows_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path, HOUSE)
    store.create_files(FOUNDING)
    land(store, SMALL, LARGE)
    store.create_files([("journal/tile/0/000", SMALL)])
    assert fetch(opened(tmp_path, DEPUTY), LARGE) == LARGE
    assert not any(SMALL in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    # a person with the key and the program age needs nothing of ours
    assert pyrage.decrypt((tmp_path / place_of(Digest.of(SMALL))).read_bytes(), [DEPUTY]) == SMALL


def test_wrong_keys_are_no_damage(tmp_path: Path) -> None:
    store = opened(tmp_path, HOUSE)
    store.create_files(FOUNDING)
    land(store, SMALL)
    stranger = opened(tmp_path, STRANGER, to=[str(STRANGER.to_public())])
    for ask in (fetch, land):
        with pytest.raises(StoreNoAccess, match="other keys") as told:
            ask(stranger, SMALL)
        assert "age_identity" in told.value.hint.zh


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_every_damaged_byte_is_bytes_that_are_not_right(tmp_path: Path, place: int) -> None:
    store = opened(tmp_path, HOUSE)
    store.create_files(FOUNDING)
    land(store, SMALL)
    path = tmp_path / place_of(Digest.of(SMALL))
    good = bytearray(path.read_bytes())
    good[place % len(good)] ^= 4
    path.write_bytes(good)
    assert fetch(store, SMALL) in (b"", SMALL)  # the grease in a header may be anything
    assert [how.name for how in land(store, SMALL)] in (["REPLACED_DAMAGED"], ["ALREADY_HERE"])
    assert fetch(store, SMALL) == SMALL


def test_a_full_disk_of_ours_is_no_damage_of_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(tmp_path, HOUSE)
    store.create_files(FOUNDING)
    land(store, SMALL)

    def full(sealed: object, plain: object, identities: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pyrage, "decrypt_io", full)
    with pytest.raises(StoreUnavailable):
        fetch(store, SMALL)


def test_keys_are_changed(tmp_path: Path) -> None:
    before = opened(tmp_path, HOUSE)
    before.create_files(FOUNDING)
    land(before, SMALL)
    after = opened(tmp_path, HOUSE, STRANGER, to=[str(STRANGER.to_public())])
    land(after, LARGE)
    assert (fetch(after, SMALL), fetch(after, LARGE)) == (SMALL, LARGE)
    with pytest.raises(StoreUnavailable):
        fetch(opened(tmp_path, DEPUTY, to=[str(DEPUTY.to_public())]), LARGE)


def canaries(folder: Path) -> list[Path]:
    return sorted((folder / "keys").iterdir())


def stanza(path: Path) -> None:
    """A character of the first key's part of the header: whose file it was cannot be told from it any more."""
    data = bytearray(path.read_bytes())
    at = data.index(b"-> X25519 ") + 12
    data[at] = ord("B") if data[at] == ord("A") else ord("A")
    path.write_bytes(data)


def rotted(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def test_one_rotted_canary_hides_no_damage(tmp_path: Path) -> None:
    """It did, and for ever: every damaged file of that store was sealed for other keys, it said."""
    before = opened(tmp_path, HOUSE, to=FOR[:1])
    before.create_files(FOUNDING)
    land(before, LARGE)
    land(opened(tmp_path, HOUSE), SMALL)
    assert len(canaries(tmp_path)) == 4
    for canary in canaries(tmp_path):
        good = canary.read_bytes()
        rotted(canary)
        stanza(tmp_path / place_of(Digest.of(SMALL)))
        assert fetch(opened(tmp_path, HOUSE), SMALL) == b"", canary
        assert [how.name for how in land(opened(tmp_path, HOUSE), SMALL)] == ["REPLACED_DAMAGED"]
        assert pyrage.decrypt(canary.read_bytes(), [HOUSE]) == pyrage.decrypt(good, [HOUSE])


def test_what_no_key_fits_is_damaged_only_for_who_has_all_keys(tmp_path: Path) -> None:
    before = opened(tmp_path, STRANGER, to=[str(STRANGER.to_public())])
    before.create_files(FOUNDING)
    land(before, LARGE)
    land(opened(tmp_path, HOUSE), SMALL)
    stanza(tmp_path / place_of(Digest.of(SMALL)))
    with pytest.raises(StoreUnavailable, match="other keys"):
        fetch(opened(tmp_path, HOUSE), SMALL)
    assert fetch(opened(tmp_path, HOUSE, STRANGER), SMALL) == b""


@pytest.mark.parametrize("keys", [(HOUSE,), (STRANGER,)])
def test_what_no_key_could_open_needs_no_canary(tmp_path: Path, keys: tuple[pyrage.x25519.Identity]) -> None:
    land_on = opened(tmp_path, HOUSE)
    land_on.create_files(FOUNDING)
    land(land_on, SMALL)
    rotted(tmp_path / place_of(Digest.of(SMALL)))
    for canary in canaries(tmp_path):
        canary.unlink()
    assert fetch(opened(tmp_path, *keys, to=[str(keys[0].to_public())]), SMALL) == b""


def test_a_key_that_opens_nothing_of_what_would_be_sealed_is_refused(tmp_path: Path) -> None:
    """It was taken: copies went there that nobody here could ever have read back."""
    with pytest.raises(BadSecret, match="age_identity: it opens nothing") as told:
        opened(tmp_path, STRANGER)
    assert "age-keygen -y" in told.value.hint.zh


@pytest.mark.parametrize(
    ("to", "key"), [("age1nonsense", str(HOUSE)), (FOR[0], "AGE-SECRET-KEY-1X")], ids=["recipient", "identity"]
)
def test_a_key_that_is_none(tmp_path: Path, to: str, key: str) -> None:
    with pytest.raises(BadInput) as told:
        SealedFiles(FsspecFiles(f"file://{tmp_path}", {}), [to], [key], None)
    assert key not in str(told.value)


class _OneByteAtATime:
    """A place whose streams give one byte at a time."""

    def __init__(self, inner: Files) -> None:
        self._inner = inner

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._inner, verb)

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        with self._inner.open(path, start) as stream:
            yield cast(BinaryIO, _Slow(stream))


class _Slow(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(1, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def test_a_header_that_comes_in_pieces_is_read_whole(tmp_path: Path) -> None:
    """Once a size was that of the sealed bytes where a place gave fewer bytes than it was asked for."""
    files = sealed(_OneByteAtATime(FsspecFiles(f"file://{tmp_path}", {})))  # type: ignore[arg-type]
    files.create("objects/x", Bytes(SMALL))
    assert files.size("objects/x") == len(SMALL)


def test_what_is_denied_once_while_it_is_listed_stays_in_the_list(tmp_path: Path) -> None:
    """Once a gateway that failed over made an object vanish from a listing, without an error."""
    plan = Plan(1, one_in=1, faults=("absent",))
    files = sealed(FaultyFiles(FsspecFiles(f"file://{tmp_path}", {}), plan))
    plan.one_in = 0
    files.create("objects/x", Bytes(SMALL))
    plan.one_in = 1
    assert list(files.walk("objects", "")) == [("objects/x", len(SMALL))]
