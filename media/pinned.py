"""pycdlib with its clock and its dice held still, so that the same input gives the same image byte for byte.

pycdlib (1.22) stamps whatever it adds with the clock's time and the machine's time zone, and puts a random number into
the UDF volume set. There is no parameter for either: the modules' own `time` and `random` are rebound while an image is
made. That also is the only way to give files their true modification times. One image at a time in a process.
"""

import importlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

_lock = threading.Lock()

# ISO 9660 (ECMA-119, 9.1.5) counts years from 1900 in one byte; before 1970 readers disagree.
_FIRST, _LAST = 0, int(datetime.fromisoformat("2155-12-31T23:59:59Z").timestamp())

_CLOCKS = ("pycdlib.pycdlib", "pycdlib.headervd", "pycdlib.dates", "pycdlib.udf", "pycdlib.utils")
_DICE = ("pycdlib.udf",)


class Clock:
    """Stands in for the module `time`: it shows what it was set to, and knows no zone but UTC."""

    def __init__(self, moment: datetime) -> None:
        self.set(moment)

    gmtime = localtime = staticmethod(lru_cache(maxsize=64)(time.gmtime))  # each file's is asked for many times
    strftime = staticmethod(time.strftime)
    strptime = staticmethod(time.strptime)
    struct_time = time.struct_time

    def set(self, moment: datetime) -> None:
        """From now on it is this moment, in whole seconds, within what an image can say."""
        self._now = min(max(int(moment.timestamp()), _FIRST), _LAST)

    def time(self) -> float:
        return float(self._now)


class _Dice:
    """Stands in for the module `random`."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    def getrandbits(self, bits: int) -> int:
        return int.from_bytes(self._seed, "big") % (1 << bits)


@contextmanager
def pinned(moment: datetime, seed: bytes) -> Iterator[Clock]:
    """Hold pycdlib's clock at `moment` (set it on for each file) and let `seed` stand for chance."""
    clock, dice = Clock(moment), _Dice(seed)
    with _lock:
        rebound: list[tuple[Any, str, Any]] = []
        try:
            for names, attribute, stand_in in ((_CLOCKS, "time", clock), (_DICE, "random", dice)):
                for name in names:
                    module = importlib.import_module(name)
                    # An AttributeError here: this version of pycdlib takes its time from elsewhere; see the tests.
                    rebound.append((module, attribute, getattr(module, attribute)))
                    setattr(module, attribute, stand_in)
            yield clock
        finally:
            for module, attribute, original in rebound:
                setattr(module, attribute, original)
