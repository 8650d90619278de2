"""The rehearsed rebuild: it passes where a store would do, fails where it would not, and shows nothing of nothing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.conftest import SettableClock
from tests.vault.scene import (
    NOW,
    acts_in,
    assert_sound,
    away,
    entries_so_far,
    export,
    flip,
    journal_acts,
    noise,
    place_of,
    root_of,
    rows_of,
    sql,
    take_in,
)
from vault import acts, corrections
from vault.digest import Digest
from vault.drill import SCRATCH, TURN, Report, drill
from vault.errors import Busy, StoreForeign, StoreNotMounted, TargetProblem
from vault.rebuild import rebuild
from vault.store import Vault
from vault.turns import taking

CONTENTS = [noise(2_000 + n, n) for n in range(6)]
MANY = 310  # files: their list does not fit into an entry


@pytest.fixture(scope="module")
def stocked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven records, the last of them with a list of files that is an object. Not to be touched."""
    home = Path(shutil.copytree(template, tmp_path_factory.mktemp("stocked") / "档案库"))
    with open_vault(home, Working(person="李建国", clock=lambda: NOW)) as vault:
        take_in(vault, *([data] for data in CONTENTS), [noise(60, 100 + n) for n in range(MANY)])
    return home


@pytest.fixture
def home(stocked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stocked, tmp_path / "档案库"))


@pytest.fixture
def clean(home: Path) -> Iterator[None]:
    yield
    assert list(home.glob(f"{SCRATCH}*")) == []


def drilled(vault: Vault, name: str | None = None, sample: int = 400) -> Report:
    return drill(vault, name, sample, None, int)


def moments(vault: Vault) -> dict[object, tuple[object, object]]:
    rows = rows_of(vault, "SELECT name, drilled_at, drill_passed_at FROM store")
    return {name: (done, passed) for name, done, passed in rows}


@pytest.mark.usefixtures("clean")
def test_a_store_that_would_do(vault: Vault) -> None:
    before = entries_so_far(vault)
    report = drilled(vault, "乙")
    assert report.passed
    assert (report.failed, report.skipped, report.faults) == (0, 0, [])
    assert report.entries == before
    assert report.objects == 6 + MANY + 1, "every object, where the sample is larger than the vault"
    assert report.bytes > sum(map(len, CONTENTS)) + MANY * 60
    assert report.rows > 900
    (entered,) = journal_acts(vault, before)
    assert isinstance(entered, acts.RestoreDrilled)
    assert (entered.store, entered.objects, entered.failed) == ("乙", report.objects, 0)
    assert moments(vault) == {"甲": (None, None), "乙": ("2026-11-21T01:30:00Z", "2026-11-21T01:30:00Z")}
    assert_sound(vault)


def test_without_a_name_each_has_its_turn(vault: Vault, clock: SettableClock) -> None:
    names = []
    for _ in range(4):
        clock.advance(hours=1)
        names.append(drilled(vault, sample=3).store)
    assert names == ["甲", "乙", "甲", "乙"]


