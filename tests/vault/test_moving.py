"""Moving: what is owed comes, what is to leave goes, and at no moment are there fewer good copies than demanded."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.disk import DiskStore
from ops.config import FILE, AgeConfig, Config, StoreConfig, read_config
from ops.configwriting import write_config
from ops.wiring import Working, init_vault, open_vault
from tests.backends.remotes import smb_rig
from tests.conftest import SettableClock
from tests.faults.loop import ext4
from tests.servers import Share
from tests.vault.scene import assert_sound, estrange, export, flip, noise, place_of, rows_of, scrubbed, take_in, told
from vault.catalogue import plans, sites
from vault.catalogue.planned import explain, preview
from vault.catalogue.plans import plan_all, plan_due
from vault.corrections import correct
from vault.digest import Digest
from vault.errors import Busy, Refused, StoreFull, StoreUnavailable
from vault.facts import Facts
from vault.journal import CHECKPOINT
from vault.membership import detach, renew, set_standing
from vault.moving import Moved, Mover, moving
from vault.permits import DeletionPermit, permit_for_surplus
from vault.placement import Tier
from vault.ports import Incoming, Landed
from vault.rebuild import rebuild
from vault.scrub import Budget
from vault.store import Vault
from vault.text import Text

NAMES = ("甲", "乙", "丙")
CONTENTS = [noise(2_000 + number, number) for number in range(12)]


def configure(home: Path, **copies: int) -> None:
    """Two copies of three, unless something else is said."""
    text = (home / FILE).read_text(encoding="utf-8")
    wanted = "".join(f"{key} = {value}\n" for key, value in {"wanted": 2, **copies}.items())
    (home / FILE).write_text(text.replace("[copies]\n", f"[copies]\n{wanted}"), encoding="utf-8")


def add(home: Path, lines: str) -> None:
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.write(lines)


@pytest.fixture
def home(tmp_path: Path, working: Working) -> Path:
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES)
    init_vault(tmp_path / "档案库", "", "dengzhou", stores, working)
    return tmp_path / "档案库"


@contextmanager
def opened(home: Path, working: Working) -> Iterator[Vault]:
    with open_vault(home, working) as vault:
        yield vault


def move(vault: Vault, *, settled: bool = True, budget: Budget = Budget()) -> dict[str, Moved]:  # noqa: B008  # frozen
    with moving(vault):
        plan_all(vault.database, vault.setting.rules, vault.now(), settled=settled, only_if_stale=settled)
        plan_due(vault.database, vault.setting.rules, vault.now())
        mover = Mover(vault, budget, int)
        mover.bring(list(vault.stores))
        mover.let_go(list(vault.stores))
    return mover.reports


def where(vault: Vault, data: bytes) -> set[str]:
    return {name for name in vault.stores if place_of(vault, name, data).exists()}


def assert_placed(vault: Vault, contents: Sequence[bytes], copies: int) -> None:
    """Each has that many copies, all of them right, and the catalogue says the same."""
    for data in contents:
        assert len(where(vault, data)) == copies
        assert all(place_of(vault, name, data).read_bytes() == data for name in where(vault, data))
    assert not rows_of(vault, "SELECT * FROM copy WHERE state != 'good'")
    counted = rows_of(vault, "SELECT name, copies, bytes FROM store ORDER BY name")
    there = [
        (name, len(held), sum(map(len, held)))
        for name in sorted(vault.stores)
        for held in [[data for data in contents if name in where(vault, data)]]
    ]
    assert counted == there
    assert_sound(vault)


def test_a_full_store_can_be_emptied(home: Path, working: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not: where nothing fits it counted as away, and lent nothing and let nothing go."""
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
    configure(home)
    begin = DiskStore.begin

    def full(self: DiskStore, size: int) -> Incoming:
        if self.name == "甲":
            raise StoreFull(Text(en="甲 is full", zh="甲已满"))
        return begin(self, size)

    monkeypatch.setattr(DiskStore, "begin", full)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "换盘")
        flip(place_of(vault, "乙", CONTENTS[0]))  # the only good copy is on the full one
        reports = move(vault)
        assert (reports["丙"].brought, reports["甲"].let_go, reports["甲"].kept) == (12, 11, 1)
        assert all(report.unavailable is None for report in reports.values())


