"""The way in, end to end, on a real vault with real files: what becomes one record, with which facts, told how."""

import hashlib
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from ops.config import FILE, StoreConfig
from ops.sample_media import make_audio, make_photo
from ops.wiring import Working, init_vault, open_vault
from tests.vault.scene import assert_sound
from vault import acts
from vault.catalogue import queries
from vault.digest import Digest
from vault.errors import BadInput, SourceUnreadable
from vault.facts import Facts
from vault.intake import activities
from vault.intake.activities import Request
from vault.intake.grouping import Grouping
from vault.intake.pipeline import Intake, Outcome
from vault.intake.sheets import read_sheet
from vault.journal import read_bundle
from vault.records import Record, Standing
from vault.store import Vault

SECTION = Facts(section="监督检查科")


def take(vault: Vault, *paths: Path, progress: Callable[[int], object] = int, **asked: Any) -> list[Outcome]:
    """One run of intake, to its end."""
    sheet = asked.get("sheet_path")
    if sheet is not None:
        asked["sheet"] = read_sheet(sheet, vault.profile, vault.now())
    asked.setdefault("facts", SECTION)
    return list(Intake(vault, Request(paths=paths, **asked), progress).run())


def results(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.result for outcome in outcomes)


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {Path(outcome.where).name: outcome for outcome in outcomes}


def record(vault: Vault, number: str) -> Record:
    with vault.database.reading() as connection:
        return queries.get_record(connection, number)


def entries(vault: Vault) -> list[acts.AnyAct]:
    """The journal as the first store has it."""
    (store, *_) = vault.stores.values()
    with vault.database.reading() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
    return [acts.decode(entry) for entry in read_bundle(store, 0, count)]


def objects(vault: Vault) -> dict[str, set[str]]:
    return {name: {info.digest.hex for info in store.list()} for name, store in vault.stores.items()}


