"""Scrub: reads everything again, oldest first, and heals from copies it has proven, and from no others."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.wiring import Working, open_vault
from tests.conftest import SettableClock
from tests.vault.scene import (
    assert_sound,
    away,
    entries_so_far,
    estrange,
    flip,
    journal_acts,
    land,
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
from vault import acts, carrying
from vault import scrub as scrubbing
from vault.digest import Digest
from vault.errors import ClockSuspect, StoreForeign, StoreFull, StoreUnavailable
from vault.ports import Incoming, Landed
from vault.readback import hash_copy
from vault.readers import Threads
from vault.store import Vault
from vault.text import Text

ONE, TWO, THREE = (f"{name}的执法记录".encode() * 400 for name in ("王芳", "李娜", "张伟"))
FIXED = 2 + 3  # marker and README; checkpoint, tile and bundle of a short journal


def verified(vault: Vault, store: str) -> dict[str, str]:
    """When each copy was last verified, by digest."""
    rows = rows_of(
        vault,
        "SELECT lower(hex(object.sha256)), verified_at FROM copy JOIN object ON object.id = object_id "
        f"JOIN store ON store.id = store_id WHERE store.name = '{store}'",
    )
    return {str(digest): str(when) for digest, when in rows}


def states(vault: Vault, store: str) -> dict[str, str]:
    rows = rows_of(
        vault,
        "SELECT lower(hex(object.sha256)), state FROM copy JOIN object ON object.id = object_id "
        f"JOIN store ON store.id = store_id WHERE store.name = '{store}'",
    )
    return {str(digest): str(state) for digest, state in rows}


def copies_aside(vault: Vault, store: str) -> list[bytes]:
    folder = root_of(vault, store) / "damaged"
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.exists() else []


# counting


def test_a_good_vault_is_read_whole_and_passes(vault: Vault) -> None:
    take_in(vault, [ONE, TWO], [THREE])
    before = tree(root_of(vault, "甲") / "objects")
    read: list[int] = []
    reports = scrubbing.scrub(vault, ["甲", "乙"], scrubbing.Budget(), Threads(2), read.append)
    for report in reports:
        assert (report.checked, report.failed, report.skipped) == (3 + FIXED, 0, 0)
        assert report.bytes == len(ONE) + len(TWO) + len(THREE)
        assert report.passed
        assert report.complete
    assert sum(read) == 2 * reports[0].bytes
    assert tree(root_of(vault, "甲") / "objects") == before


def test_the_journal_says_what_each_scrub_came_to(vault: Vault) -> None:
    take_in(vault, [ONE])
    start = entries_so_far(vault)
    scrubbed(vault, "乙")
    (done,) = journal_acts(vault, start)
    assert isinstance(done, acts.Scrubbed)
    assert (done.store, done.checked, done.failed, done.bytes, done.by) == ("乙", 1 + FIXED, 0, len(ONE), "李建国")


def test_having_checked_nothing_is_no_pass() -> None:
    report = scrubbing.Report("甲")
    assert not report.passed
    report.checked = 1
    assert report.passed
    report.skipped = 1
    assert not report.passed


def test_a_second_scrub_at_once_reads_everything_again(vault: Vault) -> None:
    """It was skipped: in the same second everything counted as verified already."""
    take_in(vault, [ONE])
    for _ in range(3):
        assert [report.checked for report in scrubbed(vault)] == [1 + FIXED] * 2


def test_each_copy_is_asked_for_once_in_one_scrub(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "_AT_ONCE", 3)
    take_in(vault, *([noise(100, n)] for n in range(10)))
    for number in range(4):
        flip(place_of(vault, "甲", noise(100, number)))
    report, _ = scrubbed(vault)
    assert (report.checked, report.failed, report.healed) == (10 + FIXED, 4, 4)


def test_what_lies_on_another_vaults_disk_is_neither_verified_nor_damaged(vault: Vault, clock: SettableClock) -> None:
    """A disk with the same recordings, mounted in the place of 乙: its copies were booked as this vault's good ones."""
    take_in(vault, [ONE], [TWO])
    take_in(vault, [THREE], on=["甲"])
    sql(vault, "UPDATE copy SET state = 'owed' WHERE store_id = (SELECT id FROM store WHERE name = '乙')")
    estrange(vault, "乙")
    flip(place_of(vault, "乙", ONE))
    booked, files = (states(vault, "乙"), verified(vault, "乙")), tree(root_of(vault, "乙"))
    clock.advance(days=1)
    (report,) = scrubbed(vault, "乙")
    assert (report.checked, report.failed, report.healed, report.bytes, report.passed) == (0, 0, 0, 0, False)
    assert isinstance(report.unavailable, StoreForeign)
    assert (states(vault, "乙"), verified(vault, "乙")) == booked
    assert tree(root_of(vault, "乙")) == files


