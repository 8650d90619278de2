"""Disposal, the whole way: exactly what was agreed ends, everywhere, and everything else stays."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.config import StoreConfig
from ops.wiring import Working, init_vault
from tests.conftest import SettableClock
from tests.vault.disposal_scene import (
    CUSTODIAN,
    LEADER,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    Office,
)
from tests.vault.scene import away, assert_sound, export, flip, noise, place_of, rows_of, scrubbed, take_in, told
from vault import acts
from vault.catalogue import queries
from vault.corrections import close_case, flag, open_case, place_hold, raise_class, release_hold
from vault.disposal import destruction
from vault.disposal.register import certificate, register_rows
from vault.disposal.rules import State
from vault.errors import BadInput, Busy, ClockSuspect, Refused, StoreUnavailable
from vault.orphans import sweep_orphans
from vault.rebuild import rebuild
from vault.records import Standing
from vault.retention import State as Term
from vault.store import Vault
from vault.terms import RetentionClass

NAMES = ("甲", "乙", "丙")
CONTENTS = [noise(2_000 + number, number) for number in range(8)]


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Office:
    """Three stores, and four records that are due: one file each, and the last with two, one of them the first's."""
    return begin(tmp_path / "档案库", clock)


def begin(home: Path, clock: SettableClock) -> Office:
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES)
    init_vault(home, "", "dengzhou", stores, Working(person=OPERATOR, clock=clock))
    office = Office(home, clock)
    office.enrol()
    with office.by(CUSTODIAN) as vault:
        take_in(vault, [CONTENTS[0]])
        take_in(vault, [CONTENTS[1]])
        take_in(vault, [CONTENTS[2]])
        take_in(vault, [CONTENTS[0], CONTENTS[3]])
    clock.advance(days=380)
    return office


ONE, TWO, THREE, FOUR = (f"2026-{n:07d}" for n in range(1, 5))


def there(vault: Vault, data: bytes) -> set[str]:
    return {name for name in vault.stores if place_of(vault, name, data).exists()}


def assert_rebuilt_alike(vault: Vault) -> None:
    """What a rebuild makes of the journal is what the vault works with, but for the rebuild itself."""
    before = export(vault)
    rebuild(vault, None)
    after = export(vault)
    for table in before:
        if table not in ("meta", "journal"):
            assert after[table] == before[table], table


def test_the_whole_way(office: Office) -> None:
    number = office.agreed(ONE, TWO)
    ran = office.run(number)
    assert (ran.begun, ran.copies, ran.state) == (2, 3, State.CLOSED)  # what the fourth record holds stays
    with office.by(OPERATOR) as vault:
        assert there(vault, CONTENTS[0]) == set(NAMES)
        assert there(vault, CONTENTS[1]) == set()
        assert there(vault, CONTENTS[2]) == there(vault, CONTENTS[3]) == set(NAMES)
        assert_sound(vault)
        scrubbed(vault)
        with vault.database.reading() as connection:
            found = {record.number for record in queries.find(connection, queries.Wanted())}
            assert found == {THREE, FOUR}
            assert not list(queries.find(connection, queries.Wanted(words=["2026-0000002"])))
            gone = queries.get_record(connection, TWO)
            assert (gone.standing, gone.files, gone.facts.party) == (Standing.DESTROYED, (), None or "")
            assert [(row.place, row.record, row.files, row.outcome) for row in register_rows(connection, number, vault.profile)] == [
                (1, ONE, 1, "destroyed"),
                (2, TWO, 1, "destroyed"),
            ]
            done = certificate(connection, number)
            assert done.approval is not None
            assert (done.approval.by, [one.by for one in done.supervisors]) == (LEADER, list(SUPERVISORS))
            assert done.closed_at is not None
        assert_rebuilt_alike(vault)
        assert_sound(vault)
