"""A vault whose catalogue is on a PostgreSQL server, as it is set up and used by hand: docs/postgresql.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.conftest import ROOT, Program
from tests.ops.test_doctor import examined, outcomes
from tests.servers import PostgresServer, postgresql


def _begin(run: Program, server: PostgresServer, **more: int) -> Path:
    secret = run.cwd / "目录库.secret"
    secret.write_text(f'password = "{server.password}"\n')
    secret.chmod(0o600)
    run("--vault", "库", "init", "--catalogue", server.url, "--catalogue-secret", secret, **more)
    return run.cwd / "库"


def _take_in(run: Program, name: str) -> None:
    (run.cwd / name).write_bytes(name.encode() * 99)
    run("--vault", "库", "ingest", name, "--party", "王芳", "--section", "执法一中队")


def test_from_init_to_rebuild(run: Program, postgres_server: PostgresServer) -> None:
    home = _begin(run, postgres_server)
    assert not (home / "catalogue.db").exists()
    assert postgres_server.password not in (home / "strongroom.toml").read_text()
    _take_in(run, "现场1.mp4")
    _take_in(run, "现场2.mp4")
    before = run("--vault", "库", "find", "王芳", "--json").lines
    assert len(before) == 2
    run("--vault", "库", "fsck")
    run("--vault", "库", "scrub")
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "find", "王芳", "--json").lines == before
    run("--vault", "库", "fsck")
    _take_in(run, "现场3.mp4")
    run("--vault", "库", "rebuild")  # the one before the last gives way
    assert len(run("--vault", "库", "find", "王芳", "--json").lines) == 3
    run("--vault", "库", "fsck")


def test_a_vault_moves_to_a_server_and_back(run: Program, postgres_server: PostgresServer) -> None:
    run("--vault", "库", "init")
    _take_in(run, "现场1.mp4")
    before = run("--vault", "库", "find", "--all", "--json").lines
    config = run.cwd / "库" / "strongroom.toml"
    of_a_file = config.read_text()
    (run.cwd / "库" / "密码").write_text(f'password = "{postgres_server.password}"\n')
    (run.cwd / "库" / "密码").chmod(0o600)
    config.write_text(f'{of_a_file}\n[catalogue]\nurl = "{postgres_server.url}"\nsecret = "密码"\n')
    assert "is missing" in run("--vault", "库", "find", "王芳", expect=3).err
    run("--vault", "库", "rebuild")
    assert run("--vault", "库", "find", "--all", "--json").lines == before
    _take_in(run, "现场2.mp4")
    config.write_text(of_a_file)
    assert "entries, the catalogue only" in run("--vault", "库", "find", "王芳", expect=3).err
    run("--vault", "库", "rebuild")
    assert len(run("--vault", "库", "find", "--all", "--json").lines) == 2
    run("--vault", "库", "fsck")


def test_a_server_that_is_down_is_told_and_asked_again_later(run: Program, tmp_path: Path) -> None:
    with postgresql(tmp_path) as server:
        _begin(run, server)
        _take_in(run, "现场.mp4")
        server.server.kill()
        told = run("--vault", "库", "find", "王芳", expect=5)
        assert server.url in told.err
        assert "[catalogue]" in told.err
        assert server.password not in told.out + told.err
        server.server.start()
        assert len(run("--vault", "库", "find", "王芳", "--json").lines) == 1


def test_it_is_examined_drilled_and_backed_up_as_a_file_is(run: Program, postgres_server: PostgresServer) -> None:
    home = _begin(run, postgres_server)
    _take_in(run, "现场.mp4")
    told = examined(run, "catalogue", "secrets")
    assert told["catalogue"][0]["what"]["en"].endswith("schema 0001, whole")
    assert told["secrets"][0]["what"]["en"].startswith("2, ")
    assert "0 failed, 0 skipped" in run("--vault", "库", "drill").out
    (made,) = run("--vault", "库", "backup", "备份.tar", "--json").lines
    assert any(place.endswith("目录库.secret") for place in made["files"])
    shutil.rmtree(home)
    told_next = run("restore", "备份.tar", "库").err
    assert f"The catalogue is on {postgres_server.url}" in told_next
    (run.cwd / "目录库.secret").chmod(0o640)
    told = examined(run, "secrets", "opening", expect=2)
    assert [outcomes(told, name) for name in ("secrets", "opening")] == [["wrong"], ["wrong"]]
    assert "The catalogue: The secret" in told["opening"][0]["what"]["en"]
    (run.cwd / "目录库.secret").unlink()
    assert "below [catalogue]" in run("--vault", "库", "find", "王芳", expect=2).err


def test_a_program_without_the_driver_says_how_it_is_brought(run: Program, postgres_server: PostgresServer) -> None:
    _begin(run, postgres_server)
    (run.cwd / "psycopg").mkdir()
    (run.cwd / "psycopg/__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'psycopg'\")")
    command = [sys.executable, "-m", "ops.cli", "--vault", "库", "find", "王芳"]
    path = os.pathsep.join([str(run.cwd), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": path, "STRONGROOM_LANG": "en"}
    done = subprocess.run(command, cwd=run.cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "psycopg cannot be loaded here (No module named 'psycopg')" in done.stderr
    assert "-m pip install 'psycopg[binary]>=3.2,<4'" in done.stderr


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('url = "mysql://a@b/c"', "catalogue.url: write postgresql://USER@HOST/DATABASE"),
        ('url = "postgresql://a@b"', "catalogue.url: write"),
        ('url = "postgresql://a@b:x/c"', "catalogue.url: write"),
        ('url = "postgresql://a:geheim@b/c"', "catalogue.url: the password belongs into the file"),
        ('url = "postgresql://a@b/c?password=geheim"', "catalogue.url: the password belongs into the file"),
        ('secret = "x"', "catalogue.secret: without a url"),
        ('path = "x"', "catalogue.path: there is no such key; there are: url, secret"),
    ],
)
def test_what_cannot_be_a_server_is_told_with_its_key(run: Program, lines: str, said: str) -> None:
    run("--vault", "库", "init")
    config = run.cwd / "库" / "strongroom.toml"
    config.write_text(f"{config.read_text()}\n[catalogue]\n{lines}\n")
    told = run("--vault", "库", "find", "王芳", expect=2)
    assert said in told.err
    assert "geheim" not in told.err
