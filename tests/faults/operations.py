"""Thousands of operations on one store, drawn from a seed, each answer judged by a model of what the store can have.

All that `Store` can be asked and told is asked and told: batches of new objects and of known ones, reading from
anywhere, listing from anywhere, setting aside, deleting, the journal's files, closing, going on as another program;
and by hand copies are spoiled. Beneath, a plan makes the place fail (faulty.py), or the line to it breaks.

Never a wrong answer: absent, corrupt and cannot-tell are kept apart, what was acknowledged is there, and nothing half
has an object's name. Where the place lies, its lies stay with the names that it lied about, are found by hashing, and
are mended by bringing the object again.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.faults.faulty import Plan
from tests.faults.model import ROT, Contents, Names, State, Wrong
from tests.proxy import Proxy
from tests.rig import arrive
from vault.digest import Digest
from vault.errors import BlobMissing, JournalBroken, StoreUnavailable
from vault.permits import permit_for_orphan
from vault.ports import Landed, Store

_SIZES = (0, 1, 100, 4096, 4097, 70_000, 300_000)  # bytes
_PATHS = [
    *(f"journal/tile/0/00{n}" for n in range(4)),
    *(f"journal/tile/entries/000.p/{n}" for n in range(1, 5)),
    *("journal/tile/entries/000", "journal/checkpoint"),
]
_OFTEN = {
    "put": 30,
    "stat": 12,
    "read": 16,
    "list": 4,
    "set_aside": 6,
    "delete": 8,
    "spoil": 6,
    "create_files": 7,
    "replace_file": 5,
    "read_file": 8,
    "remove_files": 3,
    "list_files": 3,
    "close": 1,
    "elsewhere": 1,
}


class Rig(Protocol):
    """Of tests/rig.py, what is needed here."""

    store: Store

    def spoil(self, digest: Digest, data: bytes) -> None: ...

    def set_aside_bytes(self, place: str) -> bytes: ...

    def elsewhere(self) -> Store: ...


@dataclass
class Run:
    """One run over one store. `patient`: a retry is in between, so that nothing that passes may be seen."""

    rig: Rig
    plan: Plan
    line: Proxy | None = None  # is dropped now and then
    sealed: bool = False
    patient: bool = False
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.plan.seed)
        self._contents = Contents(
            f"{n}".encode() + self._chance.randbytes(self._chance.choice(_SIZES)) for n in range(40)
        )
        self._objects = Names({name: {None} for name in self._contents.of})
        self._files = Names({path: {None} for path in _PATHS})
        self._store = self.rig.store

    def go(self, count: int) -> None:
        """So many operations, then a look at everything. Wrong says which one, and with which seed."""
        verbs = self._chance.choices(list(_OFTEN), list(_OFTEN.values()), k=count)
        for number, verb in enumerate(verbs, 1):
            self.plan.begin(number)
            try:
                self._one(verb)
            except Exception as error:
                raise Wrong(f"seed {self.plan.seed}, operation {number} ({verb}): {error!r}") from error
            self.counted[verb] += 1
            self.counted.update(self.plan.happened)
        self.plan.one_in = 0
        self.plan.begin(count + 1)
        try:
            self._look_at_everything()
        except Exception as error:
            raise Wrong(f"seed {self.plan.seed}, after {count} operations: {error!r}") from error

    def _one(self, verb: str) -> None:
        act: Callable[[], None] = getattr(self, f"_{verb}")
        dropping = self.line is not None and self._chance.randrange(40) == 0
        if self.line is not None and dropping:
            self.line.cut_after(self._chance.randrange(3000), for_good=False)
        before = {name: set(states) for name, states in (self._objects | self._files).items()}
        try:
            act()
        except StoreUnavailable:
            if self.patient or not (self.plan.happened or dropping):
                raise
            self.counted["not told"] += 1
        except Wrong:
            if not self.plan.lied_about:
                raise
            self.counted["lie seen"] += 1
        if self.line is not None and dropping:
            self.line.mend()
            time.sleep(0.3)  # what the server had received may still take place
        if self.plan.lied_about:
            self._forget(before)

    def _forget(self, before: dict[str, set[State]]) -> None:
        """Whatever was lied about can be anything now; so can all that was touched where a whole listing was."""
        whole = not self.plan.lied_about.isdisjoint({"objects", "journal", "keys"})
        lied = {path.rpartition("/")[2] if "objects/" in path else path for path in self.plan.lied_about}
        for names, good in ((self._objects, self._contents.of), (self._files, {})):
            for name in names:
                if name in lied:
                    names.lied(name, *before[name], *([good[name]] if name in good else []))
                elif whole:
                    names[name] |= before[name]

    def _any(self, count: int = 1) -> list[str]:
        return self._chance.choices(list(self._contents.of), k=count)

    # objects

    def _put(self) -> None:
        names = self._any(self._chance.choice((1, 1, 2, 4, 9)))
        batch = [(arrive(self._store, self._contents.of[n]), self._contents.digests[n]) for n in names]
        try:
            landed = self._store.put(batch)
        except StoreUnavailable:
            for arrival, _ in batch:
                arrival.abandon()
            for name in names:
                bad = [state for state in self._objects[name] if state not in (None, self._contents.of[name])]
                self._objects.unheard(name, self._contents.of[name])
                if bad:
                    self._objects.unheard(name, None)  # it was set aside
            raise
        self._landed(names, landed)

    def _landed(self, names: Sequence[str], landed: Sequence[Landed]) -> None:
        found_its_own = bool(self.plan.happened) or self.line is not None  # a create whose answer was lost

        def fitting(good: bytes, how: Landed) -> Callable[[State], bool]:
            def fits(state: State) -> bool:
                if state is None:
                    return how is Landed.NEW or (found_its_own and how is Landed.ALREADY_HERE)
                return how is (Landed.ALREADY_HERE if state == good else Landed.REPLACED_DAMAGED)

            return fits

        self._objects.done_all(
            (name, f"put said {how.name}", fitting(self._contents.of[name], how), self._contents.of[name])
            for name, how in zip(names, landed, strict=True)
        )

    def _stat(self) -> None:
        (name,) = self._any()
        try:
            size = self._store.stat(self._contents.digests[name]).size
        except BlobMissing:
            self._objects.rule(name, "stat said absent", lambda state: state is None)
        else:
            self._objects.rule(
                name,
                f"stat said {size} bytes",
                lambda state: state is ROT or (isinstance(state, bytes) and len(state) == size),
            )

    def _read(self) -> None:
        (name,) = self._any()
        size = len(self._contents.of[name])
        start = self._chance.choice((0, 0, 1, size // 2, size, size + 1))
        try:
            with self._store.open(self._contents.digests[name], start) as stream:
                got = stream.read()
        except BlobMissing:
            self._objects.rule(name, "open said absent", lambda state: state is None)
        else:
            fits = self._contents.reads_as(name, start, got, sealed=self.sealed)
            self._objects.rule(name, f"read {len(got)} bytes from {start}", fits)

    def _list(self) -> None:
        after = self._contents.digests[self._any()[0]] if self._chance.randrange(2) else None
        listed = [info.digest.hex for info in self._store.list(after)]
        self._objects.rule_listing("list", listed, (n for n in self._objects if after is None or n > after.hex))

    def _set_aside(self) -> None:
        (name,) = self._any()
        try:
            place = self._store.set_aside(self._contents.digests[name])
        except BlobMissing:
            self._objects.rule(name, "set_aside said absent", lambda state: state is None)
        except StoreUnavailable:
            self._objects.unheard(name, None)
            raise
        else:
            self._objects.rule(name, "set_aside found it", lambda state: state is not None)
            (state,) = self._objects[name] if len(self._objects[name]) == 1 else (ROT,)
            bad = isinstance(state, bytes) and state != self._contents.of[name]
            if bad and not self.plan.lied_about and self.rig.set_aside_bytes(place) != state:
                raise Wrong(f"{name}: other bytes were set aside")
            self._objects.done(name, None)

    def _delete(self) -> None:
        (name,) = self._any()
        digest = self._contents.digests[name]
        try:
            self._store.delete(digest, permit_for_orphan(digest, frozenset()))
        except StoreUnavailable:
            self._objects.unheard(name, None)
            raise
        self._objects.done(name, None)

    def _spoil(self) -> None:
        """By hand; only where it is certain that there is a copy."""
        good = [name for name, states in self._objects.items() if states == {self._contents.of[name]}]
        if good:
            name = self._chance.choice(good)
            data = self._contents.of[name]
            bad = self._chance.choice((b"", data[:-1], data + b"\0", b"\xff" + data[1:]))
            self.rig.spoil(self._contents.digests[name], bad)
            self._objects.done(name, bad)

    # the shelf

    def _create_files(self) -> None:
        batch = [(path, self._bytes()) for path in self._chance.sample(_PATHS, self._chance.choice((1, 2, 5)))]
        try:
            self._store.create_files(batch)
        except (JournalBroken, StoreUnavailable) as error:
            other = any(state not in (None, data) for path, data in batch for state in self._files[path])
            for path, data in batch:
                if None in self._files[path]:
                    self._files.unheard(path, data)
            if isinstance(error, StoreUnavailable):
                raise
            if not other:
                raise Wrong("create_files said that another file is there") from error
        else:
            self._files.done_all(
                (path, "create_files said fine", lambda state, data=data: state in (None, ROT, data), data)  # type: ignore[misc]
                for path, data in batch
            )

    def _bytes(self) -> bytes:
        return self._chance.choice((b"", b"one", b"other", b"long " * 3000))

    def _replace_file(self) -> None:
        path, data = self._chance.choice(_PATHS), self._bytes()
        try:
            self._store.replace_file(path, data)
        except StoreUnavailable:
            self._files.unheard(path, data)
            raise
        self._files.done(path, data)

    def _read_file(self) -> None:
        path = self._chance.choice(_PATHS)
        try:
            got = self._store.read_file(path)
        except BlobMissing:
            self._files.rule(path, "read_file said absent", lambda state: state is None)
        else:
            self._files.rule(path, f"read_file gave {got[:9]!r}", lambda state: state is ROT or state == got)

    def _remove_files(self) -> None:
        paths = self._chance.sample(_PATHS, 2)
        try:
            self._store.remove_files(paths)
        except StoreUnavailable:
            for path in paths:
                self._files.unheard(path, None)
            raise
        for path in paths:
            self._files.done(path, None)

    def _list_files(self) -> None:
        self._files.rule_listing("list_files", list(self._store.list_files("journal")), _PATHS)

    # the store itself

    def _close(self) -> None:
        self._store.close()

    def _elsewhere(self) -> None:
        other = self.rig.elsewhere()
        self._store.close()
        self._store = other

    def end(self) -> None:
        """Let go of the store that was worked with last."""
        self._store.close()

    # in the end

    def _look_at_everything(self) -> None:
        """What is not as it should be is found by hashing, and bringing the object again mends it."""
        self._list()
        self._list_files()
        for name, digest in self._contents.digests.items():
            try:
                with self._store.open(digest) as stream:
                    got = stream.read()
            except BlobMissing:
                self._objects.rule(name, "open said absent", lambda state: state is None)
            else:
                self._objects.rule(
                    name, f"read {len(got)} bytes", self._contents.reads_as(name, 0, got, sealed=self.sealed)
                )
                if Digest.of(got) == digest:
                    self._objects.done(name, self._contents.of[name])
        names: Sequence[str] = list(self._contents.of)
        landed = self._store.put(
            [(arrive(self._store, self._contents.of[n]), self._contents.digests[n]) for n in names]
        )
        self._landed(names, landed)
        for name in names:
            with self._store.open(self._contents.digests[name]) as stream:
                if stream.read() != self._contents.of[name]:
                    raise Wrong(f"{name}: not whole after it was brought again")
