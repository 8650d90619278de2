"""A server that hangs: its connections stay open and nothing comes any more. What bounds the waiting, kind by kind."""

import os
import time
from collections.abc import Iterator

import pytest

from backends import s3, sftp
from tests.backends.remotes import RemoteRig, S3Rig, sftp_rig, smb_rig
from tests.rig import SMALL, fetch, land
from tests.servers import S3Server, SftpServer, Share
from vault.errors import StoreUnavailable

SMB = "SMB_EXPERIMENTAL_TRANSPORT_RECEIVE_TIMEOUT"


@pytest.fixture(params=["s3", "smb", "sftp"])
def rig(request: pytest.FixtureRequest, own_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteRig]:
    """With a patience of a few seconds; that of the program is a minute at most."""
    assert max(s3._ANSWER, 2 * int(os.environ[SMB]), 4 * sftp._SILENCE) <= 60
    monkeypatch.setattr(s3, "_ANSWER", 3.0)  # its first write takes more than one
    monkeypatch.setattr(sftp, "_SILENCE", 0.3)
    monkeypatch.setenv(SMB, "1")
    rig = _rig(request, own_name)
    yield rig
    rig.end()


def _rig(request: pytest.FixtureRequest, name: str) -> RemoteRig:
    match request.param:
        case "s3":
            bucket: S3Server = request.getfixturevalue("s3_server")
            return S3Rig(bucket, name)
        case "smb":
            share: Share = request.getfixturevalue("share")
            return smb_rig(share, name)
        case _:
            server: SftpServer = request.getfixturevalue("sftp_server")
            return sftp_rig(server, name)


def test_a_server_that_falls_silent_is_given_up(rig: RemoteRig) -> None:
    """Once a share was waited for for twenty minutes."""
    land(rig.store, SMALL)
    rig.line.fall_silent()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        fetch(rig.store, SMALL)
    assert time.monotonic() - began < 8
    rig.line.mend()
    assert fetch(rig.store, SMALL) == SMALL
