"""When a catalogue is not made anew, and the ways out: a store that is away or lags, damage, somebody at work."""

from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import all_there_is, lose
from tests.vault.rebuild_scene import before_and_after, closed, filled, home
from tests.vault.scene import assert_sound, away, flip, place_of, root_of, rows_of, scrubbed, take_in, told
from vault import acts
from vault.digest import Digest
from vault.errors import Busy, CatalogueBroken, IntegrityBroken, JournalBroken, StoreUnavailable
from vault.journalcheck import agree, check_journal
from vault.rebuild import rebuild
from vault.replay import proven_acts
from vault.store import Vault

__all__ = ["closed", "filled", "home"]  # the fixtures: a vault of which everything has been said


def test_a_store_that_is_away_may_have_a_newer_journal(home: Path, working: Working) -> None:
    """To go on without it was once to sign a second history, out of which no command led."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with closed_vault(home, working) as vault:
        with away(vault, "甲"):
            take_in(vault, [b"while it was away"], on=["乙"])
        before = rows_of(vault, "SELECT count(*) FROM journal")
        with away(vault, "乙"):
            with pytest.raises(StoreUnavailable, match="may be newer") as refused:
                rebuild(vault, None)
            assert "--from 甲" in refused.value.hint.en
        assert rows_of(vault, "SELECT count(*) FROM journal") == before
        rebuild(vault, None)
        scrubbed(vault)
        assert_sound(vault)


def test_the_entry_names_the_stores_that_were_there(home: Path, working: Working) -> None:
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with closed_vault(home, working) as vault:
        with away(vault, "乙"):
            rebuild(vault, "甲")
        rebuild(vault, None)
        stores = list(vault.stores.values())
        agreed = agree(stores, vault.verifier)
        said = [
            act.store for act in proven_acts(check_journal(stores, agreed)) if isinstance(act, acts.CatalogueRebuilt)
        ]
        assert said == ["甲", "甲, 乙"]


def test_two_histories_and_the_way_out(home: Path, working: Working) -> None:
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with closed_vault(home, working) as vault:
        with away(vault, "甲"):
            take_in(vault, [b"while it was away"], on=["乙"])
        with away(vault, "乙"):
            rebuild(vault, "甲")  # somebody insisted
        with pytest.raises(JournalBroken, match="two different histories") as told:
            rebuild(vault, None)
        assert "journal/" in told.value.hint.en
        store = vault.stores["甲"]
        assert isinstance(store, DiskStore)
        (store.root / "journal").rename(store.root / "journal.aside")
        rebuild(vault, None)
        scrubbed(vault)
        assert_sound(vault)


def harm_entry(folder: Path) -> None:
    flip(folder / "tile" / "entries" / "001", 12_345)


def harm_tile(folder: Path) -> None:
    flip(folder / "tile" / "0" / "000", 77)


def harm_checkpoint(folder: Path) -> None:
    flip(folder / "checkpoint", 120)


def lose_entry(folder: Path) -> None:
    (folder / "tile" / "entries" / "000").unlink()


@pytest.mark.parametrize("harm", [harm_entry, harm_tile, harm_checkpoint, lose_entry])
def test_a_damaged_lender_is_refused_and_without_a_name_the_other_store_lends(closed: Vault, harm: object) -> None:
    assert callable(harm)
    harm(root_of(closed, "甲") / "journal")
    before = all_there_is(closed.setting.home)
    with pytest.raises(IntegrityBroken, match="The journal on 甲 is not whole"):
        rebuild(closed, "甲")
    assert all_there_is(closed.setting.home) == before
    before_and_after(closed, None)
    scrubbed(closed)
    assert_sound(closed)


def test_damage_on_both_stores_in_different_files_leaves_one_whole_journal(home: Path, working: Working) -> None:
    """It left nobody to lend, and the scrub that was advised needs a catalogue."""
    harm_entry(home / "甲" / "journal")
    harm_tile(home / "乙" / "journal")
    lose_entry(home / "乙" / "journal")
    lose(home)
    with closed_vault(home, working) as vault:
        rebuild(vault, None)
    with open_vault(home, working) as vault:
        assert {store for _, store, _ in told(vault)} == {"甲", "乙"}
        assert all(report.passed for report in scrubbed(vault))
        assert_sound(vault)


def test_entries_damaged_on_both_stores_are_not_skipped_over(closed: Vault) -> None:
    harm_entry(root_of(closed, "甲") / "journal")
    flip(root_of(closed, "乙") / "journal" / "tile" / "entries" / "001", 999)
    before = all_there_is(closed.setting.home)
    with pytest.raises(JournalBroken, match="journal/tile/entries/001"):
        rebuild(closed, None)
    assert all_there_is(closed.setting.home) == before


def test_a_store_that_lags_is_no_lender(home: Path, working: Working) -> None:
    """From its shorter journal the vault would have signed a second history."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with closed_vault(home, working) as vault:
        with away(vault, "乙"):
            take_in(vault, [b"while it was away"], on=["甲"])
        with pytest.raises(IntegrityBroken, match="乙 is not whole or not the newest"):
            rebuild(vault, "乙")
        rebuild(vault, None)
        assert ("2026-0000006",) in rows_of(vault, "SELECT number FROM record")


def test_no_store_no_catalogue(closed: Vault) -> None:
    with away(closed, "甲"), away(closed, "乙"), pytest.raises(StoreUnavailable):
        rebuild(closed, None)
    assert_sound(closed)


def test_a_list_of_files_is_read_from_whichever_store_has_it_whole(closed: Vault) -> None:
    ((sha256,),) = rows_of(
        closed, "SELECT object.sha256 FROM object WHERE id NOT IN (SELECT object_id FROM record_file)"
    )
    assert isinstance(sha256, bytes)
    flip(place_of(closed, "甲", Digest(sha256)))
    before_and_after(closed, "甲")
    scrubbed(closed)
    assert_sound(closed)


def test_nobody_else_may_have_the_vault_open(home: Path, working: Working) -> None:
    """Whoever had would go on writing into the old catalogue, and report success."""
    with open_vault(home, working) as vault:
        with closed_vault(home, working) as other, pytest.raises(Busy):
            rebuild(other, None)
        take_in(vault, [b"still at work"])
        assert_sound(vault)
    with closed_vault(home, working) as other:
        rebuild(other, None)
        with open_vault(home, working) as vault:
            assert_sound(vault)


def test_nobody_comes_in_while_it_is_at_work(closed: Vault, working: Working) -> None:
    with closed.alone(), pytest.raises(Busy), open_vault(closed.setting.home, working):
        pass


def test_a_damaged_catalogue_names_the_way_out() -> None:
    assert "strongroom rebuild" in CatalogueBroken.hint.en
    assert "strongroom rebuild" in CatalogueBroken.hint.zh
