"""What many tests share: a vault that is ready, a clock set by hand, and servers, each started at its first use."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "tests.rig", "tests.contract", "tests.contract_reading", "tests.contract_objects", "tests.contract_shelf"
)

from ops.config import StoreConfig  # noqa: E402
from ops.wiring import Working, init_vault, open_vault  # noqa: E402
from tests import servers  # noqa: E402
from tests.rude import RudeServer, rude  # noqa: E402
from vault.clock import Clock, Machine, Running  # noqa: E402
from vault.store import Vault  # noqa: E402


class SettableClock:
    """Stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """By days=…, hours=… and so on."""
        self.now += timedelta(**by)


def machine_beside(clock: Clock) -> Machine:
    """A machine that is never switched off, and runs as long as its clock says."""
    return lambda: Running("不断电的机器", clock().timestamp())


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 11, 21, 1, 30, tzinfo=UTC))


@pytest.fixture
def working(clock: SettableClock) -> Working:
    return Working(person="李建国", clock=clock, machine=machine_beside(clock))


@pytest.fixture
def home(tmp_path: Path, working: Working) -> Path:
    """The folder of a new vault of 邓州 with the stores 甲 and 乙 in it; nothing has it open."""
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    init_vault(tmp_path / "档案库", "", "dengzhou", stores, working)
    return tmp_path / "档案库"


@pytest.fixture
def vault(home: Path, working: Working) -> Iterator[Vault]:
    """That vault, open."""
    with open_vault(home, working) as opened:
        yield opened


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    with servers.seaweedfs(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def rude_server(s3_server: servers.S3Server) -> Iterator[RudeServer]:
    with rude(s3_server) as server:
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