@pytest.mark.root
def test_a_store_short_of_room_gets_what_fits_and_says_that_it_is_full(tmp_path: Path, working: Working) -> None:
    """A handful came as a whole or not at all: it got nothing, each time anew, and was said not to answer."""
    home = tmp_path / "档案库"
    home.mkdir()
    with ext4(home / "丙", megabytes=24):
        stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES)
        init_vault(home, "", "dengzhou", stores, working)
        with opened(home, working) as vault:
            contents = [noise(400_000, number) for number in range(40)]
            take_in(vault, *[[data] for data in contents], on=["甲", "乙"])
            filler = home / "丙" / "别人的文件"
            free = os.statvfs(home / "丙").f_bavail * os.statvfs(home / "丙").f_frsize
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, free - 6_000_000)
            report = move(vault)["丙"]
            assert 10 <= report.brought < 15
            assert isinstance(report.unavailable, StoreFull)
            assert (report.hopeless, report.passed) == ([], False)
            assert sum("丙" in where(vault, data) for data in contents) == report.brought
            filler.unlink()
            vault.absences.forget("丙")
            assert move(vault)["丙"].brought == 40 - report.brought
            assert_placed(vault, contents, 3)


@pytest.mark.root
def test_a_share_short_of_room_gets_what_fits_behind_a_page_that_does_not(
    tmp_path: Path, working: Working, share: Share, own_name: str
) -> None:
    """It stopped after the first 64 that were too large for it, whatever came behind them."""
    home = tmp_path / "档案库"
    home.mkdir()
    secret = home / "丙.secret"
    secret.write_text(f'password = "{share.password}"\n')
    secret.chmod(0o600)
    large, small = [noise(100_000, n) for n in range(66)], [noise(2_000, n) for n in range(100, 105)]
    with ext4(share.folder / own_name, megabytes=6):
        (share.folder / own_name).chmod(0o777)
        stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in NAMES[:2])
        there = StoreConfig(name="丙", kind="smb", location=f"{share.url}/{own_name}", secret=secret.name)
        init_vault(home, "", "dengzhou", (*stores, there), working)
        with opened(home, working) as vault:
            take_in(vault, *[[data] for data in (*large, *small)], on=["甲", "乙"])
            room = os.statvfs(share.folder / own_name)
            with (share.folder / own_name / "别人的文件").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - 80_000)
            report = move(vault)["丙"]
            assert (report.brought, report.hopeless) == (len(small), [])
            assert isinstance(report.unavailable, StoreFull)
            assert {info.digest for info in vault.stores["丙"].list()} == {Digest.of(data) for data in small}
            (share.folder / own_name / "别人的文件").unlink()
            vault.absences.forget("丙")
            assert move(vault)["丙"].brought >= 30, "of what crossed together some came, too"


def test_what_would_not_fit_is_not_sent(share: Share, own_name: str) -> None:
    """A place told only when its last room was taken, by gigabytes that had crossed for nothing."""
    rig = smb_rig(share, own_name)
    free = rig.store.capacity().free  # type: ignore[attr-defined]  # it is a measured one
    with pytest.raises(StoreFull):
        rig.store.begin(free + (1 << 30))
    rig.store.begin(8 << 20).abandon()
    rig.end()


def said(report: Moved) -> Text | None:
    """A full store's own words, with a way out."""
    error = report.unavailable
    return error.what if isinstance(error, StoreFull) and f"drain {report.store}" in error.hint.zh else None


