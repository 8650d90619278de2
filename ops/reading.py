"""Who reads for a scrub, as `[workers]` of strongroom.toml has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.config import Config
from vault.errors import BadInput
from vault.readers import Readers, Threads
from vault.text import Text


@contextmanager
def readers(home: Path, config: Config, threads: int) -> Iterator[Readers]:
    """`threads`: how many, where no scheduler is named. BadInput where Dask is not installed, StoreUnavailable where
    its scheduler does not answer or has no worker.
    """
    if not config.workers.scheduler:
        yield Threads(threads)
        return
    try:
        from ops.cluster import cluster  # an extra, and half a second
    except ModuleNotFoundError as error:
        what = Text(
            en="strongroom.toml names workers.scheduler, and Dask is not installed.",
            zh="strongroom.toml 设置了 workers.scheduler，但未安装 Dask。",
        )
        install = "pip install 'strongroom[distributed]'"
        raise BadInput(what, Text(en=f"Run: {install}", zh=f"请运行 {install}")) from error
    with cluster(home, config) as workers:
        yield workers
