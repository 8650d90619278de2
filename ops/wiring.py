"""Putting a vault together from its configuration: who is at work, its key, its stores, and what must be so."""

import os
import pwd
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from backends.shut import ShutStore
from ops.catalogueconfig import CatalogueConfig
from ops.config import (
    FILE,
    UNFINISHED,
    Config,
    CopiesConfig,
    StoreConfig,
    VaultConfig,
    read_config,
    require_sound,
)
from ops.configwriting import finish_config, write_config
from ops.keys import FILE as KEY
from ops.keys import make_key, read_key
from ops.logs import log_acts
from ops.stores import kind_of, open_stores
from vault.adopted import require_adopted
from vault.authority import Action, require
from vault.bandwidth import Bandwidth, Pace
from vault.catalogue.opening import database_of
from vault.clock import Clock, Machine, this_machine, wall_clock
from vault.errors import BadInput, BadLocation, Refused
from vault.layout import FORMAT
from vault.lockers import enrol
from vault.note import Signer
from vault.outputs import sync, writing_to
from vault.profile import Profile, load_profile, shipped_profiles
from vault.store import Setting, Vault
from vault.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Who is at work, and what they said of the clock. `via`: the login, where they say to be another (--by)."""

    person: str
    via: str = ""
    clock_vouched: bool = False
    clock: Clock = wall_clock
    machine: Machine = this_machine


def this_person(home: Path) -> str:
    """The operating system's name for whoever is at work; behind sudo, for whoever called it.

    What the environment says of sudo is believed only in a process of root's, or of the account that owns the vault's
    key: others could have written it there themselves (docs/decisions/0022-people-and-roles.md).
    """
    account = os.geteuid()
    try:
        keeper = (home / KEY).stat().st_uid
    except OSError:
        keeper = 0
    if account in (0, keeper) and (caller := os.environ.get("SUDO_USER")):
        return caller
    return login_of(account)


def login_of(account: int) -> str:
    """The operating system's name for an account, or its number where it has none, as in a container without a list."""
    try:
        return pwd.getpwuid(account).pw_name
    except KeyError:
        return str(account)


def at_work(home: Path, said: str, *, clock_vouched: bool = False) -> Working:
    """Whoever is at work; `said`: the login in whose name, where it is another's."""
    login = this_person(home)
    return Working(person=said or login, via=login if said not in ("", login) else "", clock_vouched=clock_vouched)


def journal_name(vault_id: str) -> str:
    """The origin of the journal's checkpoints and the name of its key (c2sp.org/tlog-checkpoint)."""
    return f"strongroom/{vault_id}"


@contextmanager
def open_vault(
    home: Path, working: Working, *, adopting: bool = False, unused: Collection[str] = ()
) -> Iterator[Vault]:
    """The vault in a folder, checked and ready; closed at the end. `adopting`: for whoever settles which profile is in
    force, though strongroom.toml names another. `unused`: tables of the configuration that nobody asks."""
    config = read_config(home, unused=unused)
    with Vault(_setting(home, config, working, read_key(home, journal_name(config.vault.id)))) as vault:
        vault.open()
        _admit(vault, config, adopting=adopting)
        enrol(vault)
        yield vault


def require_profile_adopted(vault: Vault, config: Config) -> None:
    """Refused where strongroom.toml names other rules than those in force."""
    named = config.vault.profile
    require_adopted(vault.profile, vault.setting.profile, named, shipped=named in shipped_profiles())


def _admit(vault: Vault, config: Config, *, adopting: bool = False) -> None:
    """What must be so before anybody goes to work."""
    _require_locations(vault)
    if vault.setting.via and os.geteuid() != 0:
        require(vault, Action.STAND_IN, about=vault.setting.via)
    if not adopting:
        require_profile_adopted(vault, config)


@contextmanager
def closed_vault(home: Path, working: Working) -> Iterator[Vault]:
    """The vault without a look at its catalogue: for making it anew."""
    config = read_config(home)
    with Vault(_setting(home, config, working, read_key(home, journal_name(config.vault.id)))) as vault:
        yield vault


@contextmanager
def unasked_vault(home: Path, working: Working) -> Iterator[Vault]:
    """The vault with its catalogue, and no store asked yet: for whoever must not wait for one (ops/asking.py)."""
    with closed_vault(home, working) as vault:
        vault.open_catalogue()
        yield vault


@contextmanager
def open_catalogue(home: Path, working: Working) -> Iterator[Vault]:
    """The same for whoever goes to work: one of a service's jobs, though a store hangs."""
    with unasked_vault(home, working) as vault:
        _admit(vault, read_config(home))
        yield vault