def test_what_is_too_large_keeps_nothing_out_that_fits(
    home: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may tell at the beginning, or, with a quota, when all has arrived."""
    full = StoreFull(Text(en="丙 is full", zh="丙已满"))
    begin, put = DiskStore.begin, DiskStore.put

    def short(self: DiskStore, size: int) -> Incoming:
        if self.name == "丙" and size > 2_005:
            raise full
        return begin(self, size)

    def at_the_end(self: DiskStore, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        if self.name == "丙" and (len(arrivals) > 1 or len(list(self.list())) >= 9):
            raise full
        return put(self, arrivals)

    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in reversed(CONTENTS)], on=["甲", "乙"])
        with monkeypatch.context() as patched:
            patched.setattr(DiskStore, "begin", short)
            report = move(vault)["丙"]
        assert (report.brought, report.hopeless, said(report)) == (6, [], full.what)
        with monkeypatch.context() as patched:
            patched.setattr(DiskStore, "put", at_the_end)
            report = move(vault)["丙"]
        assert (report.brought, report.hopeless, said(report)) == (3, [], full.what)
        assert move(vault)["丙"].brought == 3
        assert_placed(vault, CONTENTS, 3)


def test_an_emptied_store_ends_empty_and_every_copy_is_elsewhere_first(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
    configure(home)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "换盘")
        reports = move(vault)
        assert (reports["甲"].let_go, reports["丙"].brought) == (12, 12)
        assert_placed(vault, CONTENTS, 2)
        detach(vault, "甲")
        before = export(vault)
    config = read_config(home)
    (home / FILE).unlink()
    write_config(home, replace(config, store=config.store[1:]))
    with opened(home, working) as vault:
        assert_sound(vault)
        rebuild(vault, None)
        after = export(vault)
        assert after["copy"] == before["copy"]
        assert after["store"] == before["store"]


def test_no_copy_is_let_go_while_the_others_cannot_be_read(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS[:4]])
    configure(home)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "换盘")
        flip(place_of(vault, "乙", CONTENTS[0]))
        place_of(vault, "丙", CONTENTS[1]).unlink()
        reports = move(vault)
        assert (reports["甲"].let_go, reports["甲"].kept) == (2, 2)
        assert where(vault, CONTENTS[0]) == set(NAMES)
        assert where(vault, CONTENTS[1]) == {"甲", "乙"}
        scrubbed(vault)
        assert move(vault)["甲"].let_go == 2
        assert where(vault, CONTENTS[0]) == where(vault, CONTENTS[1]) == {"乙", "丙"}
        assert_sound(vault)


def test_no_copy_is_let_go_for_what_lies_on_another_vaults_disk(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, [CONTENTS[0]])
    configure(home)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "换盘")
        estrange(vault, "乙")
        reports = move(vault)
        assert (reports["甲"].let_go, reports["甲"].kept) == (0, 1)
        assert where(vault, CONTENTS[0]) == set(NAMES)


def test_a_proof_that_did_not_read_would_be_caught(
    home: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: with others believed unread, the last good copy goes, and fsck sees it."""
    configure(home)
    with opened(home, working) as vault:
        take_in(vault, [CONTENTS[0]])
        set_standing(vault, "甲", "emptying", "换盘")
        for name in ("乙", "丙"):
            flip(place_of(vault, name, CONTENTS[0]))
        monkeypatch.setattr("vault.moving.read_back", lambda _vault, _name, digest, _progress: digest)
        assert move(vault)["甲"].let_go == 1
        assert {kind for kind, _, _ in told(vault)} == {"object"}


def test_a_permit_for_a_surplus_copy_takes_enough_others() -> None:
    digest = Digest.of(CONTENTS[0])
    with pytest.raises(Refused):
        permit_for_surplus(digest, "甲", ["甲", "乙"], lambda names: len(names) >= 2)
    assert isinstance(permit_for_surplus(digest, "甲", ["乙", "丙"], lambda names: len(names) >= 2), DeletionPermit)


def test_nothing_is_let_go_while_an_intake_is_at_work(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS[:2]])
        set_standing(vault, "甲", "emptying", "")
        with vault.shared_intake(), pytest.raises(Busy):
            move(vault)
        assert where(vault, CONTENTS[0]) == set(NAMES)


