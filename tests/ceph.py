"""A second, different S3 server: Ceph's RADOS gateway, as Debian has it, on one monitor and one disk in memory."""

import secrets
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import urllib3
from minio import Minio

from tests.servers import S3Server, Server, free_ports, listens, program

_CONF = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon},v1:127.0.0.1:{old}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = {folder}/mon
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd max object name len = 256
run dir = {folder}
crash dir = {folder}/crash
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
keyring = {folder}/keyring
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{s3}
"""


class _Cluster:
    """Its folder, and its programs with its configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mon, self.old, self.s3 = free_ports(3)
        for name in ("mon", "osd", "rgw", "crash"):
            (folder / name).mkdir(parents=True)
        self.fsid = str(uuid.uuid4())
        values = {"folder": folder, "fsid": self.fsid, "mon": self.mon, "old": self.old, "s3": self.s3}
        (folder / "ceph.conf").write_text(_CONF.format_map(values))

    def command(self, name: str, *words: str, package: str = "ceph-common") -> list[str]:
        return [program(name, package), "-c", str(self.folder / "ceph.conf"), *words]

    def run(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=60)

    def make_keys(self) -> None:
        tool = program("ceph-authtool", "ceph-common")
        self.run(tool, "keyring", "-C", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        for who in ("client.admin", "client.rgw", "osd.0"):
            caps = [word for what in ("mon", "osd", "mgr") for word in ("--cap", what, "allow *")]
            self.run(tool, "keyring", "--gen-key", "-n", who, *caps)

    def serve(self, stack: ExitStack, name: str, ready: Callable[[], bool], *words: str) -> None:
        server = Server(self.command(name, "-f", *words, package=name), ready, self.folder / f"{name}.out", {})
        server.start(60)
        stack.callback(server.kill)


@contextmanager
def radosgw(folder: Path) -> Iterator[S3Server]:
    """The gateway with one bucket, until the end."""
    cluster = _Cluster(folder)
    cluster.make_keys()
    address = f"[v2:127.0.0.1:{cluster.mon},v1:127.0.0.1:{cluster.old}]"
    cluster.run(
        program("monmaptool", "ceph-common"), "--create", "--fsid", cluster.fsid, "--addv", "a", address, "monmap"
    )
    made = ("--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
    cluster.run(*cluster.command("ceph-mon", *made, package="ceph-mon"))
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    url = f"http://127.0.0.1:{cluster.s3}"

    def serves() -> bool:
        return listens(cluster.s3) and urllib3.request("GET", url, retries=False, timeout=5).status == 200

    with ExitStack() as stack:
        cluster.serve(stack, "ceph-mon", lambda: listens(cluster.mon), "-i", "a")
        disk = str(uuid.uuid4())
        cluster.run(*cluster.command("ceph", "osd", "new", disk))
        cluster.run(*cluster.command("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk, package="ceph-osd"))
        cluster.serve(stack, "ceph-osd", (folder / "osd.0.asok").exists, "-i", "0")
        user = ("user", "create", "--uid", "strongroom", "--display-name", "strongroom")
        cluster.run(*cluster.command("radosgw-admin", *user, "--access-key", access, "--secret", secret))
        cluster.serve(stack, "radosgw", serves, "-n", "client.rgw")
        Minio(url.removeprefix("http://"), access, secret, secure=False).make_bucket("strongroom")
        yield S3Server(Server([], lambda: True, folder, {}), url, "strongroom", "versions", access, secret)
