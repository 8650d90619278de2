"""Putting a vault together from its configuration: the only place where vault and backends meet."""

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backends.registry import STORES
from ops.config import FILE, Config, CopiesConfig, StoreConfig, VaultConfig, read_config, write_config
from ops.keys import make_key, read_key
from vault.clock import Clock, wall_clock
from vault.errors import BadInput, Refused
from vault.layout import FORMAT
from vault.note import Signer
from vault.ports import Store
from vault.profile import load_profile
from vault.store import Setting, Vault
from vault.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Who is at work, and what they said of the clock."""

    person: str
    clock_vouched: bool = False
    clock: Clock = wall_clock


def this_person() -> str:
    """The operating system's name for whoever is at work; behind sudo, for whoever called it."""
    return (os.geteuid() == 0 and os.environ.get("SUDO_USER")) or getpass.getuser()


def journal_name(vault_id: str) -> str:
    """The origin of the journal's checkpoints and the name of its key (c2sp.org/tlog-checkpoint)."""
    return f"strongroom/{vault_id}"


@contextmanager
def open_vault(home: Path, working: Working) -> Iterator[Vault]:
    """The vault in a folder, checked and ready; closed at the end."""
    config = read_config(home)
    with Vault(_setting(home, config, working, read_key(home, journal_name(config.vault.id)))) as vault:
        vault.open()
        yield vault


@contextmanager
def closed_vault(home: Path, working: Working) -> Iterator[Vault]:
    """The vault without a look at its catalogue: for making it anew."""
    config = read_config(home)
    with Vault(_setting(home, config, working, read_key(home, journal_name(config.vault.id)))) as vault:
        yield vault


def init_vault(home: Path, office: str, profile: str, stores: tuple[StoreConfig, ...], working: Working) -> Config:
    """Begin a vault in a folder. The configuration is written last: without it there is no vault to be found."""
    chosen = load_profile(profile)
    vault_id = secrets.token_hex(8)
    config = Config(
        format=FORMAT,
        vault=VaultConfig(id=vault_id, office=office or chosen.office.zh, profile=profile),
        copies=CopiesConfig(minimum=min(2, len(stores))),
        store=stores,
    )
    if (home / FILE).exists():
        raise Refused(
            Text(en=f"{home} is a vault already.", zh=f"{home} 已经是档案库。"),
            hint=Text(en="Nothing was changed.", zh="未作任何改动。"),
        )
    home.mkdir(parents=True, exist_ok=True)
    _clear_unfinished(home)
    kinds = {store.name: (store.kind, store.location) for store in stores}
    with Vault(_setting(home, config, working, make_key(home, journal_name(vault_id)))) as vault:
        vault.create(kinds)
    write_config(home, config)
    return config


def _clear_unfinished(home: Path) -> None:
    """An init that died before it wrote the configuration left nothing that anybody relies on."""
    for name in ("journal.key", "catalogue.db", "catalogue.db-wal", "catalogue.db-shm", "publish.lock", "intake.lock"):
        (home / name).unlink(missing_ok=True)


def _setting(home: Path, config: Config, working: Working, signer: Signer) -> Setting:
    return Setting(
        home=home,
        vault_id=config.vault.id,
        office=config.vault.office,
        profile=load_profile(_profile_of(home, config)),
        signer=signer,
        stores=tuple(_open_store(home, store, config.vault.id) for store in config.store),
        minimum=config.copies.minimum,
        clock=working.clock,
        person=working.person,
        clock_vouched=working.clock_vouched,
    )


def _profile_of(home: Path, config: Config) -> str | Path:
    """A shipped profile by name; an office's own file may be given relative to the vault's folder."""
    named = config.vault.profile
    return home / named if named.endswith(".toml") else named


def _open_store(home: Path, store: StoreConfig, vault_id: str) -> Store:
    kind = STORES.get(store.kind)
    if kind is None:
        known = ", ".join(STORES)
        raise BadInput(
            Text(
                en=f"Store {store.name}: there is no kind {store.kind!r}; there are: {known}.",
                zh=f"存储 {store.name}：没有类型 {store.kind!r}；可用：{known}。",
            )
        )
    location = str(home / store.location) if store.kind == "disk" else store.location
    return kind.open(store.name, location, vault_id)
