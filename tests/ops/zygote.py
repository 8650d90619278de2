"""Runs `strongroom` again and again as processes of its own without paying each time for its imports, nor for what
SQLAlchemy compiles (tests/quickly.py).

Started once for a language; for every line of JSON on standard input it forks, and the child is the program: its own
working folder, environment, standard streams and exit code. `clock` (ISO 8601) is what the child's clock shows,
and `up` what it would show if nobody had set it while the machine ran.
Answers with one line of JSON: the exit code, or minus the signal that ended it.
"""

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import ops.cli
import ops.wiring
from tests.catalogues import joined
from tests.quickly import quickly
from vault.clock import Running


def child(request: dict[str, Any]) -> None:
    os.chdir(request["cwd"])
    os.environ.update(request["env"])
    for number, path, flags in (
        (0, "/dev/null", os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        os.dup2(os.open(path, flags, 0o600), number)
    if request["clock"]:
        shown = datetime.fromisoformat(request["clock"])
        up = Running("不断电的机器", datetime.fromisoformat(request["up"] or request["clock"]).timestamp())
        ops.wiring.Working.__init__.__kwdefaults__ |= {"clock": lambda: shown, "machine": lambda: up}
    sys.argv = ["strongroom", *request["words"]]
    code = 0
    try:
        ops.cli.main()
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


STORES = ("bucket", "retrying", "s3lock", "sftp", "smb")  # what brings the libraries of stores on servers
OFTEN = ("init", "ingest 询问.txt --section 会计科", "find 会计科", "fsck", "scrub", "rebuild")


def warm() -> None:
    """Do once what most commands do, so that each finds it compiled."""
    said = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        Path("询问.txt").write_text("询问王芳", encoding="utf-8")
        for words in OFTEN:
            sys.argv = ["strongroom", "--vault", "库", *words.split()]
            try:
                ops.cli.main()
            except SystemExit as end:
                if end.code:
                    raise RuntimeError(said.getvalue()) from end


def serve() -> None:
    for module in (*(command for command, _ in ops.cli.COMMANDS.values()), *(f"backends.{name}" for name in STORES)):
        importlib.import_module(module)
    warm()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            child(request)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), file=answers, flush=True)


if __name__ == "__main__":
    with joined(), quickly():
        serve()
