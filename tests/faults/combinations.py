"""Which stores the operations are run on: every kind, and every kind of place behind each decorator.

A kind is added here with one line: how its rig is made in a folder of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pyrage

from backends.files import Files
from backends.retrying import RetryingFiles
from backends.sealed import SealedFiles
from backends.throttled import ThrottledFiles
from tests.backends.disks import DiskRig
from tests.backends.remotes import Dress, GenericRig, RemoteRig, S3Rig, sftp_rig, smb_rig
from tests.backends.test_memory import MemoryRig
from tests.backends.test_nas import NasRig, tmpfs
from tests.faults.faulty import HONEST, LIES, PASSING, FaultyFiles, Plan
from tests.faults.faulty_store import FaultyStore
from tests.faults.operations import Rig, Run
from tests.servers import S3Server, SftpServer, Share
from vault.bandwidth import Bandwidth
from vault.digest import Digest
from vault.ports import Store

KEY = pyrage.x25519.Identity.generate()
FAULTS = (*HONEST, *LIES)
TROUBLES = ("none", "faults", "lies")
_ONE_IN = 10  # questions that go wrong
_RETRIES = 12  # with which chance alone never fails


class _FaultyRig:
    """Of a store that is no place of files: the faults are over the store itself."""

    def __init__(self, rig: "WholeRig", plan: Plan) -> None:
        self._rig = rig
        self._plan = plan
        self.store: Store = FaultyStore(rig.store, plan)

    def spoil(self, digest: Digest, data: bytes) -> None:
        self._rig.spoil(digest, data)

    def set_aside_bytes(self, place: str) -> bytes:
        return self._rig.set_aside_bytes(place)

    def elsewhere(self) -> Store:
        return FaultyStore(self._rig.elsewhere(), self._plan)


@dataclass(frozen=True)
class Servers:
    """A folder, and what is running; each kind of place makes its rig from that."""

    folder: Path
    s3_server: S3Server | None = None
    share: Share | None = None
    sftp_server: SftpServer | None = None


WholeRig = DiskRig | MemoryRig | NasRig


@contextmanager
def _nas(folder: Path) -> Iterator[WholeRig]:
    with tmpfs(folder / f"t-{token_hex(6)}") as mount:
        yield NasRig(mount)


@contextmanager
def _at_nas(folder: Path) -> Iterator[str]:
    with tmpfs(folder / f"t-{token_hex(6)}") as mount:
        yield f"file://{mount}/远"


WHOLE: dict[str, Callable[[Path], AbstractContextManager[WholeRig]]] = {
    "memory": lambda _: nullcontext(MemoryRig()),
    "disk": lambda folder: nullcontext(DiskRig(folder / f"t-{token_hex(6)}")),
    "nas": _nas,  # as root
}
# How fsspec opens them: as they are, the program does not seal them.
OPENED: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "memory": lambda _: nullcontext(f"memory://t-{token_hex(6)}"),
    "disk": lambda folder: nullcontext(f"file://{folder}/t-{token_hex(6)}"),
    "nas": _at_nas,
}
PLACES: dict[str, Callable[[Servers, Dress], RemoteRig | GenericRig]] = {
    "fsspec": lambda at, dress: GenericRig(at.folder / f"t-{token_hex(6)}", dress),
    "s3": lambda at, dress: S3Rig(at.s3_server, f"t-{token_hex(6)}", dress),
    "smb": lambda at, dress: smb_rig(at.share, f"t-{token_hex(6)}", dress),
    "sftp": lambda at, dress: sftp_rig(at.sftp_server, f"t-{token_hex(6)}", dress),
}
BEHIND: dict[str, Callable[[Files], Files]] = {
    "": lambda files: files,
    "sealed": lambda files: SealedFiles(files, [str(KEY.to_public())], [str(KEY)], None),
    "retry": lambda files: RetryingFiles(files, _RETRIES, pause=0.0005),
    "throttle": lambda files: ThrottledFiles(files, Bandwidth(200_000_000)),
    "all": lambda files: BEHIND["sealed"](BEHIND["retry"](BEHIND["throttle"](files))),
}


def all_of_them() -> Iterator[tuple[str, str]]:
    """Every kind, and every kind of place behind each decorator."""
    for kind in WHOLE:
        yield from ((kind, ""), (kind, "sealed"))
    yield from ((kind, behind) for kind in PLACES for behind in BEHIND)


@contextmanager
def run_on(kind: str, behind: str, trouble: str, seed: int, at: Servers) -> Iterator[Run]:
    """A run that is ready to go."""
    plan = Plan(seed)
    patient = behind in ("retry", "all") and trouble == "faults"
    if patient:
        plan.errors = PASSING
    with _rig(kind, behind, lambda files: BEHIND[behind](FaultyFiles(files, plan)), plan, at) as rig:
        line = rig.line if isinstance(rig, RemoteRig) and trouble == "faults" else None
        plan.faults = HONEST if trouble == "faults" else FAULTS
        plan.one_in = 0 if trouble == "none" else _ONE_IN
        run = Run(rig, plan, line, sealed=behind in ("sealed", "all"), patient=patient)
        try:
            yield run
        finally:
            run.end()


@contextmanager
def _rig(kind: str, behind: str, dress: Dress, plan: Plan, at: Servers) -> Iterator[Rig]:
    if kind in WHOLE and behind:
        with OPENED[kind](at.folder) as location:
            yield GenericRig(location, dress)
        return
    if kind in WHOLE:
        with WHOLE[kind](at.folder) as whole:
            yield _FaultyRig(whole, plan)
        return
    rig = PLACES[kind](at, dress)
    try:
        yield rig
    finally:
        if isinstance(rig, RemoteRig):
            rig.end()
