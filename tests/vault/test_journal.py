"""The journal on the stores: published before anything is reported, finished after a crash, the same on every store."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.keys import FILE as KEY
from ops.keys import make_key
from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import copy_beside, put_back
from tests.vault.scene import (
    assert_sound,
    away,
    findings,
    flip,
    root_of,
    rows_of,
    scrubbed,
    sql,
    take_in,
    told,
    tree,
)
from vault import acts, note
from vault.errors import CatalogueBroken, JournalBroken, StoreUnavailable
from vault.journal import read_bundle, read_checkpoint
from vault.rebuild import rebuild
from vault.store import Vault
from vault.text import Text

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def viewed(count: int, start: int = 0) -> Sequence[acts.AnyAct]:
    return [
        acts.RecordViewed(at=NOW, by="王芳", record="2026-0000001", how="get", approved_by=("赵局长",), why=f"第{n}次")
        for n in range(start, start + count)
    ]


def write(vault: Vault, count: int, start: int = 0) -> None:
    vault.commit(lambda _: viewed(count, start))


def sizes(vault: Vault) -> dict[str, int]:
    return {name: read_checkpoint(store, vault.verifier).size for name, store in vault.stores.items()}


def journal(vault: Vault, store: str) -> dict[str, str]:
    return tree(root_of(vault, store) / "journal")


@pytest.fixture
def lenient(home: Path, working: Working) -> Path:
    """The vault's folder, one durable copy being enough."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    return home


class _PowerCut(Exception):
    """Nothing after this happens."""


def cut_power(vault: Vault, monkeypatch: pytest.MonkeyPatch, where: str, after: int = 0) -> None:
    """From the call after so many on, the process is as good as gone."""
    calls = iter(range(1_000))
    real = getattr(DiskStore, where)

    def die(self: DiskStore, *arguments: object) -> None:
        if next(calls) >= after:
            raise _PowerCut
        real(self, *arguments)

    monkeypatch.setattr(DiskStore, where, die)


# publishing


def test_an_act_is_on_every_store_when_commit_returns(vault: Vault) -> None:
    size = sizes(vault)["甲"]
    write(vault, 1)
    assert sizes(vault) == {"甲": size + 1, "乙": size + 1}
    for store in vault.stores.values():
        assert acts.decode(read_bundle(store, 0, size + 1)[-1]) == viewed(1)[0]
    assert journal(vault, "甲") == journal(vault, "乙")


def test_no_act_writes_no_checkpoint(vault: Vault) -> None:
    before = tree(vault.setting.home / "甲")
    vault.commit(lambda _: [])
    assert tree(vault.setting.home / "甲") == before


def test_a_journal_of_several_levels_keeps_only_the_tiles_it_needs(vault: Vault) -> None:
    for start in range(0, 1_040, 130):
        write(vault, 130, start)
    size = sizes(vault)["甲"]
    assert size == 1_043
    for store in ("甲", "乙"):
        files = set(journal(vault, store))
        assert {"tile/0/000", "tile/0/003", "tile/entries/003"} <= files
        assert {"tile/0/004.p/19", "tile/1/000.p/4", "tile/entries/004.p/19"} <= files
        assert not any(path.startswith(("tile/0/003.p", "tile/entries/000.p")) for path in files), "superseded"
    assert_sound(vault)


def test_an_entry_that_fails_to_be_drafted_leaves_nothing(vault: Vault) -> None:
    before = tree(vault.setting.home / "甲"), rows_of(vault, "SELECT * FROM journal")

    def draft(_: object) -> Sequence[acts.AnyAct]:
        raise JournalBroken(Text(en="no", zh="不"))

    with pytest.raises(JournalBroken):
        vault.commit(draft)
    assert (tree(vault.setting.home / "甲"), rows_of(vault, "SELECT * FROM journal")) == before


# crashes