def test_two_do_not_move_at_once(home: Path, working: Working) -> None:
    with opened(home, working) as vault, moving(vault), pytest.raises(Busy), moving(vault):
        pass


def with_tiers(home: Path) -> None:
    config = read_config(home)
    tiers = dict(zip(NAMES, (Tier.HOT, Tier.WARM, Tier.COLD), strict=True))
    text = (home / FILE).read_text(encoding="utf-8")
    for name, tier in tiers.items():
        text = text.replace(f'name = "{name}"\n', f'name = "{name}"\ntier = "{tier}"\n')
    text += '\n[[age]]\nfrom_days = 0\ntiers = ["hot", "warm"]\n\n[[age]]\nfrom_days = 90\ntiers = ["warm", "cold"]\n'
    (home / FILE).write_text(text, encoding="utf-8")
    assert read_config(home).age[1] == AgeConfig(from_days=90, tiers=(Tier.WARM, Tier.COLD))
    assert isinstance(config, Config)


def test_after_ninety_days_copies_move_on(home: Path, working: Working, clock: SettableClock) -> None:
    with_tiers(home)
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS[:3]], on=["甲", "乙"])
        assert not any(report.brought or report.let_go for report in move(vault).values())
        clock.advance(days=60)
        take_in(vault, *[[data] for data in CONTENTS[3:6]], on=["甲", "乙"])
        clock.advance(days=30)
        reports = move(vault)
        assert (reports["丙"].brought, reports["甲"].let_go) == (3, 3)
        assert [where(vault, data) for data in CONTENTS[:6]] == [{"乙", "丙"}] * 3 + [{"甲", "乙"}] * 3
        clock.advance(days=60)
        assert move(vault)["甲"].let_go == 3
        assert_placed(vault, CONTENTS[:6], 2)
        assert not any(report.brought or report.let_go for report in move(vault).values())


def test_an_object_of_two_records_lies_where_either_belongs(home: Path, working: Working, clock: SettableClock) -> None:
    with_tiers(home)
    with opened(home, working) as vault:
        take_in(vault, [CONTENTS[0]], on=["甲", "乙"])
        clock.advance(days=100)
        take_in(vault, [CONTENTS[0], CONTENTS[1]], on=["甲", "乙"])
        move(vault)
        assert where(vault, CONTENTS[0]) == set(NAMES)  # the one is old, the other new
        assert where(vault, CONTENTS[1]) == {"甲", "乙"}
        assert_sound(vault)


def test_a_plan_is_only_shown(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
    configure(home)
    with opened(home, working) as vault:
        before = rows_of(vault, "SELECT * FROM copy"), rows_of(vault, "SELECT * FROM store")
        found = preview(vault.database, vault.setting.rules, vault.now(), emptied="甲")
        assert {(one.store, one.state, one.copies) for one in found} == {("甲", "leaving", 12), ("丙", "owed", 12)}
        assert (rows_of(vault, "SELECT * FROM copy"), rows_of(vault, "SELECT * FROM store")) == before


def test_a_budget_ends_it_and_asking_again_goes_on(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[noise(100, n)] for n in range(200)], on=["甲", "乙"])
        runs = 0
        while not all(report.complete for report in move(vault, budget=Budget(bytes=5_000)).values()):
            runs += 1
        assert runs == 3  # 64 copies at a time
        assert not rows_of(vault, "SELECT * FROM copy WHERE state != 'good'")
        assert_sound(vault)


