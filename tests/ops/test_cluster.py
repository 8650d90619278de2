"""Readers elsewhere: a scheduler and workers of Dask's as processes of their own, some of which are killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from distributed import Client, Security

from ops import cluster
from ops.config import FILE, StoreConfig, read_config
from ops.reading import readers
from ops.wiring import Working, init_vault, open_vault
from tests.certificates import Authority
from tests.ops.conftest import ROOT
from tests.program import PROGRAM
from tests.servers import free_ports
from tests.vault.scene import assert_sound, flip, journal_acts, noise, place_of, take_in
from vault import acts
from vault.errors import BadInput, StoreUnavailable
from vault.scrub import Budget, Report, scrub
from vault.store import Vault

WORKING = Working(person="李建国")
STORES = ("甲", "乙")
LARGE = 40 << 20  # bytes: each is a part of its own


class Workers:
    """A scheduler on loopback, and its workers. `security`: certificates, which `env` tells the processes of."""

    def __init__(self, folder: Path, security: Security | None = None, env: Mapping[str, str] = os.environ) -> None:
        (port,) = free_ports(1)
        self.address = f"{'tcp' if security is None else 'tls'}://127.0.0.1:{port}"
        self._security = security
        self._env = env
        self._folder = folder
        self._stack = ExitStack()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard")

    def _start(self, *words: str, **env: str) -> "subprocess.Popen[bytes]":
        self._folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "dask", *words]
        log = self._stack.enter_context((self._folder / "said").open("ab"))
        process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, env={**self._env, **env})
        self.processes.append(process)
        return process

    def add(self, count: int, **env: str) -> list["subprocess.Popen[bytes]"]:
        """Workers of one thread each, once they are there."""
        plain = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", self.address.rpartition(":")[0])
        before = self.count()
        new = [self._start("worker", self.address, *plain, **env) for _ in range(count)]
        with Client(self.address, set_as_default=False, timeout=30, security=self._security) as client:
            client.wait_for_workers(before + count, timeout=60)
        return new

    def count(self) -> int:
        with Client(self.address, set_as_default=False, timeout=30, security=self._security) as client:
            return len(client.nthreads())

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self._stack.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    started = Workers(tmp_path / "节点")
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Path:
    """A vault that names them."""
    return naming(tmp_path / "库", workers)


def naming(home: Path, workers: Workers) -> Path:
    """A new vault."""
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in STORES)
    init_vault(home, "", "dengzhou", stores, WORKING)
    with open(home / FILE, "a", encoding="utf-8") as config:
        config.write(f'\n[workers]\nscheduler = "{workers.address}"\n')
    return home


@contextmanager
def opened(home: Path) -> Iterator[Vault]:
    with open_vault(home, WORKING) as vault:
        yield vault


def scrubbed(vault: Vault, progress: Callable[[int], object] = int) -> list[Report]:
    home = vault.setting.home
    with readers(home, read_config(home), 2) as reading:
        return scrub(vault, STORES, Budget(), reading, progress)


def test_workers_find_what_rots_and_one_process_writes_what_follows(home: Path, workers: Workers) -> None:
    workers.add(2)
    with opened(home) as vault:
        take_in(vault, *([noise(3_000, n)] for n in range(100)))
        spoilt = place_of(vault, "甲", noise(3_000, 7))
        flip(spoilt)
        gone = place_of(vault, "乙", noise(3_000, 8))
        gone.unlink()
        read: list[int] = []
        one, other = scrubbed(vault, read.append)
        assert [(r.failed, r.healed, r.skipped, r.passed, r.complete) for r in (one, other)] == [
            (1, 1, 0, True, True),
            (1, 1, 0, True, True),
        ]
        assert one.checked == other.checked > 100
        assert sum(read) == 2 * 100 * 3_000
        assert spoilt.read_bytes() == noise(3_000, 7)
        assert gone.read_bytes() == noise(3_000, 8)
        happened = [type(act) for act in journal_acts(vault, 0)]
        assert happened.count(acts.Scrubbed) == 2
        assert happened.count(acts.CopyHealed) == 2
        assert_sound(vault)


def test_a_worker_that_is_killed_loses_nothing(home: Path, workers: Workers) -> None:
    first, _ = workers.add(2)
    with opened(home) as vault:
        take_in(vault, *([noise(LARGE, n)] for n in range(8)))
        flip(place_of(vault, "乙", noise(LARGE, 5)))

        def killing(_: int) -> None:
            if first.poll() is None:
                first.send_signal(signal.SIGKILL)
                first.wait()

        one, other = scrubbed(vault, killing)
        assert first.returncode == -signal.SIGKILL
        assert (one.failed, one.skipped, one.passed) == (0, 0, True)
        assert (other.failed, other.healed, other.skipped, other.passed) == (1, 1, 0, True)
        assert one.bytes == other.bytes == 8 * LARGE
        assert_sound(vault)


def test_where_all_are_killed_the_next_scrub_goes_on(
    home: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 2.0)
    new = workers.add(2)
    with opened(home) as vault:
        take_in(vault, *([noise(LARGE, n)] for n in range(8)))

        def killing(_: int) -> None:
            for one in new:
                one.kill()
                one.wait()

        one, other = scrubbed(vault, killing)
        for report in (one, other):
            assert (report.failed, report.skipped, report.complete, report.passed) == (0, 0, False, False)
            assert "No worker answers" in str(report.unavailable)
        with pytest.raises(StoreUnavailable, match="No worker answers"):
            scrubbed(vault)
        workers.add(1)
        assert [report.passed for report in scrubbed(vault)] == [True, True]
        assert_sound(vault)


def test_a_scheduler_that_is_gone_is_told_before_anything_is_done_and_while_it_is(
    home: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 2.0)
    workers.add(1)
    with opened(home) as vault:
        take_in(vault, *([noise(LARGE, n)] for n in range(4)))

        def killing(_: int) -> None:
            workers.scheduler.kill()
            workers.scheduler.wait()

        one, _ = scrubbed(vault, killing)
        assert (one.failed, one.complete) == (0, False)
        assert "No worker answers" in str(one.unavailable)
        before = len(journal_acts(vault, 0))
        with pytest.raises(StoreUnavailable, match="No worker answers"):
            scrubbed(vault)
        assert len(journal_acts(vault, 0)) == before


def test_a_worker_elsewhere_that_has_another_disk_or_no_vault_calls_nothing_damaged(
    home: Path, workers: Workers, tmp_path: Path
) -> None:
    """Each machine has a strongroom.toml of its own, and mounts of its own."""
    strange = tuple(StoreConfig(name=name, kind="disk", location=name) for name in STORES)
    init_vault(tmp_path / "别的库", "", "dengzhou", strange, WORKING)
    (new,) = workers.add(1, STRONGROOM_VAULT=str(tmp_path / "别的库"))
    with opened(home) as vault:
        take_in(vault, [noise(3_000, 1)])
        report, _ = scrubbed(vault)
        assert (report.failed, report.skipped, report.passed) == (0, 1, False)
        assert "belongs to another vault" in str(report.unavailable)
        new.kill()
        new.wait()
        workers.add(1, STRONGROOM_VAULT=str(tmp_path))
        report, _ = scrubbed(vault)
        assert (report.failed, report.skipped, report.passed) == (0, 1, False)
        assert "At a worker: There is no vault in" in str(report.unavailable)


def test_the_command_asks_workers_through_tls_and_none_without_certificates(tmp_path: Path) -> None:
    """Where Dask's own configuration has them, which is the environment here."""
    authority = Authority(tmp_path, "authority")
    pair = authority.vouch_for("office")
    tls = {"CA_FILE": authority.certificate} | {
        f"{role}__{name}": path
        for role in ("SCHEDULER", "WORKER", "CLIENT")
        for name, path in (("CERT", pair.certificate), ("KEY", pair.key))
    }
    env = {**os.environ, **{f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in tls.items()}}
    security = Security(
        require_encryption=True,
        tls_ca_file=str(authority.certificate),
        tls_client_cert=str(pair.certificate),
        tls_client_key=str(pair.key),
    )
    workers = Workers(tmp_path / "节点", security, env)
    try:
        workers.add(1)
        home = naming(tmp_path / "库", workers)
        with opened(home) as vault:
            take_in(vault, [noise(3_000, 1)])
        command = [*PROGRAM, "--vault", str(home), "scrub", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["passed"] for line in done.stdout.splitlines()] == [True, True]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "distributed.comm.tls" in done.stderr
    finally:
        workers.stop()


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [("tcp://10.0.0.5:8786", "it needs tls://"), ("10.0.0.5:8786", "write tls://10.0.0.5:8786")],
)
def test_a_scheduler_that_everybody_reaches_is_refused(home: Path, scheduler: str, said: str) -> None:
    text = (home / FILE).read_text(encoding="utf-8").partition("[workers]")[0]
    (home / FILE).write_text(f'{text}[workers]\nscheduler = "{scheduler}"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_config(home)


def test_doctor_says_who_reads(home: Path, workers: Workers) -> None:
    def said(expect: int) -> str:
        command = [*PROGRAM, "--vault", str(home), "doctor", "workers", "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == expect, done.stderr
        row = json.loads(done.stdout.splitlines()[0])
        return f"{row['outcome']}: {row['what']['en']}"

    assert said(5) == "wrong: No worker answers through workers.scheduler."
    workers.add(2)
    assert said(0) == f"ok: {workers.address}: 2 copies at a time"
    workers.scheduler.kill()
    workers.scheduler.wait()
    assert said(5) == f"wrong: {workers.address} does not answer"


def test_without_the_extra_it_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "ops.cluster", raising=False)
    with pytest.raises(BadInput, match="Dask is not installed"), readers(home, read_config(home), 2):
        pass
