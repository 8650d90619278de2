"""Runs `strongroom` again and again as processes of its own without paying for its imports each time.

Started once for a language; for every line of JSON on standard input it forks, and the child is the program: its own
working folder, environment, standard streams and exit code. `clock` (ISO 8601) is what the child's clock shows,
and `up` what it would show if nobody had set it while the machine ran.
Answers with one line of JSON: the exit code, or minus the signal that ended it.
"""

import importlib
import json
import os
import sys
from datetime import datetime
from typing import Any

import ops.cli
import ops.wiring
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


def serve() -> None:
    for module, _ in ops.cli.COMMANDS.values():
        importlib.import_module(module)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            child(request)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), file=answers, flush=True)


if __name__ == "__main__":
    serve()
