"""A vault that goes on for another, whose stores and catalogue are lost, from what discs have of its records.

A disc carries, for each of its records, every entry about it with a proof that it stood in the lost journal, and the
objects. It does not carry that journal: so this one is another, with a key of its own, and says whose records it takes
over (`vault.succeeded`) and each of their entries word for word (`entry.taken-over`). It can be rebuilt from its
stores as any other. What a disc cannot prove is not believed, and what it cannot give is said to be missing.

    begin     the vault must have no records of its own yet; from here on nothing expires until a manager has looked
    take      entries proven, objects brought from the discs and hashed on the way, then entered
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection

from vault import acts, note
from vault.actions import Action
from vault.authority import require
from vault.batches import batched
from vault.carrying import Errand, carry, handfuls
from vault.catalogue import succession
from vault.digest import Digest
from vault.errors import BlobCorrupt, IntegrityBroken, JournalBroken, Refused
from vault.filelist import decode_file_list
from vault.note import Verifier
from vault.proof import check_proof, parse_proof
from vault.records import RecordFile
from vault.store import Vault
from vault.terms import local_day
from vault.text import Text
from vault.toofew import too_few

_AT_ONCE = 100  # records in one commit
_ROOM = 500_000  # serials
_SETS = 1_000  # numbers of disc sets


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The lost vault, as its discs have it: its id, its key, and the newest checkpoint that the key has signed."""

    vault_id: str
    verifier: Verifier
    signed: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """One entry as a disc has it, with its proof; nothing of it is checked yet."""

    seq: int
    entry: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Estate:
    """A record as a disc has it. `listing`: the files, where the record has too many for its entry."""

    number: str
    witnesses: tuple[Witness, ...]
    listing: bytes = b""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record.

    `known`: nothing about it was new. `unproven`: a proof, or an entry, is not good. `incomplete`: some of its objects
    could not be had from any disc that is here, or not whole; nothing of it was taken over, so that it can be later.
    """

    number: str
    state: Literal["taken", "known", "unproven", "incomplete"]
    why: Text | None = None
    missing: tuple[Digest, ...] = ()


def begin(vault: Vault, lost: Predecessor, discs: Sequence[str]) -> int:
    """Enter whose records are taken over, and from which discs now; how many entries the lost journal had.

    Refused where the vault has work of its own, goes on for another vault, or is that vault itself.
    """
    require(vault, Action.CATALOGUE_REBUILD)
    checkpoint = note.open_checkpoint(lost.signed, lost.verifier)
    if lost.verifier == vault.verifier:
        raise Refused(
            Text(
                en="These discs are this very vault's: it has not been lost.",
                zh="这些光盘就是本档案库的：本库并未丢失。",
            ),
            Text(
                en="Read from them: strongroom disc attach. Where the catalogue alone is lost: strongroom rebuild",
                zh="可用 strongroom disc attach 读取；如仅目录库丢失，请用 strongroom rebuild。",
            ),
        )

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        _require_unused(connection, lost)
        act = acts.VaultSucceeded(
            at=vault.now(),
            by=vault.setting.person,
            vault_id=lost.vault_id,
            journal_key=lost.verifier.vkey,
            checkpoint=lost.signed.decode(),
            entries=checkpoint.size,
            discs=tuple(discs),
            first=max(_beyond(checkpoint.size), succession.last_serial(connection) + 1),
            first_set=_first_set(connection, local_day(vault.now(), vault.profile.zone).year, discs),
        )
        return [act]

    vault.commit(draft)
    return checkpoint.size


def _beyond(entries: int) -> int:
    """A serial that no record of the lost vault had: it had at most one for each entry, and half a million is allowed
    for what it stored after the last of its discs was made.
    """
    million = 1_000_000
    return -(-(entries + _ROOM) // million) * million + 1


def _first_set(connection: Connection, year: int, names: Sequence[str]) -> str:
    """A number that no disc set of the lost vault had this year: its last discs may not be among these."""
    numbers = [int(name.split("-")[1]) for name in names if name.startswith(f"{year}-")]
    found = (max(numbers, default=0) // _SETS + 1) * _SETS + 1
    return f"{year}-{max(found, succession.first_set(connection, year)):04d}"


def _require_unused(connection: Connection, lost: Predecessor) -> None:
    before = succession.predecessor(connection)
    if before not in (None, lost.verifier.vkey) or succession.has_work_of_its_own(connection):
        raise Refused(
            Text(
                en="This vault has records of its own, or goes on for another vault.",
                zh="本档案库已有自己的记录，或已接续另一档案库。",
            ),
            Text(
                en="Begin a new vault (strongroom init, in another folder) and read the discs into that.",
                zh="请在另一文件夹中新建档案库（strongroom init），再读入这些光盘。",
            ),
        )


def take(vault: Vault, lost: Predecessor, estates: Iterable[Estate]) -> Iterator[Taken]:
    """Take over records, each whole or not at all; durable and published when it is yielded.

    Objects come from `vault.lenders`. StoreUnavailable: too few stores take writes; what was yielded is safe.
    """
    for some in batched(estates, _AT_ONCE):
        takings = [_Taking(estate.number) for estate in some]
        for estate, taking in zip(some, takings, strict=True):
            try:
                _prepare(vault, lost, estate, taking)
            except IntegrityBroken as error:
                taking.outcome = Taken(estate.number, "unproven", error.what)
        happened = [act for taking in takings for act in taking.happened]
        lists = {sha256: files for taking in takings for sha256, files in taking.lists.items()}
        if happened:
            vault.commit(lambda _, these=happened: these, lists)  # type: ignore[misc]  # bound now
        for taking in takings:
            yield taking.outcome


@dataclass(slots=True)
class _Taking:
    """A record on its way."""

    number: str
    happened: list[acts.AnyAct] = field(default_factory=list)
    lists: dict[str, Sequence[RecordFile]] = field(default_factory=dict)
    outcome: Taken = field(init=False)


def _prepare(vault: Vault, lost: Predecessor, estate: Estate, taking: _Taking) -> None:
    """Prove its entries, bring its objects, and draft what is to be entered."""
    with vault.database.reading() as connection:
        known = succession.taken_of(connection, estate.number)
    entries = {seq: entry for seq, entry in proven(estate, lost.verifier).items() if seq not in known}
    stored = next((entry for entry in entries.values() if isinstance(entry, acts.RecordStored)), None)
    if stored is None and not known:
        raise JournalBroken(
            Text(
                en=f"Nothing on the discs proves that record {estate.number} was taken in.",
                zh=f"光盘上没有可证明记录 {estate.number} 入库的内容。",
            )
        )
    on: tuple[str, ...] = ()
    if stored is not None:
        files = _files(estate, stored)
        on, missing = _bring(vault, files, estate.listing if stored.file_list else b"")
        if missing:
            taking.outcome = Taken(estate.number, "incomplete", missing=missing)
            return
        if stored.file_list is not None:
            taking.lists[stored.file_list.sha256] = files
    now, by = vault.now(), vault.setting.person
    taking.happened = [
        acts.EntryTakenOver(
            at=now, by=by, seq=seq, entry=entry, stores=on if isinstance(entry, acts.RecordStored) else ()
        )
        for seq, entry in entries.items()
    ]
    taking.outcome = Taken(estate.number, "taken" if entries else "known")


def proven(estate: Estate, verifier: Verifier) -> Mapping[int, acts.OfRecord]:
    """The record's entries by their place in the lost journal, ascending. JournalBroken unless for every place that a
    disc names one of the discs has the entry and its proof, and it is about this record.
    """
    entries: dict[int, acts.OfRecord] = {}
    failures: dict[int, JournalBroken] = {}
    for one in sorted(estate.witnesses, key=lambda witness: witness.seq):
        try:
            entries[one.seq] = _entry(one, estate.number, verifier)
        except JournalBroken as error:
            failures[one.seq] = error
    for seq, failure in failures.items():
        if seq not in entries:
            raise failure
    return entries


def _entry(one: Witness, number: str, verifier: Verifier) -> acts.OfRecord:
    check_proof(one.proof, one.entry, verifier.vkey)
    act: acts.AnyAct = acts.decode(one.entry)
    whole = acts.encode(act) == one.entry  # so that the leaf can be had again from what is taken over
    if isinstance(act, acts.EntryTakenOver):
        act = act.entry  # that vault went on for another, too
    if (
        not whole
        or parse_proof(one.proof).index != one.seq
        or not isinstance(act, acts.OfRecord)
        or act.record != number
    ):
        raise JournalBroken(
            Text(
                en=f"Entry {one.seq} on the disc is not one about record {number}.",
                zh=f"光盘上的第 {one.seq} 条日志与记录 {number} 不符。",
            )
        )
    return act


def _files(estate: Estate, stored: acts.RecordStored) -> Sequence[RecordFile]:
    """The record's files, wherever their list is. BlobCorrupt where the discs have another list."""
    listed = stored.file_list
    if listed is None:
        return stored.files
    if Digest.of(estate.listing).hex != listed.sha256:
        raise BlobCorrupt(
            Text(
                en=f"The list of the {listed.count} files of record {estate.number} is not whole on these discs.",
                zh=f"这些光盘上没有记录 {estate.number} 的 {listed.count} 个文件的完整清单。",
            )
        )
    return decode_file_list(estate.listing)


def _bring(vault: Vault, files: Sequence[RecordFile], listing: bytes) -> tuple[tuple[str, ...], tuple[Digest, ...]]:
    """The stores on which all objects of the record are durable now, or those objects that could not be had."""
    errands = [Errand(digest, size) for digest, size in {file.digest: file.size for file in files}.items()]
    away = vault.away()
    names = tuple(name for name in vault.writable if name not in away)
    if not vault.enough(names):
        raise too_few(away)
    for name in names:
        missing: list[Digest] = []
        with vault.shared_intake():
            for handful in handfuls(errands):
                carried = carry(vault, name, handful)
                if refusal := next((one.refusal for one in carried if one.refusal is not None), None):
                    raise refusal
                missing += [errand.digest for errand, one in zip(handful, carried, strict=True) if not one.source]
            if missing:
                return (), tuple(missing)
            if listing:
                _put(vault, name, listing)
    return names, ()


def _put(vault: Vault, name: str, data: bytes) -> None:
    store = vault.stores[name]
    arrival = store.begin(len(data))
    try:
        arrival.write(data)
        arrival.finish()
        store.put([(arrival, Digest.of(data))])
    finally:
        arrival.abandon()  # harmless after `put`
