"""Discs that carry destroyed records: a task for each, open until two people saw it destroyed (shredded, by hand).
So is the file of an image that the program cannot reach (vault/disposal/images.py).

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
from vault.catalogue import discs, imagefiles, people
from vault.catalogue.disctasks import DiscTask, disc_tasks
from vault.catalogue.holdings import holdings_of
from vault.catalogue.lacking import needing_a_set
from vault.catalogue.named import namesakes_since
from vault.catalogue.rows import serial_of
from vault.discs.imagefiles import not_gone, still_there
from vault.discs.model import ImageFile, Mark, Spoiled, called
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
    about = called(disc)
    if not how.strip():
        raise BadInput(
            Text(en=f"Say how {about.en} was destroyed.", zh=f"请填报{about.zh} 的销毁方式。"),
            hint=Text(en="Both who saw it say so: --how 粉碎", zh="两名见证人均须填报：--how 粉碎"),
        )
    now, by = vault.now(), vault.setting.person
    lies_there = _image_still_there(vault, disc)

    def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
        return [acts.DiscDestroyed(at=now, by=by, disposal=number, disc=disc, why=how.strip())]

    def against(connection: Connection, disposal: Disposal) -> Iterable[Reason]:
        task = _task(connection, number, disc)
        if not task.open:
            yield Reason(Bar.ORDER, _settled(task), _look(number))
            return
        if lies_there is not None:
            yield lies_there
        yield from own_doings(connection, vault, disposal, Action.DISC_DESTRUCTION_CONFIRM)
        yield from in_anothers_name(vault)
        yield from _not_the_second(connection, disposal, task, by)
        yield from _another_way(task, how)
        yield from what_stays(connection, disc)

    take(vault, number, Step.CONFIRM_DISC, now, entries, against)
    return close(vault, number)


def _settled(task: DiscTask) -> Text:
    about = called(task.disc)
    if task.erased_at is not None:
        return Text(en=f"The program has erased {about.en}.", zh=f"本系统已删除{about.zh}。")
    return Text(en=f"Two people have confirmed {about.en}.", zh=f"{about.zh} 已由两人确认。")


def _image_still_there(vault: Vault, disc: str) -> Reason | None:
    """Nobody saw an image destroyed, nor its labels, that this machine can read."""
    name = ImageFile.parse(disc)
    if name is None:
        return None
    with vault.database.reading() as connection:
        laid = imagefiles.find(connection, name)
    left = still_there(vault, laid)
    if not left:
        return None
    error = not_gone(laid, left)
    return Reason(Bar.STAYS, error.what, error.hint)


def _task(connection: Connection, number: str, disc: str) -> DiscTask:
    found = next((one for one in disc_tasks(connection, number) if one.disc == disc), None)
    if found is None:
        raise BadInput(
            Text(en=f"Disposal {number} has no {called(disc).en}.", zh=f"处置 {number} 中没有{called(disc).zh}。"),
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
                    en=f"Neither {first.called} nor {by} is a supervisor of destruction: one of the two who see "
                    f"{called(task.disc).en} destroyed has to be.",
                    zh=f"{first.called} 与 {by} 均不是监销人：见证{called(task.disc).zh} 销毁的两人中须有一名监销人。",
                ),
                Text(en=f"The second is a {role.en}.", zh=f"第二人须为{role.zh}。"),
            )


def _confirmed(who: str, disc: str) -> Text:
    return Text(
        en=f"{who} has confirmed {called(disc).en} already; the second is somebody else.",
        zh=f"{who} 已确认{called(disc).zh}，第二人须为他人。",
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
                en=f"{first} said that {called(task.disc).en} was destroyed in another way: {task.how}.",
                zh=f"{first} 所报{called(task.disc).zh} 的销毁方式不同：{task.how}。",
            ),
            Text(
                en="Both saw the same: settle how it was destroyed, and say that.",
                zh="两人所见应当一致：请核实销毁方式后填报。",
            ),
        )


def _plain(how: str) -> str:
    return "".join(unicodedata.normalize("NFKC", how).split()).casefold()


def what_stays(connection: Connection, disc: str) -> Iterable[Reason]:
    """Reasons why a disc is not to be destroyed: what else is on it. Nobody relies on an image, nor on a disc that was
    written off."""
    if ImageFile.parse(disc) is not None or Spoiled.parse(disc) is not None:
        return
    if needing := needing_a_set(connection, Mark.parse(disc)):
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
    mark = Mark.parse(disc)
    staying = list(discs.records_on(connection, mark.disc_set, mark.disc, kept=True))
    holdings = holdings_of(connection, [serial_of(number) for number in staying])
    return [
        f"{number} ({', '.join(one.id for one in holding.holds)})"
        for number, holding in zip(staying, holdings.values(), strict=True)
        if holding.holds
    ]
