"""The contract, kept on a real server."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import asyncssh
import pytest

from backends.sftp import _public_key
from tests.backends.remotes import FolderRig, sftp_rig
from tests.contract import MeasuredContract, StoreContract, TellsTimeContract
from tests.servers import SftpServer
from vault.errors import BadSecret


class TestSftpStore(StoreContract, MeasuredContract, TellsTimeContract):
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


def test_a_line_that_is_closed_leaves_no_thread(sftp_server: SftpServer, own_name: str) -> None:
    """Whoever forks next must meet none."""
    rig = sftp_rig(sftp_server, own_name)
    line = rig.store._files._tree._line.get()  # type: ignore[attr-defined]

    async def looking_up(_: object) -> None:
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.3)

    def look_up() -> None:
        with suppress(ConnectionError):
            line.run(looking_up)

    worker = threading.Thread(target=look_up)
    worker.start()
    time.sleep(0.1)
    line.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("sftp")]
    worker.join()
    rig.end()


def test_the_line_that_ssh_keyscan_prints_is_a_key_and_what_is_none_is_said() -> None:
    """Once it ended as a fault of the program, whatever the command."""
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    assert _public_key(f"[127.0.0.1]:2222 {key}") == _public_key(key)
    with pytest.raises(BadSecret, match="host_key is no public key"):
        _public_key("ssh-ed25519 AAAA")
