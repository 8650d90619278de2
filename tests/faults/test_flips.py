"""The flip campaign in small, and that it would notice: a healing, or a check, that does less than it must."""

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from backends.disk import DiskStore
from tests.faults.rot import Missed, Scene, Tally, double_round, make_scene, marker_round, single_round
from tests.faults.rot_catalogue import flip_catalogue
from vault import carrying, healing, journalcheck, mending
from vault.catalogue import compare
from vault.digest import Digest
from vault.ports import Incoming, Landed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("scene"), 24, large=1)


@pytest.fixture
def scene(made: Scene, tmp_path: Path) -> Scene:
    home = Path(shutil.copytree(made.home, tmp_path / "vault"))
    return Scene(home, made.pristine, made.objects, made.journal)


def test_flips_in_one_copy_are_all_found_and_healed(scene: Scene) -> None:
    tally = Tally()
    assert single_round(scene, random.Random(1), 1_000, tally) == 24 + len(scene.journal)
    assert single_round(scene, random.Random(2), 10, tally) == 10
    assert tally.counts.total() == 44


def test_flips_in_both_copies_are_all_found_and_heal_nothing(scene: Scene) -> None:
    assert double_round(scene, random.Random(3), 30, Tally()) == 30


def test_flips_in_markers(scene: Scene) -> None:
    tally = Tally()
    for number in range(3):
        marker_round(scene, random.Random(number), tally)
    assert tally.counts.total() == 3


def test_flips_in_the_catalogue(scene: Scene, tmp_path: Path) -> None:
    tally = Tally()
    flip_catalogue(scene, random.Random(4), 20, tally, tmp_path)
    assert tally.counts["catalogue: flipped, found"] > 5
    assert tally.counts["catalogue: of these, examined by the whole fsck, and rebuilt"] == 1


def rounds(scene: Scene, count: int) -> None:
    for seed in range(count):
        single_round(scene, random.Random(seed), 1_000, Tally())


# planted bugs


def believe_any_source(patch: pytest.MonkeyPatch) -> None:
    proven = carrying._proven_copy

    def believing(source: DiskStore, digest: Digest, arrival: Incoming, pace: Callable[[int], object]) -> str:
        return "none" if proven(source, digest, arrival, pace) == "silent" else "good"

    patch.setattr(carrying, "_proven_copy", believing)


def throw_bad_copies_away(patch: pytest.MonkeyPatch) -> None:
    def set_aside(self: DiskStore, digest: Digest) -> str:
        Path(self._object(digest)).unlink()
        return "damaged/nothing"

    patch.setattr(DiskStore, "set_aside", set_aside)
    real = DiskStore.put

    def put(self: DiskStore, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        for _, digest in arrivals:
            Path(self._object(digest)).unlink(missing_ok=True)
        return real(self, arrivals)

    patch.setattr(DiskStore, "put", put)


def heal_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(healing, "carry", lambda vault, name, errands: [carrying.Carried("乙") for _ in errands])


def believe_every_tile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(journalcheck, "_proven_by", lambda root: lambda data: True)


def mend_no_journal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mending, "_written", lambda vault, name, path, right: mending.Looked(name, path, "mended"))


def compare_no_facts(patch: pytest.MonkeyPatch) -> None:
    for table in ("record", "record_text", "record_file", "journal"):
        patch.delitem(compare._TABLES, table)


@pytest.mark.parametrize(
    "plant",
    [throw_bad_copies_away, heal_nothing, believe_every_tile, mend_no_journal],
    ids=lambda plant: plant.__name__,
)
def test_a_planted_bug_is_noticed_within_three_rounds(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    with pytest.raises(Missed):
        rounds(scene, 3)


def test_a_healing_that_believes_its_source_is_noticed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    believe_any_source(monkeypatch)
    with pytest.raises(Missed):
        double_round(scene, random.Random(5), 8, Tally())


def test_a_comparison_that_leaves_facts_out_is_noticed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compare_no_facts(monkeypatch)
    with pytest.raises(Missed, match="MISSED"):
        flip_catalogue(scene, random.Random(6), 300, Tally(), tmp_path)