@pytest.mark.parametrize(
    ("where", "after"),
    [("create_files", 0), ("replace_file", 0), ("create_files", 1), ("replace_file", 1), ("remove_files", 0)],
)
def test_what_a_crash_left_in_the_outbox_is_published_next_time(
    home: Path, working: Working, where: str, after: int
) -> None:
    with open_vault(home, working) as vault:
        write(vault, 253)  # 256 with the first ones: the next act supersedes partial tiles
        write(vault, 200)
        size = sizes(vault)["甲"]
        with pytest.MonkeyPatch.context() as patch:
            cut_power(vault, patch, where, after)
            with pytest.raises(_PowerCut):
                write(vault, 200, 500)
    with open_vault(home, working) as vault:
        assert_sound_but_pending(vault)
        write(vault, 1, 1_000)
        assert sizes(vault) == {"甲": size + 201, "乙": size + 201}
        entries = [acts.decode(entry) for entry in read_bundle(vault.stores["乙"], 1, 256)]
        assert entries[size + 10 - 256] == viewed(1, 510)[0]
        assert_sound(vault)


def assert_sound_but_pending(vault: Vault) -> None:
    """乙 may lack a checkpoint that the crash kept from it."""
    found, count = findings(vault)
    assert {finding.kind for finding in found} <= {"pending", "behind"}
    assert count.passed


# stores that are away


def test_too_few_stores_is_no_success_and_nothing_is_lost(vault: Vault) -> None:
    size = sizes(vault)["甲"]
    with away(vault, "乙"), pytest.raises(StoreUnavailable, match="乙"):
        write(vault, 1)
    assert sizes(vault)["甲"] == size  # asked for again it would have happened twice
    write(vault, 1, 1)
    assert sizes(vault) == {"甲": size + 1, "乙": size + 1}
    assert_sound(vault)


def test_with_one_store_enough_the_other_is_caught_up_when_it_is_back(lenient: Path, working: Working) -> None:
    with open_vault(lenient, working) as vault:
        write(vault, 300)
        with away(vault, "乙"):
            for start in range(0, 600, 100):
                write(vault, 100, start)
            assert not (root_of(vault, "乙")).exists()
        assert sizes(vault) == {"甲": 903, "乙": 303}
        assert told(vault) == {("behind", "乙", "journal/checkpoint")}
        write(vault, 1)
        assert sizes(vault) == {"甲": 904, "乙": 904}
        assert_sound(vault)
        assert set(journal(vault, "甲").items()) <= set(journal(vault, "乙").items())


def test_a_store_that_lags_is_not_fed_while_nobody_can_lend(lenient: Path, working: Working) -> None:
    with open_vault(lenient, working) as vault:
        with away(vault, "乙"):
            write(vault, 10)
        with away(vault, "甲"), pytest.raises(StoreUnavailable):
            write(vault, 1, 10)
        assert sizes(vault)["乙"] == 3
        write(vault, 1, 11)
        assert sizes(vault) == {"甲": 15, "乙": 15}
        assert_sound(vault)


def test_a_leftover_that_cannot_be_removed_does_not_make_a_success_a_failure(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: DiskStore, paths: Sequence[str]) -> None:
        raise StoreUnavailable(Text(en="gone", zh="断开"))

    monkeypatch.setattr(DiskStore, "remove_files", fail)
    write(vault, 300)
    assert sizes(vault) == {"甲": 303, "乙": 303}
    assert_sound(vault)


# a catalogue that is not what it was


def test_a_catalogue_put_back_from_a_backup_is_refused_with_the_way_out(home: Path, working: Working) -> None:
    copy_beside(home, "backup")
    with open_vault(home, working) as vault:
        take_in(vault, [b"one"])
    put_back(home, "backup")
    before = tree(home / "甲")
    with pytest.raises(CatalogueBroken, match="4 entries, the catalogue only 3") as refused, open_vault(home, working):
        pass
    assert "strongroom rebuild" in refused.value.hint.en
    assert "strongroom rebuild" in refused.value.hint.zh
    assert tree(home / "甲") == before
    with closed_vault(home, working) as vault:
        assert rebuild(vault, None) == 4
    with open_vault(home, working) as vault:
        assert_sound(vault)


def tail_entry(vault: Vault) -> None:
    for seq, entry in rows_of(vault, "SELECT seq, entry FROM outbox"):
        assert isinstance(entry, bytes)
        other = entry.replace("第0次".encode(), "第9次".encode())
        sql(vault, f"UPDATE outbox SET entry = x'{other.hex()}' WHERE seq = {seq}")


def lost_entry(vault: Vault) -> None:
    sql(vault, "DELETE FROM outbox WHERE seq = 1")


