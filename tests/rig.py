"""What a store is tried with: the rig that its test provides, and the few moves that the contract is written in."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Protocol, TypeVar

from vault.digest import Block, Digest
from vault.errors import StrongroomError
from vault.permits import permit_for_orphan
from vault.ports import BlobReader, Incoming, Landed, Store

SMALL = "邓州市城管局 2026-11-21 执法记录仪 音频".encode()
# Past every buffer and window that a store is known to have: two parts of a bucket's file and a rest. Parts and the
# disk's window are made as small as they can be for it (tests/backends); the whole ones pass in tests/faults/lines.py.
LARGE = bytes(range(256)) * (10 << 12) + "末尾".encode()
SIZES = [0, 1, 4095, 4096, 4097, 60 << 10, (60 << 10) + 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, len(LARGE)]  # bytes


_T = TypeVar("_T")


class Rig(Protocol):
    """A store that was begun and is empty, and hands that reach behind its back."""

    @property
    def store(self) -> Store: ...

    def spoil(self, digest: Digest, data: bytes) -> None:
        """Other bytes in the place of a copy, as rot, or a person, would leave them."""
        ...

    def set_aside_bytes(self, place: str) -> bytes:
        """What lies where `set_aside` said."""
        ...

    def cut_off(self) -> None:
        """From now on the store cannot be reached."""
        ...

    def elsewhere(self) -> Store:
        """The same store as another program would open it; the caller closes it."""
        ...


def arrive(store: Store, data: Block, announced: int | None = None) -> Incoming:
    """Bytes that wait at the store for their `put`."""
    arrival = store.begin(len(data) if announced is None else announced)
    for start in range(0, len(data), 1 << 20):
        arrival.write(data[start : start + (1 << 20)])
    arrival.finish()
    return arrival


def land(store: Store, *contents: bytes) -> Sequence[Landed]:
    """Contents as objects, in one batch."""
    return store.put([(arrive(store, data), Digest.of(data)) for data in contents])


def fetch(store: BlobReader, data: bytes, start: int = 0) -> bytes:
    """What the store gives back for these bytes' address."""
    with store.open(Digest.of(data), start) as stream:
        return stream.read()


def addresses(store: BlobReader, after: Digest | None = None) -> list[Digest]:
    return [info.digest for info in store.list(after)]


def numbered(count: int, word: str = "现场照片") -> list[bytes]:
    return [f"{word} {number}".encode() for number in range(count)]


def at_once(*jobs: Callable[[], _T]) -> list[_T | StrongroomError]:
    """Run the jobs side by side, let off together; what each returned, or the error it is known to raise."""
    start = Barrier(len(jobs), timeout=30)

    def run(job: Callable[[], _T]) -> _T | StrongroomError:
        start.wait()
        try:
            return job()
        except StrongroomError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def every_object_question(store: BlobReader, held: bytes) -> dict[str, Callable[[], object]]:
    """All that a reader can be asked, about an object that it holds and one that it lacks."""
    here, absent = Digest.of(held), Digest.of(b"never here")
    return {
        "stat": lambda: store.stat(here),
        "stat absent": lambda: store.stat(absent),
        "open": lambda: fetch(store, held),
        "open absent": lambda: fetch(store, b"never here"),
        "list": lambda: addresses(store),
        "list after": lambda: addresses(store, here),
    }


def every_shelf_question(store: Store) -> dict[str, Callable[[], object]]:
    """All that a shelf can be asked, about a file that it has and one that it lacks."""
    return {
        "read_file": lambda: store.read_file("journal/tile/0/000"),
        "read_file absent": lambda: store.read_file("journal/nothing"),
        "list_files": lambda: list(store.list_files("journal")),
    }


def every_question(store: Store, held: bytes, waiting: Incoming) -> dict[str, Callable[[], object]]:
    """All that a store can be asked and told, about an object that it holds, one that it lacks, and one that waits."""
    here, absent = Digest.of(held), Digest.of(b"never here")
    return {
        **every_object_question(store, held),
        **every_shelf_question(store),
        "begin": lambda: store.begin(10),
        "put": lambda: store.put([(waiting, Digest.of(b"waiting"))]),
        "set_aside": lambda: store.set_aside(here),
        "set_aside absent": lambda: store.set_aside(absent),
        "delete": lambda: store.delete(here, permit_for_orphan(here, frozenset())),
        "delete absent": lambda: store.delete(absent, permit_for_orphan(absent, frozenset())),
        "create_files": lambda: store.create_files([("journal/tile/0/001", b"x")]),
        "replace_file": lambda: store.replace_file("journal/checkpoint", b"x"),
        "remove_files": lambda: store.remove_files(["journal/tile/0/000"]),
    }


def answers_other_than(
    error: type[StrongroomError], questions: Mapping[str, Callable[[], object]]
) -> dict[str, object]:
    """Those questions that did not raise `error`, with what came instead."""
    answers: dict[str, object] = {}
    for name, ask in questions.items():
        try:
            answers[name] = ask()
        except StrongroomError as raised:
            if not isinstance(raised, error):
                answers[name] = raised
    return answers
