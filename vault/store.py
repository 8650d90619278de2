"""The vault: acts go into the journal first, and only then take effect; stores keep what it refers to.

A Vault is the shell around the pure parts. It knows the stores only as ports, takes the clock and the person from
whoever wires it (ops), and offers one way for anything to happen: `commit`, which appends acts, changes the
catalogue by them in the same transaction, and publishes them to the stores before it returns.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, select

from vault import acts, layout, note
from vault.absences import Absences
from vault.bandwidth import AS_FAST_AS_IT_GOES, Pace
from vault.catalogue import schema
from vault.catalogue.database import Database
from vault.catalogue.inforce import in_force
from vault.catalogue.opening import Server, database_of
from vault.catalogue.rows import read_time
from vault.catalogue.sites import Rules, sites
from vault.clock import Clock, Machine, sane, this_machine
from vault.digest import Digest
from vault.errors import BlobMissing, Busy, JournalBroken, StoreUnavailable
from vault.filelist import files_of
from vault.journal import Journal, require_not_behind
from vault.placement import Doors, Site, enough
from vault.ports import Lender, Store
from vault.profile import Profile
from vault.records import RecordFile
from vault.text import Text
from vault.toofew import not_attached, too_few
from vault.turns import taking

Draft = Callable[[Connection], Sequence[acts.AnyAct]]
Entered = Callable[[int, Sequence[acts.AnyAct]], None]


def _told_nobody(_start: int, _happened: Sequence[acts.AnyAct]) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a vault is told at the start: its place, its rules, its stores, and who is at work. `entered` is called with
    acts and the place of the first in the journal, once they are in it.
    """

    home: Path
    vault_id: str
    office: str
    profile: Profile
    signer: note.Signer
    stores: tuple[Store, ...]
    rules: Rules  # where copies belong, and how many must be durable, with the journal, before a success is reported
    clock: Clock
    person: str
    via: str = ""  # the login that acts under that name, where it is another
    clock_vouched: bool = False  # a person said that the clock is right
    machine: Machine = this_machine
    server: Server | None = None  # where the catalogue is; None: a file in the vault's folder
    entered: Entered = _told_nobody
    pace: Pace = AS_FAST_AS_IT_GOES  # of moving copies from store to store


