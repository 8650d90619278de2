"""Adopting a profile: shown beforehand, journalled, and no record's term becomes shorter."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ops.config import FILE, read_config
from ops.configwriting import name_profile
from ops.wiring import Working, open_vault
from tests.vault.scene import (
    apply,
    assert_sound,
    entries_so_far,
    export,
    journal_acts,
    noise,
    rows_of,
    sql,
    stored,
    take_in,
)
from vault import acts, adoption, corrections
from vault.adopted import require_adopted
from vault.adoption import Effect, compare
from vault.catalogue import locks, queries
from vault.catalogue.inforce import in_force
from vault.errors import BadInput, Busy, CatalogueBroken, Refused
from vault.facts import Facts
from vault.profile import Profile, load_profile
from vault.rebuild import rebuild
from vault.retention import Assigned, Decision, Holding, State
from vault.store import Vault
from vault.terms import RetentionClass

DENGZHOU, WUGANG, XINZHOU = (load_profile(name) for name in ("dengzhou", "wugang", "xinzhou"))
CASE = "邓城管罚字〔2026〕第0000号"
WHY = "局务会议纪要〔2026〕12号"


def explained(vault: Vault, number: str) -> Decision:
    with vault.database.reading() as connection:
        return queries.explain(connection, number, vault.profile, vault.now())


def effects(vault: Vault, after: Profile) -> dict[str, Effect]:
    with vault.database.reading() as connection:
        return {number: change.effect for number, change in adoption.preview(connection, vault.profile, after)}


def test_a_longer_term_comes_and_a_shorter_one_does_not(vault: Vault) -> None:
    free, in_case = take_in(vault, [b"one"], [b"two"])
    corrections.open_case(vault, CASE, "", date(2026, 11, 1), "")
    assert effects(vault, WUGANG) == {free: Effect.LATER, in_case: Effect.SAME}
    adoption.adopt(vault, WUGANG, WHY)
    assert explained(vault, free).last_day == date(2028, 11, 21)
    assert explained(vault, in_case).state is State.WAITING_FOR_CASE
    assert effects(vault, DENGZHOU) == {free: Effect.SPARED, in_case: Effect.SAME}
    adoption.adopt(vault, DENGZHOU, WHY)
    assert explained(vault, free).last_day == date(2028, 11, 21)
    (later,) = take_in(vault, [b"three"])
    assert explained(vault, later).last_day == date(2027, 11, 21)  # what comes now is under the new one alone
    assert rows_of(vault, "SELECT expires_on FROM record ORDER BY id") == [("2028-11-22",), (None,), ("2027-11-22",)]


def test_what_was_shown_is_what_happens(vault: Vault) -> None:
    numbers = take_in(vault, *[[noise(50, n)] for n in range(7)])
    corrections.flag(vault, numbers[0], ("objection",), "当事人声明异议")
    corrections.place_hold(vault, numbers[3], "信访", "办公室")
    corrections.raise_class(vault, numbers[6], RetentionClass.PERMANENT, "重大案件", "第9条")
    for after in (WUGANG, XINZHOU, load_profile("chanhe"), load_profile("jiangyuan"), DENGZHOU):
        with vault.database.reading() as connection:
            shown = dict(adoption.preview(connection, vault.profile, after))
        assert list(shown) == numbers
        adoption.adopt(vault, after, WHY)
        for number, change in shown.items():
            now = explained(vault, number)
            assert (now.last_day, now.retention_class) == (change.after.last_day, change.after.retention_class)
            if change.before.last_day is not None:
                assert now.last_day is None or now.last_day >= change.before.last_day
        assert explained(vault, numbers[0]).state is State.PERMANENT


def test_a_rebuild_finds_every_row_again(vault: Vault) -> None:
    numbers = take_in(vault, [b"one"], [b"two"], [b"three"])
    adoption.adopt(vault, WUGANG, WHY)
    corrections.correct(vault, numbers[0], Facts(circumstances=("objection",)), "补录")
    take_in(vault, [b"four"])
    adoption.adopt(vault, DENGZHOU, WHY)
    before = export(vault)
    assert_sound(vault)  # fsck compares with a catalogue from the journal
    rebuild(vault, None)
    after = export(vault)
    for table in ("record", "assigned", "hold", "adopted"):
        assert after[table] == before[table]


def test_the_journal_says_who_adopted_what_and_why_with_all_its_rules(vault: Vault) -> None:
    since = entries_so_far(vault)
    adoption.adopt(vault, WUGANG, WHY)
    (act,) = journal_acts(vault, since)
    assert isinstance(act, acts.ProfileAdopted)
    assert (act.profile, act.why, act.by) == (WUGANG, WHY, "李建国")
    first = journal_acts(vault, 0)[0]
    assert isinstance(first, acts.VaultCreated)
    assert first.profile == DENGZHOU


def test_what_is_in_force_is_not_adopted_again(vault: Vault) -> None:
    since = entries_so_far(vault)
    with pytest.raises(Refused, match="is in force already") as caught:
        adoption.adopt(vault, DENGZHOU, WHY)
    assert caught.value.exit_code == 4
    (entry,) = journal_acts(vault, since)
    assert isinstance(entry, acts.ActionRefused)
    assert entry.why == ("already",)


def test_other_rules_under_the_same_version_are_not_adopted(vault: Vault) -> None:
    base = msgspec.structs.replace(DENGZHOU.base, retention_class=RetentionClass.SIX_MONTHS)
    shorter = msgspec.structs.replace(DENGZHOU, base=base)
    with pytest.raises(BadInput, match="others than those adopted as dengzhou, version 1"):
        adoption.adopt(vault, shorter, WHY)
    (number,) = take_in(vault, [b"one"])
    adoption.adopt(vault, msgspec.structs.replace(shorter, version=2), WHY)
    assert explained(vault, number).last_day == date(2027, 11, 21)
    (later,) = take_in(vault, [b"two"])
    assert explained(vault, later).last_day == date(2027, 5, 21)


def test_nobody_else_is_at_work_meanwhile(vault: Vault, home: Path, working: Working) -> None:
    with open_vault(home, working) as other:
        with pytest.raises(Busy):
            adoption.adopt(vault, WUGANG, WHY)
        assert other.profile == DENGZHOU
    adoption.adopt(vault, WUGANG, WHY)


# ---------------------------------------------------------------- the name in strongroom.toml


def test_a_name_changed_by_hand_is_refused_with_the_way_out(home: Path, working: Working) -> None:
    name_profile(home, "chanhe")
    with pytest.raises(Refused, match="names the profile chanhe, which was not adopted; dengzhou") as caught:
        open_vault(home, working).__enter__()
    assert "strongroom profile preview chanhe" in caught.value.hint.zh
    with open_vault(home, working, adopting=True) as vault:
        adoption.adopt(vault, load_profile("chanhe"), WHY)
    with open_vault(home, working) as vault:
        assert vault.profile.id == "chanhe"


def test_an_offices_own_file_that_was_edited_is_refused(home: Path, working: Working, tmp_path: Path) -> None:
    source = (Path(adoption.__file__).parent / "profiles" / "dengzhou.toml").read_text(encoding="utf-8")
    own = tmp_path / "本局.toml"
    own.write_text(source.replace("version = 1", "version = 2", 1), encoding="utf-8")
    with open_vault(home, working, adopting=True) as vault:
        adoption.adopt(vault, load_profile(own), WHY)
    name_profile(home, str(own))
    with open_vault(home, working) as vault:
        assert vault.profile.version == 2
    own.write_text(source.replace("version = 1", "version = 3", 1), encoding="utf-8")
    with pytest.raises(Refused, match="was not adopted"):
        open_vault(home, working).__enter__()


def test_a_newer_version_that_came_with_the_program_waits(vault: Vault) -> None:
    newer = msgspec.structs.replace(DENGZHOU, version=2)
    require_adopted(DENGZHOU, newer, "dengzhou", shipped=True)
    with pytest.raises(Refused):
        require_adopted(DENGZHOU, newer, "dengzhou.toml", shipped=False)
    with pytest.raises(Refused):
        require_adopted(DENGZHOU, WUGANG, "wugang", shipped=True)


def test_the_name_is_put_into_the_configuration_and_nothing_else_changes(home: Path) -> None:
    before, text = read_config(home), (home / FILE).read_text(encoding="utf-8")
    name_profile(home, '/srv/制度/"新".toml')
    assert read_config(home).vault.profile == '/srv/制度/"新".toml'
    name_profile(home, "dengzhou")
    assert (read_config(home), (home / FILE).read_text(encoding="utf-8")) == (before, text)
    (home / FILE).write_text(text.replace('profile = "dengzhou"', 'profile = """dengzhou"""'), encoding="utf-8")
    with pytest.raises(BadInput, match='write profile = "wugang" into it'):
        name_profile(home, "wugang")
    assert read_config(home) == before


# ---------------------------------------------------------------- the pure part


def test_every_effect() -> None:
    at = stored(1).at
    plain = Holding(stored_at=at, recorded_at=at)
    patrol = replace(plain, kind="routine-patrol")
    cited = Assigned(RetentionClass.SIX_MONTHS, "定期", "王局长", "豫档〔2020〕5号")
    assert Counter(
        compare(holding, before, after).effect
        for holding, before, after in (
            (plain, DENGZHOU, DENGZHOU),
            (plain, DENGZHOU, WUGANG),
            (plain, WUGANG, DENGZHOU),
            (plain, XINZHOU, DENGZHOU),
            (plain, DENGZHOU, XINZHOU),
        )
    ) == dict.fromkeys(Effect, 1)
    assert compare(patrol, XINZHOU, DENGZHOU).effect is Effect.LOSES  # 邓州 knows no such kind: somebody must say
    assert compare(replace(plain, assigned=(cited,)), WUGANG, XINZHOU).effect is Effect.SPARED


def test_locks_are_due_after_an_adoption(vault: Vault) -> None:
    sql(vault, "UPDATE store SET locks = 1 WHERE name = '甲'")
    take_in(vault, [b"one"], [b"two"])
    sql(vault, "UPDATE lock SET look_on = NULL")
    with vault.database.writing() as connection:
        apply(connection, vault.profile, acts.ProfileAdopted(at=vault.now(), by="李建国", profile=WUGANG, why=WHY))
        assert in_force(connection) == WUGANG
        assert len(locks.take(connection, "甲", vault.now(), None)) == 2


def test_a_damaged_profile_in_the_catalogue_is_told(vault: Vault, home: Path, working: Working) -> None:
    sql(vault, "UPDATE adopted SET profile = '{}'")
    with pytest.raises(CatalogueBroken, match="profile is damaged"):
        open_vault(home, working).__enter__()
    sql(vault, "DELETE FROM adopted")
    with pytest.raises(CatalogueBroken, match="names no profile"):
        open_vault(home, working).__enter__()
