"""Discs as readers: the contract's part on objects, and what only discs can do: be away, be others, be unreadable."""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from media.contents import FILE
from media.places import Places, Wait, never
from media.reader import DiscReader
from tests.contract_reading import ObjectReadingContract
from tests.media.pressing import VAULT, image_of, press, press_cut
from tests.rig import SMALL, addresses, fetch
from tests.vault.scene import noise
from vault.digest import Block, Digest
from vault.errors import BlobMissing, DiscWanted, ImageBroken, NewerFormat, StoreUnavailable
from vault.ports import BlobReader, Incoming, Landed


class _Waiting:
    """Bytes on their way to a disc that is pressed anew."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, block: Block) -> None:
        self.data += block

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


class Press:
    """What brings objects: presses the disc anew with all that it was ever given, beginning with none."""

    def __init__(self, folder: Path, publish: Callable[[Path], None]) -> None:
        self._folder = folder
        self._publish = publish
        self._contents: list[bytes] = []
        self.put([])

    def begin(self, size: int) -> Incoming:
        return _Waiting()

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        self._contents += [bytes(arrival.data) for arrival, _ in arrivals if isinstance(arrival, _Waiting)]
        shutil.rmtree(self._folder, ignore_errors=True)
        press(self._folder, *self._contents)
        self._publish(self._folder)
        return []


class DiscRig:
    def __init__(self, place: Path) -> None:
        self._place = place

    def cut_off(self) -> None:
        self._place.rename(self._place.with_name("取走"))


class _DiscContract(ObjectReadingContract):
    @pytest.fixture
    def rig(self, place: Path) -> DiscRig:
        return DiscRig(place)

    @pytest.fixture
    def store(self, place: Path) -> BlobReader:
        return DiscReader("2026-0001-1", Places([place], VAULT, never))


class TestDiscImage(_DiscContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "光盘.iso"

    @pytest.fixture
    def keeper(self, tmp_path: Path, place: Path) -> Press:
        return Press(tmp_path / "盘", lambda folder: str(image_of(folder, place)) and None)


class TestDiscFolder(_DiscContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "盘"

    @pytest.fixture
    def keeper(self, place: Path) -> Press:
        return Press(place, lambda _: None)


def reader(*places: Path, name: str = "2026-0001-1", wait: Wait = never) -> DiscReader:
    return DiscReader(name, Places(places, VAULT, wait))


# over several discs

DATA = noise(300_000, 1)


@pytest.fixture
def cut(tmp_path: Path) -> list[Path]:
    """Three images of one set; the object's seven pieces lie on 1 2 3 1 2 3 1."""
    folders = [tmp_path / f"盘{number}" for number in (1, 2, 3)]
    press_cut(folders, DATA, 45_000)
    return [
        image_of(folder, tmp_path / f"{number}.iso", f"2026-0001-{number}") for number, folder in enumerate(folders, 1)
    ]


@pytest.mark.parametrize("start", [0, 1, 45_000, 44_999, 200_000, 299_999, 300_000])
@pytest.mark.parametrize("name", ["2026-0001-1", "2026-0001-2", "2026-0001-3"])
def test_a_cut_object_is_whole_from_whichever_disc(cut: list[Path], name: str, start: int) -> None:
    assert fetch(reader(*cut, name=name), DATA, start) == DATA[start:]


def test_in_one_drive_the_discs_are_asked_for_in_turn(cut: list[Path], tmp_path: Path) -> None:
    drive, asked = tmp_path / "drive", list[str]()
    shutil.copyfile(cut[0], drive)

    def change(names: Sequence[str], wanted: DiscWanted) -> None:
        assert str(drive) in wanted.what.en  # and what is in it
        asked.extend(names)
        (tmp_path / "next").symlink_to(cut[int(names[0][-1]) - 1])
        (tmp_path / "next").replace(drive)

    assert fetch(reader(drive, wait=change), DATA) == DATA
    assert asked == [f"2026-0001-{number}" for number in (2, 3, 1, 2, 3, 1)]


def test_a_disc_of_the_set_that_is_away_is_named(cut: list[Path]) -> None:
    with pytest.raises(DiscWanted, match="2026-0001-3"):
        fetch(reader(*cut[:2]), DATA)


