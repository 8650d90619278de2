"""Lines to servers that break: an intake loses one of its stores after so many bytes, and what then is where.

The vault has a disk and a store behind a proxy (tests/proxy.py), which hangs up once that many bytes have gone to the
server. The judge looks past the program: at the server's own files, and at the disk's. Nothing that was told as stored
may be missing where the journal says it is, nothing on the server may have an object's name and other bytes, and once
the line is mended `scrub` alone must bring everything in order.
"""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio

from ops.config import FILE, StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests import servers
from tests.proxy import Proxy
from vault.catalogue import queries
from vault.errors import StrongroomError
from vault.facts import Facts
from vault.fsck import Count, fsck
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.membership import attach
from vault.readers import Threads
from vault.scrub import Budget, scrub
from vault.store import Vault

WORKING = Working(person="李建国", clock=lambda: datetime(2026, 11, 21, 1, 30, tzinfo=UTC), clock_vouched=True)


@dataclass(frozen=True)
class Server:
    """A running server, and how to look at what is on it without the program."""

    kind: str
    location: Callable[[int, str], str]  # of a folder of this name, through a port
    port: int
    secret: str
    begin: Callable[[str], object]
    objects: Callable[[str], Iterator[tuple[str, bytes]]]  # below objects/ of a folder: names and contents


def s3(server: servers.S3Server) -> Server:
    parts = urlsplit(server.url)
    client = Minio(parts.netloc, server.access_key, server.secret_key, secure=False)
    assert parts.port is not None

    def objects(name: str) -> Iterator[tuple[str, bytes]]:
        for found in client.list_objects(server.bucket, f"{name}/objects/", recursive=True):
            key = str(found.object_name)
            yield key.rpartition("/")[2], client.get_object(server.bucket, key).data

    return Server(
        "s3",
        lambda port, name: f"http://127.0.0.1:{port}/{server.bucket}/{name}",
        parts.port,
        f'access_key = "{server.access_key}"\nsecret_key = "{server.secret_key}"\n',
        lambda name: None,
        objects,
    )


def smb(share: servers.Share) -> Server:
    return _of_folder("smb", share.url, share.folder, f'password = "{share.password}"\n')


def sftp(server: servers.SftpServer) -> Server:
    secret = f'private_key = "{server.private_key}"\nhost_key = "{server.host_key}"\n'
    return _of_folder("sftp", server.url, server.folder, secret)


def _of_folder(kind: str, url: str, folder: Path, secret: str) -> Server:
    parts = urlsplit(url)
    port = parts.port
    assert port is not None

    def objects(name: str) -> Iterator[tuple[str, bytes]]:
        for path in (folder / name / "objects").rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes()

    return Server(
        kind,
        lambda through, name: url.replace(f":{port}/", f":{through}/") + f"/{name}",
        port,
        secret,
        lambda name: (folder / name).mkdir(mode=0o777),
        objects,
    )


_BEGUN = {"s3": (servers.seaweedfs, s3), "smb": (servers.samba, smb), "sftp": (servers.sshd, sftp)}
KINDS = tuple(_BEGUN)


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Server]:
    """One that has the folder to itself."""
    begin, of = _BEGUN[kind]
    with begin(folder) as server:
        yield of(server)


def make_source(folder: Path, large: Sequence[int] = (3 << 20, 17 << 20)) -> Path:
    """Small files, `large` ones: one that is sent in several blocks, one that goes to a bucket in parts."""
    folder.mkdir(parents=True)
    for n, size in enumerate([*[3_000] * 8, 300_000, *large]):
        (folder / f"录像{n:02}.mp4").write_bytes(hashlib.shake_256(str(n).encode()).digest(size))
    return folder


@dataclass(frozen=True)
class Cut:
    """One trial: after so many bytes towards the server (None: not at all), and how many copies a success takes."""

    after: int | None
    minimum: int


def template(folder: Path) -> Path:
    """A vault with one disk."""
    home = folder / "库"
    init_vault(home, "", "dengzhou", (StoreConfig(name="甲", kind="disk", location="甲"),), WORKING)
    return home


