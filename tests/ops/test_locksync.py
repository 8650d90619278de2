"""Locks that are being set while something else happens: a hold, a failure, another process."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from backends.s3lock import LockingRemoteStore
from ops.wiring import Working, open_vault
from tests.ops.conftest import NOW
from tests.ops.locked import Office
from vault import acts
from vault.corrections import place_hold, release_hold
from vault.digest import Digest
from vault.errors import StoreUnavailable
from vault.journal import Journal
from vault.lockasking import Asking
from vault.locksync import TURNS, sync
from vault.ports import Lock
from vault.store import Vault
from vault.text import Text
from vault.turns import taking


def opened(office: Office) -> AbstractContextManager[Vault]:
    clock = NOW + timedelta(hours=1)
    return open_vault(office.run.cwd / "库", Working(person="李建国", clock=lambda: clock))


def test_a_hold_that_is_placed_while_locks_are_being_set_is_not_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.take_in("途中.mp4")
    hold = office("hold", "place", number, "--authority", "县监委", "--why", "线索核查").out.strip()
    real = LockingRemoteStore.lock
    with opened(office) as vault:
        release_hold(vault, hold, "核查结束")

        def lock(self: LockingRemoteStore, digest: Digest, until: datetime | None, held: bool | None) -> Lock:
            monkeypatch.undo()
            place_hold(vault, number, "抗诉", "检察院")
            return real(self, digest, until, held)

        monkeypatch.setattr(LockingRemoteStore, "lock", lock)
        sync(vault, int)
        assert office.lock(number)[2] is False, "it went by what was claimed before"
        assert [one.changed for one in sync(vault, int)] == [1]
    assert office.lock(number)[2] is True


def test_it_is_in_the_journal_before_it_is_done(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.take_in("先记.mp4")
    entered: list[acts.AnyAct] = []
    real = Journal.append

    def append(self: Journal, connection: Connection, happened: Sequence[acts.AnyAct]) -> int:
        entered.extend(happened)
        return real(self, connection, happened)

    def lock(self: LockingRemoteStore, digest: Digest, until: datetime | None, held: bool | None) -> Lock:
        assert isinstance(entered[-1], acts.ObjectsLocked)
        assert (entered[-1].store, entered[-1].objects) == ("桶", (office.files[number],))
        assert (entered[-1].until, entered[-1].held) == (until, held) == (None, True)
        raise StoreUnavailable(Text(en="gone", zh="断线"))

    monkeypatch.setattr(Journal, "append", append)
    monkeypatch.setattr(LockingRemoteStore, "lock", lock)
    with opened(office) as vault:
        place_hold(vault, number, "线索核查", "县监委")
        (report,) = sync(vault, int)
        assert (report.left, report.changed) == (1, 0)
        monkeypatch.setattr(Vault, "commit", _no_journal)
        monkeypatch.setattr(LockingRemoteStore, "lock", _not_called)
        with pytest.raises(StoreUnavailable, match="no journal"):
            sync(vault, int)
    assert office.lock(number)[2] is False
    assert office.due() == 1


def test_one_at_a_time_works_on_locks(office: Office) -> None:
    with opened(office) as vault, ThreadPoolExecutor() as pool:
        with taking(vault.database.turns, TURNS):
            syncing = pool.submit(sync, vault, int)
            with pytest.raises(TimeoutError):
                syncing.result(timeout=0.3)
        assert [one.left for one in syncing.result(timeout=10)] == [0]


def test_nobody_waits_again_for_a_store_that_is_gone(office: Office) -> None:
    asked: list[int] = []

    def ask(one: int) -> Lock:
        asked.append(one)
        raise StoreUnavailable(Text(en="no answer", zh="没有应答"))

    with opened(office) as vault, Asking(vault.stores["桶"]) as asking:
        assert len(asking.of_each(range(20), ask)) == len(asked) == 20, (
            "it is there, and its other copies are asked for"
        )
        assert asking.gone is None
        office.proxy.cut()
        answers = asking.of_each(range(100), ask)
        assert all(isinstance(answer, StoreUnavailable) for answer in answers.values())
        assert asking.gone is not None
        assert len(answers) == 100
        assert len(asked) < 60


def _no_journal(self: Vault, *words: object, **more: object) -> None:
    raise StoreUnavailable(Text(en="no journal", zh="日志不可写"))


def _not_called(self: LockingRemoteStore, *words: object) -> Lock:
    raise AssertionError("locked without an entry")
