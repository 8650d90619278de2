"""How soon a command starts is a matter of what it imports: what few commands need, no other command waits for.

Times depend on the machine; modules do not. Each command is a process of its own here, as a person starts it.
"""

import importlib.util
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

YEAR = datetime.now(ZoneInfo("Asia/Shanghai")).year
START = """
import sys, ops.cli
try:
    ops.cli.main()
except SystemExit as end:
    print(end.code, *sys.modules)
"""
WRITING = {"vault.catalogue.projection", "vault.catalogue.plans", "vault.intake.filing", "vault.intake.pipeline"}
LIBRARIES = {"alembic", "sqlalchemy.orm", "asyncssh", "minio", "smbclient", "fsspec", "pyrage", "tenacity", "pycdlib"}
LIBRARIES |= {
    "uvicorn",
    "typst",
    "segno",
    "xlsxwriter",
    "openpyxl",
    "libarchive",
    "tqdm",
    "prometheus_client",
    "pymediainfo",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "distributed",
}
DECIDING = {"vault.retention", "vault.permits", "vault.locking", "vault.catalogue.locks", "vault.catalogue.disposals"}
WORDY = {"ops.words", "vault.viewing", "vault.approving", "vault.adoption", "vault.timekeeping", "vault.corrections"}
PROBING = {"backends.probe", "backends.remote", "backends.nas", "concurrent.futures.thread"}

NOT_IMPORTED = {
    ("--version",): {"sqlalchemy", "msgspec", "cryptography", "ops.wiring", "vault.store", *LIBRARIES},
    ("find", "王芳"): WRITING | DECIDING | WORDY | PROBING | LIBRARIES,
    ("show", f"{YEAR}-0000001"): WRITING | PROBING | LIBRARIES,
    ("retention", "due"): WRITING | PROBING | LIBRARIES,
    ("store", "status"): LIBRARIES,
}


def started(folder: Path, *words: str) -> set[str]:
    """The modules that a command has imported when it is done."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", START, *words]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    code, *imported = done.stdout.splitlines()[-1].split()
    assert code == "0", done
    return set(imported)


@pytest.mark.sqlite("a vault on a server imports its driver too")
def test_what_few_commands_need_no_other_command_imports(tmp_path: Path) -> None:
    (tmp_path / "询问.txt").write_text("询问王芳")
    started(tmp_path, "init", "--profile", "dengzhou", "--store", "a", "--store", "b")
    assert started(tmp_path, "ingest", "询问.txt", "--party", "王芳") > WRITING
    for words, names in NOT_IMPORTED.items():
        assert sorted(names & started(tmp_path, *words)) == [], words


def test_these_modules_are_called_so() -> None:
    names = set().union(*NOT_IMPORTED.values())
    assert [name for name in sorted(names) if importlib.util.find_spec(name) is None] == []
