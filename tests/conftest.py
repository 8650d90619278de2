"""What many tests share: a vault that is ready, a clock set by hand, and servers, each started at its first use."""

import gc
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "tests.rig", "tests.contract", "tests.contract_reading", "tests.contract_objects", "tests.contract_shelf"
)

from ops.config import StoreConfig  # noqa: E402
from ops.wiring import Working, init_vault, open_vault  # noqa: E402
from tests import catalogues, servers  # noqa: E402
from tests.quickly import quickly  # noqa: E402
from tests.rude import RudeServer, rude  # noqa: E402
from vault.catalogue.opening import Server  # noqa: E402
from vault.clock import Clock, Machine, Running  # noqa: E402
from vault.store import Vault  # noqa: E402

BEGAN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def pytest_collection_finish() -> None:
    """As in the program (ops/cli): what was imported stays, and need not be looked through for garbage."""
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session", autouse=True)
def _catalogues(request: pytest.FixtureRequest) -> Iterator[None]:
    """All catalogues of this run are where STRONGROOM_TEST_CATALOGUE says: "sqlite" or "postgresql"."""
    if catalogues.CHOSEN != "postgresql":
        yield
        return
    server: servers.PostgresServer = request.getfixturevalue("postgres_server")
    with catalogues.on(Server(server.url, server.password)):
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about SQLite itself is not asked of PostgreSQL; each such test says what it is about."""
    of_sqlite = {item: marker for item in items if (marker := item.get_closest_marker("sqlite"))}
    for item, marker in of_sqlite.items():
        if not (marker.args and marker.args[0]):
            raise pytest.UsageError(f"{item.nodeid}: mark.sqlite without a reason")
    if catalogues.CHOSEN == "postgresql":
        config.hook.pytest_deselected(items=list(of_sqlite))
        items[:] = [item for item in items if item not in of_sqlite]


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


@pytest.fixture(scope="session", autouse=True)
def _quickly() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(BEGAN)


@pytest.fixture
def working(clock: SettableClock) -> Working:
    return Working(person="李建国", clock=clock, machine=machine_beside(clock))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new vault of 邓州 with the stores 甲 and 乙 in it, made once and copied for each test. Not to be touched."""
    folder = tmp_path_factory.mktemp("template") / "档案库"
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
    clock = SettableClock(BEGAN)
    init_vault(folder, "", "dengzhou", stores, Working(person="李建国", clock=clock, machine=machine_beside(clock)))
    return folder


@pytest.fixture
def home(tmp_path: Path, template: Path) -> Path:
    """The folder of such a vault; nothing has it open."""
    return Path(shutil.copytree(template, tmp_path / "档案库"))


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


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.PostgresServer]:
    with servers.postgresql(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture
def own_name() -> str:
    """A folder's or bucket's name that no other test has."""
    return f"t-{secrets.token_hex(6)}"
