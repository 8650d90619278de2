"""The catalogue made anew from the stores: from what of the journal is proven on any of them, or on a chosen one.

The new one is put in the place of the old one, which is kept beside it. After a rebuild nothing expires until a
manager has looked at it and releases it: the entry that says so is in the new catalogue before anybody can use it.
"""

from contextlib import suppress

from sqlalchemy import case, select, update

from vault import acts, journalcheck
from vault.authority import Action, require
from vault.batches import batched
from vault.catalogue import schema
from vault.catalogue.database import Database
from vault.catalogue.plans import plan_all
from vault.errors import CatalogueBroken, IntegrityBroken, StoreUnavailable
from vault.ports import Store
from vault.replay import Replay
from vault.store import Vault
from vault.text import Text


def rebuild(vault: Vault, name: str | None) -> int:
    """Make the catalogue anew; returns the number of entries. The old one is kept beside it.

    `name`: believe the journal of this store alone, which must be whole and the newest of those that answer. Without
    it every file may come from any store, and all must answer. Busy while anybody else has the vault open.
    """
    with vault.alone():
        _require_entitled(vault)
        with vault.journal.still():
            size = _rebuild(vault, name)
        with suppress(StoreUnavailable):  # the catalogue is there; that it was rebuilt waits in its outbox
            vault.publish()
    return size


def _require_entitled(vault: Vault) -> None:
    """As far as there is a catalogue that can say who is: without one, whoever can sign the journal may rebuild it.
    What they did is in the journal, and nothing expires until somebody else has looked at it.
    """
    with suppress(CatalogueBroken, StoreUnavailable):
        if vault.database.exists():
            if not vault.database.is_current():
                vault.moved_from = vault.database.move_forward()
            require(vault, Action.CATALOGUE_REBUILD)


def _rebuild(vault: Vault, name: str | None) -> int:
    stores = list(vault.stores.values())
    agreed = journalcheck.agree(stores, vault.verifier)
    if agreed.unknown and name is None:
        raise _perhaps_newer(agreed)
    journalcheck.require_one_history(agreed, stores)
    with vault.database.replacement() as database:
        _make(vault, database, stores, agreed, name)
    return agreed.checkpoint.size


def _make(vault: Vault, database: Database, stores: list[Store], agreed: journalcheck.Agreed, name: str | None) -> None:
    replay = Replay(stores, database, agreed)
    _replay_all(stores, replay, agreed, name)
    source = name or ", ".join(agreed.of_store)
    size = agreed.checkpoint.size
    done = acts.CatalogueRebuilt(
        at=vault.now(database), by=vault.setting.person, via=vault.setting.via, store=source, entries=size
    )
    replay.go_on([acts.encode(done)])
    for store in stores:
        _note_copies(database, store)
        _note_journal(database, store.name, agreed)
    plan_all(database, vault.setting.rules, done.at)


def _perhaps_newer(agreed: journalcheck.Agreed) -> StoreUnavailable:
    """To go on without a store that has a longer journal would be to sign a second history."""
    away, here = ", ".join(agreed.unknown), next(iter(agreed.of_store))
    return StoreUnavailable(
        Text(
            en=f"Store {away} does not answer, and its journal may be newer; nothing was done.",
            zh=f"存储 {away} 没有应答，其日志可能更新；未作任何操作。",
        ),
        hint=Text(
            en=f"Bring it back first. If it is lost for good: strongroom rebuild --from {here}",
            zh=f"请先恢复该存储。如已彻底丢失：strongroom rebuild --from {here}",
        ),
    )


def _replay_all(stores: list[Store], replay: Replay, agreed: journalcheck.Agreed, name: str | None) -> None:
    hopeless: list[journalcheck.JournalFile] = []
    for file in journalcheck.check_journal(stores, agreed):
        if name is not None and name in (*file.damaged, *file.unknown, *file.behind):
            raise IntegrityBroken(
                Text(
                    en=f"The journal on {name} is not whole or not the newest: {file.path}.",
                    zh=f"存储 {name} 上的日志不完整或不是最新：{file.path}。",
                ),
                hint=Text(
                    en="Leave --from away: each file is then taken from a store where it is good.",
                    zh="请不要指定 --from：各文件将取自其完好的存储。",
                ),
            )
        if file.good is None:
            hopeless.append(file)
        replay.take(file)
    if not replay.whole:
        raise journalcheck.broken_journal(hopeless)
    replay.finish()


def _note_journal(database: Database, name: str, agreed: journalcheck.Agreed) -> None:
    known = agreed.of_store.get(name)
    with database.writing() as connection:
        connection.execute(
            update(schema.store).where(schema.store.c.name == name).values(journal_size=known.size if known else 0)
        )


def _note_copies(database: Database, store: Store) -> None:
    """What the store has now, all of it unread. A copy that the journal left good and that is gone counts as damaged;
    what was damaged stays so until a scrub has read it.

    Where the store cannot tell, the copies stay as the journal left them.
    """
    copy, object_ = schema.copy.c, schema.object_.c
    with suppress(StoreUnavailable), database.writing() as connection:
        store_id = connection.execute(select(schema.store.c.id).where(schema.store.c.name == store.name)).scalar()
        mine = update(schema.copy).where(copy.store_id == store_id)
        connection.execute(mine.where(copy.state == "good").values(state="damaged"))
        left_good = copy.verified_at != ""  # as the journal has it, until the last line
        come = case((left_good & (copy.state == "damaged"), "good"), else_=copy.state)
        for part in batched(store.list(), 500):
            here = select(object_.id).where(object_.sha256.in_([info.digest.raw for info in part]))
            connection.execute(mine.where(copy.object_id.in_(here)).values(state=come))
        connection.execute(mine.values(verified_at=""))