def test_a_new_store_gets_its_share_and_no_more_is_moved(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
    configure(home)
    with opened(home, working) as vault:
        plan_all(vault.database, vault.setting.rules, vault.now())
        assert not any(report.brought for report in move(vault).values())  # they lie well
        reports = move(vault, settled=False)
        share = reports["丙"].brought
        assert 3 <= share <= 12
        assert reports["甲"].let_go + reports["乙"].let_go == share
        assert_placed(vault, CONTENTS, 2)


def test_a_store_that_is_lost_is_restored_and_nothing_was_called_lost(home: Path, working: Working) -> None:
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS])
    shutil.rmtree(home / "乙")
    with opened(home, working) as vault:
        with vault.open_object(Digest.of(CONTENTS[3])) as stream:
            assert stream.read() == CONTENTS[3]
        assert not {kind for kind, _, _ in told(vault)} & {"missing", "object"}
        (home / "乙").mkdir()
        renew(vault, "乙", "disk", "乙", list, lost=True)
        with moving(vault):
            mover = Mover(vault, Budget(), int)
            mover.bring(list(vault.stores))
        assert mover.reports["乙"].brought == 12
        assert_placed(vault, CONTENTS, 3)


def test_copies_that_a_store_may_not_hold_leave_it(home: Path, working: Working) -> None:
    """Clearances were given after the fact."""
    with opened(home, working) as vault:
        take_in(vault, [CONTENTS[0]])
        vault.database.close()
    text = (home / FILE).read_text(encoding="utf-8")
    for name in ("甲", "丙"):
        text = text.replace(f'name = "{name}"\n', f'name = "{name}"\ncleared = ["秘密"]\n')
    (home / FILE).write_text(text, encoding="utf-8")
    with opened(home, working) as vault:
        (number,) = rows_of(vault, "SELECT number FROM record")[0]
        correct(vault, str(number), Facts(confidentiality="秘密"), "定密")
        move(vault)
        assert where(vault, CONTENTS[0]) == {"甲", "丙"}
        with vault.database.reading() as connection:
            why = explain(connection, vault.setting.rules, 1, vault.now())
        assert {name: text and text.zh for name, text in why.items()} == {
            "甲": None,
            "乙": "未获准存放该密级",
            "丙": None,
        }
        assert_sound(vault)


def test_damage_is_not_forgotten_by_a_store_that_was_to_be_emptied_and_stays(home: Path, working: Working) -> None:
    """Once its copies were called good again when the emptying was called off."""
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS[:3]])
        for name in NAMES:
            flip(place_of(vault, name, CONTENTS[0]))
        scrubbed(vault)  # heals none: there is no good one
        configure(home)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "换盘")
        move(vault)
        damaged = "SELECT count(*) FROM copy WHERE state = 'damaged'"
        assert rows_of(vault, damaged) == [(3,)]
        set_standing(vault, "甲", "open", "不换了")
        move(vault)
        assert rows_of(vault, damaged) == [(3,)]
        set_standing(vault, "甲", "emptying", "还是要换")
        flip(place_of(vault, "乙", CONTENTS[0]))  # one is good again
        reports = move(vault)
        assert rows_of(vault, damaged) == [(0,)]
        assert reports["甲"].let_go
        move(vault)
        assert where(vault, CONTENTS[0]) == {"乙", "丙"}
        assert_sound(vault)


def test_a_limit_is_no_more_passed_by_plans_than_by_copies(home: Path, working: Working) -> None:
    """Once a store with room for ten copies was owed all thirty, since none of them was there yet."""
    with opened(home, working) as vault:
        take_in(vault, *[[noise(1_000, n)] for n in range(30)], on=["甲", "乙"])
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(text.replace('name = "丙"\n', 'name = "丙"\nlimit = "10 KB"\n'), encoding="utf-8")
    with opened(home, working) as vault:
        assert move(vault)["丙"].brought == 10
        take_in(vault, *[[noise(1_000, n)] for n in range(30, 40)], on=["甲", "乙"])
        assert move(vault)["丙"].brought == 0
        assert_sound(vault)


