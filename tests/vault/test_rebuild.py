"""The catalogue made anew: every row that follows from the journal is as before, from either store or from both."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import all_there_is, lose
from tests.conftest import SettableClock
from tests.vault.disc_scene import fill_shelf
from tests.vault.scene import (
    assert_sound,
    away,
    export,
    facts,
    flip,
    noise,
    place_of,
    root_of,
    rows_of,
    scrubbed,
    sql,
    take_in,
    told,
    tree,
)
from vault import acts, adoption, corrections
from vault.catalogue import due as queue
from vault.digest import Digest
from vault.errors import Busy, CatalogueBroken, ClockSuspect, IntegrityBroken, JournalBroken, StoreUnavailable
from vault.journalcheck import agree, check_journal
from vault.profile import load_profile
from vault.rebuild import rebuild
from vault.replay import proven_acts
from vault.store import Vault
from vault.terms import RetentionClass
from vault.timekeeping import trusted_time

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


@pytest.fixture(scope="module")
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
    assert [row[0] for row in after["meta"]] == ["expiry_paused", "rebuilt_by"]
    after["meta"] = []
    for table, rows in before.items():
        assert after[table] == rows, table
    assert count == len(before["journal"])
    assert len(before["record_file"]) == MANY + 5


# the same as before


@pytest.mark.parametrize("name", [None, "甲", "乙"])
def test_every_row_that_follows_from_the_journal_is_as_before(closed: Vault, name: str | None) -> None:
    before_and_after(closed, name)
    assert_sound(closed)


@pytest.mark.parametrize("harm", ["gone", pytest.param("rotten", marks=pytest.mark.sqlite("its file")), "older"])
def test_whatever_became_of_the_old_catalogue(home: Path, working: Working, harm: str) -> None:
    with closed_vault(home, working) as vault:
        before = export(vault)
    if harm == "gone":
        lose(home)
    elif harm == "rotten":
        (home / "catalogue.db").write_bytes(b"rot" * 10_000)
    else:
        with closed_vault(home, working) as vault:
            sql(vault, "DELETE FROM journal WHERE seq > 8", "DELETE FROM record WHERE id > 2")
    with closed_vault(home, working) as vault:
        rebuild(vault, None)
    with open_vault(home, working) as vault:
        after = export(vault)
        assert {table: rows for table, rows in after.items() if table not in ("meta", "journal")} == {
            table: rows for table, rows in before.items() if table not in ("meta", "journal")
        }
        assert_sound(vault)


def test_work_goes_on_after_it(home: Path, working: Working) -> None:
    with closed_vault(home, working) as vault:
        rebuild(vault, "乙")
    with open_vault(home, working) as vault:
        (number,) = take_in(vault, [b"afterwards"])
        assert number == "2026-0000006"
        assert corrections.place_hold(vault, number, "复查", "法制科") == "H00003"
        assert all(report.passed for report in scrubbed(vault))
        assert_sound(vault)


def test_the_old_catalogue_is_kept_beside_it(closed: Vault) -> None:
    before = all_there_is(closed.setting.home)
    rebuild(closed, None)
    after = all_there_is(closed.setting.home)
    assert list(before) == [""]
    assert sorted(after) == ["", "before-rebuild"]
    assert after["before-rebuild"] == before[""] != after[""]


def test_stores_are_not_written_to_but_for_the_act(closed: Vault) -> None:
    before = {store: tree(root_of(closed, store)) for store in ("甲", "乙")}
    rebuild(closed, None)
    for store in ("甲", "乙"):
        after = tree(root_of(closed, store))
        new = set(after) - set(before[store])
        assert {path.split("/")[0] for path in new} == {"journal"}
        changed = {path for path in set(after) & set(before[store]) if after[path] != before[store][path]}
        assert changed == {"journal/checkpoint"}


# expiry waits


def test_nothing_expires_until_a_manager_has_released_it(home: Path, working: Working, clock: SettableClock) -> None:
    clock.advance(days=300)
    with open_vault(home, working) as vault:
        vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by="王芳", why="时钟")])
    clock.advance(days=390)
    with closed_vault(home, working) as vault:
        assert due(vault)
        rebuild(vault, None)
    with open_vault(home, working) as vault:
        assert due(vault) == []
        assert_sound(vault)
        vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by="赵局长", why="已核对")])
        assert due(vault)
        assert_sound(vault)


def due(vault: Vault) -> list[str]:
    time = trusted_time(vault)
    with vault.database.reading() as connection:
        return [record.number for record, _ in queue.due(connection, vault.profile, time.now.date(), time)]


def test_expiry_is_paused_even_if_the_rebuild_dies_before_the_act_is_published(
    home: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause was written after the new catalogue had taken its place."""
    with closed_vault(home, working) as vault:
        with monkeypatch.context() as patch:
            patch.setattr(Vault, "publish", lambda self: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                rebuild(vault, None)
        assert rows_of(vault, "SELECT key FROM meta ORDER BY key") == [
            ("expiry_paused",),
            ("rebuilt_by",),
        ]
    with open_vault(home, working) as vault:
        vault.publish()
        assert_sound(vault)


def test_a_suspect_clock_leaves_the_old_catalogue_in_its_place(
    home: Path, working: Working, clock: SettableClock
) -> None:
    clock.advance(days=-30)
    before = all_there_is(home)
    with closed_vault(home, working) as vault, pytest.raises(ClockSuspect):
        rebuild(vault, None)
    assert all_there_is(home) == before


# what copies there are


def test_copies_are_what_the_stores_have_now(closed: Vault) -> None:
    place_of(closed, "甲", b"one").unlink()
    flip(place_of(closed, "甲", b"two"))
    rebuild(closed, None)
    known = {
        (store, digest): (state, when)
        for store, digest, state, when in rows_of(
            closed,
            "SELECT store.name, object.sha256, state, verified_at FROM copy "
            "JOIN store ON store.id = store_id JOIN object ON object.id = object_id",
        )
    }
    assert {when for _, when in known.values()} == {""}
    assert known["甲", bytes.fromhex(Digest.of(b"one").hex)][0] == "damaged", (
        "it was good, and is gone: no debt but a loss"
    )
    assert known["甲", bytes.fromhex(Digest.of(b"two").hex)][0] == "good", "not known to be bad before it is read"
    assert known["乙", bytes.fromhex(Digest.of(b"only here").hex)][0] == "good", "a scrub brought it"
    scrubs = scrubbed(closed)
    assert [(report.failed, report.healed) for report in scrubs] == [(2, 2), (0, 0)]
    assert [act for (act,) in rows_of(closed, "SELECT act FROM journal ORDER BY seq")].count("copy.damaged") == 3
    assert_sound(closed)


def test_a_copy_that_was_found_damaged_stays_so_until_it_is_read(closed: Vault) -> None:
    for store in ("甲", "乙"):
        flip(place_of(closed, store, b"one"))
    scrubbed(closed)
    rebuild(closed, None)
    assert rows_of(
        closed,
        "SELECT DISTINCT state FROM copy JOIN object ON object.id = object_id "
        f"WHERE object.sha256 = x'{Digest.of(b'one').hex}'",
    ) == [("damaged",)]


def test_a_store_that_is_away_keeps_its_copies(home: Path, working: Working) -> None:
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with closed_vault(home, working) as vault:
        with away(vault, "乙"):
            rebuild(vault, "甲")
            assert ("good",) in rows_of(vault, "SELECT DISTINCT state FROM copy WHERE store_id = 2")
        take_in(vault, [b"later"])
        scrubbed(vault)
        assert_sound(vault)


# what it will not do


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
