"""What has to be so before porters are forked."""

import ctypes
import os
import threading
import time

from vault.intake.porters import let_threads_end


def test_a_thread_that_is_on_its_way_out_is_waited_for() -> None:
    """As OpenSSL has it: a destructor of the thread's own, which here only takes its time."""
    libc = ctypes.CDLL(None)
    key = ctypes.c_uint()
    assert libc.pthread_key_create(ctypes.byref(key), libc.usleep) == 0

    def work() -> None:
        libc.pthread_setspecific(key, ctypes.c_void_p(300_000))  # what the destructor is given: microseconds

    before = set(os.listdir("/proc/self/task"))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert set(os.listdir("/proc/self/task")) - before, "it is still there, though Python calls it ended"
    let_threads_end()
    assert not set(os.listdir("/proc/self/task")) - before
    libc.pthread_key_delete(key)


def test_a_process_that_was_forked_waits_for_nobody() -> None:
    """Python does not learn its first thread's number anew. Once each intake in such a process took a second more."""
    pid = os.fork()
    if not pid:
        began = time.monotonic()
        let_threads_end()
        os._exit(time.monotonic() - began > 0.5)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
