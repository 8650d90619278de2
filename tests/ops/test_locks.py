"""Object Lock follows retention, as a person types it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention

from tests.ops.conftest import NOW, Program
from tests.ops.locked import IN_A_YEAR, IN_TWO, Office
from vault.locking import AHEAD, RENEWED


def test_nobody_deletes_or_shortens_before_the_records_day(office: Office) -> None:
    number = office.take_in("执法现场.mp4")
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)
    at = office.version(number)
    with pytest.raises(S3Error, match="AccessDenied"):
        office.client.remove_object(office.bucket, at.object_name, version_id=at.version_id)
    for until in (IN_A_YEAR - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)):
        for mode in ("COMPLIANCE", "GOVERNANCE"):
            with pytest.raises(S3Error, match="AccessDenied"):
                office.retain(number, Retention(mode, until))
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)
    assert (office.report(), office.due()) == (["as-wanted"], 0)
    told = office("lock", "report").out
    assert "until 2032-03-04 00:00:00; 桶: until 2032-03-04 00:00:00, compliance" in told
    assert "桶: 0 looked at" in office("lock", "sync").out, "nothing is due, and nothing is looked through"


def test_raising_the_class_extends_it_and_a_hold_holds_it(office: Office) -> None:
    number = office.take_in("询问.mp4")
    office("flag", number, "--class", "24-months", "--citation", "档案法", "--why", "当事人申诉")
    assert office.lock(number) == ("COMPLIANCE", IN_TWO, False)
    first = office("hold", "place", number, "--authority", "县监委", "--why", "线索核查").out.strip()
    second = office("hold", "place", number, "--authority", "检察院", "--why", "抗诉").out.strip()
    assert office.lock(number) == ("COMPLIANCE", IN_TWO, True)
    office("hold", "release", first, "--why", "核查结束")
    assert office.lock(number) == ("COMPLIANCE", IN_TWO, True), "one still stands"
    office("hold", "release", second, "--why", "结案")
    assert office.lock(number) == ("COMPLIANCE", IN_TWO, False), "the date stays"
    at = office.version(number)
    office.client.enable_object_legal_hold(office.bucket, at.object_name, at.version_id)
    office("flag", number, "--class", "1-year", "--citation", "档案法", "--why", "复核")
    assert office.lock(number) == ("COMPLIANCE", IN_TWO, True), "others placed this hold"
    assert office.report() == ["longer"]


def test_what_has_no_end_is_held_and_its_date_runs_ahead(office: Office) -> None:
    number = office.take_in("检查.mp4", "--case-number", "邓财监〔2026〕12号")
    mode, until, held = office.lock(number)
    assert (mode, held) == ("COMPLIANCE", True)
    assert timedelta(0) <= until - (NOW + AHEAD) < timedelta(hours=1)
    soon = NOW + AHEAD - RENEWED
    assert "0 looked at" in office("lock", "sync", clock=(soon - timedelta(hours=1)).isoformat()).out
    later = soon + timedelta(hours=2)
    assert "1 looked at, 1 changed" in office("lock", "sync", clock=later.isoformat()).out
    assert office.lock(number) == ("COMPLIANCE", later + AHEAD, True)
    office("case", "open", "邓财监〔2026〕12号", clock=later.isoformat())
    office("case", "close", "邓财监〔2026〕12号", "--keep", "24-months", clock=later.isoformat())
    assert office.lock(number) == ("COMPLIANCE", datetime(2033, 6, 1, 16, tzinfo=UTC), False)


def test_what_lacks_facts_is_held_until_it_is_complete(office: Office) -> None:
    number = office.take_in("无名.mp4", section="")
    mode, until, held = office.lock(number)
    assert (mode, held) == ("COMPLIANCE", True)
    assert until < IN_A_YEAR
    office("complete", number, "--section", "监督检查科", "--why", "补录")
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)


def test_the_longest_of_all_records_that_hold_it(office: Office) -> None:
    office.take_in("同一段.mp4")
    folder = office.run.cwd / "卷宗"
    folder.mkdir()
    (office.run.cwd / "同一段.mp4").rename(folder / "同一段.mp4")
    (folder / "另一段.mp4").write_text("另一段", encoding="utf-8")
    grouped = office("ingest", folder, "--group", "folder", "--section", "监督检查科", "--json").lines
    second = grouped[0]["record"]
    office("hold", "place", second, "--authority", "县监委", "--why", "线索核查")
    rows = office("lock", "report", "--json").lines[:-1]
    assert [(row["records"], row["found"]["held"]) for row in rows] == [(2, True), (1, True)]


def test_a_lock_that_was_lost_is_found_and_set_again(lenient: Office) -> None:
    number = lenient.take_in("巡查.mp4")
    assert lenient.lock(number)[0] == "GOVERNANCE"
    lenient.retain(number, Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=1)))
    assert lenient.due() == 0
    assert lenient.report(expect=3) == ["not-locked"]  # the program's clock is past that day
    assert lenient.due() == 1
    assert "1 looked at, 1 changed" in lenient("lock", "sync").out
    assert lenient.lock(number) == ("GOVERNANCE", IN_A_YEAR, False)
    lenient.retain(number, Retention(GOVERNANCE, IN_A_YEAR - timedelta(days=1)))
    assert lenient.report(expect=3) == ["too-short"]
    lenient("lock", "sync")
    assert (lenient.report(), lenient.due()) == (["as-wanted"], 0)
    config = lenient.run.cwd / "库" / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("governance", "compliance"), encoding="utf-8")
    assert lenient.report(expect=3) == ["too-short"], "the date is there, but too soft"
    lenient("lock", "sync")
    assert lenient.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)


def test_a_copy_that_was_healed_is_locked_anew(office: Office) -> None:
    number = office.take_in("取证.mp4")
    at = office.version(number)
    office.client.put_object(office.bucket, at.object_name, io.BytesIO("伪造".encode()), 6)
    assert office.report(expect=3) == ["not-locked"]
    assert "1 healed" in office("scrub", "--store", "桶").out
    assert office.version(number).version_id != at.version_id
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)
    office.client.remove_object(office.bucket, at.object_name)
    assert office.report(expect=3) == ["missing"]
    assert "1 healed" in office("scrub", "--store", "桶").out
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)


def test_locks_wait_for_a_bucket_that_is_away(office: Office) -> None:
    number = office.take_in("走访.mp4")
    office.proxy.cut()
    placed = office("hold", "place", number, "--authority", "县监委", "--why", "线索核查")
    assert "strongroom lock sync" in placed.err
    assert office.due() == 1
    assert office.report(expect=5) == ["cannot-tell"]
    office("lock", "sync", expect=5)
    office.reach_it_directly()
    assert "1 looked at, 1 changed" in office("lock", "sync").out
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, True)


def test_what_is_wrong_with_a_bucket_is_said_once_and_not_of_every_copy(office: Office) -> None:
    for name in "一二三四五六七八九十":
        office.take_in(f"{name}.mp4")
    office.proxy.cut()
    told = office("lock", "report", expect=5)
    assert told.out.count("cannot tell") == 10
    assert told.err.count("Store 桶") == 1, told.err


@pytest.mark.parametrize("words", [("repair",), ("rebalance",), ("tier", "run"), ("store", "drain", "a")], ids=" ".join)
def test_a_copy_that_is_brought_is_locked_at_once(office: Office, words: tuple[str, ...]) -> None:
    """It stayed without a lock until somebody asked for `lock sync`, and nothing said so."""
    office.proxy.cut()
    number = office.take_in("补副本.mp4")
    office.reach_it_directly()
    assert ("桶", 1) in [(row["store"], row["brought"]) for row in office(*words, "--json").lines]
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)
    assert office.due() == 0


def test_a_rebuilt_catalogue_finds_all_locks_again_and_knows_its_own_holds(office: Office) -> None:
    number = office.take_in("回访.mp4")
    hold = office("hold", "place", number, "--authority", "县监委", "--why", "线索核查").out.strip()
    office("rebuild")
    assert office.due() == 1
    assert "1 looked at, 0 changed" in office("lock", "sync").out
    assert office("fsck").code == 0
    office("hold", "release", hold, "--why", "核查结束")
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)


def test_a_bucket_that_begins_to_lock_locks_what_it_has_had(office: Office) -> None:
    config = office.run.cwd / "库" / "strongroom.toml"
    locking = config.read_text(encoding="utf-8")
    config.write_text(locking.replace('lock = "compliance"\n', ""), encoding="utf-8")
    numbers = [office.take_in(f"{n}.mp4") for n in "一二"]
    office("lock", "sync", expect=2)
    office("lock", "report", expect=2)
    config.write_text(locking, encoding="utf-8")
    assert office.due() == 2
    (row,) = office("lock", "sync", "--json").lines
    assert row == {"store": "桶", "looked": 2, "changed": 2, "missing": 0, "left": 0}
    assert {office.lock(number) for number in numbers} == {("COMPLIANCE", IN_A_YEAR, False)}


@pytest.mark.parametrize(
    ("kind", "lock", "says"),
    [("disk", "compliance", "store.lock: b is of kind disk"), ("s3", "worm", "there is no 'worm'")],
)
def test_a_lock_that_cannot_be(run: Program, kind: str, lock: str, says: str) -> None:
    run("--vault", "库", "init", "--store", "甲")
    with open(run.cwd / "库" / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(f'\n[[store]]\nname = "b"\nkind = "{kind}"\nlocation = "乙"\nlock = "{lock}"\n')
    refused = run("--vault", "库", "find", "--all", expect=2)
    assert "strongroom.toml" in refused.err
    assert says in refused.err
