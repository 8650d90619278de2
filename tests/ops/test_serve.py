"""`strongroom serve` as a process: what it tells and to whom, how it starts and stops, and one that is killed."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.config import FILE, StoreConfig, read_config
from ops.serving.jobs import planned
from ops.serving.lookout import Lookout
from ops.serving.loop import Loop, Told
from ops.serving.service import serving as serving_over_http
from ops.serving.work import Desk
from ops.wiring import Working, init_vault, open_catalogue, open_vault
from tests.catalogues import configured, unreachable
from tests.certificates import Authority, Pair
from tests.faults import services
from tests.ops.conftest import Program
from tests.program import PROGRAM
from tests.servers import PostgresServer, S3Server, free_ports, prometheus
from tests.vault.scene import noise, take_in
from vault.catalogue import jobs
from vault.layout import MARKER

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A vault that goes by the real clock, with two records."""
    working = Working(person="李建国")
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(tmp_path / "库", "", "dengzhou", stores, working, configured(tmp_path))
    with open_vault(tmp_path / "库", working) as vault:
        take_in(vault, [noise(5_000, 1)], [noise(6_000, 2)])
    return tmp_path / "库"


def configure(home: Path, lines: str) -> int:
    """More lines in strongroom.toml; the port to ask."""
    (port,) = free_ports(1)
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(f'{text}\n{lines}\n[serve]\nlisten = "127.0.0.1:{port}"\n', encoding="utf-8")
    return port


@dataclass
class Reply:
    status: int
    text: str


def ask(port: int, path: str, tls: ssl.SSLContext | None = None, token: str = "", method: str = "GET") -> Reply:
    line: http.client.HTTPConnection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=tls)
        if tls is not None
        else http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    )
    try:
        line.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = line.getresponse()
        return Reply(answer.status, answer.read().decode())
    finally:
        line.close()


