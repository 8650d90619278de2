"""The program as it is typed: `run("find", "王芳")` in a folder of the test's own."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ops.locked import Office, office_with_a_locked_bucket
from tests.servers import S3Server

ROOT = Path(__file__).parents[2]
NOW = datetime(2031, 3, 3, 2, tzinfo=UTC)  # when a test begins by the program's clock: 10:00 in Beijing


@dataclass(frozen=True)
class Done:
    """What one call came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Zygote:
    """The program in one language, imported and waiting: see zygote.py."""

    def __init__(self, language: str) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("STRONGROOM", "LC_", "LANG"))}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env | {"STRONGROOM_LANG": language, "LC_ALL": "C.UTF-8"},
        )

    def call(self, request: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        code: int = json.loads(self._process.stdout.readline())["code"]
        return code

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="session")
def zygotes() -> Iterator[dict[str, Zygote]]:
    started: dict[str, Zygote] = {}
    yield started
    for zygote in started.values():
        zygote.close()


@dataclass
class Program:
    """Calls `strongroom` in `cwd`. Its clock shows a minute more at each call."""

    cwd: Path
    scratch: Path
    zygotes: dict[str, Zygote]
    language: str = "en"
    calls: int = 0

    def __call__(
        self,
        *words: str | Path,
        expect: int | None = 0,
        language: str | None = None,
        clock: str | None = None,
        up: str | None = None,
        env: dict[str, str] | None = None,
    ) -> Done:
        """Run it; the exit code must be `expect` (None: any)."""
        self.calls += 1
        spoken = language or self.language
        if spoken not in self.zygotes:
            self.zygotes[spoken] = Zygote(spoken)
        out, err = self.scratch / "out", self.scratch / "err"
        request = {
            "words": [str(word) for word in words],
            "cwd": str(self.cwd),
            "env": env or {},
            "up": up,
            "clock": clock or (NOW + timedelta(minutes=self.calls)).isoformat(),
            "out": str(out),
            "err": str(err),
        }
        code = self.zygotes[spoken].call(request)
        done = Done(code, out.read_text(errors="surrogateescape"), err.read_text(errors="surrogateescape"))
        assert expect is None or code == expect, f"exit {code}\n{done.out}\n{done.err}"
        return done


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, zygotes: dict[str, Zygote]) -> Program:
    """The program in an empty folder, in English."""
    return Program(tmp_path, tmp_path_factory.mktemp("streams"), zygotes)


def make(folder: Path, count: int) -> Path:
    folder.mkdir()
    for n in range(count):
        (folder / f"段{n:05}.mp4").write_text(f"{folder.name} 第 {n} 段", encoding="utf-8")
    return folder


@pytest.fixture
def filled(run: Program) -> Program:
    """A vault with 60 records."""
    run("--vault", "库", "init")
    run("--vault", "库", "ingest", make(run.cwd / "录像", 60), "--section", "会计科", "--party", "王芳")
    return run


@pytest.fixture
def office(run: Program, s3_server: S3Server, own_name: str) -> Iterator[Office]:
    yield from office_with_a_locked_bucket(run, s3_server, own_name, "compliance")


@pytest.fixture
def lenient(run: Program, s3_server: S3Server, own_name: str) -> Iterator[Office]:
    yield from office_with_a_locked_bucket(run, s3_server, own_name, "governance")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of this checkout, with the tools that are here."""
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


def built(source: Path, folder: Path) -> Path:
    """The wheel of a checkout, in a folder that has none yet."""
    words = [
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        source,
    ]
    subprocess.run([sys.executable, "-m", *map(str, words)], check=True)
    (made,) = folder.glob("strongroom-*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; libraries come from this one, the checkout does not. Its bin."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path, not a folder of packages: what installs the checkout there (a .pth file) is not read.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n")
    return folder / "bin"
