"""The contract, kept on a real server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.backends.remotes import FolderRig, sftp_rig
from tests.contract import MeasuredContract, StoreContract
from tests.servers import SftpServer


class TestSftpStore(StoreContract, MeasuredContract):
    @pytest.fixture
    def rig(self, sftp_server: SftpServer, own_name: str) -> Iterator[FolderRig]:
        rig = sftp_rig(sftp_server, own_name)
        yield rig
        rig.end()


def test_a_line_is_given_up_though_somebody_still_waits_on_it(sftp_server: SftpServer, own_name: str) -> None:
    """Once that waited for ever, where another thread had a file to close on the line that was broken off."""
    rig = sftp_rig(sftp_server, own_name)
    line = rig.store._files._tree._line.get()  # type: ignore[attr-defined]
    begun = threading.Event()

    async def writing(_: object) -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(60)  # as closing a file waits for an answer

    def write() -> None:
        with suppress(ConnectionError):
            line.run(writing)

    acting = [threading.Thread(target=act, daemon=True) for act in (write, line.close)]
    acting[0].start()
    assert begun.wait(5)
    acting[1].start()
    for thread in acting:
        thread.join(5)
        assert not thread.is_alive()
    rig.end()
