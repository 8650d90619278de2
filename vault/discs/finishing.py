"""Sets that are not finished any more: a record of theirs was destroyed, or they were cancelled.

    require_whole(connection, number)      before an image is made of a set
    require_makeable(connection, number)   before a set is gone on with
    cancel(vault, number, why)             a set without a finished copy is given up

A destroyed record would come back with the next disc, so nothing more is burnt of a set that has one. What stays of it
gets a set of its own.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import discs
from vault.discs.making import TO_BE_BURNT
from vault.discs.states import NOT_BURNT, TABLE, State, Step
from vault.errors import Refused
from vault.store import Vault
from vault.text import Text


def require_whole(connection: Connection, number: str) -> None:
    """Refused where a record of the set was destroyed, or it was cancelled."""
    if discs.find_set(connection, number).cancelled_at is not None:
        raise Refused(
            Text(en=f"Disc set {number} was cancelled.", zh=f"光盘组 {number} 已取消。"),
            hint=Text(en="Plan a new one: strongroom disc plan", zh="请重新规划：strongroom disc plan"),
        )
    destroyed = discs.destroyed_on(connection, number)
    if not destroyed:
        return
    cancelled = f"strongroom disc cancel {number} --why …"
    again = f"strongroom disc plan --replaces {number}"
    stays = next(discs.records_on(connection, number, kept=True), None) is not None
    hint = Text(
        en=f"A new set of the records that stay: {again}\n  If none is wanted: {cancelled}",
        zh=f"为其余记录重新制作光盘组：{again}\n  如不再需要：{cancelled}",
    )
    raise Refused(
        Text(
            en=f"Disc set {number} was to carry records that have been destroyed: {', '.join(destroyed)}. Nothing more "
            "is made of it.",
            zh=f"光盘组 {number} 拟载有的记录已依规销毁：{'、'.join(destroyed)}。该组不得再制作。",
        ),
        hint=hint if stays else Text(en=f"Give it up: {cancelled}", zh=f"请取消该组：{cancelled}"),
    )


def require_makeable(connection: Connection, number: str) -> None:
    """As `require_whole`, but for a set of which nothing more is to be made."""
    cancelled = discs.find_set(connection, number).cancelled_at is not None
    if cancelled or any(copy.state in TO_BE_BURNT for copy in discs.copies(connection, number)):
        require_whole(connection, number)


def cancel(vault: Vault, number: str, why: str) -> None:
    """Give a set up. Refused where a copy of it carries records, or there is nothing left to give up; once more, what
    is cancelled stays so."""
    require(vault, Action.DISC_BUILD, about=number)
    now, by = vault.now(), vault.setting.person

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        if discs.find_set(connection, number).cancelled_at is not None:
            return []
        copies = discs.copies(connection, number)
        if made := [copy for copy in copies if copy.state not in NOT_BURNT | {State.DESTROYED}]:
            raise _made(number, made)
        if not any((copy.state, Step.CANCEL) in TABLE for copy in copies):
            raise Refused(
                Text(en=f"Nothing of disc set {number} is still to be made.", zh=f"光盘组 {number} 没有待制作的光盘。"),
                hint=Text(en=f"strongroom disc show {number}", zh=f"strongroom disc show {number}"),
            )
        return [acts.DiscSetCancelled(at=now, by=by, disc_set=number, why=why)]

    vault.commit(draft)


def _made(number: str, copies: Sequence[discs.Copy]) -> Refused:
    en = ", ".join(f"{copy.mark} {copy.state.label.en}" for copy in copies)
    zh = "、".join(f"{copy.mark} {copy.state.label.zh}" for copy in copies)
    again = f"strongroom disc plan --replaces {number}"
    return Refused(
        Text(
            en=f"Disc set {number} has copies that carry records ({en}): it cannot be cancelled.",
            zh=f"光盘组 {number} 已有载有记录的光盘（{zh}），不能取消。",
        ),
        hint=Text(
            en=f"One that was begun and is lost: strongroom disc run --lost MARK\n  Another set in its place: {again}",
            zh=f"已开始刻录而无法找回的：strongroom disc run --lost 编号\n  以新组取代：{again}",
        ),
    )
