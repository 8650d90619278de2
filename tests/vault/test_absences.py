"""Stores that were away a moment ago: who is asked, who is not, and what follows from it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backends.disk import DiskStore
from backends.memory import MemoryStore
from ops.config import FILE, StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests.vault.scene import assert_sound, away, noise, take_in, told
from vault import acts, note
from vault.absences import LONGEST, SHORTEST, Absences
from vault.errors import StoreFull, StoreUnavailable
from vault.healing import Damage, heal
from vault.store import Vault
from vault.text import Text

GONE = StoreUnavailable(Text(en="gone", zh="断开"))


class Watch:
    def __init__(self) -> None:
        self.shows = 1000.0

    def __call__(self) -> float:
        return self.shows


class Slow(MemoryStore):
    """Takes its time before it says that it is away."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        super().__init__("慢")
        self.asked = 0
        self._watch = watch
        self._seconds = seconds

    def read_file(self, path: str) -> bytes:
        self.asked += 1
        if self.away:
            self._watch.shows += self._seconds
        return super().read_file(path)


@pytest.mark.parametrize(("took", "remembered"), [(0.0, SHORTEST), (2.0, 20.0), (45.0, LONGEST)])
def test_it_is_asked_again_after_ten_times_as_long_as_it_took(took: float, remembered: float) -> None:
    watch = Watch()
    store, absences = Slow(watch, took), Absences(watch)
    store.away = True
    assert absences.silent(store) is not None
    watch.shows += remembered - 0.1
    assert absences.silent(store) is absences.lately_silent("慢") is absences.shut(store)
    assert store.asked == 1
    store.away = False
    watch.shows += 0.1
    assert absences.lately_silent("慢") is None
    assert absences.silent(store) is None
    assert store.asked == 2


def test_that_it_is_here_is_asked_each_time() -> None:
    watch = Watch()
    store, absences = Slow(watch, 0), Absences(watch)
    assert absences.shut(store) is None
    store.away = True
    assert absences.shut(store) is not None


def test_what_answers_is_no_longer_away() -> None:
    watch = Watch()
    store, absences = Slow(watch, 0), Absences(watch)
    store.away = True
    absences.silent(store)
    store.away = False
    assert absences.shut(store) is not None
    assert absences.shut(store, afresh=True) is None
    assert absences.lately_shut("慢") is absences.lately_silent("慢") is None


def test_a_full_store_can_be_read() -> None:
    store, absences = MemoryStore("满"), Absences()
    with pytest.raises(StoreFull), absences.writing("满"):
        raise StoreFull(Text(en="full", zh="已满"))
    assert isinstance(absences.shut(store), StoreFull)
    assert absences.silent(store) is None


# in the vault


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three stores, two of which are enough."""
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙", "丙"))
    working = Working(person="李建国", clock=lambda: datetime(2026, 11, 21, 1, 30, tzinfo=UTC))
    init_vault(tmp_path / "档案库", "", "dengzhou", stores, working)
    assert "minimum = 2" in (tmp_path / "档案库" / FILE).read_text(encoding="utf-8")
    return tmp_path / "档案库"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each store was asked anything that asks its disk, and how often a checkpoint was signed."""
    counted: Counter[str] = Counter()
    read, create, sign = DiskStore.read_file, DiskStore.create_files, note.sign_checkpoint

    def read_file(self: DiskStore, path: str) -> bytes:
        counted[self.name] += 1
        return read(self, path)

    def create_files(self: DiskStore, files: Sequence[tuple[str, bytes]]) -> None:
        counted[self.name] += 1
        create(self, files)

    def sign_checkpoint(*args: object) -> bytes:
        counted["签署"] += 1
        return sign(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(DiskStore, "read_file", read_file)
    monkeypatch.setattr(DiskStore, "create_files", create_files)
    monkeypatch.setattr(note, "sign_checkpoint", sign_checkpoint)
    return counted


def case(vault: Vault, number: int) -> None:
    act = acts.CaseFiled(at=vault.now(), by="李建国", case=f"邓财监〔2026〕{number}号")
    vault.commit(lambda _: [act])


def test_a_store_that_is_away_is_asked_once_and_each_commit_is_signed_once(
    three: Path, working: Working, calls: Counter[str]
) -> None:
    with open_vault(three, working) as vault, away(vault, "丙"):
        calls.clear()
        for number in range(10):
            case(vault, number)
        assert calls["丙"] == 1
        assert calls["签署"] == 10
    with open_vault(three, working) as vault:
        assert told(vault) == {("behind", "丙", "journal/checkpoint")}
        case(vault, 10)
        assert_sound(vault)


def test_no_commit_is_refused_on_account_of_what_is_remembered(three: Path, working: Working) -> None:
    with open_vault(three, working) as vault:
        with away(vault, "丙"):
            case(vault, 1)
        with pytest.raises(StoreUnavailable), vault.absences.reading("丙"):
            raise GONE
        with away(vault, "乙"):
            case(vault, 2)  # 丙 is here again, and it is needed
        case(vault, 3)
        assert_sound(vault)


def test_a_journal_that_two_stores_have_is_enough_and_one_is_not(three: Path, working: Working) -> None:
    with open_vault(three, working) as vault, away(vault, "丙"):
        case(vault, 1)
        with away(vault, "乙"), pytest.raises(StoreUnavailable):
            case(vault, 2)


def test_a_source_that_is_away_is_asked_once_and_what_it_may_have_is_not_lost(
    three: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Counter[str] = Counter()
    real = DiskStore.open

    def open_(self: DiskStore, *args: object) -> object:
        opened[self.name] += 1
        return real(self, *args)  # type: ignore[arg-type]

    with open_vault(three, working) as vault:
        take_in(vault, *[[noise(2000 + number, number)] for number in range(30)], on=["甲"])
        owed = [Damage("乙", info.digest, info.size, "owed") for info in vault.stores["甲"].list()]
        monkeypatch.setattr(DiskStore, "open", open_)
        with away(vault, "甲"):
            assert {damage.silent for damage in heal(vault, owed)} == {("甲",)}
        assert opened["甲"] == 1
        assert not heal(vault, owed)