@contextmanager
def serving(home: Path, *words: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The program, serving; killed at the end if it is still there."""
    command = [*PROGRAM, "--vault", str(home), "serve", "--json", *words]
    environment = os.environ | {"STRONGROOM_LANG": "en", "PYTHONPATH": str(ROOT)} | (env or {})
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(port: int, path: str, tls: ssl.SSLContext | None = None) -> bool:
    with suppress(OSError):
        return ask(port, path, tls).status == 200
    return False


def rows(home: Path) -> dict[str, jobs.Job]:
    with open_vault(home, Working(person="李建国")) as vault, vault.database.reading() as connection:
        return {row.name: row for row in jobs.rows(connection)}


# serving


def test_it_does_its_jobs_tells_how_and_stops_when_asked(home: Path) -> None:
    port = configure(home, "")
    (home / "乙/objects").rename(home / "丢失")
    (home / "乙/objects").mkdir()
    with serving(home) as process:
        until(lambda: answers(port, "/readyz"))
        assert ask(port, "/healthz") == Reply(200, "ok\n")
        until(lambda: 'strongroom_job_last_success_timestamp_seconds{name="repair"}' in ask(port, "/metrics").text)
        told = ask(port, "/metrics").text
        assert 'strongroom_store_up{store="乙"} 1.0' in told
        assert 'strongroom_job_failures{name="repair"} 0.0' in told
        assert ask(port, "/metrics", method="HEAD") == Reply(200, "")
        assert ask(port, "/").status == 404
        assert ask(port, "/metrics", method="POST").status == 405
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    ended = {row["job"]: row for row in map(json.loads, out.splitlines())}
    assert {"publish", "repair"} <= set(ended)
    assert {row["result"] for row in ended.values()} == {"done"}
    assert not answers(port, "/healthz")
    assert not [row for row in rows(home).values() if row.token]


def test_ready_while_enough_stores_answer_and_alive_while_the_loop_turns(home: Path) -> None:
    port, working = configure(home, ""), Working(person="李建国")
    with open_catalogue(home, working) as vault, Lookout(vault, pause=0.05).looking() as lookout:
        desk = Desk(home, working, lookout.look)
        loop = Loop(vault=vault, desk=desk, planned=[], tell=lambda _: None)
        with serving_over_http(home, read_config(home), loop, lookout):
            until(lambda: answers(port, "/readyz"))
            loop.turned_at -= 121
            assert ask(port, "/healthz") == Reply(503, "the loop has stopped\n")
            loop.turn()
            assert ask(port, "/healthz") == Reply(200, "ok\n")
            (home / "乙").rename(home / "断开")
            until(lambda: ask(port, "/readyz") == Reply(503, "too few stores take writes\n"))
            (home / "断开").rename(home / "乙")
            until(lambda: answers(port, "/readyz"))


def test_a_catalogue_that_is_away_is_told_to_whoever_asks(home: Path) -> None:
    port, working = configure(home, ""), Working(person="李建国")
    with open_catalogue(home, working) as vault, Lookout(vault, pause=0.05).looking() as lookout:
        loop = Loop(vault=vault, desk=Desk(home, working, lookout.look), planned=[], tell=lambda _: None)
        with serving_over_http(home, read_config(home), loop, lookout):
            until(lambda: answers(port, "/readyz"))
            with unreachable(vault.database):
                for path in ("/readyz", "/metrics"):
                    assert ask(port, path) == Reply(503, "StoreUnavailable\n")
            until(lambda: answers(port, "/readyz"))


@pytest.mark.sqlite("its file, moved and exchanged while it is open")
def test_a_catalogue_whose_file_is_moved_away_or_exchanged_is_told(home: Path) -> None:
    """What went wrong once: /readyz and /metrics said 200 over a file that nobody would find, and jobs went on."""
    port, path, working = configure(home, ""), home / "catalogue.db", Working(person="李建国")
    told: list[Told] = []
    with open_catalogue(home, working) as vault, Lookout(vault, pause=0.05).looking() as lookout:
        desk = Desk(home, working, lookout.look)
        loop = Loop(vault=vault, desk=desk, planned=planned(read_config(home)), tell=told.append)
        loop.enrol()
        with serving_over_http(home, read_config(home), loop, lookout):
            until(lambda: answers(port, "/readyz") and answers(port, "/metrics"))
            shutil.copy(path, home / "备份")
            away = path.rename(home / "别处")
            for said in ("is missing", "Another file"):
                for page in ("/readyz", "/metrics"):
                    assert ask(port, page) == Reply(503, "CatalogueBroken\n")
                assert not loop.turn(), "nothing is begun"
                assert said in str(told[-1].error)
                if said == "is missing":
                    (home / "备份").rename(path)
            away.replace(path)
            assert ask(port, "/metrics").status == 200
            until(lambda: answers(port, "/readyz"))


def test_a_real_prometheus_reads_it(home: Path, tmp_path: Path) -> None:
    port = configure(home, "")
    (tmp_path / "监控").mkdir()
    with serving(home), prometheus(tmp_path / "监控", ROOT / "ops/alerts/strongroom.rules.yml", port) as watching:
        until(lambda: bool(watching.ask('query?query=strongroom_job_failures{name="repair"}==0')["result"]), 30)
        (sample,) = watching.ask('query?query=strongroom_job_failures{name="repair"}')["result"]
        assert sample["metric"]["job"] == "strongroom", "the scrape's own label stays what it is"


def test_once_does_what_is_due_and_ends(home: Path) -> None:
    with serving(home, "--once") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert {row["job"] for row in map(json.loads, out.splitlines())} == {"publish", "repair"}
    with serving(home, "--once") as process:
        assert process.communicate(timeout=30) == ("", ""), "nothing is due again"
    text = (home / FILE).read_text(encoding="utf-8")
    (home / FILE).write_text(f'{text}\n[jobs.repair]\nevery = "1 second"\n', encoding="utf-8")
    (home / "乙").rename(home / "断开")
    with serving(home, "--once") as process:
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert [row["result"] for row in map(json.loads, out.splitlines())][-1] == "failed"


HASTY = """
import sys
from ops.serving.loop import Pace
Pace.__init__.__kwdefaults__ |= {"grace": 0.5}
from ops.cli import main
sys.argv = ["strongroom", "--vault", sys.argv[1], "serve", "--json"]
main()
"""


def test_a_store_that_hangs_keeps_the_service_neither_from_telling_nor_from_ending(home: Path) -> None:
    """Its jobs are in a thread that nothing can end; what they held is handed back, and the process goes."""
    port = configure(home, "")
    marker = home / "乙" / MARKER
    marker.rename(home / "别处")
    os.mkfifo(marker)
    environment = os.environ | {"STRONGROOM_LANG": "en", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HASTY, str(home)]
    out = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until(lambda: answers(port, "/healthz"))
            until(lambda: 'strongroom_job_running{name="repair"} 1.0' in ask(port, "/metrics").text)
            assert ask(port, "/readyz").status == 503, "the other store is too few"
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, err) == (1, "A job hangs and was left behind; its lease is handed back.\n")
    marker.unlink()
    (home / "别处").rename(marker)
    assert {row.token for row in rows(home).values()} == {""}


def test_a_login_that_is_no_operator_is_refused_with_the_command_that_helps(run: Program) -> None:
    run("--vault", "库", "init")
    run("--vault", "库", "person", "add", "liuju", "--name", "刘建军", "--role", "principal-leader")
    done = run("--vault", "库", "--by", "liuju", "serve", "--once", expect=4)
    assert "刘建军 may not do that: bring and move copies (operator)." in done.err
    assert "strongroom person add liuju --name … --role operator" in done.err
    zh = run("--vault", "库", "--by", "liuju", "serve", "--once", expect=4, language="zh")
    assert "须由主要领导将运行本服务的登录名登记为运维人员" in zh.err


def test_what_a_person_sees_is_a_line_for_each_run(run: Program) -> None:
    run("--vault", "库", "init")
    en = run("--vault", "库", "serve", "--once").out
    assert en.splitlines()[0].startswith(("publish  done  0.", "repair  done  0."))
    zh = run("--vault", "库", "serve", "--once", language="zh", clock="2031-03-03T04:00:00+00:00").out
    assert "publish  完成  0." in zh
    assert "日志已发布" in zh


# whom it tells


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "证书").mkdir()
    return Authority(tmp_path / "证书", "CA")


def trusting(authority: Authority, client: Pair | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


def test_a_token_and_a_client_certificate_are_asked_for(home: Path, authority: Authority, tmp_path: Path) -> None:
    server, client = authority.vouch_for("server"), authority.vouch_for("client")
    token = secrets.token_hex(16)
    (home / "令牌").write_text(f"{token}\n")
    (home / "令牌").chmod(0o600)
    port = configure(home, "")
    lines = f'token_file = "令牌"\ncertificate = "{server.certificate}"\nkey = "{server.key}"\n'
    with open(home / FILE, "a", encoding="utf-8") as file:
        file.write(f'{lines}client_ca = "{authority.certificate}"\n')
    known, stranger = trusting(authority, client), trusting(authority)
    with serving(home) as process, ExitStack() as silent:
        until(lambda: answers(port, "/healthz", known))
        for _ in range(20):  # that never shake hands
            silent.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert ask(port, "/metrics", known).status == 401
        assert ask(port, "/metrics", known, "0" * 32).status == 401
        assert ask(port, "/metrics", known, token).status == 200
        for refused in (stranger, None):
            with pytest.raises((OSError, http.client.HTTPException)):
                ask(port, "/metrics", refused, token)
        other = Authority(tmp_path / "证书", "another")
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(port, "/metrics", trusting(authority, other.vouch_for("somebody")), token)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


WRONG: dict[str, tuple[str, str]] = {
    "no token": ('token_file = "没有"', "serve.token_file: "),
    "a token that others can read": ('token_file = "开放"', "can be read by others: chmod 600"),
    "a short token": ('token_file = "短"', "must hold one word of 16 characters or more"),
    "no certificate": ('certificate = "没有"\nkey = "没有"', "serve.certificate: "),
    "a key that is none": ('certificate = "短"\nkey = "短"', "serve.certificate: not usable"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_served_is_said_at_the_start(home: Path, what: str) -> None:
    for name, text, mode in (("开放", "0" * 32, 0o644), ("短", "0" * 8, 0o600)):
        (home / name).write_text(text)
        (home / name).chmod(mode)
    lines, said = WRONG[what]
    configure(home, "")
    with open(home / FILE, "a", encoding="utf-8") as file:
        file.write(f"{lines}\n")
    with serving(home) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert said in err


def test_a_port_that_is_taken_may_be_free_in_a_moment(home: Path) -> None:
    """Not usage: with that code the unit would never be started again."""
    port = configure(home, "")
    with socket.create_server(("127.0.0.1", port)), serving(home) as process:
        _, err = process.communicate(timeout=20)
    assert (process.returncode, f"127.0.0.1:{port} is taken." in err) == (1, True)


# its manager


def test_the_manager_hears_that_it_is_ready_alive_and_stopping(home: Path) -> None:
    configure(home, "")
    name = f"strongroom-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(20)
        with serving(home, env={"NOTIFY_SOCKET": f"@{name}"}) as process:
            heard = [manager.recv(4096).decode() for _ in range(2)]
            assert heard[0].startswith("READY=1\nSTATUS=")
            assert heard[1] == "WATCHDOG=1"
            process.send_signal(signal.SIGTERM)
            while heard[-1] != "STOPPING=1":
                heard.append(manager.recv(4096).decode())
            assert process.wait(20) == 0


def test_the_units_are_sound_and_let_nothing_in(tmp_path: Path) -> None:
    units = sorted((ROOT / "ops/systemd").iterdir())
    assert len(units) == 3
    for unit in units:  # the program is not installed here; another one stands for it
        text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/strongroom", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    copies = [str(tmp_path / unit.name) for unit in units]
    done = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for copy in (copy for copy in copies if copy.endswith(".service")):
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", copy]
        exposed = subprocess.run(command, capture_output=True, text=True, check=False)
        assert exposed.returncode == 0, exposed.stdout[-300:]


# killed


@pytest.mark.sqlite("two services over one file; over a server: the next")
def test_of_two_services_one_is_killed_again_and_again_and_no_job_is_lost_or_done_twice(tmp_path: Path) -> None:
    outcome = services.run(services.over_a_file(tmp_path), tmp_path / "日志", 4, lease=3, seed=1)
    assert outcome.problems == []
    assert outcome.begun > 6 * 4


def test_of_two_machines_with_one_catalogue_on_a_server_too(
    tmp_path: Path, postgres_server: PostgresServer, s3_server: S3Server, own_name: str
) -> None:
    homes = services.over_a_server(tmp_path, postgres_server, s3_server, own_name)
    outcome = services.run(homes, tmp_path / "日志", 2, lease=3, seed=2)
    assert outcome.problems == []
    assert outcome.begun > 6 * 2
