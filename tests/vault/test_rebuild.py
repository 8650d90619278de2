"""The catalogue made anew: every row that follows from the journal is as before, from either store or from both."""

from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.catalogues import all_there_is, lose
from tests.conftest import SettableClock
from tests.vault.rebuild_scene import before_and_after, closed, filled, home
from tests.vault.scene import assert_sound, away, export, flip, place_of, root_of, rows_of, scrubbed, sql, take_in, tree
from vault import acts, corrections
from vault.catalogue import due as queue
from vault.digest import Digest
from vault.errors import ClockSuspect
from vault.rebuild import rebuild
from vault.store import Vault
from vault.timekeeping import trusted_time

__all__ = ["closed", "filled", "home"]  # the fixtures: a vault of which everything has been said

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
            ("rebuilt_at",),
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