class Vault:
    """One office's archive, open. Use as a context manager; stores are closed at its end."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.profile = setting.profile
        self.stores: Mapping[str, Store] = {store.name: store for store in setting.stores}
        self.lenders: Sequence[Lender] = ()  # asked for what no store has: discs
        self.absences = Absences()
        self.moved_from = ""  # where a copy of the catalogue is that an older program left, where there was one
        self.database = database_of(setting.home, setting.server, setting.vault_id)
        self.journal = Journal(self.database, setting.signer)
        self.verifier = setting.signer.verifier
        self._presence = self.database.turns.turn("open")

    def __enter__(self) -> "Vault":
        return self

    def __exit__(self, *raised: object) -> None:
        for store in self.stores.values():
            store.close()
        self._presence.give_back()
        self.database.close()

    def is_read_only(self, name: str) -> bool:
        """Whether the office has said so: nothing is brought there, and that it stays behind is no fault."""
        return any(site.name == name and site.doors is Doors.CLOSED for site in self.setting.rules.configured)

    @property
    def writable(self) -> Mapping[str, Store]:
        """The stores that take part in what is written."""
        return {name: store for name, store in self.stores.items() if not self.is_read_only(name)}

    # beginning

    def create(self, kinds: Mapping[str, tuple[str, str]]) -> None:
        """Begin a vault: mark the stores, make the catalogue, write the first entries. `kinds`: name: (kind, place)."""
        self.found_stores()
        self.database.create()
        if self.last_act() is not None:  # an init that was interrupted came this far
            self.publish()
            return
        now = self.now()
        by = self.setting.person
        first: list[acts.AnyAct] = [
            acts.VaultCreated(
                at=now,
                by=by,
                vault_id=self.setting.vault_id,
                office=self.setting.office,
                profile=self.profile,
                public_key=note.encode64(self.verifier.public_key),
            )
        ]
        first += [
            acts.StoreAttached(at=now, by=by, store=name, kind=kind, location=place)
            for name, (kind, place) in kinds.items()
        ]
        self.commit(lambda _: first)

    @property
    def marker(self) -> layout.Marker:
        """What says on every store whose it is."""
        return layout.marker_of(self.setting.vault_id, self.setting.office, self.verifier.vkey)

    def found_stores(self) -> None:
        """Put the marker and the README on every store. Refused on a folder that holds something else."""
        for store in self.stores.values():
            self.mark(store)

    def mark(self, store: Store) -> None:
        """Begin a store. Refused where something else lies there."""
        store.create_files([(layout.MARKER, self.marker.encode()), (layout.README, layout.README_TEXT.encode())])
        self.absences.forget(store.name)

    def open(self) -> None:
        """Check that this program may work here: formats, schema, and a catalogue that is not behind the stores'.

        A damaged marker or checkpoint does not bar the way to healing it, unless no store's checkpoint is good.
        """
        self.open_catalogue()
        answers = [self.look_at(store) for store in self.stores.values()]
        broken = [answer for answer in answers if isinstance(answer, JournalBroken)]
        if broken and None not in answers:
            raise broken[0]

    def open_catalogue(self) -> None:
        """The part of it that asks no store: for whoever must not wait for one, and has each looked at in its turn."""
        self._be_present(shared=True)
        if not self.database.is_current():
            with self.alone():
                self.moved_from = self.database.move_forward()
        with self.database.reading() as connection:
            self.profile = in_force(connection)

    def look_at(self, store: Store) -> JournalBroken | BlobMissing | StoreUnavailable | None:
        """None if the store is in order. What must stop everybody is raised: a newer format, a catalogue behind it."""
        try:
            with suppress(JournalBroken), self.absences.reading(store.name):
                layout.read_marker(store.read_file(layout.MARKER), store.name)
            with self.database.reading() as connection:
                require_not_behind(store, self.verifier, connection)
        except JournalBroken as error:
            return self._other_key(store) or error
        except (BlobMissing, StoreUnavailable) as error:
            return error  # not there or not good at the moment: whoever needs it says so
        return None

    def _other_key(self, store: Store) -> JournalBroken | None:
        """A better word for a checkpoint that this key cannot verify, where the marker says that it is another's."""
        with suppress(JournalBroken, BlobMissing, StoreUnavailable):
            signed_by = layout.read_marker(store.read_file(layout.MARKER), store.name).journal_key
            if signed_by != self.verifier.vkey:
                return JournalBroken(
                    Text(
                        en=f"The vault's journal.key is not the key that signed the journal on {store.name}.",
                        zh=f"档案库的 journal.key 不是存储 {store.name} 上日志的签名密钥。",
                    ),
                    hint=Text(
                        en="Put the vault's own journal.key back, from where it is kept safe. Nothing is damaged.",
                        zh="请从妥善保管处取回本库的 journal.key 放回原处。数据没有损坏。",
                    ),
                )
        return None

    # acting

    def now(self, catalogue: Database | None = None) -> datetime:
        """The time for the next act. ClockSuspect where the clock contradicts the journal (as `catalogue` has it)."""
        now = self.setting.clock()
        return now if self.setting.clock_vouched else sane(now, self.last_act(catalogue), self.profile.zone)

    def last_act(self, catalogue: Database | None = None) -> datetime | None:
        """When the last entry of the journal was written."""
        database = catalogue or self.database
        if not database.exists():
            return None
        with database.reading() as connection:
            if not connection.dialect.has_table(connection, "journal"):
                return None
            at = connection.execute(select(schema.journal.c.at).order_by(schema.journal.c.seq.desc()).limit(1)).scalar()
        return read_time(at) if at else None

    def commit(
        self, draft: Draft, lists: Mapping[str, Sequence[RecordFile]] | None = None, *, happened_already: bool = False
    ) -> Sequence[acts.AnyAct]:
        """Let acts happen. Durable on as many stores as the policy's minimum when it returns.

        `draft` is called inside the transaction, to see the catalogue as it is at that moment (numbers, what is known
        already). `lists` gives the files of records whose list lies in an object of its own. StoreUnavailable: too
        few stores are here, and nothing was changed; but what has `happened_already` (damage was found, a copy
        healed), and what a store refused at the last moment, is in the outbox and reaches the stores later.
        """
        # Imported here: who only reads needs none of what writes, and `find` has half a second.
        from vault.catalogue.plans import plan_for
        from vault.catalogue.projection import project

        if not happened_already:
            self._require_stores()
        with self.database.writing() as connection:
            happened = self._signed(draft(connection))
            if happened:
                start = self.journal.append(connection, happened)
                entries = list(enumerate(happened, start))
                project(connection, entries, lambda act: self._files_of(act, lists or {}))
                plan_for(connection, self.setting.rules, happened, happened[0].at)
        if happened:
            self.setting.entered(start, happened)
        try:
            self.publish()
        except StoreUnavailable as error:
            if happened_already:
                raise
            raise type(error)(error.what, _RECORDED) from error
        return happened

    def _signed(self, drafted: Sequence[acts.AnyAct]) -> Sequence[acts.AnyAct]:
        """Acts as they are entered: done by one person in the name of another, they say both."""
        via = self.setting.via
        return [msgspec.structs.replace(act, via=via) for act in drafted] if via else drafted

    def _require_stores(self) -> None:
        """StoreUnavailable unless enough stores answer and take writes: what is asked again must not happen twice."""
        failures = self.away()
        if failures and not self.enough(set(self.writable) - set(failures)):
            raise too_few(failures)

    def away(self) -> dict[str, StoreUnavailable]:
        """Stores that do not answer or take no writes, and why; asked, unless the others suffice without them."""
        away = self._shut(afresh=False)
        return self._shut(afresh=True) if away and not self.enough(set(self.writable) - set(away)) else away

    def _shut(self, *, afresh: bool) -> dict[str, StoreUnavailable]:
        asked = {store.name: self.absences.shut(store, afresh=afresh) for store in self.writable.values()}
        shut = {name: error for name, error in asked.items() if error is not None}
        if shut:
            from vault.catalogue.copies import store_ids  # with copies come locks and terms: see `commit`

            with self.database.reading() as connection:
                attached = store_ids(connection)
            shut |= {name: not_attached(name) for name in shut if name not in attached}
        return shut

    def enough(self, names: Collection[str]) -> bool:
        """Whether copies on these stores are the policy's minimum, counted by failure domain."""
        configured = {site.name: site for site in self.setting.rules.configured}
        return enough(names, configured, self.setting.rules.policy)

    def sites(self, away: Collection[str] = ()) -> dict[str, Site]:
        """The stores as placement sees them now."""
        with self.database.reading() as connection:
            return sites(connection, self.setting.rules, away)

    def publish(self) -> None:
        """Bring the journal of every store that takes writes up to date."""
        self.journal.publish(list(self.writable.values()), self.enough, self.absences)

    def _files_of(self, act: acts.RecordStored, lists: Mapping[str, Sequence[RecordFile]]) -> Sequence[RecordFile]:
        known = lists.get(act.file_list.sha256) if act.file_list is not None else None
        return known if known is not None else files_of(act, self.stores.values())

    # reading

    @contextmanager
    def open_object(self, digest: Digest) -> Iterator[BinaryIO]:
        """An object from the first store that has it, else from a lender; unverified. The hardest of their answers if
        none does.
        """
        failures: list[BlobMissing | StoreUnavailable] = []
        for source in (*self.stores.values(), *self.lenders):
            try:
                opened: AbstractContextManager[BinaryIO] = source.open(digest)
                stream = opened.__enter__()
            except (BlobMissing, StoreUnavailable) as error:
                failures.append(error)
                continue
            try:
                yield stream
            finally:
                opened.__exit__(None, None, None)
            return
        # One store that could not tell is enough not to call it missing.
        raise next((error for error in failures if isinstance(error, StoreUnavailable)), failures[0])

    def open_file(self, file: RecordFile) -> AbstractContextManager[BinaryIO]:
        """The object of a record's file, unverified: what VerifiedStream, bags and discs read from."""
        return self.open_object(file.digest)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this is held nobody else has the vault open: its catalogue can be put in the place of another."""
        self._be_present(shared=False)
        try:
            yield
        finally:
            self._be_present(shared=True)

    def _be_present(self, *, shared: bool) -> None:
        if not self._presence.take(shared=shared, wait=False):
            raise Busy(
                Text(
                    en="It is being rebuilt." if shared else "Another command has this vault open.",
                    zh="目录库正在重建。" if shared else "另有命令正在使用该档案库。",
                ),
                hint=None if shared else _SERVED,
            )

    def shared_intake(self) -> AbstractContextManager[None]:
        """Held by everyone who brings objects in; sweeping orphans waits for none of them to be at work."""
        return taking(self.database.turns, _INTAKE, shared=True)

    def no_intake(self) -> AbstractContextManager[None]:
        """Busy while anybody brings objects in."""
        busy = Text(en="An intake is at work.", zh="有入库操作正在进行。")
        return taking(self.database.turns, _INTAKE, busy=busy)


_INTAKE = "intake"
_SERVED = Text(
    en="Wait for it to finish; a service is stopped first: systemctl stop strongroom",
    zh="请等待其完成；若有常驻服务，请先停止：systemctl stop strongroom",
)
_RECORDED = Text(
    en="It is recorded all the same, and reaches the stores once they answer. Bring them back; do not ask again.",
    zh="该操作已记录，存储恢复后会自动写入：请恢复存储，不要重复操作。",
)
