"""The store in memory keeps the contract."""

import pytest

from backends.memory import MemoryStore
from tests.contract import StoreContract
from vault.digest import Digest


class MemoryRig:
    def __init__(self) -> None:
        self.store = MemoryStore("内存")

    def spoil(self, digest: Digest, data: bytes) -> None:
        self.store.objects[digest] = data

    def set_aside_bytes(self, place: str) -> bytes:
        return self.store.damaged[place]

    def cut_off(self) -> None:
        self.store.away = True

    def elsewhere(self) -> MemoryStore:
        return self.store


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()
