"""Real servers on loopback, for the stores that are reached over a network: started here, stopped here.

Each is a process of this run's own, below a folder of its own, on ports that were free a moment ago.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import urllib3
from minio import Minio


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those that the system hands out by itself."""
    found: list[int] = []
    while len(found) < count:
        port = 12_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


class Server:
    """A process that can be stopped, killed and started again on the same data."""

    def __init__(self, command: list[str], ready: Callable[[], bool], log: Path, environment: dict[str, str]) -> None:
        self._command = command
        self._ready = ready
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 20) -> None:
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + seconds
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(
                    f"{self._command[0]} did not start:\n{self._log.read_text(errors='replace')[-3000:]}"
                )
            time.sleep(0.05)

    def kill(self) -> None:
        """At once, with all its children: what a power cut is to its clients."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str, package: str) -> str:
    """Where a server's program is; else what brings it."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/openssh")
    if found is None:
        raise RuntimeError(f"{name} is not here; install it: apt-get install {package}")
    return found


# S3


@dataclass(frozen=True)
class S3Server:
    """SeaweedFS, with a bucket and one that has Object Lock: each takes eight volumes of its own."""

    server: Server
    url: str
    bucket: str
    locked_bucket: str
    access_key: str
    secret_key: str


@contextmanager
def seaweedfs(folder: Path) -> Iterator[S3Server]:
    master, volume, filer, s3 = _weed_ports()
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    data = folder / "data"
    data.mkdir(parents=True)
    command = [str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "mini", f"-dir={data}"]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false", "-admin.ui=false"]
    command += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-disableHttp"]
    url = f"http://127.0.0.1:{s3}"

    def ready() -> bool:
        with suppress(urllib3.exceptions.HTTPError):
            return urllib3.request("GET", url, retries=False, timeout=1).status == 403
        return False

    keys = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
    server = Server(command, ready, folder / "log", keys)
    server.start(40)
    bucket, locked = "strongroom", "strongroom-locked"
    client = Minio(url.removeprefix("http://"), access, secret, secure=False)
    client.make_bucket(bucket)
    client.make_bucket(locked, object_lock=True)
    try:
        yield S3Server(server, url, bucket, locked, access, secret)
    finally:
        server.kill()


def _weed_ports() -> list[int]:
    """Its gRPC ports lie 10,000 above."""
    while True:
        ports = free_ports(4)
        if not any(listens(port + 10_000) for port in ports):
            return ports


# SMB


@dataclass(frozen=True)
class Share:
    """A Samba share, and the folder that it shows."""

    server: Server
    url: str
    password: str
    folder: Path


@contextmanager
def samba(folder: Path) -> Iterator[Share]:
    smbd, smbpasswd = program("smbd", "samba"), program("smbpasswd", "samba")
    (port,) = free_ports(1)
    for name in ("lock", "state", "cache", "private", "pid", "share", "ncalrpc"):
        (folder / name).mkdir(parents=True)
    (folder / "share").chmod(0o777)
    password = secrets.token_hex(8)
    conf = folder / "smb.conf"
    conf.write_text(
        "\n".join(
            [
                "[global]",
                f"smb ports = {port}",
                "interfaces = lo",
                "bind interfaces only = yes",
                *(f"{key} directory = {folder / key}" for key in ("lock", "state", "cache", "pid")),
                f"private dir = {folder / 'private'}",
                f"ncalrpc dir = {folder / 'ncalrpc'}",
                "disable netbios = yes",
                "server role = standalone server",
                "strict sync = yes",
                "load printers = no",
                f"log file = {folder / 'smbd.log'}",
                "[share]",
                f"path = {folder / 'share'}",
                "read only = no",
                "force user = root",
            ]
        )
    )
    user = "root" if os.geteuid() == 0 else os.environ["USER"]
    subprocess.run(
        [smbpasswd, "-c", str(conf), "-s", "-a", user],
        input=f"{password}\n{password}\n".encode(),
        check=True,
        capture_output=True,
    )
    server = Server([smbd, "-s", str(conf), "-F", "--no-process-group"], lambda: listens(port), folder / "out", {})
    server.start()
    try:
        yield Share(server, f"smb://{user}@127.0.0.1:{port}/share", password, folder / "share")
    finally:
        server.kill()


# SFTP


@dataclass(frozen=True)
class SftpServer:
    """OpenSSH's sshd, for the person who runs the tests."""

    server: Server
    url: str
    host_key: str
    private_key: Path
    folder: Path


