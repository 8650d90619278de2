"""How fast copies are moved, if strongroom.toml says so: each byte counts once, and an intake is not slowed."""

import time
from pathlib import Path

import pytest

from ops.config import FILE, StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests.vault.scene import flip, noise, place_of, scrubbed, take_in
from vault.bandwidth import Bandwidth
from vault.catalogue.plans import plan_all
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.membership import set_standing
from vault.moving import Mover, moving
from vault.scrub import Budget
from vault.store import Vault

CONTENTS = [noise(200_000 + number, number) for number in range(3)]
SIZE = sum(map(len, CONTENTS))
BESIDE = 50_000  # bytes of the journal, which goes over a line, too


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes that were waited for, by whoever would have waited."""
    counted: list[int] = []

    def take(self: Bandwidth, size: int) -> None:
        if not self.resting:
            counted.append(size)

    monkeypatch.setattr(Bandwidth, "take", take)
    return counted


def begun(home: Path, working: Working, kind: str, pace: str = "20 MB/s") -> Path:
    """A vault with two disks and a third store, two copies wanted, and a pace for moving."""
    stores = [StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙")]
    third = StoreConfig(name="丙", kind=kind, location="丙" if kind == "disk" else f"file://{home}/丙")
    (home / "丙").mkdir(parents=True)
    init_vault(home, "", "dengzhou", (*stores, third), working)
    text = (home / FILE).read_text(encoding="utf-8").replace("[copies]\n", "[copies]\nwanted = 2\n")
    (home / FILE).write_text(f'{text}\n[moving]\nbandwidth = "{pace}"\n', encoding="utf-8")
    return home


def bring(vault: Vault) -> Mover:
    plan_all(vault.database, vault.setting.rules, vault.now())
    mover = Mover(vault, Budget(), int)
    with moving(vault):
        mover.bring(list(vault.stores))
    return mover


@pytest.mark.parametrize("kind", ["disk", "fsspec"])
def test_each_byte_that_is_brought_counts_once(tmp_path: Path, working: Working, taken: list[int], kind: str) -> None:
    with open_vault(begun(tmp_path / "档案库", working, kind), working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
        set_standing(vault, "甲", "emptying", "换盘")
        assert taken == []
        mover = bring(vault)
        assert mover.reports["丙"].brought == 3
        assert SIZE <= sum(taken) < SIZE + BESIDE
        taken.clear()
        with moving(vault):
            mover.let_go(["甲"])
        assert mover.reports["甲"].let_go == 3
        assert 2 * SIZE <= sum(taken) < 2 * SIZE + BESIDE, "the copies that stay were read"


@pytest.mark.parametrize("kind", ["disk", "fsspec"])
def test_a_scrub_goes_as_fast_as_it_can(tmp_path: Path, working: Working, taken: list[int], kind: str) -> None:
    with open_vault(begun(tmp_path / "档案库", working, kind), working) as vault:
        take_in(vault, [CONTENTS[1]])
        flip(place_of(vault, "丙", CONTENTS[1]))
        assert sum(report.healed for report in scrubbed(vault)) == 1
    assert taken == []


def test_an_intake_goes_as_fast_as_it_can(tmp_path: Path, working: Working) -> None:
    (tmp_path / "一.mp4").write_bytes(CONTENTS[0])
    request = Request(paths=(tmp_path / "一.mp4",), facts=Facts(section="监督检查科"))
    with open_vault(begun(tmp_path / "档案库", working, "fsspec", "10 KB/s"), working) as vault:
        began = time.monotonic()
        assert [one.result for one in Intake(vault, request, int).run()] == ["stored"]
        assert time.monotonic() - began < SIZE / 3 / 10_000 / 2, "it works in processes of its own"


def test_moving_takes_its_time(tmp_path: Path, working: Working) -> None:
    with open_vault(begun(tmp_path / "档案库", working, "disk", "2 MB/s"), working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
        set_standing(vault, "甲", "emptying", "换盘")
        began = time.monotonic()
        bring(vault)
        assert time.monotonic() - began >= SIZE / 2_000_000
