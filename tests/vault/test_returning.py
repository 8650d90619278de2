"""Objects given back by somebody outside of the stores: what is not whole is healed, and only on stores of ours."""

from collections.abc import Iterator

import pytest

from backends.disk import DiskStore
from tests.vault.scene import (
    assert_sound,
    away,
    entries_so_far,
    estrange,
    flip,
    land,
    noise,
    place_of,
    rows_of,
    sql,
    take_in,
)
from vault.errors import StoreForeign, StoreNotMounted
from vault.layout import MARKER
from vault.returning import give_back
from vault.store import Vault

ONE, TWO, THREE = (noise(3_000, seed) for seed in range(3))


@pytest.fixture
def lender(vault: Vault) -> Iterator[DiskStore]:
    """Somebody who has all three, and one object that nobody knows."""
    lender = DiskStore("来处", vault.setting.home / "来处", vault.setting.vault_id)
    lender.create_files([(MARKER, vault.marker.encode())])
    land(lender, ONE, TWO, THREE, b"unknown")
    take_in(vault, [ONE], [TWO], [THREE])
    yield lender
    lender.close()


def test_what_is_damaged_or_missing_on_every_store_is_healed(vault: Vault, lender: DiskStore) -> None:
    for name in vault.stores:
        flip(place_of(vault, name, ONE))
        place_of(vault, name, TWO).unlink()
    returned = give_back(vault, lender, int)
    assert (returned.checked, returned.healed, returned.unknown) == (4, 4, 1)
    assert (returned.hopeless, returned.unavailable) == ([], {})
    assert_sound(vault)


def test_what_lies_on_another_vaults_disk_is_neither_good_nor_damaged(vault: Vault, lender: DiskStore) -> None:
    """Once a bad copy there was entered as damage of ours, and a good one counted as read."""
    flip(place_of(vault, "乙", ONE))
    estrange(vault, "乙")
    before = entries_so_far(vault)
    returned = give_back(vault, lender, int)
    assert (returned.checked, returned.healed, returned.hopeless) == (3, 0, [])
    assert isinstance(returned.unavailable["乙"], StoreForeign)
    assert entries_so_far(vault) == before
    assert rows_of(vault, "SELECT DISTINCT state FROM copy") == [("good",)]


def test_what_is_damaged_on_a_store_that_is_away_is_not_called_hopeless(vault: Vault, lender: DiskStore) -> None:
    """It was: exit code 3, though the store had only not answered."""
    sql(vault, "UPDATE copy SET state = 'damaged' WHERE store_id = (SELECT id FROM store WHERE name = '乙')")
    with away(vault, "乙"):
        returned = give_back(vault, lender, int)
    assert returned.hopeless == []
    assert isinstance(returned.unavailable["乙"], StoreNotMounted)
