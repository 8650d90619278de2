"""A vault of which everything has been said that can be said of records, to be rebuilt."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.vault.disc_scene import fill_shelf
from tests.vault.scene import export, facts, noise, place_of, scrubbed, take_in
from vault import acts, adoption, corrections
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.store import Vault
from vault.terms import RetentionClass

CASE = "邓城管罚字〔2026〕第0000号"
MANY = 310  # files: their list does not fit into an entry


def fill(vault: Vault) -> None:
    """Everything that can be said of records, over more than two bundles of entries."""
    one, two, three = take_in(vault, [b"one", b"two"], [b"three"], [noise(5_000, 1)])
    take_in(vault, [b"only here"], on=["甲"])
    take_in(vault, [noise(60, n) for n in range(MANY)])
    take_in(vault, [b"one", b"two"])
    corrections.open_case(vault, CASE, "王芳占道经营案", date(2026, 11, 20), "立案")
    corrections.close_case(vault, CASE, date(2026, 11, 21), RetentionClass.TWENTY_FOUR_MONTHS, "结案")
    corrections.correct(vault, two, facts(7), "补录")
    hold = corrections.place_hold(vault, one, "行政复议", "法制科")
    corrections.release_hold(vault, hold, "复议终结")
    corrections.place_hold(vault, three, "信访", "办公室")
    corrections.raise_class(vault, two, RetentionClass.PERMANENT, "重大案件", "第9条")
    corrections.flag(vault, one, ("objection",), "投诉")
    fill_shelf(vault, one, two, three)
    viewed = acts.RecordViewed(at=vault.now(), by="王芳", record=one, how="get", approved_by=("赵局长",), why="查阅")
    vault.commit(lambda _: [viewed] * 560)
    for name in ("xinzhou", "dengzhou"):
        adoption.adopt(vault, load_profile(name), "局务会议纪要〔2026〕12号")
    place_of(vault, "乙", b"three").unlink()
    scrubbed(vault)


@pytest.fixture(scope="session")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be touched."""
    home = Path(shutil.copytree(template, tmp_path_factory.mktemp("filled") / "档案库"))
    with open_vault(home, Working(person="王芳", clock=lambda: datetime(2026, 11, 21, 1, 30, tzinfo=UTC))) as vault:
        fill(vault)
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "档案库"))


@pytest.fixture
def closed(home: Path, working: Working) -> Iterator[Vault]:
    with closed_vault(home, working) as vault:
        yield vault


def before_and_after(vault: Vault, name: str | None) -> None:
    """Rebuild, and compare all but the act itself."""
    before = export(vault)
    count = rebuild(vault, name)
    after = export(vault)
    (rebuilt,) = [row for row in after["journal"] if row[1] == "catalogue.rebuilt"]
    after["journal"].remove(rebuilt)
    assert [row[0] for row in after["meta"]] == ["expiry_paused", "rebuilt_at", "rebuilt_by"]
    after["meta"] = []
    for table, rows in before.items():
        assert after[table] == rows, table
    assert count == len(before["journal"])
    assert len(before["record_file"]) == MANY + 5
