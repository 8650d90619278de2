"""xorriso as a process: its words line by line, an end to its silence, and no life without this one.

It runs in a process group of its own, so that Ctrl-C reaches this program alone, which then ends it in good order.
Where this program is killed, the kernel sends it SIGTERM (PR_SET_PDEATHSIG, through setpriv(1)): at that xorriso lets
the drive finish what it holds and lets go of it; SIGKILL could leave a drive that needs its power cut.
"""

import os
import selectors
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from vault.errors import StrongroomError
from vault.text import Text

_ORDERLY = 60.0  # seconds that xorriso has to let go of a drive
_LAST = 10.0  # seconds for the kernel to end it, unless it hangs in the kernel itself


def run(words: Sequence[str], silence: float, hear: Callable[[str], object]) -> int:
    """Run `xorriso -no_rc WORDS` to its end, each line of what it says to `hear`; its exit code.

    TimeoutError where it says nothing for `silence` seconds. Whatever is raised, by `hear` too, has ended it first.
    """
    process = subprocess.Popen(
        [_tool("setpriv", "util-linux"), "--pdeathsig", "TERM", _tool("xorriso", "xorriso"), "-no_rc", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": _path(), "LC_ALL": "C"},
        process_group=0,
    )
    with process:
        try:
            for line in _lines(process, silence):
                hear(line)
            return process.wait(_LAST)
        finally:
            _end(process)


def _lines(process: "subprocess.Popen[bytes]", silence: float) -> Iterator[str]:
    assert process.stdout is not None
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(silence):
                raise TimeoutError
            said = os.read(process.stdout.fileno(), 1 << 16)
            *lines, rest = (rest + said).replace(b"\r", b"\n").split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
            if not said:
                break
    if rest:
        yield rest.decode(errors="replace")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It has gone, or cannot be ended: a process that hangs in the kernel is left to it."""
    for end, patience in ((process.terminate, _ORDERLY), (process.kill, _LAST)):
        if process.poll() is not None:
            return
        end()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _tool(name: str, package: str) -> str:
    found = shutil.which(name, path=_path())
    if found is None:
        raise StrongroomError(
            Text(
                en=f"{name} is not installed; discs are burnt and examined with it.",
                zh=f"未安装 {name}，无法刻录和检查光盘。",
            ),
            hint=Text(en=f"Run: apt-get install {package}", zh=f"请运行：apt-get install {package}"),
        )
    return found


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
