"""Whether a path on a share answers, asked by a child that may hang in this process's place.

A call to a server that is gone can block for ever (NFS `hard`), in a state in which not even SIGKILL ends it. So a
child makes one first, one that no cache answers: statvfs(3). It is waited for five seconds; what does not answer
in that time counts as gone for the next minute: a command is over by then, a service asks again. The child has none of
this process's files open, so that nobody waits for it, and outlives its parent if it must. It holds a lock while it
hangs: of all processes that ask, one child hangs, and not one more each time a monitor looks.
"""

import errno
import fcntl
import functools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

PATIENCE = 5.0  # seconds
FRESH = 10.0  # seconds for which an answer is believed …
GONE = 60.0  # … and silence
_CALL = "import os, sys; os.statvfs(sys.argv[1])"
_hanging: list["subprocess.Popen[bytes]"] = []  # nobody waits for them; Python would, for those that are forgotten


class Watch:
    """One path, watched by this process. May be asked from several threads."""

    def __init__(self, path: str, lock: str, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._lock = lock
        self._turn = threading.Lock()
        self._believed_until = 0.0
        self._silent = False

    def require(self) -> None:
        """OSError ETIMEDOUT unless it answered lately. That it answers with an error is an answer."""
        with self._turn:
            if time.monotonic() >= self._believed_until:
                self._silent = not self._asked()
                self._believed_until = time.monotonic() + (GONE if self._silent else FRESH)
            if self._silent:
                raise TimeoutError(errno.ETIMEDOUT, f"no answer within {self._patience:g} s", self._path)

    def _asked(self) -> bool:
        deadline = time.monotonic() + self._patience
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _taken(lock):
                if time.monotonic() > deadline:  # whoever has it hangs
                    return False
                time.sleep(0.01)
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _CALL, self._path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock,),
            )
        finally:
            os.close(lock)
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()  # it may not be able to die before the server is back
            _hanging[:] = [child, *(one for one in _hanging if one.poll() is None)]
            return False
        return True


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@functools.cache
def watch(path: Path, lock: Path) -> Watch:
    """The one watch of this process on a path; `lock` is a file of this machine, made where it is missing."""
    return Watch(str(path), str(lock))


def answers(path: Path, lock: Path) -> bool:
    """Whether it answers."""
    try:
        watch(path, lock).require()
    except TimeoutError:
        return False
    return True
