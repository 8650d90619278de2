"""Disk stores for tests: begun in a folder, opened again, and what lies in them to be looked at by hand."""

from pathlib import Path

from backends.disk import DiskStore
from tests.rig import SMALL, arrive, land
from vault.digest import Digest
from vault.layout import MARKER, README, README_TEXT, marker_of
from vault.ports import Incoming

VAULT = "3f9a5c"
FOUNDING = [(MARKER, marker_of(VAULT, "邓州市城市管理局", "key").encode()), (README, README_TEXT.encode())]


WRITES = ["begin", "put", "set_aside", "delete", "create_files", "replace_file", "remove_files"]


def open_store(root: Path, vault_id: str = VAULT) -> DiskStore:
    return DiskStore("甲", root, vault_id)


def begin_store(root: Path) -> DiskStore:
    store = open_store(root)
    store.create_files(FOUNDING)
    return store


def place_of(digest: Digest) -> str:
    """Where the format says that an object lies."""
    return f"objects/{digest.hex[:2]}/{digest.hex[2:4]}/{digest.hex}"


def spoil(store: DiskStore, digest: Digest, data: bytes) -> None:
    """Other bytes in the place of a copy."""
    path = store.root / place_of(digest)
    path.chmod(0o640)
    path.write_bytes(data)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, but for temporary ones."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] != "tmp")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def leftovers(store: DiskStore) -> list[Path]:
    """Temporary files."""
    return [path for path in (store.root / "tmp").rglob("*") if path.is_file()]


def in_use(root: Path) -> tuple[DiskStore, Incoming]:
    """A store with an object and a journal file, and an arrival that waits."""
    store = begin_store(root)
    land(store, SMALL)
    store.create_files([("journal/tile/0/000", b"tile")])
    store.replace_file("journal/checkpoint", b"signed")
    return store, arrive(store, b"waiting")


class DiskRig:
    """See tests/rig.py."""

    def __init__(self, root: Path) -> None:
        self.store = begin_store(root)

    def spoil(self, digest: Digest, data: bytes) -> None:
        spoil(self.store, digest, data)

    def set_aside_bytes(self, place: str) -> bytes:
        return (self.store.root / place).read_bytes()

    def cut_off(self) -> None:
        self.store.root.rename(self.store.root.with_name("away"))
        self.store.root.mkdir()  # what is left of a mount point

    def elsewhere(self) -> DiskStore:
        return open_store(self.store.root)