def count_bytes(server: Server, home: Path, source: Path, scratch: Path) -> int:
    """How many go to the server when nothing is cut."""
    with _trial(server, home, scratch, 1) as (proxy, place, _):
        before = proxy.sent
        with open_vault(place, WORKING) as vault:
            list(intake(vault, source))
        return proxy.sent - before


def cut(server: Server, home: Path, source: Path, scratch: Path, what: Cut) -> list[str]:
    """One trial; what is wrong afterwards."""
    with _trial(server, home, scratch, what.minimum) as (proxy, place, name):
        told: dict[str, frozenset[str]] = {}
        if what.after is not None:
            proxy.cut_after(what.after)
        try:
            with open_vault(place, WORKING) as vault:
                for record, digests in intake(vault, source):
                    told[record] = digests
        except StrongroomError as error:
            if error.exit_code not in (1, 5):
                return [f"ended with {error.exit_code}: {error}"]
        problems = _judge(server, name, place, told, what.minimum)
        proxy.mend()
        return problems + _mended(server, name, place, source, told)


def intake(vault: Vault, source: Path) -> Iterator[tuple[str, frozenset[str]]]:
    request = Request(paths=(source,), facts=Facts(section="监督检查科"))
    for outcome in Intake(vault, request, int).run():
        assert outcome.record, outcome
        yield outcome.record, frozenset([hashlib.sha256(Path(outcome.where).read_bytes()).hexdigest()])


@contextmanager
def _trial(server: Server, home: Path, scratch: Path, minimum: int) -> Iterator[tuple[Proxy, Path, str]]:
    """The vault with that store attached through a line of its own, the copies demanded; removed afterwards."""
    name = f"t-{secrets.token_hex(6)}"
    place = scratch / name
    shutil.copytree(home, place)
    server.begin(name)
    with Proxy(server.port) as proxy:
        (place / "乙.secret").write_text(server.secret, encoding="utf-8")
        (place / "乙.secret").chmod(0o600)
        text = (place / FILE).read_text(encoding="utf-8").replace("minimum = 1", f"minimum = {minimum}")
        text += f'\n[[store]]\nname = "乙"\nkind = "{server.kind}"\nsecret = "乙.secret"\n'
        (place / FILE).write_text(f'{text}location = "{server.location(proxy.port, name)}"\n', encoding="utf-8")
        with open_vault(place, WORKING) as vault:
            attach(vault, "乙", server.kind, "乙", list)
        yield proxy, place, name
    shutil.rmtree(place)


def _judge(server: Server, name: str, place: Path, told: Mapping[str, frozenset[str]], minimum: int) -> list[str]:
    problems: list[str] = []
    there: set[str] = set()
    for object_, data in server.objects(name):
        there.add(object_)
        if hashlib.sha256(data).hexdigest() != object_:
            problems.append(f"{object_[:12]} has {len(data)} bytes that are not it")
    disk = {path.name for path in (place / "甲" / "objects").rglob("*") if path.is_file()}
    for record, digests in told.items():
        if not digests <= disk:
            problems.append(f"{record} was told, and the disk lacks it")
        if minimum == 2 and not digests <= there:
            problems.append(f"{record} was told, and the server lacks it")
    return problems


def _mended(server: Server, name: str, place: Path, source: Path, told: Mapping[str, frozenset[str]]) -> list[str]:
    """The line is whole again: asking again, then scrub, bring everything in order, whatever was left."""
    problems: list[str] = []
    with open_vault(place, WORKING) as vault:
        again = dict(intake(vault, source))
        problems += [f"{record} is another one now" for record, digests in told.items() if again.get(record) != digests]
        for report in scrub(vault, list(vault.stores), Budget(), Threads(2), int):
            if not report.passed:
                problems.append(f"scrub of {report.store}: {report}")
        count = Count()
        problems += [f"fsck: {finding.text}" for finding in fsck(vault, count) if finding.kind != "orphan"]
        with vault.database.reading() as connection:
            records = {record: queries.get_record(connection, record) for record in again}
    there = dict(server.objects(name))
    for record, found in records.items():
        for file in found.files:
            if hashlib.sha256(there.get(file.sha256, b"")).hexdigest() != file.sha256:
                problems.append(f"{record} did not reach the server")
    return problems
