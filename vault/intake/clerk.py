"""The clerk: files what has landed, in a process of its own, so that landing and filing do not wait for each other.

Python lets one thread of a process run at a time; with thousands of small files a minute, giving numbers, writing the
catalogue and publishing the journal takes as long as storing the files. The clerk's process is begun before this
one's workers and while it has no connection to the catalogue (SQLite's locks do not survive a fork); it opens its own,
and ends with the intake: the kernel ends it should its parent be killed, so that it holds no lock longer than that.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Self

from vault.errors import Ended
from vault.intake.filing import Filed, Ready, file_records
from vault.store import Vault
from vault.text import Text

_PR_SET_PDEATHSIG = 1


class Clerk:
    """Files activities of one run of intake, one group after the other."""

    def __init__(self, vault: Vault, intake: int) -> None:
        vault.database.close()
        fork = get_context("fork")
        self._line, theirs = fork.Pipe()
        arguments = (theirs, self._line, vault, intake, os.getpid())
        self._process = fork.Process(target=_work, args=arguments, name="clerk", daemon=True)
        self._process.start()
        theirs.close()  # now the line breaks when the clerk ends
        with vault.database.reading():
            pass  # a connection is open again: with the last one SQLite would fold its log each time
        self._asking = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._asking.shutdown()
        self._line.close()
        self._process.join()

    def file(self, ready: Sequence[Ready]) -> Future[list[Filed]]:
        """Durable and published once the answer is there; errors as `file_records`, or Ended."""
        return self._asking.submit(self._ask, ready)

    def _ask(self, ready: Sequence[Ready]) -> list[Filed]:
        try:
            self._line.send(ready)
            answer: list[Filed] | Exception = self._line.recv()
        except (EOFError, OSError) as error:
            raise Ended(
                Text(
                    en="The process that files records was ended from outside (too little memory?).",
                    zh="登记进程被外部终止（可能是内存不足）。",
                )
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer


def _work(line: Connection, theirs: Connection, vault: Vault, intake: int, parent: int) -> None:
    """The clerk's own process: files what comes down the line until it is closed."""
    theirs.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the line
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return  # it was gone before it could be watched
    with Vault(vault.setting) as own:
        while True:
            try:
                ready: Sequence[Ready] = line.recv()
            except EOFError:
                return
            try:
                line.send(file_records(own, ready, intake))
            except Exception as error:  # noqa: BLE001  # whatever it is, it is raised where it was asked for
                line.send(error)