def test_a_sample_is_as_large_as_was_asked_for_and_not_always_the_same(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("vault.drill.hash_copy", lambda _store, digest: seen.append(digest) or digest)
    assert [drilled(vault, "甲", 10).objects for _ in range(3)] == [10, 10, 10]
    assert len(set(seen)) > 10


def test_an_empty_vault_shows_nothing(template: Path, tmp_path: Path, working: Working) -> None:
    with open_vault(Path(shutil.copytree(template, tmp_path / "空库")), working) as vault:
        report = drilled(vault)
        assert (report.objects, report.failed, report.skipped) == (0, 0, 0)
        assert not report.passed
        assert moments(vault)["甲"] == ("2026-11-21T01:30:00Z", None)


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("harm", ["rot", "loss", "list"])
def test_what_is_not_there_or_not_right_is_found(vault: Vault, harm: str) -> None:
    """The other store is whole, and does not count."""
    if harm == "list":
        ((sha256,),) = rows_of(vault, "SELECT sha256 FROM object WHERE id NOT IN (SELECT object_id FROM record_file)")
        (place,) = root_of(vault, "甲").rglob(Digest(sha256).hex)
    else:
        place = place_of(vault, "甲", CONTENTS[2])
    flip(place) if harm != "loss" else place.unlink()
    report = drilled(vault, "甲")
    assert not report.passed
    assert report.failed == 1
    assert place.name in report.faults[0].en
    assert bool(report.rows) == (harm != "list"), "without a list of files that store brings nothing back"
    assert moments(vault)["甲"] == ("2026-11-21T01:30:00Z", None)
    assert drilled(vault, "乙").passed


def harm_bundle(home: Path, vault: Vault) -> None:
    (entries,) = {path.parent for path in (home / "甲/journal/tile/entries").rglob("*") if path.is_file()}
    flip(max(entries.iterdir(), key=lambda path: int(path.name)), 800)


def harm_checkpoint(home: Path, vault: Vault) -> None:
    flip(home / "甲/journal/checkpoint", 60)


def harm_catalogue(home: Path, vault: Vault) -> None:
    sql(vault, "UPDATE record SET party = '王方' WHERE id = 1")


def harm_twice(home: Path, vault: Vault) -> None:
    sql(vault, "DELETE FROM hold", "DELETE FROM record_file WHERE record_id = 2")


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("harm", [harm_bundle, harm_checkpoint, harm_catalogue, harm_twice])
def test_a_rebuild_that_would_give_something_else_is_found(home: Path, vault: Vault, harm: object) -> None:
    corrections.place_hold(vault, rows_of(vault, "SELECT number FROM record WHERE id = 1")[0][0], "信访", "办公室")  # type: ignore[arg-type]
    assert callable(harm)
    assert drilled(vault, "甲").passed
    harm(home, vault)
    report = drilled(vault, "甲")
    assert report.failed
    assert report.faults
    assert not report.passed


def test_a_store_whose_journal_is_behind_would_not_do(home: Path, working: Working, vault: Vault) -> None:
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as vault:
        with away(vault, "乙"):
            take_in(vault, *([noise(100, n)] for n in range(500, 800)), on=["甲"])
        report = drilled(vault, "乙")
        assert report.faults[0].en.startswith("乙: its journal ends at entry ")
        assert not report.passed
        assert drilled(vault, "甲").passed


def test_what_is_on_no_store_yet_is_no_fault(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that wait in the outbox are in the catalogue, and will be on the stores."""
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "publish", lambda self: None)
        corrections.open_case(vault, "邓财监〔2026〕12号", "王芳案", vault.now().date(), "立案")
        report = drilled(vault, "甲")
    assert report.passed
    assert report.entries < entries_so_far(vault) - 1
    vault.publish()
    assert_sound(vault)


def test_a_store_that_is_away_or_another_vaults_is_not_drilled(
    home: Path, vault: Vault, template: Path, tmp_path: Path
) -> None:
    before = entries_so_far(vault)
    with away(vault, "甲"), pytest.raises(StoreNotMounted):
        drilled(vault, "甲")
    (home / "甲").rename(home / "原盘")
    shutil.copytree(template / "甲", home / "甲")
    marker = home / "甲/strongroom.json"
    marker.chmod(0o600)
    marker.write_text(marker.read_text().replace(vault.setting.vault_id, "0" * 16))
    with pytest.raises(StoreForeign):
        drilled(vault, "甲")
    assert entries_so_far(vault) == before


@pytest.mark.usefixtures("clean")
def test_a_store_that_falls_silent_is_skipped_not_failed(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    from vault import drill as module

    read = module.hash_copy

    def unplug(store: object, digest: object) -> object:
        root = root_of(vault, "甲")
        if root.exists():
            root.rename(root.with_name("甲（已拔出）"))
        return read(store, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "hash_copy", unplug)
    report = drilled(vault, "甲", 5)
    assert (report.objects, report.failed, report.skipped) == (0, 0, 5)
    assert report.trouble is not None
    assert not report.passed
    root_of(vault, "甲").with_name("甲（已拔出）").rename(root_of(vault, "甲"))


def test_a_copy_that_was_lawfully_moved_meanwhile_is_no_loss(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    from vault import drill as module

    read = module.hash_copy
    gone = [vault.stores["甲"]]

    def let_go(store: object, digest: object) -> object:
        if gone:
            gone.clear()
            act = acts.CopiesRemoved(at=vault.now(), by="王芳", store="甲", sha256=(digest.hex,))  # type: ignore[attr-defined]
            vault.commit(lambda _: [act])
            place_of(vault, "甲", digest).unlink()  # type: ignore[arg-type]
        return read(store, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "hash_copy", let_go)
    report = drilled(vault, "甲", 5)
    assert (report.objects, report.failed) == (4, 0)
    assert report.passed


@pytest.mark.usefixtures("clean")
def test_what_a_killed_drill_left_goes_with_the_next(home: Path, vault: Vault) -> None:
    left = home / f"{SCRATCH}-{vault.setting.vault_id}"
    left.mkdir()
    (left / "catalogue.db").write_bytes(b"half" * 1000)
    assert drilled(vault, "甲", 3).passed


def test_the_scratch_goes_where_there_is_room(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "宽敞").mkdir()
    there: list[str] = []
    monkeypatch.setattr(
        "vault.drill.hash_copy", lambda _store, digest: there.extend(os.listdir(tmp_path / "宽敞")) or digest
    )
    drill(vault, "甲", 1, tmp_path / "宽敞", int)
    assert there == [f"{SCRATCH}-{vault.setting.vault_id}"]
    assert os.listdir(tmp_path / "宽敞") == []
    with pytest.raises(TargetProblem):
        drill(vault, "甲", 1, tmp_path / "没有", int)


@pytest.mark.sqlite("no room for a second file")
def test_without_room_for_a_second_file_nothing_is_done(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    size = vault.database.size()
    free = type("Free", (), {"f_bavail": size, "f_frsize": 1})
    monkeypatch.setattr("vault.outputs.os.statvfs", lambda _path: free)
    with pytest.raises(TargetProblem, match="are free"):
        drilled(vault, "甲")


def test_one_at_a_time(vault: Vault) -> None:
    with taking(vault.database.turns, TURN), pytest.raises(Busy):
        drilled(vault)
    assert drilled(vault).passed


def test_a_rebuild_knows_the_drills(vault: Vault, clock: SettableClock) -> None:
    drilled(vault, "甲")
    flip(place_of(vault, "乙", CONTENTS[0]))
    clock.advance(hours=1)
    drilled(vault, "乙")
    before, known = export(vault), moments(vault)
    assert known["乙"] == ("2026-11-21T02:30:00Z", None)
    rebuild(vault, None)
    assert moments(vault) == known
    with vault.database.reading() as connection:
        assert len(acts_in(connection, "restore.drilled")) == 2
    assert export(vault)["record"] == before["record"]