@contextmanager
def sshd(folder: Path, options: str = "") -> Iterator[SftpServer]:
    """`options`: of sftp-server(8), such as requests that it denies."""
    program_path, sftp = program("sshd", "openssh-server"), program("sftp-server", "openssh-sftp-server")
    (port,) = free_ports(1)
    (folder / "files").mkdir(parents=True)
    host, person = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    host.write_private_key(str(folder / "host"))
    person.write_private_key(str(folder / "person"))
    (folder / "authorized").write_bytes(person.export_public_key())
    for name in ("host", "person", "authorized"):
        (folder / name).chmod(0o600)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd will not start without it
    config = folder / "config"
    config.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder / 'host'}\nPidFile {folder / 'pid'}\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
        f"PasswordAuthentication no\nSubsystem sftp {sftp} {options}\nMaxSessions 50\nMaxStartups 100\n"
    )
    server = Server([program_path, "-D", "-e", "-f", str(config)], lambda: listens(port), folder / "log", {})
    server.start()
    user = "root" if os.geteuid() == 0 else os.environ["USER"]
    try:
        yield SftpServer(
            server,
            f"sftp://{user}@127.0.0.1:{port}{folder / 'files'}",
            host.export_public_key().decode().strip(),
            folder / "person",
            folder / "files",
        )
    finally:
        server.kill()


# Prometheus


@dataclass(frozen=True)
class Prometheus:
    """One that scrapes and evaluates rules, both four times a second."""

    url: str

    def ask(self, path: str) -> Any:
        """The `data` of an answer of its API."""
        return urllib3.request("GET", f"{self.url}/api/v1/{path}", timeout=5).json()["data"]


@contextmanager
def prometheus(folder: Path, rules: Path, *scraped: int, told: int | None = None) -> Iterator[Prometheus]:
    """`scraped`: ports of services; `told`: that of an Alertmanager."""
    (port,) = free_ports(1)
    targets = [f"127.0.0.1:{one}" for one in scraped]
    managers = [{"static_configs": [{"targets": [f"127.0.0.1:{told}"]}]}] if told is not None else []
    config = {
        "global": {"scrape_interval": "250ms", "evaluation_interval": "250ms"},
        "rule_files": [str(rules)],
        "scrape_configs": [
            {"job_name": "strongroom", "static_configs": [{"targets": targets}]},
        ],
        "alerting": {"alertmanagers": managers},
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    command = [program("prometheus", "prometheus"), f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        return listens(port) and urllib3.request("GET", f"{url}/-/ready", timeout=5).status == 200

    server = Server(command, ready, folder / "prometheus.log", {})
    server.start()
    try:
        yield Prometheus(url)
    finally:
        server.kill()


# PostgreSQL


@dataclass(frozen=True)
class PostgresServer:
    """A cluster of its own with one database, whose language sorts otherwise than bytes do."""

    server: Server
    url: str
    password: str


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgresServer]:
    """`folder` is for the log: who is not root must reach the server's data, and pytest's folders are closed."""
    (port,) = free_ports(1)
    password = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="strongroom-postgresql-") as place:
        data, secret = Path(place, "data"), Path(place, "password")
        secret.write_text(password)
        initdb = [*_as_postgres(), _of_postgresql("initdb"), f"--pgdata={data}", f"--pwfile={secret}"]
        initdb += ["--username=strongroom", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-sync"]
        initdb += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh"]
        if os.geteuid() == 0:
            for path in (Path(place), secret):
                shutil.chown(path, "postgres", "postgres")
        subprocess.run(initdb, check=True, capture_output=True)
        command = [*_as_postgres(), _of_postgresql("postgres"), "-D", str(data), "-p", str(port), "-F"]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"]
        url = f"postgresql://strongroom@127.0.0.1:{port}/postgres"

        def ready() -> bool:
            with suppress(psycopg.OperationalError):
                psycopg.connect(url, password=password).close()
                return True
            return False

        server = Server(command, ready, folder / "postgresql.log", {})
        server.start()
        stop = [*_as_postgres(), _of_postgresql("pg_ctl"), "stop", f"--pgdata={data}", "--mode=immediate"]
        try:
            yield PostgresServer(server, url, password)
        finally:
            subprocess.run(stop, check=False, capture_output=True)
            server.kill()


def _as_postgres() -> list[str]:
    """It refuses to be root; Debian's package brings an account for it."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def _of_postgresql(name: str) -> str:
    """Debian keeps its programs, by version, where no PATH leads."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else program(name, "postgresql")
