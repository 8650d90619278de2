"""Object Lock follows retention, as a person types it and as the minio client sees it with the vault's own credentials.

The bucket's clock is the real one, the program's shows 2031: every date that is set here lies ahead of both.
"""

import fcntl
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.datatypes import Object
from minio.error import S3Error
from minio.helpers import md5sum_hash
from minio.retention import Retention
from minio.xml import marshal
from sqlalchemy import Connection

from backends.s3lock import LockingRemoteStore
from ops.wiring import Working, open_vault
from tests.ops.conftest import NOW, Done, Program
from tests.proxy import Proxy
from tests.servers import S3Server
from vault import acts
from vault.corrections import place_hold, release_hold
from vault.digest import Digest
from vault.errors import StoreUnavailable
from vault.journal import Journal
from vault.lockasking import Asking
from vault.locking import AHEAD, RENEWED
from vault.locksync import TURNS, sync
from vault.ports import Lock
from vault.store import Vault
from vault.text import Text

IN_A_YEAR = datetime(2032, 3, 3, 16, tzinfo=UTC)  # the first instant of 2032-03-04 in Beijing
IN_TWO = datetime(2033, 3, 3, 16, tzinfo=UTC)


@dataclass
class Office:
    """A vault with a disk and a locked bucket, behind a line that can be cut."""

    run: Program
    server: S3Server
    folder: str
    proxy: Proxy
    files: dict[str, str] = field(default_factory=dict)  # of a record its only file's SHA-256

    def __call__(self, *words: str | Path, expect: int = 0, **more: Any) -> Done:
        return self.run("--vault", "库", *words, expect=expect, **more)

    @property
    def client(self) -> Minio:
        """The vault's own credentials in the hands of somebody else."""
        return Minio(
            self.server.url.removeprefix("http://"), self.server.access_key, self.server.secret_key, secure=False
        )

    @property
    def bucket(self) -> str:
        return self.server.locked_bucket

    def take_in(self, name: str, *options: str, section: str = "监督检查科") -> str:
        """A recording; its record's number."""
        (self.run.cwd / name).write_text(f"{name}{self.folder}", encoding="utf-8")
        options = ("--section", section, *options) if section else options
        (row,) = self("ingest", name, *options, "--json").lines
        self.files[row["record"]] = row["sha256"]
        return str(row["record"])

    def version(self, number: str) -> Object:
        """The version of a record's only file that readers get."""
        sha256 = self.files[number]
        key = f"{self.folder}/objects/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        found = self.client.list_objects(self.bucket, key, recursive=True, include_version=True)
        (latest,) = [one for one in found if one.is_latest == "true"]
        return latest

    def lock(self, number: str) -> tuple[str, datetime, bool]:
        """What the bucket says: mode, date, legal hold."""
        at = self.version(number)
        said = self.client.stat_object(self.bucket, at.object_name, version_id=at.version_id).metadata
        assert said is not None
        until = datetime.fromisoformat(said["x-amz-object-lock-retain-until-date"])
        return said["x-amz-object-lock-mode"], until, said.get("x-amz-object-lock-legal-hold") == "ON"

    def retain(self, number: str, retention: Retention) -> None:
        """With the privilege for it, if there is one."""
        body, at = marshal(retention), self.version(number)
        self.client._execute(
            "PUT",
            self.bucket,
            at.object_name,
            body=body,
            headers={"Content-MD5": md5sum_hash(body) or "", "x-amz-bypass-governance-retention": "true"},
            query_params={"retention": "", "versionId": at.version_id or ""},
        )

    def due(self) -> float:
        (line,) = [one for one in self("metrics").out.splitlines() if one.startswith("strongroom_locks_due{")]
        return float(line.split()[-1])

    def report(self, expect: int = 0) -> list[str]:
        """Verdicts, copy by copy."""
        *rows, counted = self("lock", "report", "--json", expect=expect).lines
        verdicts = [row["verdict"] for row in rows]
        assert counted["looked"] == len(rows)
        assert all(counted[verdict] == verdicts.count(verdict) for verdict in verdicts)
        return sorted(verdicts)


def found(run: Program, server: S3Server, folder: str, mode: str) -> Iterator[Office]:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    office = Office(run, server, folder, proxy)
    office("init", "--store", "甲")
    secret = run.cwd / "库" / "桶.secret"
    secret.write_text(f'access_key = "{server.access_key}"\nsecret_key = "{server.secret_key}"\n')
    secret.chmod(0o600)
    with open(run.cwd / "库" / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(
            f'\n[[store]]\nname = "桶"\nkind = "s3"\nsecret = "桶.secret"\nlock = "{mode}"\n'
            f'location = "http://127.0.0.1:{proxy.port}/{server.locked_bucket}/{folder}"\n'
        )
    office("store", "attach", "桶")
    yield office
    proxy.__exit__()


@pytest.fixture
def office(run: Program, s3_server: S3Server, own_name: str) -> Iterator[Office]:
    yield from found(run, s3_server, own_name, "compliance")


@pytest.fixture
def lenient(run: Program, s3_server: S3Server, own_name: str) -> Iterator[Office]:
    yield from found(run, s3_server, own_name, "governance")


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
    config = office.run.cwd / "库" / "strongroom.toml"
    there = config.read_text(encoding="utf-8").replace(f"http://127.0.0.1:{office.proxy.port}", office.server.url)
    config.write_text(there, encoding="utf-8")
    assert "1 looked at, 1 changed" in office("lock", "sync").out
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, True)


def test_a_rebuilt_catalogue_finds_all_locks_again_and_knows_its_own_holds(office: Office) -> None:
    number = office.take_in("回访.mp4")
    hold = office("hold", "place", number, "--authority", "县监委", "--why", "线索核查").out.strip()
    office("rebuild")
    assert office.due() == 1
    assert "1 looked at, 0 changed" in office("lock", "sync").out
    assert office("fsck").code == 0
    office("hold", "release", hold, "--why", "核查结束")
    assert office.lock(number) == ("COMPLIANCE", IN_A_YEAR, False)


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
    with opened(office) as vault, open(vault.setting.home / TURNS, "w") as turns, ThreadPoolExecutor() as pool:
        fcntl.flock(turns, fcntl.LOCK_EX)
        syncing = pool.submit(sync, vault, int)
        with pytest.raises(TimeoutError):
            syncing.result(timeout=0.3)
        fcntl.flock(turns, fcntl.LOCK_UN)
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