# others in its place


def test_a_disc_of_another_vault_under_the_same_number_is_none(tmp_path: Path) -> None:
    press(tmp_path / "盘", SMALL, vault="f" * 16)
    with pytest.raises(DiscWanted, match="another vault"):
        reader(image_of(tmp_path / "盘", tmp_path / "a.iso")).stat(Digest.of(SMALL))


def test_another_disc_of_the_vault_is_named(cut: list[Path]) -> None:
    with pytest.raises(DiscWanted, match=r"Insert disc 2026-0001-1\. .*2\.iso has disc 2026-0001-2"):
        reader(cut[1]).stat(Digest.of(DATA))


@pytest.mark.parametrize("what", [b"", b"\0" * 65_536, b"CD001" * 20_000])
def test_what_is_no_disc_is_said(tmp_path: Path, what: bytes) -> None:
    (tmp_path / "a.iso").write_bytes(what)
    places = Places([tmp_path / "a.iso"], VAULT, never)
    with pytest.raises(ImageBroken):
        places.disc_in(tmp_path / "a.iso")
    with pytest.raises(DiscWanted, match="no ISO 9660 image"):
        places.find(["2026-0001-1"])


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b"strongroom-disc 1", b"strongroom-disc 2", NewerFormat),
        (b"strongroom-disc 1", b"strongroom-disc", NewerFormat),
        (b'"start": 0', b'"start": 1', ImageBroken),
        (b'"objects": [{', b'"objects": [', ImageBroken),
        (b'"objects": [{"sha256": "', b'"objects": [{"sha256": "0', ImageBroken),
    ],
)
def test_a_sheet_that_contradicts_itself_or_is_newer(
    tmp_path: Path, old: bytes, new: bytes, error: type[Exception]
) -> None:
    press(tmp_path, SMALL)
    sheet = (tmp_path / FILE).read_bytes()
    assert old in sheet
    (tmp_path / FILE).write_bytes(sheet.replace(old, new))
    with pytest.raises(error):
        Places([], VAULT, never).disc_in(tmp_path)


def test_a_file_that_is_not_where_the_sheet_says_is_missing(tmp_path: Path) -> None:
    press(tmp_path / "盘", SMALL)
    next((tmp_path / "盘").rglob("*.mp4")).unlink()
    for place in (tmp_path / "盘", image_of(tmp_path / "盘", tmp_path / "a.iso")):
        with pytest.raises(BlobMissing):
            fetch(reader(place), SMALL)
        with pytest.raises(BlobMissing):
            reader(place).stat(Digest.of(SMALL))


# unreadable


@pytest.mark.parametrize("kind", ["image", "folder"])
def test_a_sector_that_cannot_be_read_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    press(tmp_path / "盘", SMALL)
    place = tmp_path / "盘" if kind == "folder" else image_of(tmp_path / "盘", tmp_path / "a.iso")
    asked = reader(place)
    assert addresses(asked) == [Digest.of(SMALL)]

    def scratched(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "preadv", scratched)
    with pytest.raises(StoreUnavailable, match="may be damaged"):
        fetch(asked, SMALL)


# names


def test_names_of_every_length_and_folders_of_thousands(tmp_path: Path) -> None:
    """Long names go on in a continuation area; a folder goes on over its sectors."""
    names = ["录" * 80 + ".mp4", "a" * 250, "㛃䶮𬭎𠅤𰻞.mp4", "王芳;李强:询问.wav", "e\u0301.txt", "é.txt", "A", "a"]
    names += [f"现场照片_{number:04d}.jpg" for number in range(2_000)]
    folder = tmp_path / "盘" / "data" / "2026-0000001"
    press(tmp_path / "盘")
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    disc = Places([], VAULT, never).disc_in(image_of(tmp_path / "盘", tmp_path / "a.iso"))
    assert disc is not None
    assert disc.volume.names("data/2026-0000001") == sorted(names)
    assert disc.volume.names("nowhere") == disc.volume.names("data/2026-0000001/A") == []
    for name in names[:20]:
        with disc.volume.open(f"data/2026-0000001/{name}") as stream:
            assert stream.read() == name.encode()
