"""Stores that join, are given another medium, stop taking copies, and leave: each an act of the journal."""

from collections.abc import Callable, Sequence
from typing import Literal

from sqlalchemy import Connection, select

from vault import acts
from vault.authority import Action, require
from vault.catalogue import copies, schema
from vault.catalogue.dooming import owes_destruction
from vault.catalogue.plans import plan_all
from vault.errors import BadInput, BlobMissing, Refused, StoreNotMounted, StoreUnavailable
from vault.journal import CHECKPOINT
from vault.ports import Store
from vault.promises import Finding, require_needed
from vault.store import Vault
from vault.text import Text

Probe = Callable[[], Sequence[Finding]]


def attach(vault: Vault, name: str, kind: str, location: str, probe: Probe) -> None:
    """A store joins, empty. What belongs there is owed to it from then on: `repair` brings it.

    Refused where it has joined, where its place is not empty, and where `probe` finds that place not fit for evidence.
    Asking again after an interruption is fine.
    """
    require(vault, Action.STORE_MANAGE, about=name)
    if is_attached(vault, name):
        _require_gone(vault, name)
        raise Refused(
            Text(
                en=f"Store {name} is attached, and what is in its place is empty.",
                zh=f"存储 {name} 已接入，但其位置是空的。",
            ),
            hint=Text(
                en=f"Mount it. If that medium is lost for good: strongroom store renew {name}",
                zh=f"请先挂载。如原介质已彻底丢失：strongroom store renew {name}",
            ),
        )
    _join(vault, name, kind, location, probe)


def renew(vault: Vault, name: str, kind: str, location: str, probe: Probe, *, lost: bool) -> None:
    """Another, empty medium takes the place of one that is lost. As `attach`, of a store that has joined.

    An empty place is no loss: its medium may only not be mounted. So Refused unless it is known that it is `lost`:
    a person says so, or what is in its place was mounted there.
    """
    require(vault, Action.STORE_MANAGE, about=name)
    if not is_attached(vault, name):
        raise Refused(
            Text(en=f"Store {name} was never attached.", zh=f"存储 {name} 从未接入。"),
            hint=Text(en=f"strongroom store attach {name}", zh=f"请运行：strongroom store attach {name}"),
        )
    try:
        _require_gone(vault, name)
    except StoreUnavailable as error:
        raise type(error)(error.what, _not_told_to_be_lost(name)) from error
    if not lost:
        raise Refused(
            Text(
                en=f"What is in the place of store {name} is empty, but perhaps only because nothing is mounted there.",
                zh=f"存储 {name} 的位置是空的，但可能只是没有挂载。",
            ),
            hint=Text(
                en=f"findmnt tells, here or on the server that has it, whether {location} lies on its medium; mount "
                f"it, then: strongroom store status. Only if it is lost for good: strongroom store renew {name} --lost",
                zh=f"请在本机或其所在服务器上用 findmnt 查看 {location} 是否位于原介质上；挂载后运行 strongroom store "
                f"status。确已彻底丢失的：strongroom store renew {name} --lost",
            ),
        )
    _join(vault, name, kind, location, probe)


def _not_told_to_be_lost(name: str) -> Text:
    return Text(
        en=f"What does not answer may be whole: look after its server and its line. If it is lost for good: give the "
        f"store another place in strongroom.toml, and ask again; or strongroom store detach {name} --lost",
        zh=f"没有应答不等于丢失，请检查其服务器和线路。如已彻底丢失：请在 strongroom.toml 中改为新的位置后重新运行，"
        f"或 strongroom store detach {name} --lost",
    )


def _require_gone(vault: Vault, name: str) -> None:
    """Refused where the store is in its place. StoreUnavailable where that cannot be told."""
    if _carries_journal(vault.stores[name]):
        raise Refused(
            Text(en=f"Store {name} is attached and in its place.", zh=f"存储 {name} 已接入且在位。"),
            hint=Text(en="There is nothing to do: strongroom store status", zh="无需办理：strongroom store status"),
        )


def _join(vault: Vault, name: str, kind: str, location: str, probe: Probe) -> None:
    findings = tuple(probe())
    require_needed(name, findings)
    vault.mark(vault.stores[name])
    now, by = vault.now(), vault.setting.person
    attached = acts.StoreAttached(at=now, by=by, store=name, kind=kind, location=location)
    vault.commit(lambda _: [attached, acts.StoreProbed(at=now, by=by, store=name, findings=findings)])
    plan_all(vault.database, vault.setting.rules, now)


def note_probe(vault: Vault, name: str, findings: Sequence[Finding]) -> None:
    """Keep what a probe found, of a store that is attached: of another one it is news for whoever asked alone."""
    if is_attached(vault, name):
        require(vault, Action.STORE_MANAGE, about=name)
        act = acts.StoreProbed(at=vault.now(), by=vault.setting.person, store=name, findings=tuple(findings))
        vault.commit(lambda _: [act])


def set_standing(vault: Vault, name: str, standing: Literal["open", "suspected", "emptying"], why: str) -> None:
    """Whether a store takes copies from now on. BadInput where there is none of that name.

    That it is suspected is what a check found, whoever ran it.
    """
    require_attached(vault, name)
    if standing != "suspected":
        require(vault, Action.STORE_MANAGE, about=name)
    act = acts.StoreStanding(at=vault.now(), by=vault.setting.person, store=name, standing=standing, why=why)
    vault.commit(lambda _: [act], happened_already=standing == "suspected")


def detach(vault: Vault, name: str, *, lost: bool = False) -> None:
    """A store leaves. Refused while it has copies, unless it is lost."""
    require_attached(vault, name)
    require(vault, Action.STORE_MANAGE, about=name)
    act = acts.StoreDetached(at=vault.now(), by=vault.setting.person, store=name, lost=lost)

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        store = schema.store.c
        if not lost and owes_destruction(connection, name):
            raise Refused(
                Text(en=f"Store {name} has content that is being destroyed.", zh=f"存储 {name} 上有正在销毁的内容。"),
                hint=Text(en="Finish it: strongroom disposal run", zh="请先完成：strongroom disposal run"),
            )
        left: int = connection.execute(select(store.copies).where(store.name == name)).scalar_one()
        if left and not lost:
            raise Refused(
                Text(en=f"Store {name} still has {left} copies.", zh=f"存储 {name} 上还有 {left} 个副本。"),
                hint=Text(
                    en=f"Empty it: strongroom store drain {name}. If it is lost for good: --lost",
                    zh=f"请先清空：strongroom store drain {name}。如已彻底丢失，请加 --lost",
                ),
            )
        return [act]

    vault.commit(draft)
    plan_all(vault.database, vault.setting.rules, vault.now(), only_if_stale=True)


def require_attached(vault: Vault, name: str) -> None:
    """BadInput where no store of that name is attached."""
    if not is_attached(vault, name):
        raise BadInput(Text(en=f"No store {name!r} is attached.", zh=f"没有已接入的存储 {name!r}。"))


def is_attached(vault: Vault, name: str) -> bool:
    """Whether the store has joined."""
    with vault.database.reading() as connection:
        return name in copies.store_ids(connection)


def _carries_journal(store: Store) -> bool:
    """Whether there is a store in its place, and not a new medium. StoreUnavailable where that cannot be told."""
    try:
        store.read_file(CHECKPOINT)
    except (BlobMissing, StoreNotMounted):
        return False
    return True
