"""The processes that run a campaign's points side by side."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

_WORKERS = 2


def pool_of_workers() -> ProcessPoolExecutor:
    """Workers with one thread each, begun afresh: they fork commands, and a fork copies only the thread that asks."""
    return ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn"))