def fill(folder: Path, **contents: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for stem, text in contents.items():
        paths.append(folder / f"{stem}.mp4")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


# Which files make one record


@pytest.mark.parametrize(
    ("grouping", "records"),
    [
        (Grouping.FILE, [["一.mp4"], ["三.mp4"], ["二.mp4"], ["甲/一.mp4"], ["甲/二.mp4"]]),
        (Grouping.FOLDER, [["一.mp4", "三.mp4", "二.mp4"], ["甲/一.mp4", "甲/二.mp4"]]),
        (Grouping.ALL, [["一.mp4", "三.mp4", "二.mp4", "甲/一.mp4", "甲/二.mp4"]]),
    ],
)
def test_grouping(vault: Vault, tmp_path: Path, grouping: Grouping, records: list[list[str]]) -> None:
    fill(tmp_path / "录像", 一="一", 二="二", 三="三")
    fill(tmp_path / "录像/甲", 一="甲一", 二="甲二")
    numbers = dict.fromkeys(o.record for o in take(vault, tmp_path / "录像", grouping=grouping))
    assert sorted([file.name for file in record(vault, number).files] for number in numbers) == records
    assert_sound(vault)


def test_rows_of_a_sheet_with_one_group_make_one_record_from_wherever_they_lie(vault: Vault, tmp_path: Path) -> None:
    fill(tmp_path / "一队", 上="上", 散="散")
    fill(tmp_path / "二队", 下="下")
    sheet = tmp_path / "清单.csv"
    sheet.write_text("文件,记录组,当事人\n上.mp4,甲案,王芳\n下.mp4,甲案,王芳\n", encoding="utf-8")
    told = by_name(take(vault, tmp_path / "一队", tmp_path / "二队", sheet_path=sheet, grouping=Grouping.FOLDER))
    assert told["上.mp4"].record == told["下.mp4"].record != told["散.mp4"].record
    filed = record(vault, told["上.mp4"].record)
    assert [file.name for file in filed.files] == ["上.mp4", "下.mp4"]
    assert filed.facts.party == "王芳"


def test_members_of_an_archive_make_one_record_and_say_where_they_came_from(vault: Vault, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "采集站.zip", "w") as archive:
        archive.writestr("DSJ0107/现场.mp4", "现场")
        archive.writestr("DSJ0107/照片.jpg", "照片")
    (opened,) = {o.record for o in take(vault, tmp_path / "采集站.zip", grouping=Grouping.FILE)}
    files = record(vault, opened).files
    assert [(f.name, f.container) for f in files] == [
        ("DSJ0107/现场.mp4", "采集站.zip"),
        ("DSJ0107/照片.jpg", "采集站.zip"),
    ]
    (whole,) = take(vault, tmp_path / "采集站.zip", open_containers=False)
    assert record(vault, whole.record).files[0].sha256 == Digest.of((tmp_path / "采集站.zip").read_bytes()).hex


def test_a_hostile_archive_takes_only_itself_out(vault: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "导出"
    fill(folder, 好="好")
    with zipfile.ZipFile(folder / "坏.zip", "w") as archive:
        archive.writestr("现场.mp4", "现场")
    data = bytearray((folder / "坏.zip").read_bytes())
    data[data.index("现场".encode(), 40)] ^= 1  # its content: the checksum no longer fits
    (folder / "坏.zip").write_bytes(data)
    told = take(vault, folder)
    assert results(told)["stored"] == 1
    assert {o.result for o in told if "坏.zip" in o.where} == {"rejected"}
    assert "坏.zip" in str(by_name(told)["坏.zip"].error)


def test_too_many_files_for_one_record(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities, "MOST_FILES", 3)
    fill(tmp_path / "录像", **{f"段{n}": f"第 {n} 段" for n in range(4)})
    with pytest.raises(BadInput, match="More than 3 files would make one record"):
        take(vault, tmp_path / "录像", grouping=Grouping.ALL)
    assert results(take(vault, tmp_path / "录像")) == {"stored": 4}


# Who is believed


def test_facts_come_from_options_then_the_sheet_then_sidecars_then_the_media(
    vault: Vault, tmp_path: Path, clock: Any
) -> None:
    photo = tmp_path / "IMG_0107.jpg"
    make_photo(photo, clock() - timedelta(hours=3), ["记账凭证"])
    sheet = tmp_path / "表.csv"
    sheet.write_text(f"file,section,party,place\n{photo.name},表的科室,表的当事人,\n", encoding="utf-8")
    photo.with_name(photo.name + ".facts.json").write_text(
        json.dumps({"section": "附件科室", "party": "附件当事人", "place": "附件地点", "matter": "附件事项"}),
        encoding="utf-8",
    )
    (told,) = take(vault, photo, sheet_path=sheet, facts=Facts(section="录入科室"))
    filed = record(vault, told.record)
    assert (filed.facts.section, filed.facts.party, filed.facts.place) == ("录入科室", "表的当事人", "附件地点")
    assert filed.facts.device_model == "DZCZ DSJ-H8"
    assert filed.facts.recorded_at == clock() - timedelta(hours=3)
    assert filed.origins == {
        "section": "option",
        "party": "sheet",
        "place": "sidecar",
        "matter": "sidecar",
        "recorded_at": "media",
        "device_model": "media",
    }


def test_when_a_person_says_when_it_began_the_devices_clock_has_no_say_in_its_end(
    vault: Vault, tmp_path: Path, clock: Any
) -> None:
    sound = tmp_path / "现场录音.m4a"
    make_audio(sound, clock() - timedelta(hours=3), 1)
    (of_itself,) = take(vault, sound)
    assert record(vault, of_itself.record).facts.recorded_until is not None
    (tmp_path / "另.m4a").write_bytes(sound.read_bytes() + b"\0")  # another content of the same recording
    (told,) = take(
        vault, tmp_path / "另.m4a", facts=Facts(section="会计科", recorded_at=datetime(2026, 11, 20, 1, tzinfo=UTC))
    )
    filed = record(vault, told.record)
    assert filed.facts.recorded_until is None
    assert filed.files[0].recorded_at is not None  # what the media says of itself is kept beside the file


def test_files_of_one_record_that_contradict_each_other_leave_one_warning_a_fact(vault: Vault, tmp_path: Path) -> None:
    """Once a warning a file, each printed with every file; and, kept whole, an entry too long for the journal."""
    folder = tmp_path / "录像"
    fill(folder, **{f"段{n:03}": f"第 {n} 段" for n in range(200)})
    for n in range(200):
        (folder / f"段{n:03}.facts.json").write_text(
            json.dumps({"place": f"{n}号" + "楼" * 500, "party": "王芳" if n % 2 else "李伟"}), encoding="utf-8"
        )
    told = take(vault, folder, grouping=Grouping.ALL)
    assert results(told) == {"stored": 200}
    assert [len(outcome.warnings) for outcome in told] == [2] + [0] * 199
    assert "and 198 more" in told[0].warnings[1].en
    assert_sound(vault)


def test_facts_that_would_overflow_an_entry_are_refused_by_name(vault: Vault, tmp_path: Path) -> None:
    (path,) = fill(tmp_path, 一="一")
    long = Facts(section="会计科", **dict.fromkeys(("place", "cause", "matter", "content"), "长" * 2000))
    (told,) = take(vault, path, facts=long)
    assert told.result == "rejected"
    assert "too long" in str(told.error)
    (told,) = take(vault, path, facts=Facts(section="会计科", content="长" * 2000, cause='"' * 2000))
    assert told.result == "stored"
    assert_sound(vault)


def test_300_chinese_characters_in_a_fact(vault: Vault, tmp_path: Path) -> None:
    (path,) = fill(tmp_path, 一="一")
    told = take(vault, path, facts=Facts(section="会计科", content="龘𠮷鱻" * 100))
    assert record(vault, told[0].record).facts.content == "龘𠮷鱻" * 100


def test_a_record_without_its_required_facts_waits_in_quarantine(vault: Vault, tmp_path: Path) -> None:
    (path,) = fill(tmp_path, 一="一")
    (told,) = take(vault, path, facts=Facts(party="王芳"))
    assert told.result == "stored"
    assert told.filed is not None
    assert (told.filed.standing, told.filed.missing) == (Standing.QUARANTINED, ("section",))
    (again,) = take(vault, path, facts=Facts(party="王芳"))
    assert again.filed is not None
    assert (again.result, again.filed.standing, again.filed.missing) == ("seen-again", "quarantined", ("section",))
    assert not again.warnings
    assert_sound(vault)


def test_who_forgot_the_facts_takes_the_files_in_again_with_them(vault: Vault, tmp_path: Path) -> None:
    """Once they were dropped without a word."""
    (path,) = fill(tmp_path, 一="一")
    take(vault, path, facts=Facts(party="王芳"))
    (again,) = take(vault, path, facts=Facts(section="监督检查科", party="王艳", place="解放路"))
    assert again.filed is not None
    assert (again.result, again.filed.standing, again.filed.missing) == ("seen-again", "kept", ())
    assert [warning.en.partition(" (to")[0] for warning in again.warnings] == [
        "added to the record: section, place",
        "the record says otherwise, and stays as it is: party",
    ]
    with vault.database.reading() as connection:
        facts = queries.get_record(connection, again.record).facts
    assert (facts.section, facts.place, facts.party) == ("监督检查科", "解放路", "王芳")
    assert_sound(vault)


def test_a_circumstance_that_the_profile_does_not_know_is_refused_in_a_sheet_too(vault: Vault, tmp_path: Path) -> None:
    """Once it was kept and led nowhere."""
    (path,) = fill(tmp_path, 一="一")
    sheet = tmp_path / "表.csv"
    sheet.write_text(f"file,section,circumstances\n{path.name},监督检查科,bogus\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"row 2, column C .*'bogus'"):
        take(vault, path, sheet_path=sheet, facts=Facts())


def test_a_sidecar_that_cannot_be_read_takes_out_its_own_files_and_each_is_told(vault: Vault, tmp_path: Path) -> None:
    """Once it ended the whole run, and of a group only the first file was told."""
    folder = tmp_path / "录像"
    fill(folder, 一="一", 二="二")
    fill(tmp_path / "录像/别", 三="三")
    (folder / "二.facts.json").symlink_to("/etc/hostname")
    told = by_name(take(vault, folder, grouping=Grouping.FOLDER))
    assert (told["一.mp4"].result, told["二.mp4"].result, told["三.mp4"].result) == ("rejected", "rejected", "stored")


def test_a_row_that_fits_two_files_takes_out_the_second(vault: Vault, tmp_path: Path) -> None:
    """Once it ended the whole run with exit 2, when half of it was stored."""
    for team in ("一队", "二队", "三队"):
        fill(tmp_path / "录像" / team, **({"现场": team} if team != "三队" else {"别的": team}))
    sheet = tmp_path / "清单.csv"
    sheet.write_text("file,party\n现场.mp4,王芳\n", encoding="utf-8")
    told = take(vault, tmp_path / "录像", sheet_path=sheet)
    assert results(told) == {"stored": 2, "rejected": 1}
    (refused,) = [o for o in told if o.result == "rejected"]
    assert "fits both" in str(refused.error)


def test_the_sheet_in_the_folder_is_left_out_under_whatever_path(vault: Vault, tmp_path: Path) -> None:
    fill(tmp_path / "录像", 一="一")
    sheet = tmp_path / "录像/清单.csv"
    sheet.write_text("file,party\n一.mp4,王芳\n没有.mp4,李伟\n", encoding="utf-8")
    (tmp_path / "链").symlink_to(tmp_path / "录像")
    for path in (sheet, tmp_path / "录像/../录像/清单.csv", tmp_path / "链/清单.csv"):
        told = by_name(take(vault, tmp_path / "录像", sheet_path=path))
        assert (told["清单.csv"].result, told["一.mp4"].result) in {("skipped", "stored"), ("skipped", "seen-again")}


# Seen again


def test_the_same_file_again_is_recognised_entered_and_not_stored_twice(vault: Vault, tmp_path: Path) -> None:
    paths = fill(tmp_path / "录像", 一="同样", 二="不同")
    first = take(vault, *paths)
    before = objects(vault)
    again = take(vault, tmp_path / "录像")
    assert [(o.result, o.record) for o in again] == [("seen-again", o.record) for o in first]
    assert objects(vault) == before
    seen = [act for act in entries(vault) if isinstance(act, acts.RecordSeenAgain)]
    assert [(act.record, act.names) for act in seen] == [(first[0].record, ("一.mp4",)), (first[1].record, ("二.mp4",))]
    assert_sound(vault)


def test_one_content_under_two_names_in_one_batch_is_one_record(vault: Vault, tmp_path: Path) -> None:
    paths = fill(tmp_path, 一="同样", 二="同样", 三="同样")
    told = take(vault, *paths)
    assert [o.result for o in told] == ["stored", "seen-again", "seen-again"]
    assert len({o.record for o in told}) == 1
    assert all(o.filed is not None and o.filed.standing is Standing.KEPT for o in told)
    assert {len(held) for held in objects(vault).values()} == {1}
    assert_sound(vault)


def test_one_content_in_two_batches_of_one_run_is_one_record(vault: Vault, tmp_path: Path) -> None:
    for name in ("一.mp4", "二.mp4", "三.mp4"):
        (tmp_path / name).write_bytes(bytes(range(256)) * (5 << 12))  # 5 MiB: a batch of its own
    told = take(vault, *tmp_path.glob("*.mp4"))
    assert results(told) == {"stored": 1, "seen-again": 2}
    assert_sound(vault)


def test_a_record_of_the_same_files_in_another_order_is_the_same_and_a_part_of_it_is_not(
    vault: Vault, tmp_path: Path
) -> None:
    paths = fill(tmp_path, 一="一", 二="二", 三="一")
    (number,) = {o.record for o in take(vault, paths[0], paths[1], grouping=Grouping.ALL)}
    assert {o.record for o in take(vault, paths[1], paths[2], grouping=Grouping.ALL)} == {number}
    assert {o.record for o in take(vault, paths[0])} != {number}
    assert {o.record for o in take(vault, *paths, grouping=Grouping.ALL)} != {number}  # 一 twice is another record
    assert_sound(vault)


def test_seen_again_with_names_that_would_overflow_an_entry(vault: Vault, tmp_path: Path) -> None:
    """100 names of 4,000 bytes once made an entry that nothing could publish, and every later act waited behind it."""
    deep = tmp_path / "录像" / "/".join(["夹" * 80] * 12)
    fill(deep, **{f"段{n:03}": f"第 {n} 段" for n in range(100)})
    take(vault, tmp_path / "录像", grouping=Grouping.ALL)
    told = take(vault, tmp_path / "录像", grouping=Grouping.ALL)
    assert results(told) == {"seen-again": 100}
    (seen,) = [act for act in entries(vault) if isinstance(act, acts.RecordSeenAgain)]
    assert seen.names[0].endswith("段000.mp4")
    assert seen.names[-1] == f"… +{100 - (len(seen.names) - 1)}"
    assert_sound(vault)


def test_a_copy_that_rotted_is_replaced_when_its_source_comes_in_again(
    vault: Vault, home: Path, tmp_path: Path
) -> None:
    (path,) = fill(tmp_path, 一="原样")
    (told,) = take(vault, path)
    (copy,) = (home / "甲/objects").rglob("?" * 64)
    copy.chmod(0o640)
    copy.write_text("变样")
    (again,) = take(vault, path)
    assert (again.result, again.record) == ("seen-again", told.record)
    assert copy.read_text(encoding="utf-8") == "原样"
    assert [type(act).__name__ for act in entries(vault)[-3:]] == ["CopyDamaged", "CopyHealed", "RecordSeenAgain"]
    assert_sound(vault)


# Long lists, SM3, the vault itself


def test_a_list_of_files_too_long_for_an_entry_is_an_object_of_its_own(vault: Vault, tmp_path: Path) -> None:
    fill(tmp_path / "录像", **{f"段{n:04}": f"第 {n} 段" for n in range(400)})
    (number,) = {o.record for o in take(vault, tmp_path / "录像", grouping=Grouping.ALL)}
    (stored,) = [act for act in entries(vault) if isinstance(act, acts.RecordStored)]
    assert stored.file_list is not None
    assert (stored.file_list.count, stored.files) == (400, ())
    assert all(stored.file_list.sha256 in held for held in objects(vault).values())
    assert [file.name for file in record(vault, number).files] == [f"段{n:04}.mp4" for n in range(400)]
    assert_sound(vault)


def test_sm3_stands_beside_the_address_where_the_profile_asks(tmp_path: Path, working: Working) -> None:
    profile = tmp_path / "国密.toml"
    shipped = resources.files("vault") / "profiles/dengzhou.toml"
    profile.write_text(shipped.read_text(encoding="utf-8").replace("sm3 = false", "sm3 = true"), encoding="utf-8")
    init_vault(tmp_path / "库", "", str(profile), (StoreConfig(name="甲", kind="disk", location="甲"),), working)
    (path,) = fill(tmp_path, 一="执法记录")
    with open_vault(tmp_path / "库", working) as vault:
        (told,) = take(vault, path)
        assert record(vault, told.record).files[0].sm3 == hashlib.new("sm3", "执法记录".encode()).hexdigest()
        assert_sound(vault)


def test_nothing_of_the_vault_itself_is_taken_in(vault: Vault, home: Path, tmp_path: Path) -> None:
    """Once the journal's private key went into the stores."""
    own = (home / "甲", home / "乙", home / "journal.key")
    fill(home, 录像="录像")
    told = by_name(take(vault, home, own=own))
    assert told["录像.mp4"].result == "stored"
    assert {told[name].result for name in ("甲", "乙", "journal.key")} == {"skipped"}
    (tmp_path / "链").symlink_to(home)
    for inside in (home / "甲", home / "甲/objects", tmp_path / "链/乙/journal", home / "journal.key"):
        (refused,) = take(vault, inside, own=own)
        assert isinstance(refused.error, SourceUnreadable)
        assert "belongs to the vault itself" in str(refused.error)


def test_an_intake_under_a_clock_that_cannot_be_right_takes_nothing(vault: Vault, tmp_path: Path, clock: Any) -> None:
    (path,) = fill(tmp_path, 一="一")
    for moment in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)):
        before, clock.now = clock.now, moment
        with pytest.raises(Exception, match="clock"):
            take(vault, path)
        clock.now = before
    assert all(not held for held in objects(vault).values())
    assert results(take(vault, path)) == {"stored": 1}
    assert os.path.exists(path)


def limited(home: Path, **limits: str) -> None:
    """strongroom.toml says how much each of these stores may hold."""
    text = (home / FILE).read_text(encoding="utf-8")
    for name, limit in limits.items():
        text = text.replace(f'name = "{name}"\n', f'name = "{name}"\nlimit = "{limit}"\n')
    (home / FILE).write_text(text, encoding="utf-8")


def test_what_a_limit_has_no_room_for_is_refused_before_anything_is_taken(
    home: Path, working: Working, tmp_path: Path
) -> None:
    """Once a store with a kilobyte left took what was hundreds of times as large."""
    limited(home, 甲="301 KB", 乙="301 KB")
    for name, size in (("一", 300_000), ("二", 250_000), ("三", 1_000), ("四", 1)):
        (tmp_path / f"{name}.mp4").write_bytes(os.urandom(size))
    with open_vault(home, working) as vault:
        assert results(take(vault, tmp_path / "一.mp4")) == {"stored": 1}
        before = len(entries(vault))
        (refused,) = take(vault, tmp_path / "二.mp4")
        assert refused.error is not None
        assert "the limit of 甲, 乙" in refused.error.what.en
        assert "limit" in refused.error.hint.zh
        assert len(entries(vault)) == before
        told = take(vault, tmp_path / "三.mp4", tmp_path / "四.mp4")  # to the last byte, then one more
        assert results(told) == {"stored": 1, "rejected": 1}
        assert_sound(vault)


def test_a_store_whose_limit_has_no_room_is_left_out_and_owed_nothing_while_others_are_enough(
    tmp_path: Path, working: Working
) -> None:
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙", "丙"))
    init_vault(tmp_path / "库", "", "dengzhou", stores, working)
    limited(tmp_path / "库", 丙="10 KB")
    (tmp_path / "一.mp4").write_bytes(os.urandom(20_000))
    with open_vault(tmp_path / "库", working) as vault:
        assert results(take(vault, tmp_path / "一.mp4")) == {"stored": 1}
        with vault.database.reading() as connection:
            copies = connection.exec_driver_sql(
                "SELECT store.name, copy.state FROM copy JOIN store ON store.id = copy.store_id ORDER BY store.name"
            ).all()
        assert sorted(map(tuple, copies)) == [("乙", "good"), ("甲", "good")]
