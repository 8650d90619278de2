"""fsck: every kind of finding, planted one by one; a good vault passes; nothing is changed by looking."""

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backends.disk import DiskStore
from ops.wiring import Working, closed_vault, open_vault
from tests import catalogues
from tests.catalogues import copy_beside, lose, put_back
from tests.vault.disc_scene import keep, plan
from tests.vault.scene import (
    assert_sound,
    away,
    facts,
    findings,
    flip,
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
from vault import acts, corrections
from vault.catalogue import compare
from vault.digest import Digest
from vault.errors import StoreUnavailable
from vault.fsck import Count, fsck
from vault.promises import Finding
from vault.store import Vault
from vault.terms import RetentionClass
from vault.text import Text

ONE, TWO, THREE = (f"{name}的执法记录".encode() * 400 for name in ("王芳", "李娜", "张伟"))
ON_SERVER = catalogues.CHOSEN == "postgresql"
CATALOGUE = ("catalogue", "", "postgres" if ON_SERVER else "catalogue.db")


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault in which everything has happened that the catalogue knows of. Not to be touched."""
    home = Path(shutil.copytree(template, tmp_path_factory.mktemp("filled") / "档案库"))
    with open_vault(home, Working(person="王芳", clock=lambda: datetime(2026, 11, 21, 1, 30, tzinfo=UTC))) as vault:
        fill(vault)
    return home


@pytest.fixture
def full(filled: Path, tmp_path: Path, working: Working) -> Iterator[Vault]:
    """A copy of it, open."""
    with open_vault(Path(shutil.copytree(filled, tmp_path / "档案库")), working) as vault:
        yield vault


def fill(vault: Vault) -> None:
    one, two, _ = take_in(vault, [ONE, TWO], [THREE], [noise(5_000, 1)], on=())
    take_in(vault, [noise(5_000, 2)], on=["甲"])
    scrubbed(vault)
    corrections.open_case(vault, "邓城管罚字〔2026〕第0000号", "王芳占道经营案", date(2026, 11, 20), "立案")
    corrections.close_case(
        vault, "邓城管罚字〔2026〕第0000号", date(2026, 11, 21), RetentionClass.TWENTY_FOUR_MONTHS, "结案"
    )
    corrections.correct(vault, two, facts(7), "补录")
    corrections.place_hold(vault, one, "行政复议", "法制科")
    corrections.raise_class(vault, two, RetentionClass.PERMANENT, "重大案件", "第9条")
    corrections.flag(vault, one, ("objection",), "投诉")
    keep(vault, plan(vault, [one]).number)
    vault.commit(
        lambda _: [
            acts.StoreProbed(at=vault.now(), by="王芳", store="甲", findings=(Finding(name="durable", answer="no"),)),
            acts.LateExplained(at=vault.now(), by="王芳", record=one, why="设备送修"),
            acts.ActivityAnnounced(at=vault.now(), by="王芳", activity="T00001", facts=facts(1)),
            acts.RecordingMissing(
                at=vault.now(), by="王芳", explanation="E00001", facts=facts(2), cause="weather", why="暴雨"
            ),
        ]
    )


# good


def test_a_good_vault_passes_and_everything_was_counted(full: Vault) -> None:
    found, count = findings(full)
    assert not found
    assert count.passed
    assert (count.objects, count.skipped, count.faults) == (2 * 5, 0, 0)
    assert count.bytes == 2 * (len(ONE) + len(TWO) + len(THREE) + 10_000)
    assert count.entries == len(rows_of(full, "SELECT seq FROM journal"))
    assert count.journal_files == 2 * 3
    assert count.rows > count.entries


def test_looking_changes_nothing(home: Path, working: Working) -> None:
    with open_vault(home, working) as vault:
        take_in(vault, [ONE, TWO], [THREE])
    flip(place_of(vault, "甲", ONE))
    flip(home / "乙" / "journal" / "tile" / "0" / "000.p" / "5")
    flip(home / "乙" / "README.txt")
    place_of(vault, "乙", TWO).unlink()
    before, times = tree(home), stamps(home)
    with closed_vault(home, working) as vault:
        assert len(told(vault)) == 4
    assert tree(home) == before
    assert stamps(home) == times


def stamps(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(home)): (path.stat().st_mtime_ns, path.stat().st_mode)
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_a_vault_without_an_entry_was_not_checked() -> None:
    assert not Count().passed


def test_the_vault_needs_no_opening(home: Path, working: Working) -> None:
    with closed_vault(home, working) as vault:
        assert_sound(vault)


# stores


def test_a_corrupt_object(full: Vault) -> None:
    flip(place_of(full, "乙", TWO), -1)
    assert told(full) == {("object", "乙", Digest.of(TWO).hex)}


def test_a_corrupt_object_of_no_record_is_corrupt_all_the_same(full: Vault) -> None:
    land(full.stores["乙"], b"stray")
    flip(place_of(full, "乙", b"stray"))
    assert told(full) == {("object", "乙", Digest.of(b"stray").hex)}


def test_copies_that_are_owed_are_told_and_are_no_fault_until_one_is_lost(full: Vault) -> None:
    take_in(full, [noise(5_000, 3)], [noise(5_000, 4)], on=["甲"])
    found, count = findings(full)
    assert [(f.kind, f.store, f.what) for f in found] == [("owed", "乙", "objects")]
    assert "乙: 2 copies are owed" in found[0].text.en
    assert count.passed
    scrubbed(full)
    assert_sound(full)
    place_of(full, "乙", noise(5_000, 3)).unlink()
    assert told(full) == {("missing", "乙", Digest.of(noise(5_000, 3)).hex)}


@pytest.mark.parametrize("data", [ONE, TWO, THREE])
def test_a_missing_object(full: Vault, data: bytes) -> None:
    place_of(full, "甲", data).unlink()
    assert told(full) == {("missing", "甲", Digest.of(data).hex)}


def test_all_objects_of_a_store_missing(full: Vault) -> None:
    shutil.rmtree(root_of(full, "甲") / "objects")
    found, count = findings(full)
    assert {(f.kind, f.store) for f in found} == {("missing", "甲")}
    assert (len(found), count.faults) == (5, 5)


def test_an_object_under_a_wrong_name_is_missing_under_its_own(full: Vault) -> None:
    wrong = place_of(full, "甲", b"another")
    wrong.parent.mkdir(parents=True, exist_ok=True)
    os.rename(place_of(full, "甲", ONE), wrong)
    assert told(full) == {("missing", "甲", Digest.of(ONE).hex), ("object", "甲", Digest.of(b"another").hex)}


def test_an_orphan_is_told_and_is_no_fault(full: Vault) -> None:
    land(full.stores["甲"], b"unfiled")
    found, count = findings(full)
    assert [(f.kind, f.store, f.what) for f in found] == [("orphan", "甲", Digest.of(b"unfiled").hex)]
    assert count.passed


def test_every_file_of_a_journal(full: Vault) -> None:
    folder = root_of(full, "乙") / "journal"
    size = len(rows_of(full, "SELECT seq FROM journal"))
    for path in ("checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        flip(folder / path, 5)
        assert told(full) == {("journal", "乙", f"journal/{path}")}
        flip(folder / path, 5)
    assert_sound(full)


@pytest.mark.parametrize("path", ["strongroom.json", "README.txt"])
def test_every_bit_of_a_marker_and_some_of_the_readme(full: Vault, path: str) -> None:
    file = root_of(full, "甲") / path
    kinds = {"marker", "foreign"} if path == "strongroom.json" else {"readme"}  # a flip in the id makes it another's
    size = 8 * file.stat().st_size
    checked = 0
    for bit in range(0, size, 13 if path == "strongroom.json" else 997):
        flip(file, bit)
        count = Count()
        found = next(finding for finding in fsck(full, count) if finding.kind in kinds)
        assert (found.store, found.what) == ("甲", path), bit
        flip(file, bit)
        checked += 1
    assert checked > 15


def test_a_store_that_is_away_cannot_be_told_of_and_nothing_on_it_is_missing(full: Vault) -> None:
    with away(full, "乙"):
        found, count = findings(full)
        assert {(f.kind, f.store) for f in found} == {("unavailable", "乙")}
        assert count.skipped
        assert not count.passed
        assert count.objects == 5
        assert count.rows > count.entries


def test_all_stores_away(full: Vault) -> None:
    with away(full, "乙"), away(full, "甲"):
        found, count = findings(full)
        assert {f.kind for f in found} == {"unavailable"}
        assert (count.objects, count.entries, count.passed) == (0, 0, False)


def test_one_journal_file_that_cannot_be_read_is_skipped_and_said(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was counted as nothing at all, and the check was green."""
    real = DiskStore.read_file

    def read_file(self: DiskStore, path: str) -> bytes:
        if self.name == "乙" and "entries" in path:
            raise StoreUnavailable(Text(en="EIO", zh="读写错误"))
        return real(self, path)

    monkeypatch.setattr(DiskStore, "read_file", read_file)
    found, count = findings(full)
    assert [(f.kind, f.store) for f in found] == [("unavailable", "乙")]
    assert (count.skipped, count.passed) == (1, False)


def test_one_pass_tells_everything(full: Vault) -> None:
    """Damaged entries on the store that was read from once ended the examination."""
    flip(place_of(full, "甲", ONE))
    place_of(full, "乙", THREE).unlink()
    size = len(rows_of(full, "SELECT seq FROM journal"))
    flip(root_of(full, "甲") / f"journal/tile/entries/000.p/{size}", 999)
    flip(root_of(full, "乙") / f"journal/tile/0/000.p/{size}", 99)
    flip(root_of(full, "甲") / "README.txt")
    sql(full, "UPDATE record SET party = '王艳' WHERE id = 1")
    assert told(full) == {
        ("object", "甲", Digest.of(ONE).hex),
        ("missing", "乙", Digest.of(THREE).hex),
        ("journal", "甲", f"journal/tile/entries/000.p/{size}"),
        ("journal", "乙", f"journal/tile/0/000.p/{size}"),
        ("readme", "甲", "README.txt"),
        ("catalogue", "", "record"),
    }


def test_objects_are_hashed_even_where_no_journal_can_be_read(full: Vault) -> None:
    flip(place_of(full, "乙", TWO))
    for store in ("甲", "乙"):
        flip(root_of(full, store) / "journal" / "checkpoint", 300)
    found, count = findings(full)
    assert {(f.kind, f.store) for f in found} == {("journal", ""), ("object", "乙")}
    assert (count.objects, count.passed) == (10, False)


def test_entries_damaged_on_every_store(full: Vault) -> None:
    size = len(rows_of(full, "SELECT seq FROM journal"))
    for store in ("甲", "乙"):
        flip(root_of(full, store) / f"journal/tile/entries/000.p/{size}", 999)
    flip(place_of(full, "乙", TWO))
    found, count = findings(full)
    assert {(f.kind, f.store) for f in found} == {
        ("journal", "甲"),
        ("journal", "乙"),
        ("journal", ""),
        ("object", "乙"),
    }
    assert count.skipped == 1


def test_a_list_of_files_damaged_on_one_store_does_not_end_the_examination(vault: Vault) -> None:
    """It did, though the other store's was good."""
    take_in(vault, [noise(40, n) for n in range(400)])
    ((sha256,),) = rows_of(
        vault, "SELECT object.sha256 FROM object WHERE id NOT IN (SELECT object_id FROM record_file)"
    )
    assert isinstance(sha256, bytes)
    flip(place_of(vault, "甲", Digest(sha256)))
    assert told(vault) == {("object", "甲", sha256.hex())}
    place_of(vault, "甲", Digest(sha256)).unlink()
    assert told(vault) == {("missing", "甲", sha256.hex())}


# the catalogue

MEDDLING = {
    "a fact": ("record", "UPDATE record SET party = '王艳' WHERE id = 1"),
    "a fact that was unknown": ("record", "UPDATE record SET confidentiality = '机密' WHERE id = 1"),
    "an expiry": ("record", "UPDATE record SET expires_on = '2026-01-01' WHERE id = 3"),
    "a class": ("record", "UPDATE record SET retention_class = '6-months' WHERE id = 2"),
    "a standing": ("record", "UPDATE record SET standing = 'quarantined' WHERE id = 1"),
    "a record gone": ("record_file", "DELETE FROM record_file WHERE record_id = 1 AND position = 1"),
    "a record too many": (
        "record",
        "INSERT INTO record (id, number, standing, stored_at, stored_by, origins, retention_class, retention_state)"
        " VALUES (9, '2026-0000009', 'kept', '', '', '{}', '', '')",
    ),
    "a state": ("record", "UPDATE record SET retention_state = 'running' WHERE id = 2"),
    "a count": ("tally", "UPDATE tally SET records = records + 1"),
    "a file's details": ("record_file", "UPDATE record_file SET details = '{}' WHERE record_id = 2"),
    "an object's size": ("object", "UPDATE object SET size = size + 1 WHERE id = 1"),
    "a copy gone": ("copy", "DELETE FROM copy WHERE object_id = 1 AND store_id = 1"),
    "a hold gone": ("hold", "DELETE FROM hold"),
    "a hold lifted": ("hold", "UPDATE hold SET released_at = '2026-11-21T02:00:00Z'"),
    "a class lowered": ("assigned", "UPDATE assigned SET retention_class = '1-year'"),
    "an assignment twice": ("assigned", "INSERT INTO assigned SELECT * FROM assigned"),
    "a case reopened": ("case_file", "UPDATE case_file SET closed_on = NULL"),
    "who did it": ("journal", "UPDATE journal SET \"by\" = '张三' WHERE seq = 4"),
    "history cut": ("journal", "DELETE FROM journal WHERE seq = 4"),
    "a reason for a correction": ("corrected", "INSERT INTO corrected VALUES (4, '[]', '更正')"),
    "a reason for coming late": ("late_explained", "UPDATE late_explained SET why = '出差'"),
    "a correction of what was late": (
        "late_corrected",
        "INSERT INTO late_corrected VALUES (1, '', '', '', '', '{}', '{}')",
    ),
    "an activity closed": ("activity", "UPDATE activity SET closed_at = '2026-11-21T02:00:00Z'"),
    "a gap that was not": ("interruption", "INSERT INTO interruption VALUES (1, '', '2026-11-21T02:00:00Z', '', NULL)"),
    "a review that was not": ("explanation", "UPDATE explanation SET reviewed_by = '赵局长'"),
    "lateness": ("record", "UPDATE record SET lateness = NULL WHERE id = 1"),
    "a promise": ("finding", "UPDATE finding SET answer = 'yes'"),
    "a set of discs": ("disc_set", "UPDATE disc_set SET producer = '李四'"),
    "an image": ("disc", "UPDATE disc SET image_size = 8"),
    "a disc on the shelf": ("disc_copy", "UPDATE disc_copy SET location = '乙柜' WHERE letter = 'B'"),
    "what is on a disc": ("disc_record", "INSERT INTO disc_record VALUES ('2026-0001', 1, 2)"),
    "a disc written off": (
        "disc_spoiled",
        "INSERT INTO disc_spoiled VALUES ('2026-0001-1A/1', '2026-0001-1A', '2026-0001', 1, '/dev/sr0', "
        "'2026-11-21T02:00:00Z', '坏盘', NULL)",
    ),
    "an image that lies somewhere": (
        "disc_file",
        "INSERT INTO disc_file VALUES ('2026-0001-1.iso/1', '2026-0001', 1, 1, 'm', '/mnt', '', '', NULL)",
    ),
    "a disc's history": ("disc_event", "UPDATE disc_event SET why = '受潮' WHERE id = 2"),
    "an entry taken over": (
        *("taken_over", "INSERT INTO taken_over VALUES (2, 1, 7, 'hold.placed', '2026-11-21T01:30:00Z', '王芳')"),
    ),
    "a demand": ("disc_demand", "UPDATE disc_demand SET met_at = NULL"),
    "a viewing that was not": (
        *(
            "viewing",
            "INSERT INTO viewing VALUES (1, 1, '2026-11-21T01:30:00Z', '李四', '李四', '', 'get', '[]', '', '', '[]')",
        ),
    ),
    "a person slipped in": (
        "person",
        "INSERT INTO person VALUES ('lisi', '李四', '[\"principal-leader\"]', '', '2026-11-01T00:00:00Z', NULL)",
    ),
    "a refusal that was not": (
        *("refusal", "INSERT INTO refusal VALUES (1, '2026-11-21T01:30:00Z', '李四', '', 'case.open', '', '[]')"),
    ),
    "an approval that nobody asked for": (
        "approval",
        "INSERT INTO approval VALUES (1, 'A00001', '', '', '', '', '', '', '', '[]', '', '[]', '', NULL, NULL, NULL)",
    ),
    "a consent that nobody gave": ("consent", "INSERT INTO consent VALUES (1, 0, '李四', '', 'auditor', '')"),
    "a disposal that was": (
        "disposal",
        "INSERT INTO disposal (number, state, why, opened_by, opened_name, opened_title, opened_at,"
        " request, supervisors) VALUES ('D2026-0001', 'submitted', '', '', '', '', '', '', 2)",
    ),
    "a signature": (
        "disposal_signature",
        "INSERT INTO disposal_signature VALUES ('D2026-0001', '陈静', '', '', '', '', '', NULL, NULL)",
    ),
    "who carried it out": ("carried_out", "INSERT INTO carried_out VALUES ('D2026-0001', '周运维', '', '', '', '')"),
    "an appraisal": (
        "appraised",
        "INSERT INTO appraised"
        " VALUES ('D2026-0001', 1, 'dispose', '', NULL, '', '', '', '', '{}', '', 1, 1, 0, '', '', '')",
    ),
    "a name that was taken off": ("once_named", "INSERT INTO once_named VALUES (1, '张三')"),
    "a name that was borne": ("once_called", "INSERT INTO once_called VALUES ('wu', '张三', '')"),
    "another case that claims it": ("also_claimed", "INSERT INTO also_claimed VALUES (1, '甲案', '甲案', '', '')"),
    "an extension": ("extension", "INSERT INTO extension VALUES (1, '2030-01-01', '', '', '')"),
    "an object doomed": ("doomed", "INSERT INTO doomed VALUES ('D2026-0001', x'00', 1, 1)"),
    "a copy doomed": ("doomed_copy", "INSERT INTO doomed_copy VALUES ('D2026-0001', '甲', x'00', 1)"),
    "copies destroyed": ("destroyed_copies", "INSERT INTO destroyed_copies VALUES ('D2026-0001', '甲', 1)"),
    "an object that stays": ("staying_object", "INSERT INTO staying_object VALUES ('D2026-0001', 1, x'00', 1, 2)"),
    "a store's answer": ("store_proven", "INSERT INTO store_proven VALUES ('D2026-0001', '甲', 1)"),
    "a disc to destroy": (
        "disc_task",
        "INSERT INTO disc_task VALUES ('D2026-0001', '2026-0001-1A', '', '', '', '', '', '', '', '', '', NULL)",
    ),
    "a store moved": ("store", "UPDATE store SET location = '/mnt/nas' WHERE id = 1"),
    "how far a store is": ("store", "UPDATE store SET journal_size = journal_size - 1 WHERE id = 1"),
    "room that is not taken": ("store", "UPDATE store SET bytes = bytes - 1 WHERE id = 1"),
    "objects that are not": ("volume", "UPDATE volume SET objects = objects + 1"),
    "growth that was not": ("growth", "UPDATE growth SET bytes = bytes + 1 WHERE store_id = 2"),
    "a time of checking to come": ("copy", "UPDATE copy SET verified_at = '2027-01-01T00:00:00Z' WHERE object_id = 1"),
    "a time of checking before its time": ("copy", "UPDATE copy SET verified_at = '2026-11-01T00:00:00Z'"),
    "a time of checking that is none": ("copy", "UPDATE copy SET verified_at = '2026-11-21T0?:00:00Z'"),
    "a copy called owed": ("copy", "UPDATE copy SET state = 'owed' WHERE object_id = 1 AND store_id = 1"),
    "the tree": ("published", "UPDATE published SET edge = zeroblob(length(edge))"),
    "an entry waiting": ("outbox", "UPDATE outbox SET entry = CAST('{}' AS BLOB) WHERE seq = 2"),
    "a profile that was never adopted": ("adopted", "INSERT INTO adopted VALUES (2, '', 'dengzhou', 9, '{}')"),
    "a rule that was never adopted": ("adopted", "UPDATE adopted SET profile = replace(profile, '15', '16')"),
    "expiry paused": ("meta", "INSERT INTO meta VALUES ('expiry_paused', '2026-11-21T01:30:00Z')"),
    "the schema's number": ("alembic_version", "UPDATE alembic_version SET version_num = '0003'"),
    "an index gone": ("pg_indexes" if ON_SERVER else "sqlite_master", "DROP INDEX record_expiry"),
    "a table too many": ("columns" if ON_SERVER else "sqlite_master", "CREATE TABLE strange (id INTEGER)"),
    "a name in the index": ("record_text", "UPDATE record_text SET party = '王 艳' WHERE rowid = 1"),
    "a text gone": ("record_text", "DELETE FROM record_text WHERE rowid = 2"),
}


@pytest.mark.parametrize("what", MEDDLING)
def test_a_row_that_does_not_follow_from_the_journal(full: Vault, what: str) -> None:
    table, statement = MEDDLING[what]
    sql(full, statement)
    assert ("catalogue", "", table) in told(full)


@pytest.mark.sqlite("the tables of its index of texts")
def test_a_full_text_index_that_does_not_match_its_texts(full: Vault) -> None:
    """Searches would silently find less."""
    sql(full, "DELETE FROM record_text_data WHERE id > 10")
    assert CATALOGUE in told(full)


_ONE_TEXT = "record_text SET place = place" if ON_SERVER else "record_text_content SET c4 = c4"
_SEEN_BY_NOTHING_ELSE = {
    "outbox": "UPDATE outbox SET entry = entry || 'x' WHERE seq = 2",
    "record_text": f"UPDATE {_ONE_TEXT} || '。'",
}


@pytest.mark.parametrize("table", list(compare._TABLES))
def test_leaving_a_table_out_of_the_comparison_would_be_caught(
    full: Vault, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Planted: for every table there is a meddling that nothing else finds."""
    statement = next((s for t, s in MEDDLING.values() if t == table), None)
    assert statement is not None, f"no test meddles with {table}"
    sql(full, _SEEN_BY_NOTHING_ELSE.get(table, statement))
    assert told(full)
    monkeypatch.delitem(compare._TABLES, table)
    assert not told(full)


def test_a_catalogue_that_is_gone(home: Path, working: Working) -> None:
    with open_vault(home, working) as vault:
        take_in(vault, [ONE])
    lose(home)
    with closed_vault(home, working) as vault:
        assert told(vault) == {CATALOGUE}
        assert not vault.database.exists(), "looking made one"


@pytest.mark.sqlite("rot in its file")
def test_a_catalogue_that_is_no_database(home: Path, working: Working) -> None:
    (home / "catalogue.db").write_bytes("不是数据库".encode() * 1_000)
    with closed_vault(home, working) as vault:
        assert told(vault) == {CATALOGUE}


def test_a_catalogue_from_a_backup(home: Path, working: Working) -> None:
    copy_beside(home, "backup")
    with open_vault(home, working) as vault:
        take_in(vault, [ONE])
    put_back(home, "backup")
    with closed_vault(home, working) as vault:
        kinds = told(vault)
    assert {kind for kind, _, _ in kinds} == {"catalogue"}
    assert {"record", "journal", "object", "record_text"} <= {what for _, _, what in kinds}


# work going on meanwhile


def test_entries_that_no_store_has_yet_are_told_and_are_no_fault(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash between the transaction and its publication the check once blamed the catalogue."""
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "publish", lambda self: None)
        take_in(full, [b"later"])
    found, count = findings(full)
    assert [(f.kind, f.what) for f in found] == [("pending", "outbox")]
    assert count.passed


def test_a_check_may_run_while_records_come_in(full: Vault) -> None:
    stop = threading.Event()
    trouble: list[BaseException] = []

    def work() -> None:
        number = 100
        try:
            while not stop.is_set():
                number += 1
                take_in(full, [noise(2_000, number)])
        except BaseException as error:
            trouble.append(error)
            raise

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(3):
            found, count = findings(full)
            assert {finding.kind for finding in found} <= {"orphan", "pending"}, [f.text.en for f in found]
            assert count.passed
    finally:
        stop.set()
        worker.join()
    assert not trouble
    assert_sound(full)


def test_each_finding_is_in_both_languages(full: Vault) -> None:
    flip(place_of(full, "甲", ONE))
    place_of(full, "甲", TWO).unlink()
    sql(full, "UPDATE record SET party = '王艳' WHERE id = 1")
    for finding in findings(full)[0]:
        assert finding.text.en != finding.text.zh
        assert finding.text.zh