def edge(vault: Vault) -> None:
    sql(vault, "UPDATE published SET edge = CAST(substr(edge, 1, 60) || x'00' || substr(edge, 62) AS BLOB)")


def edge_as_text(vault: Vault) -> None:
    sql(vault, "UPDATE published SET edge = 'edge'")


def shorter_edge(vault: Vault) -> None:
    sql(vault, "UPDATE published SET edge = substr(edge, 1, 40)")


@pytest.mark.parametrize("harm", [tail_entry, lost_entry, edge, edge_as_text, shorter_edge])
def test_nothing_is_signed_on_the_word_of_a_rotten_catalogue(vault: Vault, harm: object) -> None:
    write(vault, 5)
    before = tree(root_of(vault, "甲")), tree(root_of(vault, "乙"))
    assert callable(harm)
    harm(vault)
    assert {kind for kind, _, _ in told(vault)} == {"catalogue"}
    with pytest.raises(CatalogueBroken, match=r"nothing was signed|bytes instead of"):
        write(vault, 1, 5)
    assert (tree(root_of(vault, "甲")), tree(root_of(vault, "乙"))) == before


def test_two_histories_signed_by_one_key_are_told_apart_and_healed_by_nobody(home: Path, working: Working) -> None:
    with open_vault(home, working) as vault:
        write(vault, 300)
        size = 303
    shutil.copytree(home, home.with_name("另一份"))
    with open_vault(home.with_name("另一份"), working) as twin:
        write(twin, 1, 7_000)
        assert sizes(twin)["乙"] == size + 1
    with open_vault(home, working) as vault:
        write(vault, 2, 400)
        shutil.rmtree(home / "乙" / "journal")
        shutil.copytree(home.with_name("另一份") / "乙" / "journal", home / "乙" / "journal")
        before = tree(home / "甲"), tree(home / "乙")
        assert ("journal", "", "journal/checkpoint") in told(vault)
        with pytest.raises(JournalBroken, match="two different histories"):
            scrubbed(vault)
        assert (tree(home / "甲"), tree(home / "乙")) == before


def test_a_damaged_tile_beside_a_store_that_lags_is_no_second_history(lenient: Path, working: Working) -> None:
    """It was: the proof of consistency was made from the damaged tile."""
    with open_vault(lenient, working) as vault:
        write(vault, 300)
        with away(vault, "乙"):
            write(vault, 300, 300)
        flip(root_of(vault, "甲") / "journal" / "tile/0/001")  # 乙 has only its beginning
        assert not any("histories" in finding.text.en for finding in findings(vault)[0])
        assert [report.lost for report in scrubbed(vault)] == [["journal/tile/0/001", "journal/tile/entries/001"]] * 2
        flip(root_of(vault, "甲") / "journal" / "tile/0/001")  # as it was
        flip(root_of(vault, "甲") / "journal" / "tile/0/000")
        assert ("journal", "甲", "journal/tile/0/000") in told(vault)
        assert all(report.passed for report in scrubbed(vault))
        assert_sound(vault)


# opening


def test_one_damaged_checkpoint_does_not_bar_the_way_to_healing_it(home: Path, working: Working) -> None:
    flip(home / "乙" / "journal" / "checkpoint", 200)
    with open_vault(home, working) as vault:
        assert told(vault) == {("journal", "乙", "journal/checkpoint")}
        scrubbed(vault)
        assert_sound(vault)


def test_a_vault_none_of_whose_checkpoints_is_good_is_not_opened(home: Path, working: Working) -> None:
    for store in ("甲", "乙"):
        flip(home / store / "journal" / "checkpoint", 200)
    with pytest.raises(JournalBroken), open_vault(home, working):
        pass


def test_another_key_signs_nothing_here(home: Path, working: Working) -> None:
    (home / KEY).unlink()
    make_key(home, "strongroom/foreign")
    before = tree(home / "甲")
    with pytest.raises(JournalBroken, match="is not the key that signed"), open_vault(home, working):
        pass
    assert tree(home / "甲") == before


def test_checkpoints_are_notes_that_name_the_vault(vault: Vault) -> None:
    signed = (root_of(vault, "甲") / "journal" / "checkpoint").read_bytes()
    found = note.open_checkpoint(signed, vault.verifier)
    assert found.origin == f"strongroom/{vault.setting.vault_id}"
