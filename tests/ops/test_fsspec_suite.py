"""fsspec's own tests for file systems, on real vaults: what its suite puts there, `ingest` takes in.

Of its six classes AbstractGetTests applies as a whole; its one test that prepares its own files does it here with an
intake. AbstractOpenTests has one test, which writes: here it must be refused, and what is there be read.
AbstractCopyTests, AbstractPutTests, AbstractPipeTests and mv.py write to the file system throughout; that each of those
verbs is refused is in test_filesystem.py.
"""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.tests.abstract import AbstractFixtures, AbstractGetTests, AbstractOpenTests

from ops.config import StoreConfig
from ops.filesystem import StrongroomFileSystem
from ops.wiring import Working, init_vault, open_vault
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.grouping import Grouping
from vault.intake.pipeline import Intake

TakeIn = Callable[[Path], str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with one store: what is tested here is how files are named and fetched."""
    home = tmp_path_factory.mktemp("库")
    init_vault(home, "", "dengzhou", (StoreConfig(name="甲", kind="disk", location="甲"),), Working(person="李建国"))
    return home


@pytest.fixture(scope="module")
def take_in(home: Path) -> TakeIn:
    """A folder as a record; its number. The suite's files are mostly empty, and no intake keeps an empty file."""

    def ingest(folder: Path) -> str:
        for path in folder.rglob("*"):
            if path.is_file() and not path.stat().st_size:
                path.write_text(str(path))
        with open_vault(home, Working(person="李建国")) as vault:
            request = Request(paths=(folder,), facts=Facts(section="监督检查科"), grouping=Grouping.ALL)
            (number,) = {outcome.record for outcome in Intake(vault, request, int).run()}
        return number

    return ingest


@pytest.fixture(scope="module")
def scenarios(take_in: TakeIn, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], str]:
    """A record with the files that one of the suite's makers makes."""
    taken: dict[str, str] = {}

    def record(make: Any) -> str:
        if make.__name__ not in taken:
            source = make(LocalFileSystem(auto_mkdir=True), os.path.join, str(tmp_path_factory.mktemp("来源")))
            taken[make.__name__] = take_in(Path(source))
        return taken[make.__name__]

    return record


class VaultFixtures(AbstractFixtures):  # type: ignore[misc]  # fsspec publishes no types
    @pytest.fixture
    def fs(self, home: Path) -> Iterator[StrongroomFileSystem]:
        fs = StrongroomFileSystem(vault=home, by="李建国", why="核对", approved_by="王局长", skip_instance_cache=True)
        yield fs
        fs.close()

    @pytest.fixture
    def fs_path(self) -> str:
        return ""

    @pytest.fixture
    def fs_bulk_operations_scenario_0(self, scenarios: Callable[[Any], str]) -> str:
        return scenarios(self._bulk_operations_scenario_0)

    @pytest.fixture
    def fs_glob_edge_cases_files(self, scenarios: Callable[[Any], str]) -> str:
        return scenarios(self._glob_edge_cases_files)

    @pytest.fixture
    def fs_dir_and_file_with_same_name_prefix(self, scenarios: Callable[[Any], str]) -> str:
        return scenarios(self._dir_and_file_with_same_name_prefix)

    @pytest.fixture
    def fs_10_files_with_hashed_names(self, scenarios: Callable[[Any], str]) -> str:
        return scenarios(self._10_files_with_hashed_names)


class TestGet(VaultFixtures, AbstractGetTests):  # type: ignore[misc]
    def test_get_directory_recursive(
        self, fs: Any, local_fs: Any, local_join: Any, local_target: Any, take_in: TakeIn, tmp_path: Path
    ) -> None:
        """As there; the folder comes in by an intake."""
        (tmp_path / "来源" / "src").mkdir(parents=True)
        (tmp_path / "来源" / "src" / "file").touch()
        source = take_in(tmp_path / "来源") + "/src"
        for again in (False, True):
            fs.get(source, local_target, recursive=True)
            assert local_fs.isfile(local_join(local_target, "file"))
            assert local_fs.isfile(local_join(local_target, "src", "file")) == again
        local_fs.rm(local_target, recursive=True)
        for _ in range(2):
            fs.get(source + "/", local_target, recursive=True)
            assert local_fs.isfile(local_join(local_target, "file"))
            assert not local_fs.exists(local_join(local_target, "src"))


class TestOpen(VaultFixtures, AbstractOpenTests):  # type: ignore[misc]
    def test_open_exclusive(self, fs: Any, fs_10_files_with_hashed_names: str) -> None:
        first = fs.ls(fs_10_files_with_hashed_names, detail=False)[0]
        with fs.open(first, "rb") as file:
            assert file.read() in [str(number).encode() for number in range(10)]
        for path in (first, first + "-新"):
            with pytest.raises(OSError, match="read-only") as caught:
                fs.open(path, "xb")
            assert caught.value.errno == errno.EROFS