def test_a_disk_that_was_changed_while_it_was_read_is_not_verified(
    vault: Vault, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(vault, [ONE], [TWO])
    before = verified(vault, "乙")
    real = DiskStore.open_medium

    def change(store: DiskStore, digest: Digest) -> object:
        estrange(vault, "乙")
        return real(store, digest)

    monkeypatch.setattr(DiskStore, "open_medium", change)
    clock.advance(days=1)
    (report,) = scrubbed(vault, "乙")
    assert (report.checked, report.skipped, report.failed) == (FIXED, 2, 0)
    assert verified(vault, "乙") == before


# oldest first, budgets, going on


def test_those_verified_longest_ago_come_first(vault: Vault, clock: SettableClock) -> None:
    numbers = [3, 1, 2, 0]
    for number in numbers:
        clock.advance(days=1)
        take_in(vault, [noise(1_000, number)])
    clock.advance(days=1)
    for done in range(1, 5):
        scrubbed(vault, "甲", most=1_000)
        today = f"{clock.now:%Y-%m-%dT%H:%M:%SZ}"
        fresh = {digest for digest, when in verified(vault, "甲").items() if when == today}
        assert fresh == {Digest.of(noise(1_000, number)).hex for number in numbers[:done]}


def test_a_budget_of_bytes_is_kept_to_the_next_copy(vault: Vault) -> None:
    take_in(vault, *([noise(10_000, n)] for n in range(20)))
    (report,) = scrubbed(vault, "甲", most=45_000)
    assert (report.bytes, report.checked, report.complete) == (50_000, 5 + FIXED, False)
    assert report.passed


def test_stores_share_a_budget_so_that_each_has_its_turn(vault: Vault, clock: SettableClock) -> None:
    """The first store took it all, each time anew, and the second was never read."""
    take_in(vault, *([noise(10_000, n)] for n in range(10)))
    for _ in range(3):
        clock.advance(hours=1)
        assert [report.bytes for report in scrubbed(vault, most=40_000)] == [20_000, 20_000]
    clock.advance(hours=1)
    assert [report.bytes for report in scrubbed(vault, most=200_000)] == [100_000, 100_000]


def test_no_time_left_reads_no_copy_and_says_so(vault: Vault) -> None:
    take_in(vault, [ONE])
    for report in scrubbed(vault, seconds=0):
        assert (report.bytes, report.complete) == (0, False)


def test_a_scrub_that_was_stopped_goes_on_where_it_was(
    vault: Vault, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "_AT_ONCE", 2)
    take_in(vault, *([noise(1_000, n)] for n in range(6)))
    clock.advance(hours=1)
    read = 0

    def stop(count: int) -> None:
        nonlocal read
        read += count
        if read > 3_500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scrubbing.scrub(vault, ["甲"], scrubbing.Budget(), Threads(1), stop)
    done = {digest for digest, when in verified(vault, "甲").items() if when > "2026-11-21T02"}
    assert len(done) == 2
    clock.advance(hours=1)
    scrubbed(vault, "甲", most=4_000)
    again = {digest for digest, when in verified(vault, "甲").items() if when > "2026-11-21T03"}
    assert len(again) == 4
    assert not again & done


def test_a_time_of_checking_that_lies_in_the_future_hides_no_copy(vault: Vault, clock: SettableClock) -> None:
    take_in(vault, [ONE])
    sql(vault, "UPDATE copy SET verified_at = '2099-01-01T00:00:00Z'")
    flip(place_of(vault, "甲", ONE))
    assert [report.healed for report in scrubbed(vault)] == [1, 0]


def test_a_suspect_clock_stops_the_scrub_before_it_changes_anything(vault: Vault, clock: SettableClock) -> None:
    take_in(vault, [ONE])
    flip(root_of(vault, "甲") / "README.txt")
    flip(place_of(vault, "甲", ONE))
    clock.advance(days=-100)
    before = tree(root_of(vault, "甲"))
    with pytest.raises(ClockSuspect):
        scrubbed(vault)
    assert tree(root_of(vault, "甲")) == before


# healing


def test_a_corrupt_copy_is_set_aside_and_written_anew(vault: Vault) -> None:
    take_in(vault, [ONE, TWO])
    copy = place_of(vault, "甲", ONE)
    flip(copy, 12_345)
    bad = copy.read_bytes()
    start = entries_so_far(vault)
    report, other = scrubbed(vault)
    assert (report.failed, report.healed, report.damages, report.passed) == (1, 1, [], True)
    assert (other.failed, other.passed) == (0, True)
    assert copy.read_bytes() == ONE
    assert copies_aside(vault, "甲") == [bad]
    damaged, healed, *_ = journal_acts(vault, start)
    assert isinstance(damaged, acts.CopyDamaged)
    assert (damaged.store, damaged.state, damaged.found) == ("甲", "corrupt", Digest.of(bad).hex)
    assert isinstance(healed, acts.CopyHealed)
    assert (healed.store, healed.source, healed.sha256) == ("甲", "乙", Digest.of(ONE).hex)
    assert_sound(vault)


def test_an_absent_copy_comes_back(vault: Vault) -> None:
    take_in(vault, [ONE, TWO])
    place_of(vault, "乙", TWO).unlink()
    start = entries_so_far(vault)
    _, report = scrubbed(vault)
    assert (report.failed, report.healed) == (1, 1)
    assert place_of(vault, "乙", TWO).read_bytes() == TWO
    damaged = journal_acts(vault, start)[0]
    assert isinstance(damaged, acts.CopyDamaged)
    assert (damaged.state, damaged.found) == ("absent", "")
    assert_sound(vault)


def test_an_owed_copy_comes_without_being_called_damage(vault: Vault) -> None:
    take_in(vault, [ONE], on=["甲"])
    assert states(vault, "乙") == {Digest.of(ONE).hex: "owed"}
    start = entries_so_far(vault)
    _, report = scrubbed(vault)
    assert (report.failed, report.healed) == (1, 1)
    assert [type(act) for act in journal_acts(vault, start)] == [acts.CopiesMade, acts.Scrubbed, acts.Scrubbed]
    assert states(vault, "乙") == {Digest.of(ONE).hex: "good"}
    assert_sound(vault)


def test_both_copies_bad_is_said_and_neither_heals_the_other(vault: Vault) -> None:
    take_in(vault, [ONE, TWO])
    flip(place_of(vault, "甲", ONE), 1)
    flip(place_of(vault, "乙", ONE), 2)
    before = [place_of(vault, store, ONE).read_bytes() for store in ("甲", "乙")]
    reports = scrubbed(vault)
    for report in reports:
        assert (report.failed, report.healed, report.passed) == (1, 0, False)
        assert [(d.digest, d.state, d.silent) for d in report.damages] == [(Digest.of(ONE), "corrupt", ())]
    assert [place_of(vault, store, ONE).read_bytes() for store in ("甲", "乙")] == before
    assert not copies_aside(vault, "甲")
    assert told(vault) == {("object", store, Digest.of(ONE).hex) for store in ("甲", "乙")}
    assert states(vault, "甲")[Digest.of(ONE).hex] == "damaged"


def test_what_could_not_be_healed_does_not_hold_up_the_rest(vault: Vault, clock: SettableClock) -> None:
    take_in(vault, *([noise(1_000, n)] for n in range(6)))
    for store in ("甲", "乙"):
        place_of(vault, store, noise(1_000, 0)).unlink()
    for _ in range(2):
        clock.advance(days=1)
        report, _ = scrubbed(vault, most=20_000)
        assert (report.checked, report.failed, report.bytes, report.complete) == (6 + FIXED, 1, 5_000, True)


def test_a_bad_copy_is_not_spread_even_where_the_other_is_gone(vault: Vault) -> None:
    take_in(vault, [ONE])
    place_of(vault, "甲", ONE).unlink()
    flip(place_of(vault, "乙", ONE))
    reports = scrubbed(vault)
    assert [report.healed for report in reports] == [0, 0]
    assert not place_of(vault, "甲", ONE).exists()
    assert [d.state for report in reports for d in report.damages] == ["absent", "corrupt"]


def test_a_healing_that_did_not_verify_its_source_would_be_caught(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: without the comparison of hashes, a bad copy heals, and fsck sees it on both stores."""
    proven = carrying._proven_copy

    def believing(source: DiskStore, digest: Digest, arrival: Incoming, pace: Callable[[int], object]) -> str:
        return "none" if proven(source, digest, arrival, pace) == "silent" else "good"

    monkeypatch.setattr(carrying, "_proven_copy", believing)
    take_in(vault, [ONE])
    place_of(vault, "甲", ONE).unlink()
    flip(place_of(vault, "乙", ONE))
    scrubbed(vault, "甲")
    assert told(vault) == {("object", store, Digest.of(ONE).hex) for store in ("甲", "乙")}


def test_damage_comes_into_the_journal_before_anything_is_moved(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(vault, [ONE])
    flip(place_of(vault, "甲", ONE))
    start = entries_so_far(vault)
    real = DiskStore.put

    def put(self: DiskStore, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        assert isinstance(journal_acts(vault, start)[0], acts.CopyDamaged)
        return real(self, arrivals)

    monkeypatch.setattr(DiskStore, "put", put)
    assert scrubbed(vault)[0].healed == 1


# stores that cannot answer


def test_a_store_that_is_away_is_skipped_and_nothing_of_it_called_damaged(vault: Vault) -> None:
    take_in(vault, [ONE, TWO])
    with away(vault, "乙"):
        here, gone = scrubbed(vault)
        assert (here.checked, here.failed, here.skipped) == (2 + FIXED, 0, 0)
        assert (gone.checked, gone.failed, gone.complete, gone.passed) == (0, 0, False, False)
        assert gone.skipped >= 2
        assert isinstance(gone.unavailable, StoreUnavailable)
        assert here.unavailable is not None, "that the scrub was done is on one store only, and the policy wants two"
    assert set(states(vault, "乙").values()) == {"good"}
    assert all(report.passed for report in scrubbed(vault))
    assert_sound(vault)


def test_damage_is_not_called_hopeless_while_a_store_is_away(home: Path, working: Working) -> None:
    """It was said that no other store has a good copy, which nobody could know."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as vault:
        take_in(vault, [ONE])
        flip(place_of(vault, "甲", ONE))
        with away(vault, "乙"):
            (report,) = scrubbed(vault, "甲")
            assert [(d.state, d.silent) for d in report.damages] == [("corrupt", ("乙",))]
        (report,) = scrubbed(vault, "甲")
        assert (report.healed, report.passed) == (1, True)
        scrubbed(vault)
        assert_sound(vault)


class _BadSector:
    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> "_BadSector":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def readinto(self, buffer: memoryview) -> int:
        raise StoreUnavailable(Text(en=f"Store {self._name} failed (EIO).", zh="读写错误"))


def test_one_unreadable_copy_does_not_keep_the_others_from_being_read(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It did, and for ever: what could not be read stayed the oldest."""
    take_in(vault, [ONE], [TWO], [THREE])
    flip(place_of(vault, "甲", THREE))
    real = DiskStore.open_medium

    def open_medium(self: DiskStore, digest: Digest) -> object:
        return _BadSector(self.name) if (self.name, digest) == ("甲", Digest.of(ONE)) else real(self, digest)

    monkeypatch.setattr(DiskStore, "open_medium", open_medium)
    report, other = scrubbed(vault)
    assert (report.checked, report.skipped, report.failed, report.healed) == (2 + FIXED, 1, 1, 1)
    assert (report.complete, report.passed, other.passed) == (True, False, True)
    assert told(vault) == {("unavailable", "甲", Digest.of(ONE).hex)}


def test_a_store_that_takes_no_writes_is_not_told_that_nobody_has_a_good_copy(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(vault, [ONE], [TWO])
    for data in (ONE, TWO):
        flip(place_of(vault, "甲", data))
    real = DiskStore.begin

    def begin(self: DiskStore, size: int) -> Incoming:
        if self.name == "甲":
            raise StoreFull(Text(en="Store 甲 is full.", zh="存储 甲 已满。"))
        return real(self, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiskStore, "begin", begin)
        report, _ = scrubbed(vault)
        assert [(d.state, d.silent) for d in report.damages] == [("corrupt", ("甲",))] * 2
        assert all(isinstance(d.refusal, StoreFull) for d in report.damages)
        assert not report.passed
    assert scrubbed(vault)[0].healed == 2
    assert_sound(vault)


# reading past the cache


@pytest.mark.parametrize(
    "size", [1, 511, 4_095, 4_096, 4_097, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, (9 << 20) + 12_345]
)
def test_whole_copies_are_hashed_from_the_medium_whatever_their_size(vault: Vault, size: int) -> None:
    data = noise(size, size)
    take_in(vault, [data])
    store = vault.stores["甲"]
    assert hash_copy(store, Digest.of(data)) == Digest.of(data)
    flip(place_of(vault, "甲", data), -1)
    os.sync()
    assert hash_copy(store, Digest.of(data)) == Digest.of(place_of(vault, "甲", data).read_bytes())
    assert scrubbed(vault)[0].healed == 1
    assert place_of(vault, "甲", data).read_bytes() == data


def test_the_reader_is_the_one_past_the_cache(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    flags: list[int] = []
    real = os.open

    def watching(path: str, how: int, *rest: int, **named: int) -> int:
        flags.append(how)
        return real(path, how, *rest, **named)

    take_in(vault, [ONE])
    monkeypatch.setattr(os, "open", watching)
    hash_copy(vault.stores["甲"], Digest.of(ONE))
    assert any(how & os.O_DIRECT for how in flags)


def test_many_copies_are_read_by_several_workers_and_all_found(vault: Vault) -> None:
    take_in(vault, *([noise(3_000 + n, n)] for n in range(300)))
    bad = [n for n in range(300) if n % 31 == 3]
    for number in bad:
        flip(place_of(vault, "甲", noise(3_000 + number, number)), 8 * number)
    reports = scrubbing.scrub(vault, ["甲", "乙"], scrubbing.Budget(), Threads(4), int)
    assert (reports[0].failed, reports[0].healed) == (len(bad), len(bad))
    assert len(copies_aside(vault, "甲")) == len(bad)
    assert_sound(vault)


def test_a_copy_that_comes_back_while_it_is_healed_is_kept(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(vault, [ONE])
    place_of(vault, "甲", ONE).unlink()
    real = carrying._proven_copy

    def meanwhile(source: DiskStore, digest: Digest, arrival: Incoming, pace: Callable[[int], object]) -> str:
        land(vault.stores["甲"], ONE)
        return real(source, digest, arrival, pace)

    monkeypatch.setattr(carrying, "_proven_copy", meanwhile)
    assert scrubbed(vault)[0].healed == 1
    assert place_of(vault, "甲", ONE).read_bytes() == ONE
    assert not copies_aside(vault, "甲")


def test_nothing_is_left_among_the_arrivals(home: Path, working: Working) -> None:
    with open_vault(home, working) as vault:
        take_in(vault, [ONE])
        flip(place_of(vault, "甲", ONE))
        flip(place_of(vault, "乙", ONE))
        scrubbed(vault)
    for store in ("甲", "乙"):
        assert not [path for path in (home / store / "tmp").rglob("*") if path.is_file()]
