"""`store probe` as it is typed, what attaching says of a place, and a share that hangs while commands are at work."""

# ruff: noqa: F811  # fixtures of another module are parameters here

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.fuse_memory import mounted
from tests.ops.conftest import Program
from tests.ops.test_stores import Adds, add, call, home  # noqa: F401
from tests.program import PROGRAM
from tests.rude import RudeServer
from tests.servers import sshd
from vault.promises import QUESTIONS


def names(out: str) -> list[str]:
    return [json.loads(line)["finding"] for line in out.splitlines()]


def test_a_place_is_probed_before_it_is_attached_and_after(run: Program, home: Path, add: Adds) -> None:
    add("b", "disk", "../乙", "")
    before = call(run, "store", "probe", "b", "--json")
    assert before.code == 0
    assert set(names(before.out)) == set(QUESTIONS) - {"mounted", "elsewhere"}
    assert not (run.cwd / "乙").exists()
    assert call(run, "store", "probe", "b", "--last").code == 2  # nothing of it was kept
    attached = call(run, "store", "attach", "b")
    assert attached.code == 0
    assert "does not promise" not in attached.err
    last = call(run, "store", "probe", "b", "--last", "--json")
    assert (last.code, names(last.out)) == (0, [name for name in QUESTIONS if name not in ("mounted", "elsewhere")])
    told = call(run, "store", "probe", "b")
    assert (told.code, "yes  a new file appears whole: " in told.out) == (0, True)
    acts = [entry["act"] for entry in entries(run.cwd / "甲")]
    assert acts[-3:] == ["store.attached", "store.probed", "store.probed"]
    assert call(run, "fsck").code == 0
    assert call(run, "rebuild").code == 0
    assert call(run, "store", "probe", "b", "--last", "--json").code == 0


def entries(store: Path) -> list[dict[str, str]]:
    """The journal's acts, as they lie on a store."""
    bundles = sorted((store / "journal/tile/entries").rglob("*"), key=lambda path: path.name)
    data = max((path for path in bundles if path.is_file()), key=lambda path: path.stat().st_size).read_bytes()
    found = []
    while data:
        length = int.from_bytes(data[:2], "big")
        found.append(json.loads(data[2 : 2 + length]))
        data = data[2 + length :]
    return found


def test_what_a_place_lacks_is_told_when_it_is_attached(
    run: Program,
    home: Path,
    add: Adds,
    rude_server: RudeServer,
    own_name: str,
) -> None:
    server = rude_server.s3
    secret = f'access_key = "{server.access_key}"\nsecret_key = "{server.secret_key}"\n'
    add("桶", "s3", f"{server.url}/{server.bucket}/{own_name}", secret)
    attached = call(run, "store", "attach", "桶")
    assert attached.code == 0
    (line,) = [line for line in attached.err.splitlines() if "does not promise" in line]
    assert "refuses by If-None-Match (no)" in line
    assert "the server checks SHA-256 (no)" in line


def test_a_place_that_is_not_fit_is_refused_and_left_as_it_is(
    run: Program,
    home: Path,
    add: Adds,
    tmp_path: Path,
    own_name: str,
) -> None:
    with sshd(tmp_path / "sshd", "-P fsync") as server:
        (server.folder / own_name).mkdir()
        secret = f'private_key = "{server.private_key}"\nhost_key = "{server.host_key}"\n'
        add("远程", "sftp", f"{server.url}/{own_name}", secret)
        probed = call(run, "store", "probe", "远程")
        attached = call(run, "store", "attach", "远程")
        assert (probed.code, attached.code) == (4, 4)
        assert "power cut" in attached.err
        assert [path for path in (server.folder / own_name).rglob("*") if path.is_file()] == []
    assert {"store": "远程", "attached": False} in call(run, "store", "status", "--json").lines


def at_once(cwd: Path, *commands: tuple[str, ...]) -> list[tuple[int, str, float]]:
    """Commands side by side, each a process of its own: exit code, what it said, and for how many seconds."""
    began = time.monotonic()
    running = [
        subprocess.Popen(
            [*PROGRAM, "--vault", str(cwd / "库"), *words],
            cwd=cwd,
            env=os.environ | {"STRONGROOM_LANG": "en", "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for words in commands
    ]
    return [(one.wait(), out, time.monotonic() - began) for one in running for out in [one.communicate(timeout=60)[0]]]


@pytest.mark.root
def test_a_share_that_hangs_holds_no_command_up(run: Program, home: Path, add: Adds) -> None:
    with mounted(run.cwd / "网盘") as disk:
        add("nas", "nas", "../网盘/库房", "")
        attached = call(run, "store", "attach", "nas")
        assert attached.code == 0, attached.err
        assert call(run, "scrub").code == 0
        assert call(run, "fsck").code == 0
        (run.cwd / "四.mp4").write_bytes(b"4")
        disk.hang()
        status, metrics, ingest = at_once(
            run.cwd,
            ("store", "status", "--json"),
            ("metrics",),
            ("--clock-is-right", "ingest", "四.mp4", "--section", "监督检查科"),
        )
        assert (status[0], metrics[0], ingest[0]) == (5, 0, 0), (status, metrics, ingest)
        rows = {row["store"]: row["up"] for row in map(json.loads, status[1].splitlines())}
        assert rows == {"a": True, "nas": False}
        assert 'strongroom_store_up{store="nas"} 0.0' in metrics[1]
        assert "Store nas was left out: Store nas: " in ingest[1]
        assert max(status[2], metrics[2], ingest[2]) < 15
        disk.server.kill()


@pytest.mark.root
def test_a_share_that_is_not_mounted_is_not_begun(run: Program, home: Path, add: Adds) -> None:
    (run.cwd / "网盘").mkdir()
    add("nas", "nas", "../网盘", "")
    done = call(run, "store", "attach", "nas")
    assert (done.code, "nothing is mounted" in done.err) == (5, True)
    assert os.listdir(run.cwd / "网盘") == []
