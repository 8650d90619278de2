"""What a fork must not share."""

import os
import signal
import threading

from backends.perprocess import PerProcess


def test_a_child_does_not_wait_for_a_thread_that_it_has_not() -> None:
    """It did, for ever, where its parent was forked while another thread was making the connection."""
    making, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def make() -> int:
        if os.getpid() == parent:
            making.set()
            go_on.wait(10)
        return os.getpid()

    made = PerProcess(make)
    thread = threading.Thread(target=made.get)
    thread.start()
    making.wait(10)
    child = os.fork()
    if not child:
        signal.alarm(5)
        os._exit(0 if made.get() == os.getpid() else 1)
    _, status = os.waitpid(child, 0)
    go_on.set()
    thread.join()
    assert status == 0
    assert made.get() == parent
