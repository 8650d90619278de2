"""A store that fails as real ones do, whatever kind it is: the faults of faulty.py over `Store`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, cast

from backends.oserrors import store_error
from tests.faults.faulty import Draw, Plan, flipped
from vault.digest import Block, Digest
from vault.permits import DeletionPermit
from vault.ports import BlobInfo, Incoming, Landed, Store


class FaultyStore:
    """See `Store`. It has no roles, so that nobody reads past it."""

    def __init__(self, inner: Store, plan: Plan) -> None:
        self.name = inner.name
        self._inner = inner
        self._plan = plan

    @contextmanager
    def _acting(self, verb: str, path: str) -> Iterator[Draw]:
        """Errors before and after, in the vault's words. "absent" has no meaning here: a store asks twice."""
        draw = self._plan.draw(verb, path)
        try:
            draw.begin()
        except OSError as error:
            raise store_error(self.name, error) from error
        yield draw
        try:
            draw.end()
        except OSError as error:
            raise store_error(self.name, error) from error

    def stat(self, digest: Digest) -> BlobInfo:
        with self._acting("stat", digest.hex):
            return self._inner.stat(digest)

    @contextmanager
    def open(self, digest: Digest, start: int = 0) -> Iterator[BinaryIO]:
        with self._acting("read", digest.hex) as draw, self._inner.open(digest, start) as stream:
            yield cast(BinaryIO, _Flipping(stream, draw)) if draw.fault == "flip" else stream

    def list(self, after: Digest | None = None) -> Iterator[BlobInfo]:
        with self._acting("list", "objects") as draw:
            listing = self._inner.list(after)
            yield from islice(listing, draw.chance.randrange(10)) if draw.fault in ("midway", "lie") else listing

    def begin(self, size: int) -> Incoming:
        return _Arrival(self._inner.begin(size))

    def put(self, arrivals: Sequence[tuple[Incoming, Digest]]) -> Sequence[Landed]:
        landed: list[Landed] = []
        for arrival, digest in arrivals:
            with self._acting("put", digest.hex) as draw:
                if draw.fault == "lie":
                    landed.append(Landed.NEW)
                    continue
                inner = cast(_Arrival, arrival).pass_on(draw)
                landed += self._inner.put([(inner, digest)])
        return landed

    def set_aside(self, digest: Digest) -> str:
        with self._acting("set_aside", digest.hex) as draw:
            return "damaged/nowhere" if draw.fault == "lie" else self._inner.set_aside(digest)

    def delete(self, digest: Digest, permit: DeletionPermit) -> None:
        with self._acting("delete", digest.hex) as draw:
            if draw.fault != "lie":
                self._inner.delete(digest, permit)

    def read_file(self, path: str) -> bytes:
        with self._acting("read_file", path) as draw:
            data = self._inner.read_file(path)
            return flipped(data, draw.chance) if draw.fault == "flip" else data

    def create_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        for path, data in files:
            with self._acting("create_files", path) as draw:
                if draw.fault != "lie":
                    self._inner.create_files([(path, flipped(data, draw.chance) if draw.fault == "flip" else data)])

    def replace_file(self, path: str, data: bytes) -> None:
        with self._acting("replace_file", path) as draw:
            if draw.fault != "lie":
                self._inner.replace_file(path, flipped(data, draw.chance) if draw.fault == "flip" else data)

    def remove_files(self, paths: Sequence[str]) -> None:
        for path in paths:
            with self._acting("remove_files", path) as draw:
                if draw.fault != "lie":
                    self._inner.remove_files([path])

    def list_files(self, folder: str) -> Iterator[str]:
        with self._acting("list_files", folder) as draw:
            listing = self._inner.list_files(folder)
            yield from islice(listing, draw.chance.randrange(3)) if draw.fault in ("midway", "lie") else listing

    def close(self) -> None:
        self._inner.close()


class _Arrival:
    """Bytes on their way, which may be others when they land."""

    def __init__(self, inner: Incoming) -> None:
        self._inner = inner
        self._blocks: list[bytes] = []

    def write(self, block: Block) -> None:
        self._blocks.append(bytes(block))

    def finish(self) -> None:
        """They are passed on when it is known what becomes of them."""

    def pass_on(self, draw: Draw) -> Incoming:
        data = b"".join(self._blocks)
        self._inner.write(flipped(data, draw.chance) if draw.fault == "flip" else data)
        self._inner.finish()
        return self._inner

    def abandon(self) -> None:
        self._inner.abandon()


class _Flipping:
    """A stream with a flipped bit in what is read first."""

    def __init__(self, stream: BinaryIO, draw: Draw) -> None:
        self._stream = stream
        self._draw = draw

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        data, self._draw = flipped(data, self._draw.chance) if self._draw else data, None  # type: ignore[assignment]
        return data