def test_what_limits_leave_is_counted_once_a_run(home: Path, working: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was counted at every page, over all that is owed: a run took as long as the square of the vault."""
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(text.replace('name = "丙"\n', 'name = "丙"\nlimit = "10 KB"\n'), encoding="utf-8")
    counted: list[object] = []

    def left(*asked: object) -> dict[str, int]:
        counted.append(asked)
        return real(*asked)

    real = sites._left
    monkeypatch.setattr(sites, "_left", left)
    monkeypatch.setattr(plans, "_AT_ONCE", 3)
    with opened(home, working) as vault:
        for _ in range(2):  # what is owed already takes no more the second time
            plan_all(vault.database, vault.setting.rules, vault.now())
            assert rows_of(vault, "SELECT count(*) FROM copy WHERE state = 'owed'") == [(4,)]
        preview(vault.database, vault.setting.rules, vault.now())
    assert len(counted) == 3


def test_a_store_that_is_away_is_asked_once(home: Path, working: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each of hundreds of copies waited for a server that was down."""
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS], on=["甲", "乙"])
        asked: list[str] = []
        real = DiskStore.open

        def counted(self: DiskStore, digest: Digest, start: int = 0) -> object:
            asked.append(self.name)
            return real(self, digest, start)

        monkeypatch.setattr(DiskStore, "open", counted)
        (home / "甲").rename(home / "别处")
        assert move(vault)["丙"].brought == 12
        assert asked.count("甲") == 1
        (home / "别处").rename(home / "甲")


def test_a_journal_that_stayed_behind_catches_up_though_there_is_nothing_to_move(
    home: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line broke under the last checkpoint of a run: only `scrub`, or the next act, brought it."""

    def broken(path: str, data: bytes) -> None:
        raise StoreUnavailable(Text(en="the line broke", zh="连接中断"))

    with opened(home, working) as vault:
        [number] = take_in(vault, [CONTENTS[0]])
        move(vault)
        with monkeypatch.context() as patched:
            patched.setattr(vault.stores["丙"], "replace_file", broken)
            correct(vault, number, Facts(content="补录"), "")
        newest = vault.stores["甲"].read_file(CHECKPOINT)
        assert vault.stores["丙"].read_file(CHECKPOINT) != newest
        vault.absences.forget("丙")
        move(vault)
        assert vault.stores["丙"].read_file(CHECKPOINT) == newest


class _Stopped(Exception):
    """Instead of a crash."""


def test_stopped_anywhere_it_goes_on_and_there_are_always_enough(
    home: Path, tmp_path: Path, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every act on a store and every commit, one after the other."""
    with opened(home, working) as vault:
        take_in(vault, *[[data] for data in CONTENTS[:3]], on=["甲", "乙"])
    configure(home)
    with opened(home, working) as vault:
        set_standing(vault, "甲", "emptying", "")
    for steps in itertools.count():
        place = tmp_path / f"第{steps}次" / "档案库"
        shutil.copytree(home, place)
        left = [steps]

        def countdown(real: Callable[..., object], left: list[int] = left) -> Callable[..., object]:
            def stopping(*arguments: object, **named: object) -> object:
                if left[0] == 0:
                    raise _Stopped
                left[0] -= 1
                return real(*arguments, **named)

            return stopping

        finished = False
        with opened(place, working) as vault, monkeypatch.context() as patched:
            for kind, name in ((DiskStore, "put"), (DiskStore, "delete"), (Vault, "commit"), (Vault, "publish")):
                patched.setattr(kind, name, countdown(getattr(kind, name)))
            try:
                move(vault)
                finished = True
            except _Stopped:
                pass
        with opened(place, working) as vault:
            assert all(len(where(vault, data)) >= 2 for data in CONTENTS[:3])
            vault.publish()
            faults = {kind for kind, _, _ in told(vault)} - {"owed"}
            assert not faults, steps
            move(vault)
            assert where(vault, CONTENTS[0]) == {"乙", "丙"}
            assert_placed(vault, CONTENTS[:3], 2)
        shutil.rmtree(place)
        if finished:
            break
    assert steps >= 8
