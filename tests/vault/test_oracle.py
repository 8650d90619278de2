"""Another program judges: Go's reference implementation accepts what is written here, and rejects what was changed.

The judge is tests/oracle/verify.go. It is needed, not optional: without Go these tests fail.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import tlog
from vault.note import Signer, sign_checkpoint
from vault.proof import format_proof, inclusion_proof

SOURCE = Path(__file__).parents[1] / "oracle" / "verify.go"
GOPATH = Path("/usr/share/gocode")  # where Debian's golang-*-dev packages put their sources
ORIGIN = "dengzhou.example/执法音像档案"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
VKEY = SIGNER.verifier.vkey

Judge = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """The verifier, built once from Debian's packages without the network."""
    if not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.fail("Go's transparency log is needed: apt-get install golang-go golang-golang-x-mod-dev", pytrace=False)
    folder = tmp_path_factory.mktemp("oracle")
    settings = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    subprocess.run(
        ["go", "build", "-o", folder / "verify", SOURCE], check=True, cwd=folder, env={**os.environ, **settings}
    )

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [folder / "verify", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
        )

    return run


def entry(index: int) -> bytes:
    return f'{{"act":"record.stored","by":"王芳","record":"邓州-2026-{index:06d}"}}'.encode() * (index % 3 + 1)


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def journal(folder: Path, *sizes: int) -> Path:
    """A journal grown through these sizes, a checkpoint signed at each, superseded files removed."""
    edge, size = tlog.Edge(), 0
    for new in sizes:
        growth = tlog.grow(edge, [tlog.leaf_hash(entry(i)) for i in range(size, new)])
        start = size // 256 * 256
        write(folder, dict(growth.files) | dict(tlog.bundle_files(start, (entry(i) for i in range(start, new)))))
        write(folder, {"checkpoint": sign_checkpoint(ORIGIN, new, growth.root, SIGNER)})
        for superseded in tlog.superseded_folders(size, new):
            shutil.rmtree(folder / superseded)
        edge, size = growth.edge, new
    return folder


def assert_rejected(answer: subprocess.CompletedProcess[str], what: object) -> None:
    assert answer.returncode == 1, (what, answer)
    assert answer.stderr.startswith("rejected: "), (what, answer)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 70_000])
def test_a_journal_is_accepted_by_the_reference_implementation(judge: Judge, tmp_path: Path, size: int):
    folder = journal(tmp_path, *[step for step in (size // 3, size // 2 + 1) if 0 < step < size], size)
    answer = judge("log", folder, VKEY)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"verified: {size} entries, ")
    tiles = tlog.grow(tlog.Edge(), (tlog.leaf_hash(entry(i)) for i in range(size))).files
    assert f", {len(tiles)} tiles, " in answer.stdout, "the judge read every tile of this size"


@pytest.mark.parametrize(("index", "size"), [(0, 1), (1, 2), (254, 255), (0, 256), (256, 257), (69_998, 70_000)])
def test_a_proof_is_accepted_by_the_reference_implementation(judge: Judge, tmp_path: Path, index: int, size: int):
    folder = journal(tmp_path / "journal", size)
    hashes = inclusion_proof(index, size, lambda path: (folder / path).read_bytes())
    proof, proven = tmp_path / "1.tlog-proof", tmp_path / "entry"
    good = format_proof(index, hashes, (folder / "checkpoint").read_bytes())
    proven.write_bytes(entry(index))
    for data in (good, format_proof(index, hashes, (folder / "checkpoint").read_bytes(), "见附页".encode())):
        proof.write_bytes(data)
        answer = judge("proof", proof, proven, VKEY)
        assert answer.stdout == f"verified: entry {index} of {size}, {len(hashes)} hashes\n", answer.stderr
    wrong_index = format_proof(index + 1, hashes, (folder / "checkpoint").read_bytes())
    for data in (wrong_index, good[:-10], good.replace(b"\n\n", b"\n", 1)):
        proof.write_bytes(data)
        assert_rejected(judge("proof", proof, proven, VKEY), data)
    proof.write_bytes(good)
    proven.write_bytes(entry(index) + b" ")
    assert_rejected(judge("proof", proof, proven, VKEY), "another entry")


def test_a_changed_file_of_a_journal_is_rejected(judge: Judge, tmp_path: Path):
    folder = journal(tmp_path, 600)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 8
    for path in files:
        data = path.read_bytes()
        for at in (0, 1, len(data) // 2, len(data) - 1):
            damaged = bytearray(data)
            damaged[at] ^= 1
            path.write_bytes(damaged)
            assert_rejected(judge("log", folder, VKEY), (path, at))
        for damaged in (data[:-1], data + b"\0", b""):
            path.write_bytes(damaged)
            assert_rejected(judge("log", folder, VKEY), (path, len(damaged)))
        path.unlink()
        assert_rejected(judge("log", folder, VKEY), path)
        path.write_bytes(data)
    assert judge("log", folder, VKEY).returncode == 0


def test_a_journal_under_another_key_or_another_size_is_rejected(judge: Judge, tmp_path: Path):
    folder = journal(tmp_path, 300)
    other = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert_rejected(judge("log", folder, other.verifier.vkey), "another key")
    root = tlog.Edge.from_tiles(300, lambda path: (folder / path).read_bytes()).root()
    for size in (0, 1, 299, 301, 512):
        shown = root if size else tlog.EMPTY_ROOT
        write(folder, {"checkpoint": sign_checkpoint(ORIGIN, size, shown, SIGNER)})
        assert_rejected(judge("log", folder, VKEY), size)
