"""The servers that stores are tried on: each is started at its first use and stopped at the end."""

import secrets
from collections.abc import Iterator

import pytest

from tests import servers


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    with servers.seaweedfs(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Share]:
    with servers.samba(tmp_path_factory.mktemp("smb")) as server:
        yield server


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.SftpServer]:
    with servers.sshd(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture
def own_name() -> str:
    """A folder's or bucket's name that no other test has."""
    return f"t-{secrets.token_hex(6)}"
