"""An archive to which anything may happen: three stores, six people, two clocks, two records; made once, and copied."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backends.memory import MemoryStore
from tests.conftest import SettableClock, machine_beside
from tests.vault.disposal_scene import CUSTODIAN, LEADER, OPERATOR, OTHER_CUSTODIAN, PEOPLE, SUPERVISORS
from tests.vault.scene import facts, land
from vault import acts, note
from vault.catalogue import disposals
from vault.catalogue.plans import Rules
from vault.corrections import open_case
from vault.digest import Digest
from vault.enrolling import enrol
from vault.errors import StrongroomError
from vault.intake.filing import Ready, file_records
from vault.people import Role
from vault.placement import Policy, Site
from vault.ports import Store
from vault.profile import load_profile
from vault.records import RecordFile
from vault.store import Setting, Vault
from vault.timekeeping import believe

BEGAN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NAMES = ("甲", "乙", "丙")
VAULT = "0123456789abcdef"
CASE = "邓财监〔2026〕12号"
SHARED = "共用".encode()
ALSO_CUSTODIANS = (LEADER, SUPERVISORS[0])  # in a small office people have several roles


class Crash(Exception):
    """The process is gone."""


class Archive:
    """One copy of it. `clock` is what the machine shows; `true`: how time passes, whatever the clock shows."""

    def __init__(self, home: Path, places: tuple[Store, ...], signer: note.Signer) -> None:
        self.home = home
        self.places = places
        self.clock = SettableClock(BEGAN)
        self.true = SettableClock(BEGAN)
        self._setting = Setting(
            home=home,
            vault_id=VAULT,
            office="邓州市财政局",
            profile=load_profile("dengzhou"),
            signer=signer,
            stores=places,
            rules=Rules(Policy(minimum=2), tuple(Site(name=store.name) for store in places)),
            clock=self.clock,
            person=OPERATOR,
            machine=machine_beside(self.true),
        )
        self._vault: Vault | None = None

    def setting(self, login: str) -> Setting:
        return replace(self._setting, person=login)

    @contextmanager
    def by(self, login: str) -> Iterator[Vault]:
        """Somebody at work; a rule that forbids it is no failure of the program's. Whoever comes next may find the
        program as it was left, but for one that crashed."""
        with suppress(StrongroomError, Crash):
            if self._vault is None:
                self._vault = Vault(self.setting(login))
                self._vault.open()
            vault = self._vault
            vault.setting = self.setting(login)
            try:
                yield vault
            except Crash:
                self.leave()
                raise

    def leave(self) -> None:
        """The program ends; the next one to work begins it anew."""
        if self._vault is not None:
            self._vault.__exit__()
            self._vault = None

    def asked(self, query: str) -> list[Any]:
        """The catalogue's answer, past the program."""
        connection = sqlite3.connect(self.home / "catalogue.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def end(self) -> None:
        self.leave()
        shutil.rmtree(self.home)


# the first one


@dataclass(frozen=True, slots=True)
class Template:
    """What an archive begins with: its folder's files, what lies on each store, and the key of its journal."""

    home: dict[str, bytes]
    objects: dict[Digest, bytes]
    files: dict[str, bytes]
    signer: note.Signer
    records: dict[str, tuple[tuple[bytes, ...], bool]]  # number -> contents, and whether it is of the case


@lru_cache(maxsize=1)
def template() -> Template:
    """Made once: people, stores, two records and a case take longer than a sequence."""
    signer = note.Signer(f"strongroom/{VAULT}", Ed25519PrivateKey.generate())
    stores = tuple(MemoryStore(name) for name in NAMES)
    archive = Archive(_folder(), stores, signer)
    with Vault(archive.setting(OPERATOR)) as vault:
        vault.create({store.name: ("memory", store.name) for store in stores})
        believe(vault)
    for login, (name, roles) in PEOPLE.items():
        also = (Role.CUSTODIAN,) if login in ALSO_CUSTODIANS else ()
        with Vault(archive.setting(OPERATOR if login == LEADER else LEADER)) as vault:
            enrol(vault, login, name, (*roles, *also), "")
    records: dict[str, tuple[tuple[bytes, ...], bool]] = {}
    with Vault(archive.setting(CUSTODIAN)) as vault:
        for number, in_case in enumerate((False, True)):
            contents = (f"最初{number}".encode(), SHARED)
            records[file(vault, contents, in_case=in_case)] = (contents, in_case)
    with Vault(archive.setting(OTHER_CUSTODIAN)) as vault:
        open_case(vault, CASE, "会计信息质量检查案", date(2026, 11, 1), "")
        vault.database.checkpoint()
    home = {path.name: path.read_bytes() for path in archive.home.iterdir() if path.is_file()}
    archive.end()
    return Template(home, dict(stores[0].objects), dict(stores[0].files), signer, records)


def copied(places: tuple[Store, ...]) -> Archive:
    """A copy of the first one on such stores; where they are not in memory, what lies there is brought."""
    first = template()
    home = _folder()
    for name, data in first.home.items():
        (home / name).write_bytes(data)
    for store in places:
        if isinstance(store, MemoryStore):
            store.objects, store.files = dict(first.objects), dict(first.files)
        else:
            store.create_files(list(first.files.items()))
            land(store, *first.objects.values())
    return Archive(home, places, first.signer)


@lru_cache(maxsize=1)
def _base() -> Path:
    shm = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="archives-", dir=shm if shm.is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _folder() -> Path:
    """The same for each archive of this process, and empty: one that broke off may have left its files."""
    home = _base() / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return home


# what people do there


def file(
    vault: Vault, contents: tuple[bytes, ...], *, in_case: bool = False, recorded_at: datetime | None = None
) -> str:
    """Take contents in as one record; its number. What could not be filed is not landed: it would be an orphan."""
    if vault.now() and (failures := vault.away()):
        raise next(iter(failures.values()))
    for store in vault.stores.values():
        land(store, *contents)
    described = tuple(
        RecordFile(sha256=Digest.of(data).hex, size=len(data), name=f"{place}.mp4")
        for place, data in enumerate(contents)
    )
    known = msgspec.structs.replace(facts(0), case_number=CASE if in_case else "", recorded_at=recorded_at)
    ready = Ready(
        files=described, stores=tuple(vault.stores), facts=known, origins=dict.fromkeys(known.known(), "option")
    )
    (filed,) = file_records(vault, [ready], None)
    return filed.number


def said(records: Iterable[str], fate: acts.Fate, until: date | None = None) -> Sequence[acts.Appraisal]:
    return [acts.Appraisal(record=record, fate=fate, why="保存期满", until=until) for record in records]


def digest(vault: Vault, number: str) -> str:
    with vault.database.reading() as connection:
        return disposals.get(connection, number).sha256


def a_while(days: int) -> Iterator[timedelta]:
    """So many days in parts after each of which something is entered: a clock that is more than 400 days ahead of the
    journal is not believed, and no archive is idle for so long."""
    while days > 0:
        yield timedelta(days=min(days, 300))
        days -= 300
