"""Copies read by workers on other machines, through a scheduler of Dask's (docs/decisions/0039-readers-elsewhere.md).

A worker gets names of objects and gives back hashes. It opens the store as its own strongroom.toml says, has neither
the journal's key nor the catalogue, and writes nothing. What a worker that dies was reading another one reads; where
none is left the scrub ends as it does when a store does not answer, and the next one goes on where it was.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path

from distributed import Client, Future, Security, wait

from ops.config import Config, read_config
from ops.stores import open_configured
from vault import layout
from vault.digest import Digest
from vault.errors import BadInput, StoreUnavailable, StrongroomError
from vault.ports import BlobInfo, Store
from vault.readback import Progress
from vault.readers import Answer, read_one
from vault.text import Text

_PATIENCE = 30.0  # seconds for which a scheduler may be silent, or have no worker
_TOGETHER = 32  # copies that a worker is given at a time …
_BYTES = 64 << 20  # … or so many bytes: what is larger comes alone

Part = Sequence[BlobInfo]


class Cluster:
    """The workers of one scheduler, as vault.readers.Readers."""

    def __init__(self, client: Client, breadth: int, home: Path, vault_id: str) -> None:
        self.breadth = breadth
        self._client = client
        self._home = home
        self._vault_id = vault_id

    def read(self, store: Store, copies: Part, progress: Progress) -> list[Answer]:
        asked = {self._ask(store.name, part): part for part in _parts(copies)}
        waiting = set(asked)
        try:
            while waiting:
                done = self._some_of(waiting)
                waiting -= done
                progress(sum(copy.size for future in done for copy in asked[future]))
            return [answer for future, part in asked.items() for answer in _answers(future, part)]
        except (CancelledError, OSError) as error:  # the scheduler is gone
            raise silent() from error

    def _ask(self, store: str, part: Part) -> "Future[list[Answer]]":
        names = [copy.digest.raw for copy in part]
        # Each time anew: what was read once may have rotted since.
        return self._client.submit(read_there, str(self._home), self._vault_id, store, names, pure=False)

    def _some_of(self, waiting: set["Future[list[Answer]]"]) -> set["Future[list[Answer]]"]:
        """Those that are done. StoreUnavailable where there is no worker who could do the others."""
        while True:
            try:
                with self._client.as_current():
                    return set(wait(list(waiting), timeout=_PATIENCE, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if not self._client.nthreads():
                    raise silent() from None


@contextmanager
def cluster(home: Path, config: Config) -> Iterator[Cluster]:
    """The workers of the scheduler that strongroom.toml names. StoreUnavailable where it does not answer, or has none.

    Certificates are where Dask's own configuration has them; BadInput where it has none, and the scheduler wants them.
    """
    scheduler, security = config.workers.scheduler, Security()
    if scheduler.startswith("tls://") and security.get_connection_args("client")["ssl_context"] is None:
        raise BadInput(
            Text(en=f"{scheduler} wants certificates.", zh=f"{scheduler} 需要证书。"),
            hint=Text(
                en="Name them in ~/.config/dask/distributed.yaml: distributed.comm.tls, ca-file and client.",
                zh="请在 ~/.config/dask/distributed.yaml 的 distributed.comm.tls 中写明 ca-file 和 client。",
            ),
        )
    try:
        client = Client(scheduler, timeout=_PATIENCE, security=security, set_as_default=False)
    except OSError as error:
        raise silent() from error
    with client:
        threads: dict[str, int] = client.nthreads()
        if not threads:
            raise silent()
        yield Cluster(client, sum(threads.values()), home, config.vault.id)


def _parts(copies: Part) -> Iterator[Part]:
    part: list[BlobInfo] = []
    for copy in copies:
        if part and (len(part) >= _TOGETHER or sum(one.size for one in part) + copy.size > _BYTES):
            yield part
            part = []
        part.append(copy)
    if part:
        yield part


def _answers(future: "Future[list[Answer]]", part: Part) -> list[Answer]:
    """What a worker said. That several died over it, or that it has not this program, is no answer of the store's."""
    error = future.exception()
    if error is None:
        return future.result()
    what = Text(en=f"No worker could read it: {error}", zh=f"工作节点无法读取：{error}")
    return [StoreUnavailable(what)] * len(part)


def silent() -> StoreUnavailable:
    """Nobody is there to read."""
    return StoreUnavailable(
        Text(en="No worker answers through workers.scheduler.", zh="workers.scheduler 没有可用的工作节点。"),
        hint=Text(
            en="Start dask scheduler and dask worker; without [workers] in strongroom.toml this machine reads.",
            zh="请启动 dask scheduler 和 dask worker；或删去 strongroom.toml 中的 [workers]，由本机读取。",
        ),
    )


# at a worker


def read_there(home: str, vault_id: str, name: str, digests: Sequence[bytes]) -> list[Answer]:
    """What these copies hash to, as this worker's machine reads them. Its vault's folder is that of who asks, unless
    STRONGROOM_VAULT names another; strongroom.toml and the stores' secrets are all that has to be in it.
    """
    try:
        here = Path(os.environ.get("STRONGROOM_VAULT", home))
        return _read(here, read_config(here), vault_id, name, [Digest(raw) for raw in digests])
    except StrongroomError as error:
        what = Text(en=f"At a worker: {error.what.en}", zh=f"工作节点：{error.what.zh}")
        return [StoreUnavailable(what, error.hint)] * len(digests)


def _read(here: Path, config: Config, vault_id: str, name: str, digests: Sequence[Digest]) -> list[Answer]:
    store = open_configured(here, config, name)
    try:
        answers: list[Answer] = [read_one(store, digest) for digest in digests]
        # Asked afterwards: what was read before another disk was mounted there counts no more than what was read since.
        stranger = layout.stranger(store, vault_id)
        return answers if stranger is None else [stranger] * len(digests)
    finally:
        store.close()
