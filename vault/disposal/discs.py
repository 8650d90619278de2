"""Discs that carry destroyed records: a task for each, open until two people saw it destroyed (shredded, by hand).

Software cannot destroy a disc; it can refuse to forget one. The two fall under the same bars as supervisors of
destruction, and one of them is such a supervisor; both say the same of how it was done. A disc mostly carries other
records too, which stay: who destroys it makes a new set of those first, and waits while one of them is held.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import Bar, Reason
from vault.catalogue import discs, disposals, people
from vault.catalogue.disposals import DiscTask
from vault.catalogue.holdings import holdings_of
from vault.catalogue.lacking import needing_a_set
from vault.catalogue.named import namesakes_since
from vault.catalogue.rows import serial_of
from vault.discs.model import Mark, Spoiled
from vault.disposal.destruction import close
from vault.disposal.door import in_anothers_name, own_doings, take
from vault.disposal.rules import Disposal, State, Step
from vault.errors import BadInput
from vault.people import Role
from vault.rights import entitled, may, namesake
from vault.store import Vault
from vault.text import Text

_WHO = entitled(Action.DISC_DESTRUCTION_CONFIRM)
_WHO_MAY = Text(en=f"Who may: {_WHO.en}.", zh=f"可由{_WHO.zh}确认。")


def confirm(vault: Vault, number: str, disc: str, how: str) -> State:
    """One person says that they saw it destroyed, and how; where the disposal stands then. Both must be different
    people, and each says how: whoever says nothing has not agreed. Refused while a record is on it that has to stay and
    is on no other set, or is held."""
    if not how.strip():
        raise BadInput(
            Text(en=f"Say how disc {disc} was destroyed.", zh=f"请填报光盘 {disc} 的销毁方式。"),
            hint=Text(en="Both who saw it say so: --how 粉碎", zh="两名见证人均须填报：--how 粉碎"),
        )
    now, by = vault.now(), vault.setting.person

    def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
        return [acts.DiscDestroyed(at=now, by=by, disposal=number, disc=disc, why=how.strip())]

    def against(connection: Connection, disposal: Disposal) -> Iterable[Reason]:
        task = _task(connection, number, disc)
        if not task.open:
            text = Text(en=f"Two people have confirmed disc {disc}.", zh=f"光盘 {disc} 已由两人确认。")
            yield Reason(Bar.ORDER, text, _look(number))
            return
        yield from own_doings(connection, vault, disposal, Action.DISC_DESTRUCTION_CONFIRM)
        yield from in_anothers_name(vault)
        yield from _not_the_second(connection, disposal, task, by)
        yield from _another_way(task, how)
        yield from what_stays(connection, disc)

    take(vault, number, Step.CONFIRM_DISC, now, entries, against)
    return close(vault, number)


def _task(connection: Connection, number: str, disc: str) -> DiscTask:
    found = next((one for one in disposals.discs(connection, number) if one.disc == disc), None)
    if found is None:
        raise BadInput(
            Text(en=f"Disposal {number} has no disc {disc}.", zh=f"处置 {number} 中没有光盘 {disc}。"),
            hint=_look(number),
        )
    return found


def _look(number: str) -> Text:
    return Text(en=f"See: strongroom disposal show {number}", zh=f"请查看：strongroom disposal show {number}")


def _not_the_second(connection: Connection, disposal: Disposal, task: DiscTask, by: str) -> Iterable[Reason]:
    """Why somebody is not the second of the two: they are the first, or of their name, or neither is a supervisor of
    destruction."""
    for first in task.seen:
        if first.by == by:
            yield Reason(Bar.TWICE, _confirmed(by, task.disc), _WHO_MAY)
        elif first.by in namesakes_since(connection, by, first.at):
            yield namesake(by, first.by, _confirmed(first.by, task.disc), Action.DISC_DESTRUCTION_CONFIRM)
        elif not (first.title is Role.DESTRUCTION_SUPERVISOR or _supervises(connection, disposal, first.by, by)):
            role = Role.DESTRUCTION_SUPERVISOR.label
            yield Reason(
                Bar.ROLE,
                Text(
                    en=f"Neither {first.called} nor {by} is a supervisor of destruction: one of the two who see disc "
                    f"{task.disc} destroyed has to be.",
                    zh=f"{first.called} 与 {by} 均不是监销人：见证光盘 {task.disc} 销毁的两人中须有一名监销人。",
                ),
                Text(en=f"The second is a {role.en}.", zh=f"第二人须为{role.zh}。"),
            )


def _confirmed(who: str, disc: str) -> Text:
    return Text(
        en=f"{who} has confirmed disc {disc} already; the second is somebody else.",
        zh=f"{who} 已确认光盘 {disc}，第二人须为他人。",
    )


def _supervises(connection: Connection, disposal: Disposal, *logins: str) -> bool:
    """Whether one of them supervises that destruction, or may supervise any."""
    named = {one.by for one in disposal.signatures}
    return any(
        login in named or may(people.at_work(connection, login), Action.DISPOSAL_SUPERVISE).allowed for login in logins
    )


def _another_way(task: DiscTask, how: str) -> Iterable[Reason]:
    """A reason where the first of the two said another way in which it was destroyed."""
    if task.how and _plain(task.how) != _plain(how):
        first = task.seen[0].called
        yield Reason(
            Bar.CHANGED,
            Text(
                en=f"{first} said that disc {task.disc} was destroyed in another way: {task.how}.",
                zh=f"{first} 所报光盘 {task.disc} 的销毁方式不同：{task.how}。",
            ),
            Text(
                en="Both saw the same: settle how it was destroyed, and say that.",
                zh="两人所见应当一致：请核实销毁方式后填报。",
            ),
        )


def _plain(how: str) -> str:
    return "".join(unicodedata.normalize("NFKC", how).split()).casefold()


def what_stays(connection: Connection, disc: str) -> Iterable[Reason]:
    """Reasons why a disc is not to be destroyed: what else is on it."""
    written_off = Spoiled.parse(disc) is not None  # nobody relies on it
    if not written_off and (needing := needing_a_set(connection, Mark.parse(disc))):
        yield Reason(
            Bar.STAYS,
            Text(
                en=f"Disc {disc} also carries records that stay and are on no other set on the shelf: "
                f"{', '.join(needing)}.",
                zh=f"光盘 {disc} 另载有须继续保存、且未载于其他已上架光盘组的记录：{'、'.join(needing)}。",
            ),
            _new_set(disc),
        )
    if held := _held_on(connection, disc):
        yield Reason(
            Bar.STAYS,
            Text(
                en=f"Disc {disc} also carries records under hold: {', '.join(held)}.",
                zh=f"光盘 {disc} 另载有暂缓处置的记录：{'、'.join(held)}。",
            ),
            Text(
                en="It is kept until the holds are released: strongroom hold release",
                zh="解除暂缓处置之前不得销毁：strongroom hold release",
            ),
        )


def _new_set(disc: str) -> Text:
    command = f"strongroom disc plan --replaces {Mark.parse(disc).disc_set}"
    return Text(
        en=f"Make a new set of these first: {command}, then strongroom disc run",
        zh=f"请先为其重新制作光盘组：{command}，再运行 strongroom disc run",
    )


def _held_on(connection: Connection, disc: str) -> Sequence[str]:
    """Records on a disc that are held, with the numbers of their holds."""
    if Spoiled.parse(disc) is not None:
        return ()
    mark = Mark.parse(disc)
    staying = list(discs.records_on(connection, mark.disc_set, mark.disc, kept=True))
    holdings = holdings_of(connection, [serial_of(number) for number in staying])
    return [
        f"{number} ({', '.join(one.id for one in holding.holds)})"
        for number, holding in zip(staying, holdings.values(), strict=True)
        if holding.holds
    ]
