"""Destruction: exactly what was approved, on every copy, and no more of it than is still due at that moment.

    look     every attached store has to answer and take deletions, and no lock may stand: else nothing more is begun
    begin    in one transaction each record is decided on anew; what is not due any more, or not what the list says of
             it, is spared, and so is all that waits once another profile was adopted; of the others the objects that
             nobody else needs are entered as about to be destroyed, and leave the catalogue
    destroy  store by store, each object with a permit made just then; what a store has done is entered
    erase    images that were built for discs, where they can be reached (images.py)
    prove    every store is asked again (proof.py); then, with the discs, it is closed

A record is whole until all its copies can go at once: while a store is away, or a copy is locked, it waits. It may be
killed anywhere and run again: what is left to do is in the catalogue, and follows from the journal. No intake, healing
or moving goes on while objects are looked at and deleted, since it might bring back what has just gone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from vault import acts
from vault.actions import Action
from vault.authority import Bar, Barred, Reason, at_the_door
from vault.catalogue import disposals, dooming, schema
from vault.catalogue.copies import store_ids
from vault.catalogue.holdings import holding_of, pause
from vault.digest import Digest
from vault.disposal.door import look, take
from vault.disposal.frozen import left_over, why_spared
from vault.disposal.images import erase_images
from vault.disposal.looking import locked, not_ready
from vault.disposal.proof import aside, prove
from vault.disposal.rules import Disposal, State, Step
from vault.errors import Refused, StoreUnavailable
from vault.journal import read_edge
from vault.locksync import sync
from vault.moving import moving
from vault.permits import Warrant, permit_for_disposal
from vault.ports import Store
from vault.releasing import HOW_TO_RELEASE, WHO_RELEASES
from vault.retention import decide
from vault.store import Vault
from vault.text import Text
from vault.timekeeping import hear

_ROOM = 48_000  # bytes of an entry for what is doomed
_DIGEST = 67  # bytes that a digest takes in an entry

Progress = Callable[[int], object]


@dataclass(slots=True)
class Ran:
    """What one run came to. Records: `begun`, `spared` with why, `locked` with until when; `copies` destroyed.

    `images`: files of images that stay, with why; `waiting`: stores without which it does not go on; `kept`: objects
    that were entered and may not be deleted now.
    """

    disposal: str
    begun: int = 0
    copies: int = 0
    spared: dict[str, Text] = field(default_factory=dict)
    locked: dict[str, Text] = field(default_factory=dict)
    waiting: dict[str, StoreUnavailable] = field(default_factory=dict)
    kept: dict[Digest, Refused] = field(default_factory=dict)
    images: dict[str, Text] = field(default_factory=dict)
    state: State = State.DESTROYING


def run(vault: Vault, number: str, progress: Progress = int) -> Ran:
    """Destroy what is approved, signed and due; go on where an earlier run was interrupted. `progress`: of copies.

    Refused before anything is done where it is not time yet, or expiry is paused, as it is where the clocks do not
    agree, whoever vouches; Busy while copies come in or are moved. A store that does not answer, or a lock, is in the
    report.
    """
    ran = Ran(number)
    with at_the_door(vault, Action.DISPOSAL_RUN, number), moving(vault, Action.DISPOSAL_RUN):
        ran.state = _require_time(vault, number)
        vault.publish()  # whoever was here before may have been interrupted just then
        if ran.state is State.CLOSED:
            return ran
        sync(vault, int)
        ran.waiting = not_ready(vault)
        _destroy_begun(vault, ran, progress)
        if not ran.waiting:
            for page in _pages(vault, number):
                _begin(vault, ran, page)
                _destroy_begun(vault, ran, progress)
                if ran.waiting:
                    break
        ran.images = erase_images(vault, number)
        if _all_gone(vault, number) and _anything_begun(vault, number) and not ran.waiting:
            ran.waiting = prove(vault, number)
        ran.state = close(vault, number)
    return ran


def trusted_now(vault: Vault) -> datetime:
    """The time that the clocks agree on. Refused where they do not: here nobody vouches in passing."""
    verdict = hear(vault, surely=True)
    if verdict.paused is not None:
        hint = Text(
            en="Look: strongroom clock. Set what is wrong; destruction waits until the clocks agree, or two people "
            f"who may let expiry go on ({WHO_RELEASES.en}) have looked at a watch, each in person: "
            "strongroom --clock-is-right clock",
            zh="请运行 strongroom clock 查看并校准；各处时间一致，或由两名有权恢复到期处置的人员"
            f"（{WHO_RELEASES.zh}）先后亲自核对并执行 strongroom --clock-is-right clock 后，方可销毁。",
        )
        raise Barred(Reason(Bar.PAUSED, verdict.paused, hint))
    return verdict.now


def _require_time(vault: Vault, number: str) -> State:
    """Where it stands. Refused where it is not time yet."""
    disposal = look(vault, number, Step.RUN, trusted_now(vault))
    with vault.database.reading() as connection:
        _require_no_pause(connection)
    return disposal.state


def _require_no_pause(connection: Connection) -> None:
    if (paused := pause(connection)) is not None:
        raise Barred(Reason(Bar.PAUSED, paused, HOW_TO_RELEASE))


def _pages(vault: Vault, number: str) -> Iterator[Sequence[dooming.Waiting]]:
    after = 0
    while True:
        with vault.database.reading() as connection:
            page = dooming.waiting(connection, number, after)
        if not page:
            return
        yield page
        after = page[-1].serial


# beginning


def _begin(vault: Vault, ran: Ran, page: Sequence[dooming.Waiting]) -> None:
    """Enter what is about to be destroyed; from then on those records are no more."""
    free = _free(vault, ran, page)
    with vault.no_intake():
        now, by = trusted_now(vault), vault.setting.person

        def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
            _require_no_pause(connection)
            spared: list[acts.Spared] = []
            ending: list[dooming.Waiting] = []
            for one in free:
                why = why_spared(connection, disposal, one, vault.profile, now)
                if why is None:
                    ending.append(one)
                else:
                    spared.append(acts.Spared(record=one.number, why=why))
            stores = tuple(store_ids(connection))
            happened: list[acts.AnyAct] = [
                acts.DestructionBegun(at=now, by=by, disposal=ran.disposal, stores=stores, doomed=tuple(doomed))
                for doomed in _parts(_doomed(connection, ending))
            ]
            if spared:
                happened.insert(0, acts.RecordsSpared(at=now, by=by, disposal=ran.disposal, spared=tuple(spared)))
            asked = disposal.approval
            if asked is not None and asked.used_at is None:
                happened.insert(0, acts.ApprovalUsed(at=now, by=by, request=asked.number, sha256=asked.sha256))
            ran.begun += len(ending)
            ran.spared |= {one.record: one.why for one in spared}
            return happened

        if free:
            take(vault, ran.disposal, Step.RUN, now, entries)


def _free(vault: Vault, ran: Ran, page: Sequence[dooming.Waiting]) -> Sequence[dooming.Waiting]:
    """Those whose copies can all go at once, or that stay in any case; of the others, why they wait."""
    with vault.database.reading() as connection:
        if left_over(disposals.get(connection, ran.disposal)) is not None:
            return page
    serials = [one.serial for one in page]
    waits = {one.number: locked(vault, one.serial, serials, ran.waiting) for one in page}
    ran.locked |= {number: why for number, why in waits.items() if why is not None}
    return [one for one in page if waits[one.number] is None]


def _doomed(connection: Connection, ending: Sequence[dooming.Waiting]) -> Iterator[acts.Doomed]:
    """Of each record the objects that no record which stays needs."""
    serials = [one.serial for one in ending]
    for one in ending:
        digests = [digest.hex for digest in dooming.only_theirs(connection, one.serial, serials)]
        most = _ROOM // _DIGEST
        for start in range(0, max(1, len(digests)), most):
            yield acts.Doomed(record=one.number, objects=tuple(digests[start : start + most]))


def _parts(doomed: Iterator[acts.Doomed]) -> Iterator[list[acts.Doomed]]:
    """As many as fit an entry."""
    part: list[acts.Doomed] = []
    size = 0
    for one in doomed:
        size += _DIGEST * (len(one.objects) + 1)
        if part and size > _ROOM:
            yield part
            part, size = [], _DIGEST * (len(one.objects) + 1)
        part.append(one)
    if part:
        yield part


# destroying


def _destroy_begun(vault: Vault, ran: Ran, progress: Progress) -> None:
    """All that was entered and has not been done, on every store that answers."""
    with vault.database.reading() as connection:
        names = dooming.stores_outstanding(connection, ran.disposal)
    for name in names:
        after: Digest | None = None
        while name not in ran.waiting:
            page = _destroy_page(vault, ran, name, after)
            if not page:
                break
            progress(len(page))
            after = page[-1]


def _destroy_page(vault: Vault, ran: Ran, name: str, after: Digest | None) -> Sequence[Digest]:
    with vault.no_intake():
        now = trusted_now(vault)
        with vault.database.reading() as connection:
            page = dooming.outstanding(connection, ran.disposal, name, after)
            warrants = _warrants(vault, connection, ran.disposal, page, now)
            if page and not _is_told(connection, name):
                ran.waiting[name] = StoreUnavailable(
                    Text(
                        en=f"Store {name} lacks the end of the journal: nothing is destroyed there.",
                        zh=f"存储 {name} 上的日志尚未补齐，暂不销毁其上的副本。",
                    )
                )
                return ()
        if not page:
            return page
        done: list[str] = []
        returned: list[str] = []
        try:
            set_aside = aside(vault.stores[name], page)
            for digest in page:
                if warrants[digest].needed:
                    returned.append(digest.hex)
                elif _delete(vault.stores[name], digest, warrants[digest], set_aside.get(digest, ()), now, ran):
                    done.append(digest.hex)
        except StoreUnavailable as error:
            ran.waiting[name] = error
        if done or returned:
            act = acts.CopiesDestroyed(
                at=now,
                by=vault.setting.person,
                disposal=ran.disposal,
                store=name,
                sha256=tuple(done),
                returned=tuple(returned),
            )
            vault.commit(lambda _: [act], happened_already=True)
        ran.copies += len(done)
        return page


def _is_told(connection: Connection, name: str) -> bool:
    """Whether a store's own journal says all that has happened. What is destroyed on one whose journal does not know of
    it would be lost, to whoever has nothing but that store one day.
    """
    size = select(schema.store.c.journal_size).where(schema.store.c.name == name)
    return bool(connection.execute(size).scalar() == read_edge(connection).size)


def _delete(store: Store, digest: Digest, warrant: Warrant, set_aside: Sequence[str], now: datetime, ran: Ran) -> bool:
    """Whether it is gone. Refused by a rule, or by a lock in the store: it stays for another run."""
    try:
        store.delete(digest, permit_for_disposal(digest, warrant, now))
    except Refused as error:
        ran.kept[digest] = error
        return False
    if set_aside:
        store.remove_files(set_aside)
    return True


def _warrants(
    vault: Vault, connection: Connection, number: str, page: Sequence[Digest], now: datetime
) -> dict[Digest, Warrant]:
    """What speaks for each object's destruction, as all of it is at this moment. What has begun goes by the profile
    under which it was agreed: a record that is no more comes under no other."""
    disposal: Disposal = disposals.get(connection, number)
    profile, paused = disposals.profile_of(connection, number), pause(connection)
    entered = dooming.entered(connection, number, page)
    serials = sorted({serial for one in entered.values() for serial in one.records})
    record = schema.record.c
    numbers = {
        row.id: row.number for row in connection.execute(select(record.id, record.number).where(record.id.in_(serials)))
    }
    decisions = {serial: decide(holding_of(connection, serial, paused), profile, now) for serial in serials}
    return {
        digest: Warrant(
            disposal=disposal,
            begun_under=one.adoptions,
            decisions={numbers[serial]: decisions[serial] for serial in one.records},
            needed=dooming.is_known(connection, digest),
            decided_at=now,
        )
        for digest, one in entered.items()
    }


# ending


def _all_gone(vault: Vault, number: str) -> bool:
    """Nothing waits on the list, and no store has anything left to do."""
    with vault.database.reading() as connection:
        return not dooming.waiting(connection, number, 0) and not dooming.stores_outstanding(connection, number)


def _anything_begun(vault: Vault, number: str) -> bool:
    """What was not begun needs no proof, and gets none: nothing was destroyed."""
    with vault.database.reading() as connection:
        return disposals.standing(connection, number).count("begun") > 0


def close(vault: Vault, number: str) -> State:
    """Close the disposal if it is proven and every disc is seen to; its state."""
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        standing = disposals.standing(connection, number)
        nothing = not any(standing.count(outcome) for outcome in ("", "begun", "destroyed"))  # all were spared
        done = nothing or (standing.proven_at is not None and not any(disc.open for disc in standing.discs))
        if standing.disposal.state is not State.DESTROYING or not done:
            return []
        destroyed, spared = standing.count("destroyed"), standing.count("spared")
        return [acts.DisposalClosed(at=now, by=by, disposal=number, destroyed=destroyed, spared=spared)]

    vault.commit(draft, happened_already=True)
    with vault.database.reading() as connection:
        return disposals.get(connection, number).state
