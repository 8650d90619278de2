"""A glance at a store: a few of its copies, however many there are, and none that was let go meanwhile."""

import pytest

from backends.disk import DiskStore
from tests.vault.scene import noise, place_of, rows_of, sql, take_in
from vault.catalogue.spotchecks import spots
from vault.digest import Digest
from vault.errors import BlobCorrupt, BlobMissing, StoreUnavailable
from vault.ports import BlobInfo
from vault.presence import require_whole
from vault.store import Vault
from vault.text import Text

CONTENTS = [noise(1_000 + number, number) for number in range(9)]


@pytest.fixture(autouse=True)
def stored(vault: Vault) -> None:
    take_in(vault, *[[data] for data in CONTENTS])


def looked_for(vault: Vault, somewhere: float) -> list[int]:
    with vault.database.reading() as connection:
        return [spot.size - 1_000 for spot in spots(connection, "乙", somewhere)]


def test_it_looks_for_the_oldest_the_newest_and_one_between(vault: Vault) -> None:
    assert [looked_for(vault, where) for where in (0, 0.5, 0.999)] == [[0, 8, 1], [0, 8, 4], [0, 8, 7]]
    owed = "UPDATE copy SET state = 'owed' WHERE object_id IN (SELECT object_id FROM copy ORDER BY object_id LIMIT 4)"
    sql(vault, owed)
    assert looked_for(vault, 0.5)[0] > 0
    sql(vault, "DELETE FROM copy")
    assert looked_for(vault, 0.5) == []
    require_whole(vault, "乙")


def test_absent_changed_and_untold_are_told_apart(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = place_of(vault, "乙", CONTENTS[8])
    require_whole(vault, "乙")
    newest.chmod(0o640)
    newest.write_bytes(b"")
    with pytest.raises(BlobCorrupt, match=r"1 of [23]"):
        require_whole(vault, "乙")
    newest.unlink()
    with pytest.raises(BlobMissing, match=r"1 of [23]"):
        require_whole(vault, "乙")
    require_whole(vault, "甲")

    def unable(self: DiskStore, digest: Digest) -> BlobInfo:
        raise StoreUnavailable(Text(en="bad sector", zh="坏扇区"))

    monkeypatch.setattr(DiskStore, "stat", unable)
    with pytest.raises(StoreUnavailable):
        require_whole(vault, "乙")


def test_what_is_let_go_while_it_looks_is_not_missing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = DiskStore.stat

    def late(self: DiskStore, digest: Digest) -> BlobInfo:
        """Somebody else's `tier run` lets all go between the looking up and the looking for."""
        sql(vault, "UPDATE copy SET state = 'removing' WHERE store_id = (SELECT id FROM store WHERE name = '乙')")
        place_of(vault, "乙", digest).unlink()
        return stat(self, digest)

    monkeypatch.setattr(DiskStore, "stat", late)
    require_whole(vault, "乙")
    assert rows_of(vault, "SELECT count(*) FROM copy WHERE state = 'removing'") == [(9,)]
