"""Sweeping what no entry names: only that, only after the whole journal was proven, and with nobody at work."""

import pytest

from backends.disk import DiskStore
from tests.vault.scene import (
    assert_sound,
    away,
    flip,
    land,
    noise,
    place_of,
    root_of,
    rows_of,
    take_in,
    told,
)
from vault.digest import Digest
from vault.errors import BlobCorrupt, Busy, JournalBroken, Refused, StoreUnavailable
from vault.orphans import sweep_orphans
from vault.permits import DeletionPermit
from vault.store import Vault
from vault.text import Text

KEPT, STRAY = "王芳的执法记录".encode() * 100, b"left by an intake that died"


def test_only_what_no_entry_names_is_removed_and_the_journal_says_so_first(vault: Vault) -> None:
    take_in(vault, [KEPT], [noise(1_000, 1), noise(1_000, 2)])
    land(vault.stores["甲"], STRAY)
    land(vault.stores["乙"], STRAY, noise(9, 9))
    swept = sweep_orphans(vault).removed
    assert sorted((act.store, act.sha256, act.size) for act in swept) == sorted(
        [
            ("甲", Digest.of(STRAY).hex, len(STRAY)),
            ("乙", Digest.of(STRAY).hex, len(STRAY)),
            ("乙", Digest.of(noise(9, 9)).hex, 9),
        ]
    )
    assert not place_of(vault, "甲", STRAY).exists()
    assert place_of(vault, "甲", KEPT).read_bytes() == KEPT
    assert len(rows_of(vault, "SELECT seq FROM journal WHERE act = 'orphan.swept'")) == 3
    assert_sound(vault)
    assert sweep_orphans(vault).removed == []


def test_the_catalogue_is_not_asked_what_is_named(vault: Vault) -> None:
    take_in(vault, [KEPT])
    with vault.database.writing() as connection:
        for table in ("copy", "record_file", "object"):
            connection.exec_driver_sql(f'DELETE FROM "{table}"')
    assert sweep_orphans(vault).removed == []
    assert place_of(vault, "甲", KEPT).exists()


def test_a_list_of_files_and_what_it_names_are_no_orphans(vault: Vault) -> None:
    take_in(vault, [noise(40, n) for n in range(400)])
    assert sweep_orphans(vault).removed == []
    ((sha256,),) = rows_of(
        vault, "SELECT object.sha256 FROM object WHERE id NOT IN (SELECT object_id FROM record_file)"
    )
    assert isinstance(sha256, bytes)
    flip(place_of(vault, "甲", Digest(sha256)))
    assert sweep_orphans(vault).removed == [], "the other store's is good"
    flip(place_of(vault, "乙", Digest(sha256)), 9)
    land(vault.stores["甲"], STRAY)
    with pytest.raises(BlobCorrupt):
        sweep_orphans(vault)
    assert place_of(vault, "甲", STRAY).exists()


def test_a_journal_that_is_nowhere_whole_stops_it(vault: Vault) -> None:
    take_in(vault, [KEPT])
    land(vault.stores["甲"], STRAY)
    flip(root_of(vault, "甲") / "journal" / "tile" / "entries" / "000.p" / "4", 99)
    assert len(sweep_orphans(vault).removed) == 1, "the other store's is good"
    land(vault.stores["甲"], STRAY)
    for store in ("甲", "乙"):
        flip(root_of(vault, store) / "journal" / "tile" / "entries" / "000.p" / "5", 555)
    with pytest.raises(JournalBroken):
        sweep_orphans(vault)
    assert place_of(vault, "甲", STRAY).exists()


def test_one_that_is_locked_keeps_nobody_from_sweeping_the_others(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    strays = [noise(500, number) for number in range(5)]
    land(vault.stores["甲"], *strays)
    land(vault.stores["乙"], STRAY)
    locked = min(Digest.of(data) for data in strays)
    real = DiskStore.delete

    def delete(self: DiskStore, digest: Digest, permit: DeletionPermit) -> None:
        if digest == locked:
            raise Refused(Text(en="locked", zh="已锁定"))
        real(self, digest, permit)

    monkeypatch.setattr(DiskStore, "delete", delete)
    swept = sweep_orphans(vault)
    assert (len(swept.removed), len(swept.refused)) == (5, 1)
    assert [info.digest for info in vault.stores["甲"].list()] == [locked]


def test_not_while_an_intake_is_at_work(vault: Vault) -> None:
    land(vault.stores["甲"], STRAY)
    with vault.shared_intake(), pytest.raises(Busy):
        sweep_orphans(vault)
    assert place_of(vault, "甲", STRAY).exists()
    assert len(sweep_orphans(vault).removed) == 1


def test_not_while_a_store_is_away(vault: Vault) -> None:
    take_in(vault, [KEPT])
    land(vault.stores["甲"], STRAY)
    with away(vault, "乙"), pytest.raises(StoreUnavailable):
        sweep_orphans(vault)
    sweep_orphans(vault)
    assert_sound(vault)


def test_not_by_a_journal_that_lags(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the newer entries name would have been taken for orphans."""
    take_in(vault, [KEPT])
    before = (root_of(vault, "甲") / "journal" / "checkpoint").read_bytes()
    (later,) = take_in(vault, [noise(500, 5)])
    for store in ("甲", "乙"):
        vault.stores[store].replace_file("journal/checkpoint", before)
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "publish", lambda self: None)
        with pytest.raises(StoreUnavailable, match="whole journal of 5 entries"):
            sweep_orphans(vault)
    assert place_of(vault, "甲", noise(500, 5)).exists()
    assert later == "2026-0000002"


def test_entries_that_are_on_no_store_yet_count(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "publish", lambda self: None)
        take_in(vault, [KEPT])
    assert sweep_orphans(vault).removed == []
    assert not told(vault)
