"""The program as it is installed: a wheel that has everything in it, and runs where no checkout is."""

import os
import subprocess
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("vault", "backends", "media", "labels", "ops")


def test_everything_that_is_no_program_is_in_it(wheel: Path) -> None:
    """Profiles, migrations, templates, alert rules, the dashboard. The scripts that go onto discs were left out, and no
    installed program could make one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    wanted = {
        name for name in listed.decode().split("\0") if name and name not in ("ops/bootstrap.sh", "ops/install.sh")
    }
    assert len({name for name in wanted if not name.endswith(".py")}) > 25
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {name for name in names if ".dist-info/" not in name} == wanted
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        assert "License-Expression: Apache-2.0" in archive.read(metadata).decode()


def test_it_runs_where_no_checkout_is(installed: Path, tmp_path: Path) -> None:
    """test_demo.py tells the whole story with it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STRONGROOM"))}

    def run(*words: str | Path) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run(installed / "python", "-c", "import vault, ops; print(vault.__file__, ops.__file__)")
    assert where.count(str(installed.parent)) == 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert run(installed / "strongroom", "--version") == f"strongroom {project['version']}\n"
    known = "import fsspec; print(fsspec.get_filesystem_class('strongroom').__module__)"
    assert run(installed / "python", "-c", known) == "ops.filesystem\n"


def test_the_script_says_what_is_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "ops/install.sh", "没有.whl"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "找不到 没有.whl · There is no 没有.whl" in done.stderr
    assert subprocess.run(["bash", "-n", ROOT / "ops/install.sh"], check=False).returncode == 0