def init_vault(
    home: Path,
    office: str,
    profile: str,
    stores: tuple[StoreConfig, ...],
    working: Working,
    catalogue: CatalogueConfig | None = None,
) -> Config:
    """Begin a vault in a folder, a new one for its owner alone; one that is there keeps its mode. The configuration
    gets its name last: without it there is no vault to be found.

    An init that was interrupted is finished by asking for the same again.
    """
    from vault.timekeeping import believe  # once in a vault's life

    chosen = load_profile(profile)
    wanted = Config(
        format=FORMAT,
        vault=VaultConfig(id=secrets.token_hex(8), office=office or chosen.office.zh, profile=profile),
        catalogue=catalogue or CatalogueConfig(),
        copies=CopiesConfig(minimum=min(2, len(stores))),
        store=stores,
    )
    require_sound(wanted, home / FILE)
    _require_folders(home, stores)
    if (home / FILE).exists():
        raise Refused(
            Text(en=f"{home} is a vault already.", zh=f"{home} 已经是档案库。"),
            hint=Text(en="Nothing was changed.", zh="未作任何改动。"),
        )
    with writing_to(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync(home.parent)
        config = _begin(home, wanted)
        name = journal_name(config.vault.id)
        signer = read_key(home, name) if (home / KEY).exists() else make_key(home, name)
    kinds = {store.name: (store.kind, store.location) for store in stores}
    with Vault(_setting(home, config, working, signer)) as vault:
        vault.create(kinds)
        believe(vault)
    finish_config(home)
    return config


def is_open(home: Path) -> bool:
    """Whether every login of this machine may look into a vault's folder, where parties' names are."""
    return home.stat().st_mode & 0o005 == 0o005


def _require_folders(home: Path, stores: tuple[StoreConfig, ...]) -> None:
    """Only a store's own folder is made: what is above it may be a mount point, or a slip of the pen."""
    for store in stores:
        above = (home / store.location).parent
        if kind_of(store).is_folder and above != home and not above.is_dir():
            raise BadInput(
                Text(
                    en=f"Store {store.name}: the folder {above} does not exist.",
                    zh=f"存储 {store.name}：文件夹 {above} 不存在。",
                ),
                hint=Text(
                    en="Make it, or mount the disk that belongs there, and run the command again. Nothing was written.",
                    zh="请新建该文件夹，或挂载相应磁盘后重新运行。未写入任何内容。",
                ),
            )


def _begin(home: Path, wanted: Config) -> Config:
    """What to go on with: an interrupted init's configuration if it was for the same, since stores may bear its mark.

    Of one for other stores only the vault's id and key stay, for the same reason: nobody relies on the rest. A key or
    a catalogue with no configuration at all belong to a vault that somebody uses: refused.
    """
    if (home / UNFINISHED).exists():
        begun = read_config(home, UNFINISHED, environ={})
        if replace(begun, vault=replace(begun.vault, id=wanted.vault.id)) == wanted:
            return begun
        begun_there = database_of(home, begun.catalogue.server(home), begun.vault.id)
        begun_there.remove()
        begun_there.close()
        wanted = replace(wanted, vault=replace(wanted.vault, id=begun.vault.id))
    elif any((home / name).exists() for name in (KEY, "catalogue.db")):
        raise Refused(
            Text(
                en=f"{home} has a vault's key or catalogue, but no {FILE}.",
                zh=f"{home} 有档案库的密钥或目录库，但没有 {FILE}。",
            ),
            hint=Text(
                en=f"Put {FILE} back from your backup, or choose another folder. Nothing was changed.",
                zh=f"请从备份恢复 {FILE}，或另选文件夹。未作任何改动。",
            ),
        )
    write_config(home, wanted, UNFINISHED)
    return wanted


def _setting(home: Path, config: Config, working: Working, signer: Signer) -> Setting:
    moving = Bandwidth(config.moving.rate, resting=True) if config.moving.rate is not None else None
    return Setting(
        home=home,
        vault_id=config.vault.id,
        office=config.vault.office,
        profile=profile_of(home, config),
        signer=signer,
        stores=open_stores(home, config, moving),
        rules=config.rules,
        clock=working.clock,
        person=working.person,
        via=working.via,
        clock_vouched=working.clock_vouched,
        machine=working.machine,
        server=config.catalogue.server(home),
        entered=log_acts,
        pace=Pace(moving, frozenset(store.name for store in config.store if not kind_of(store).is_folder)),
    )


def _profile_of(home: Path, config: Config) -> str | Path:
    """A shipped profile by name; an office's own file may be given relative to the vault's folder."""
    named = config.vault.profile
    return home / named if named.endswith(".toml") else named


def profile_of(home: Path, config: Config) -> Profile:
    """The profile that strongroom.toml names. BadInput where there is none."""
    return load_profile(_profile_of(home, config))


def _require_locations(vault: Vault) -> None:
    """BadLocation where a store that has joined cannot be where strongroom.toml says; others wait to be corrected."""
    wrong = [store for store in vault.stores.values() if isinstance(store, ShutStore)]
    wrong = [store for store in wrong if isinstance(store.why, BadLocation)]
    if not wrong:
        return
    from vault.catalogue.copies import store_ids  # most commands need it for nothing else

    with vault.database.reading() as connection:
        joined = store_ids(connection)
    for store in wrong:
        if store.name in joined:
            raise store.why
