"""The program as it is installed: a wheel that has everything in it, and runs where no checkout is."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.ops.conftest import built

ROOT = Path(__file__).parents[2]
ROOMS = ("vault", "backends", "media", "labels", "ops")


def listed(*names: str) -> list[str]:
    """The checkout's files below these."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


def test_everything_that_is_no_program_is_in_it(wheel: Path) -> None:
    """Profiles, migrations, templates, alert rules, the dashboard. The scripts that go onto discs were left out, and no
    installed program could make one."""
    wanted = set(listed(*ROOMS)) - {"ops/bootstrap.sh", "ops/install.sh"}
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


NEXT = '''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("meta", sa.Column("note", sa.String))
'''


@pytest.fixture
def next_wheel(tmp_path: Path) -> Path:
    """This checkout as version 9.9, whose catalogue has a column more."""
    source = tmp_path / "下一版"
    for name in listed("pyproject.toml", "README.md", "LICENSE", *ROOMS):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    for name, old, new in (
        ("pyproject.toml", r'^version = ".*"', 'version = "9.9"'),
        ("vault/catalogue/schema/__init__.py", r'^HEAD = "0001"', 'HEAD = "0002"'),
    ):
        text, changed = re.subn(old, new, (source / name).read_text(encoding="utf-8"), flags=re.M)
        assert changed == 1
        (source / name).write_text(text, encoding="utf-8")
    (source / "vault/migrations/versions/0002_next.py").write_text(NEXT, encoding="utf-8")
    return built(source, tmp_path)


@pytest.mark.sqlite("the copy that lies beside its file")
def test_the_script_upgrades_under_a_vault_that_is_in_use_and_the_older_program_refuses_it(
    wheel: Path, next_wheel: Path, tmp_path: Path
) -> None:
    prefix, home = tmp_path / "程序", tmp_path / "库"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    (packages,) = prefix.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n")
    places = {
        "PREFIX": prefix,
        "BIN": tmp_path / "bin",
        "SHARE": tmp_path / "share",
        "UNITS": tmp_path / "无",
        "USER": "",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STRONGROOM"))}
    environment |= {f"STRONGROOM_{name}": str(value) for name, value in places.items()}
    environment |= {"PIP_NO_INDEX": "1", "STRONGROOM_LANG": "en"}

    def run(*words: str | Path) -> tuple[int, str]:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def install(source: Path) -> str:
        code, said = run(ROOT / "ops/install.sh", source)
        assert code == 0, said
        return run(tmp_path / "bin/strongroom", "--version")[1]

    def strongroom(*words: str | Path) -> tuple[int, str]:
        return run(tmp_path / "bin/strongroom", "--vault", home, *words)

    now = install(wheel)
    assert strongroom("init")[0] == 0
    (tmp_path / "询问王芳.txt").write_text("询问王芳")
    assert strongroom("ingest", tmp_path / "询问王芳.txt")[0] == 0
    assert install(next_wheel) == "strongroom 9.9\n" != now
    assert not (home / "catalogue.db.before-0002").exists(), "no vault is touched by installing"
    code, said = strongroom("find", "王芳")
    assert code == 0
    assert "catalogue.db.before-0002" in said
    moved = (home / "catalogue.db").read_bytes()
    assert install(wheel) == now
    code, said = strongroom("find", "王芳")
    assert code == 2
    assert "newer" in said
    assert (home / "catalogue.db").read_bytes() == moved
    shutil.copy(home / "catalogue.db.before-0002", home / "catalogue.db")
    assert strongroom("find", "王芳")[0] == 0
    assert run(ROOT / "ops/install.sh", tmp_path / "bin")[0] == 1, "what is no program"
    assert strongroom("find", "王芳")[0] == 0, "what was installed before is still there"


def test_the_script_says_what_is_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "ops/install.sh", "没有.whl"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "找不到 没有.whl · There is no 没有.whl" in done.stderr
    assert subprocess.run(["bash", "-n", ROOT / "ops/install.sh"], check=False).returncode == 0
