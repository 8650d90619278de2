"""Operations by the thousand, without faults, with them, and on places that lie; `./campaign operations` runs all."""

from pathlib import Path

import pytest

from tests.faults.combinations import Servers, run_on
from tests.servers import S3Server, SftpServer, Share

SEED = 20261121  # `./campaign operations` takes another one each time


@pytest.fixture
def here(tmp_path: Path) -> Servers:
    """A folder of this machine, and no server."""
    return Servers(tmp_path)


def go(kind: str, behind: str, trouble: str, count: int, at: Servers) -> None:
    with run_on(kind, behind, trouble, SEED, at) as run:
        run.go(count)
        assert sum(run.counted[verb] for verb in ("put", "read", "stat", "list")) > count / 3
        if trouble != "none":
            assert run.counted["before"] + run.counted["after"] > count / 200


@pytest.mark.parametrize("kind", ["memory", "disk", "fsspec", pytest.param("nas", marks=pytest.mark.root)])
def test_two_thousand_operations_a_tenth_of_which_fails(kind: str, here: Servers) -> None:
    go(kind, "", "faults", 2000, here)


@pytest.mark.parametrize("trouble", ["none", "lies"])
@pytest.mark.parametrize("kind", ["memory", "disk", "fsspec"])
def test_without_faults_and_where_the_place_lies(kind: str, trouble: str, here: Servers) -> None:
    go(kind, "", trouble, 100 if kind == "disk" else 400, here)


@pytest.mark.parametrize("trouble", ["faults", "lies"])
@pytest.mark.parametrize("behind", ["sealed", "retry", "throttle", "all"])
def test_behind_decorators(behind: str, trouble: str, here: Servers) -> None:
    go("fsspec", behind, trouble, 300, here)


@pytest.mark.parametrize("kind", ["memory", pytest.param("nas", marks=pytest.mark.root)])
def test_sealed_where_the_program_itself_seals_nothing(kind: str, here: Servers) -> None:
    go(kind, "sealed", "faults", 200, here)


@pytest.mark.parametrize("behind", ["", "all"])
def test_on_a_bucket(s3_server: S3Server, tmp_path: Path, behind: str) -> None:
    go("s3", behind, "faults", 60, Servers(tmp_path, s3_server=s3_server))


@pytest.mark.parametrize("behind", ["", "all"])
def test_on_a_share(share: Share, tmp_path: Path, behind: str) -> None:
    go("smb", behind, "faults", 40, Servers(tmp_path, share=share))


@pytest.mark.parametrize("behind", ["", "all"])
def test_on_an_sftp_server(sftp_server: SftpServer, tmp_path: Path, behind: str) -> None:
    go("sftp", behind, "faults", 40, Servers(tmp_path, sftp_server=sftp_server))
