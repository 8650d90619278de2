"""Whether the folder is this vault's store at all, and what lies about in it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from backends import durable
from backends.disk import DiskStore
from tests.backends.disks import FOUNDING, WRITES, begin_store, in_use, open_store, place_of, tree
from tests.rig import SMALL, addresses, answers_other_than, arrive, every_question, land, numbered
from vault.digest import Digest
from vault.errors import JournalBroken, Refused, StoreNotMounted, StoreUnavailable
from vault.layout import MARKER, marker_of
from vault.ports import Landed


class TestMountedMeanwhile:
    @pytest.mark.parametrize(
        ("question", "looks_at_the_marker"), [("stat", 1), ("open", 1), ("read_file", 2), ("list_files", 2)]
    )
    def test_what_was_asked_for_too_early_is_not_absent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, looks_at_the_marker: int
    ) -> None:
        """An automounter at work: the question finds nothing yet, and the marker is there a moment later."""
        store, waiting = in_use(tmp_path / "store")
        ask = every_question(store, SMALL, waiting)[question]
        expected = ask()
        folder = store.root / ("journal" if "file" in question else "objects")
        folder.rename(tmp_path / "not yet mounted")
        real, looks = DiskStore._require_marker, []

        def mounting(self: DiskStore) -> None:
            looks.append(self.name)
            if len(looks) == looks_at_the_marker:
                (tmp_path / "not yet mounted").rename(folder)
            real(self)

        monkeypatch.setattr(DiskStore, "_require_marker", mounting)
        assert ask() == expected
        store.close()


class TestGoneMeanwhile:
    @pytest.mark.parametrize("act", ["put", "create_files", "replace_file"])
    def test_nothing_is_made_beneath_the_mount_point(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
    ) -> None:
        """The store goes away after its marker was read and before the first name is made."""
        store = begin_store(tmp_path / "store")
        tell = every_question(store, SMALL, arrive(store, b"waiting"))[act]
        real = durable.Syncer.files

        def vanishing(self: durable.Syncer, paths: Sequence[str]) -> None:
            real(self, paths)
            store.root.rename(tmp_path / "unmounted")
            store.root.mkdir()

        monkeypatch.setattr(durable.Syncer, "files", vanishing)
        with pytest.raises(StoreNotMounted):
            tell()
        assert list(store.root.iterdir()) == []
        store.close()


class TestSomebodyElses:
    def test_another_vaults_disk_is_left_alone(self, tmp_path: Path) -> None:
        theirs, waiting = in_use(tmp_path / "store")
        before = tree(theirs.root)
        ours = open_store(tmp_path / "store", "other")
        questions = every_question(ours, b"not here", waiting)
        assert answers_other_than(StoreNotMounted, questions) == {}
        for name in WRITES:
            assert name in answers_other_than(Refused, {name: every_question(ours, SMALL, waiting)[name]})
        with pytest.raises(StoreNotMounted):
            ours.create_files([(MARKER, marker_of("other", "别的单位", "key").encode())])
        assert tree(theirs.root) == before
        assert list(theirs.put([(waiting, Digest.of(b"waiting"))])) == [Landed.NEW]

    @pytest.mark.parametrize("there", ["私人照片.jpg", "objects/ab/cd/x", "journal/checkpoint", "damaged/x"])
    def test_a_store_is_not_begun_where_something_lies(self, tmp_path: Path, there: str) -> None:
        path = tmp_path / "store" / there
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
        with pytest.raises(Refused):
            begin_store(tmp_path / "store")
        assert tree(tmp_path / "store") == {there: b"x"}

    @pytest.mark.parametrize("begun", ["", "lost+found/", "README.txt", "tmp/0123456789abcdef/small-0"])
    def test_a_beginning_that_was_interrupted_is_finished(self, tmp_path: Path, begun: str) -> None:
        path = tmp_path / "store" / begun
        path.parent.mkdir(parents=True, exist_ok=True)
        if begun.endswith("/") or not begun:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(dict(FOUNDING).get(begun, b"half"))
        for _ in range(2):
            store = begin_store(tmp_path / "store")
            assert {name: store.read_file(name) for name, _ in FOUNDING} == dict(FOUNDING)
            land(store, SMALL)
            store.close()

    def test_where_the_folder_above_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(StoreNotMounted):
            begin_store(tmp_path / "not mounted" / "store")
        assert list(tmp_path.iterdir()) == []


class TestMarker:
    @pytest.mark.parametrize("damage", [b"", b"\0" * 200, b"{", b'{"vault": "\xff"}', b"[]", b"\xff\xfe"])
    def test_a_damaged_marker_is_still_a_marker(self, tmp_path: Path, damage: bytes) -> None:
        store, waiting = in_use(tmp_path / "store")
        marker = tmp_path / "store" / MARKER
        marker.chmod(0o640)
        marker.write_bytes(damage)
        assert store.read_file(MARKER) == damage
        assert list(store.put([(waiting, Digest.of(b"waiting"))])) == [Landed.NEW]
        assert addresses(open_store(tmp_path / "store")) == sorted([Digest.of(SMALL), Digest.of(b"waiting")])
        with pytest.raises(JournalBroken):
            store.create_files(FOUNDING)
        store.close()

    def test_without_its_marker_nothing_is_absent_and_nothing_is_written(self, tmp_path: Path) -> None:
        store, waiting = in_use(tmp_path / "store")
        (tmp_path / "store" / MARKER).unlink()
        before = tree(tmp_path / "store")
        questions = every_question(store, b"never here", waiting)
        questions |= {name: every_question(store, SMALL, waiting)[name] for name in ("put", "set_aside", "delete")}
        del questions["begin"]  # an arrival in the desk that is there already shows nowhere; put is what counts
        assert answers_other_than(StoreNotMounted, questions) == {}
        with pytest.raises(StoreNotMounted):
            open_store(tmp_path / "store").begin(10)
        assert tree(tmp_path / "store") == before


def test_strays_among_the_objects_are_passed_over(tmp_path: Path) -> None:
    store = begin_store(tmp_path / "store")
    land(store, *numbered(20))
    folder = (store.root / place_of(addresses(store)[3])).parent
    for stray in (
        "objects/.DS_Store",
        "objects/Thumbs.db",
        "objects/zz/aa/x",
        "objects/lost+found/x",
        "objects/a/bcd/x",
    ):
        (store.root / stray).parent.mkdir(parents=True, exist_ok=True)
        (store.root / stray).write_bytes(b"x")
    (store.root / "objects/a/bcd" / ("abcd" + "0" * 60)).write_bytes(b"x")
    (folder / f"{addresses(store)[3]}.bak").write_bytes(b"x")
    (folder / ("f" * 64)).write_bytes(b"in the wrong folder")
    assert addresses(store) == sorted(map(Digest.of, numbered(20)))


def test_a_file_where_a_folder_of_objects_should_be_is_not_passed_over(tmp_path: Path) -> None:
    store = begin_store(tmp_path / "store")
    land(store, SMALL)
    (store.root / "objects" / "00").write_bytes(b"x")
    with pytest.raises(StoreUnavailable):
        list(store.list())
