"""A sample of the campaigns, quick enough for every change; `./campaign` does all of it.

Commands are forked, so the work is done in processes with one thread each (tests/faults/scene.py).
"""

import base64
import hashlib
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.faults import cuts, kills
from tests.faults.judge import judge, read_acknowledged
from tests.faults.scene import Layout, inside, make_source


@pytest.fixture(scope="module")
def workers() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def stages(workers: ProcessPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> dict[str, kills.Stage]:
    folder = tmp_path_factory.mktemp("stages")
    source = make_source(folder / "source")
    return {stage.name: stage for stage in workers.submit(kills.all_stages, folder, source).result()}


Disturb = Callable[..., list[kills.Result]]


@pytest.fixture(scope="module")
def disturbed(workers: ProcessPoolExecutor, stages: dict[str, kills.Stage]) -> Disturb:
    """Disturbs a stage at `share` points, evenly over its calls and other ones each time; the campaign takes all."""
    counted: dict[tuple[str, bool], Counter[str]] = {}

    def disturb(name: str, harm: str, share: int, porters: bool = False) -> list[kills.Result]:
        stage, key = stages[name], (name, porters)
        if key not in counted:
            counted[key] = workers.submit(kills.count_calls, stage, porters).result()
        every = counted[key].total() // share
        points = kills.points(counted[key], harm, porters=porters)[secrets.randbelow(every) :: every]
        return list(workers.map(kills.disturb, [stage] * len(points), points))

    return disturb


def problems(results: list[kills.Result]) -> list[str]:
    # How many calls a run makes varies with how its workers meet; a point past the end disturbs nothing.
    assert any(result.reached for result in results)
    return [f"{result.point}: {problem}" for result in results for problem in result.problems]


@pytest.mark.parametrize(("command", "share"), [("ingest", 5), ("init", 3)])
def test_killed_anywhere(command: str, share: int, disturbed: Disturb) -> None:
    assert problems(disturbed(command, "KILL", share)) == []


def test_killed_while_healing_and_while_rebuilding(disturbed: Disturb) -> None:
    assert problems(disturbed("scrub", "KILL", 3)) == []
    assert problems(disturbed("rebuild", "KILL", 2)) == []


def test_killed_anywhere_with_porters_in_processes_of_their_own(disturbed: Disturb) -> None:
    assert problems(disturbed("ingest", "KILL", 3, porters=True)) == []


@pytest.mark.parametrize("harm", ["EIO", "ENOSPC"])
def test_a_call_that_fails_is_told_clearly_and_loses_nothing(harm: str, disturbed: Disturb) -> None:
    assert problems(disturbed("ingest", harm, 4)) == []
    assert problems(disturbed("init", harm, 2)) == []


def test_kills_catch_a_program_that_acknowledges_early(
    workers: ProcessPoolExecutor, stages: dict[str, kills.Stage]
) -> None:
    early = replace(stages["ingest"], altered="acknowledge-early")
    first_checkpoint = kills.Point("rename", 1, "KILL")  # by then everything has been reported
    result = workers.submit(kills.disturb, early, first_checkpoint).result()
    assert result.code == -9
    assert any("was acknowledged and no entry has it" in problem for problem in result.problems)


# power cuts


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_source(tmp_path_factory.mktemp("recordings") / "source", small=6, large=2, members=2)


@pytest.mark.root
@pytest.mark.parametrize("apart", [False, True])
def test_power_cuts_lose_nothing_acknowledged(apart: bool, workers: ProcessPoolExecutor, recordings: Path) -> None:
    task = cuts.Task("ext4", apart, cuts=5, seed=2026 + apart, source=recordings)
    tally = workers.submit(cuts.cut_repeatedly, task).result()
    assert tally.problems == []
    assert tally.cuts == 5
    assert tally.acknowledged > 0


@pytest.mark.root
@pytest.mark.parametrize("bug", ["no-data-sync", "no-name-sync"])
def test_power_cuts_catch_planted_bugs(bug: str, workers: ProcessPoolExecutor, recordings: Path) -> None:
    task = cuts.Task("ext4", True, cuts=15, seed=7, source=recordings, alteration=bug, stop=True)
    assert workers.submit(cuts.cut_repeatedly, task).result().problems


# the judge


@pytest.fixture
def vault(stages: dict[str, kills.Stage], tmp_path: Path) -> Layout:
    return inside(Path(shutil.copytree(stages["rebuild"].template, tmp_path / "vault")))


@pytest.fixture
def told(stages: dict[str, kills.Stage]) -> list[dict[str, Any]]:
    return [dict(line) for line in stages["rebuild"].acknowledged]


def an_object(layout: Layout, line: dict[str, Any]) -> Path:
    digest = line["sha256"]
    return layout.stores["a"] / "objects" / digest[:2] / digest[2:4] / digest


def change(path: Path, at: int = -1, by: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= by
    path.chmod(0o640)
    path.write_bytes(data)


def test_the_judge_passes_what_is_whole(vault: Layout, told: list[dict[str, Any]]) -> None:
    verdict = vault.judge(told, at_least=vault.entries)
    assert verdict.faults == ()
    assert verdict.acknowledged == len(told) == 6
    assert verdict.objects == 12
    assert verdict.entries == vault.entries
    assert verdict.unnamed == frozenset()


def test_the_judge_sees_a_changed_bit(vault: Layout, told: list[dict[str, Any]]) -> None:
    change(an_object(vault, told[0]))
    assert any("hashes to" in fault for fault in vault.judge([]).faults)


def test_the_judge_sees_half_an_object(vault: Layout, told: list[dict[str, Any]]) -> None:
    half = an_object(vault, told[1])
    half.chmod(0o640)
    half.write_bytes(half.read_bytes()[:100])
    assert any("of 100 bytes hashes to" in fault for fault in vault.judge([]).faults)


def test_the_judge_misses_an_object_though_nothing_was_acknowledged(vault: Layout, told: list[dict[str, Any]]) -> None:
    an_object(vault, told[2]).unlink()
    assert any("which is not on a" in fault for fault in vault.judge([]).faults)
    assert any("is not there whole" in fault for fault in vault.judge(told).faults)


def test_the_judge_sees_a_stray_file_and_an_object_without_an_entry(vault: Layout) -> None:
    (vault.stores["b"] / "objects" / "部分.tmp").write_bytes(b"")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    orphan = vault.stores["b"] / "objects" / digest[:2] / digest[2:4] / digest
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    verdict = vault.judge([])
    assert verdict.faults == ("b: objects/部分.tmp is no object's place",)
    assert verdict.unnamed == {f"b:{digest}"}


def test_the_judge_believes_no_changed_journal(vault: Layout) -> None:
    journal = vault.stores["a"] / "journal"
    size = vault.entries
    for path, at, said in (
        (journal / "tile" / "entries" / "000.p" / str(size), -5, "root is not that of the entries"),
        (journal / "tile" / "0" / "000.p" / str(size), -5, "does not follow from the entries"),
        (journal / "checkpoint", 40, "signature is false"),
        (journal / "checkpoint", 2, "not that of this journal"),
    ):
        change(path, at)
        assert any(said in fault for fault in vault.judge([]).faults), path
        change(path, at)
    assert vault.judge([]).passed


def test_the_judge_notices_a_journal_that_went_back(vault: Layout, told: list[dict[str, Any]]) -> None:
    size = vault.entries
    shutil.rmtree(vault.stores["a"] / "journal")
    assert vault.judge([]).passed  # as before the first checkpoint
    faults = vault.judge(told, at_least=size).faults
    assert f"a: the journal has 0 entries, it had {size}" in faults
    assert any("a: record" in fault and "no entry has it" in fault for fault in faults)


def test_the_judge_notices_two_histories(vault: Layout) -> None:
    """Whoever has the key can sign another journal; the stores then contradict each other."""
    entry = '{"act":"vault.created","by":"王芳"}'.encode()
    leaf = hashlib.sha256(b"\0" + entry).digest()
    name, key_id, _ = vault.vkey.split("+", 2)
    text = f"{name}\n1\n{base64.b64encode(leaf).decode()}\n"
    key = load_pem_private_key((vault.home / "journal.key").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    signature = base64.b64encode(bytes.fromhex(key_id) + key.sign(text.encode())).decode()
    journal = vault.stores["b"] / "journal"
    shutil.rmtree(journal)
    for path, data in (
        ("tile/entries/000.p/1", len(entry).to_bytes(2, "big") + entry),
        ("tile/0/000.p/1", leaf),
        ("checkpoint", f"{text}\n— {name} {signature}\n".encode()),
    ):
        (journal / path).parent.mkdir(parents=True, exist_ok=True)
        (journal / path).write_bytes(data)
    assert vault.judge([]).faults == ("b: the journal tells another history than the other store's",)


def test_the_judge_holds_the_program_to_its_word(vault: Layout, told: list[dict[str, Any]]) -> None:
    unknown = {"record": "2026-0009999", "sha256": told[0]["sha256"], "result": "stored"}
    assert any("no entry has it" in fault for fault in vault.judge([unknown]).faults)
    wrong = told[0] | {"sha256": "0" * 64}
    assert any("does not name it" in fault for fault in vault.judge([wrong]).faults)
    assert vault.judge([{"result": "rejected", "file": "坏文件.mp4"}]).passed
    assert judge({}, vault.vkey, told).faults


def test_half_a_line_was_never_said() -> None:
    assert read_acknowledged(b'{"record":"2026-0000001"}\n{"record":"2026-00') == [{"record": "2026-0000001"}]
