"""An office whose vault has a locked bucket, and what the minio client sees there with the vault's own credentials.

The bucket's clock is the real one, the program's shows 2031: every date that is set lies ahead of both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minio import Minio
from minio.datatypes import Object
from minio.helpers import md5sum_hash
from minio.retention import Retention
from minio.xml import marshal

from tests.proxy import Proxy
from tests.servers import S3Server

if TYPE_CHECKING:
    from tests.ops.conftest import Done, Program

IN_A_YEAR = datetime(2032, 3, 3, 16, tzinfo=UTC)  # the first instant of 2032-03-04 in Beijing
IN_TWO = datetime(2033, 3, 3, 16, tzinfo=UTC)


@dataclass
class Office:
    """A vault with a disk and a locked bucket, behind a line that can be cut."""

    run: "Program"
    server: S3Server
    folder: str
    proxy: Proxy
    files: dict[str, str] = field(default_factory=dict)  # of a record its only file's SHA-256

    def __call__(self, *words: str | Path, expect: int = 0, **more: Any) -> "Done":
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

    def reach_it_directly(self) -> None:
        """The configuration names the bucket without the line that was cut."""
        config = self.run.cwd / "库" / "strongroom.toml"
        there = config.read_text(encoding="utf-8").replace(f"http://127.0.0.1:{self.proxy.port}", self.server.url)
        config.write_text(there, encoding="utf-8")

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


def office_with_a_locked_bucket(run: "Program", server: S3Server, folder: str, mode: str) -> Iterator[Office]:
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
