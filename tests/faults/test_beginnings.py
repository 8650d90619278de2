"""What was interrupted in its beginning: an init that died, a desk that got no folder."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest

from backends import arrivals
from backends.disk import DiskStore
from ops import wiring
from ops.config import FILE, StoreConfig
from ops.wiring import Working, init_vault, open_vault
from vault.clock import wall_clock
from vault.errors import StoreUnavailable

WORKING = Working(person="李建国")
STORES = tuple(StoreConfig(name=name, kind="disk", location=f"store-{name}") for name in "ab")


class Cut(BaseException):
    """The process died here."""


def die(_home: Path) -> None:
    raise Cut


def test_an_interrupted_init_is_finished_by_asking_for_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stores bear the mark of a vault; a second one with another number could never have had them."""
    home = tmp_path / "vault"
    with monkeypatch.context() as patch:
        patch.setattr(wiring, "finish_config", die)
        with pytest.raises(Cut):
            init_vault(home, "邓州市财政局", "dengzhou", STORES, WORKING)
    marker = (home / "store-a" / "strongroom.json").read_bytes()
    checkpoint = (home / "store-b" / "journal" / "checkpoint").read_bytes()
    assert not (home / FILE).exists()
    later = Working(person="李建国", clock=lambda: wall_clock() + timedelta(hours=1))
    config = init_vault(home, "邓州市财政局", "dengzhou", STORES, later)
    assert config.vault.id in marker.decode()
    assert (home / "store-b" / "journal" / "checkpoint").read_bytes() == checkpoint
    with open_vault(home, later) as vault:
        assert vault.last_act() is not None
    assert sorted(path.name for path in home.glob("strongroom.toml*")) == [FILE]


def test_nothing_is_written_to_a_desk_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second worker found a desk whose folder had no name yet, and wrote a recording to /0."""
    init_vault(tmp_path, "邓州市财政局", "dengzhou", STORES, WORKING)
    vault_id = wiring.read_config(tmp_path).vault.id
    store = DiskStore("a", tmp_path / "store-a", vault_id)

    def fail(_desk: arrivals.Desk) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(arrivals.Desk, "settle", fail)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                store.begin(10)
    arrival = store.begin(10)
    assert isinstance(arrival, arrivals.Arrival)
    assert arrival.path.startswith(str(tmp_path / "store-a" / "tmp"))
    arrival.abandon()
    store.close()
