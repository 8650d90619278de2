"""What a store lacks though it answers, and what cannot be read there: `store status` and `store probe` say it."""

# ruff: noqa: F811  # fixtures of another module are parameters here

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.ops.conftest import Done, Program
from tests.ops.test_stores import Adds, add, call, home  # noqa: F401


@pytest.fixture
def two(run: Program, home: Path, add: Adds) -> Path:
    """A second store with copies of all; where it lies."""
    add("b", "disk", "../乙", "")
    assert call(run, "store", "attach", "b").code == 0
    assert call(run, "repair").code == 0
    return run.cwd / "乙"


def row(done: Done, name: str) -> dict[str, Any]:
    (one,) = [one for one in done.lines if one["store"] == name]
    return one


def objects_gone(store: Path) -> None:
    shutil.rmtree(store / "objects")


def all_cut_short(store: Path) -> None:
    for path in (path for path in (store / "objects").rglob("*") if path.is_file()):
        path.chmod(0o640)
        path.write_bytes(path.read_bytes()[:-1])


def journal_gone(store: Path) -> None:
    shutil.rmtree(store / "journal")


@pytest.mark.parametrize(
    ("harm", "en", "zh"),
    [
        (objects_gone, "3 of 3 copies that were looked for are not there", "抽查 3 个副本，缺失 3 个"),
        (all_cut_short, "3 of 3 copies that were looked for have another size", "抽查 3 个副本，3 个大小不符"),
        (journal_gone, "does not have journal/checkpoint", "没有 journal/checkpoint"),
    ],
)
def test_what_a_store_lacks_is_told_within_one_look(
    run: Program, two: Path, harm: Callable[[Path], None], en: str, zh: str
) -> None:
    """While its marker was there it was "up": only scrub and fsck saw that it was empty."""
    harm(two)
    status = call(run, "store", "status")
    assert (status.code, en in status.out) == (3, True)
    assert "strongroom scrub" in status.err
    assert zh in run("--vault", "库", "store", "status", expect=3, language="zh").out
    told = row(call(run, "store", "status", "--json"), "b")
    assert (told["up"], told["whole"], en in told["trouble"]["en"]) == (True, False, True)
    metrics = call(run, "metrics").out
    assert 'strongroom_store_up{store="b"} 1.0' in metrics
    assert 'strongroom_store_whole{store="b"} 0.0' in metrics
    assert 'strongroom_store_whole{store="a"} 1.0' in metrics
    probed = call(run, "store", "probe", "b")
    assert (probed.code, en in probed.err) == (3, True)
    assert call(run, "scrub").code == 0
    healed = call(run, "store", "status", "--json")
    assert (healed.code, row(healed, "b")["whole"], row(healed, "b")["trouble"]) == (0, True, None)


def test_a_store_that_is_away_is_neither_whole_nor_not(run: Program, two: Path) -> None:
    two.rename(run.cwd / "别处")
    status = call(run, "store", "status", "--json")
    assert (status.code, row(status, "b")["up"], row(status, "b")["whole"]) == (5, False, None)
    assert "strongroom_store_whole{" in (metrics := call(run, "metrics").out)
    assert 'strongroom_store_whole{store="b"}' not in metrics


def test_a_sealed_store_that_cannot_be_read_here_says_why(run: Program, home: Path, add: Adds) -> None:
    """It was "up", whatever key there was; nothing could have been read back from it."""
    house, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    (run.cwd / "云").mkdir()
    add("云", "fsspec", f"file://{run.cwd}/云", f'age_identity = "{other}"\n')
    config, secret = home / "strongroom.toml", home / "云.secret"
    said = config.read_text(encoding="utf-8")
    config.write_text(f'{said}recipients = ["{house.to_public()}"]\n', encoding="utf-8")
    refused = call(run, "store", "attach", "云")
    assert (refused.code, "Store 云: age_identity: it opens nothing" in refused.err) == (2, True)
    secret.write_text(f'age_identity = "{house}"\n', encoding="utf-8")
    assert call(run, "store", "attach", "云").code == 0
    assert call(run, "repair").code == 0
    assert call(run, "store", "status").code == 0

    secret.write_text(f'age_identity = "{other}"\n', encoding="utf-8")
    shut = call(run, "store", "status")
    assert (shut.code, "云: Store 云: age_identity: it opens nothing" in shut.out) == (5, True)
    assert "age-keygen -y" in shut.err
    assert call(run, "store", "probe", "云").code == 2

    config.write_text(f'{said}recipients = ["{other.to_public()}"]\n', encoding="utf-8")
    sealed = call(run, "store", "status")
    assert (sealed.code, "云: Store 云: what lies there is sealed for other keys" in sealed.out) == (5, True)
    probed = call(run, "store", "probe", "云")
    assert (probed.code, "sealed for other keys" in probed.err, "Add the identity" in probed.err) == (5, True, True)

    secret.write_text(f'age_identity = "{other} {house}"\n', encoding="utf-8")
    assert call(run, "store", "status").code == 0
    assert call(run, "store", "probe", "云").code == 0
