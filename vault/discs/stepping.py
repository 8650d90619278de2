"""Every step of a disc, and the one way to take it: into the journal first, and refused unless the table has it.

    step(vault, act)                      what was done, or is about to be: an act of vault/acts/discs.py that is a step
    replace(vault, mark, why)             a copy of a later generation is to take the place of one
    lend(vault, mark, to, until, grounds) somebody gets a disc in hand, which takes the consent that viewing takes

`by` and `at` of an act are whoever is at work, and now. What is refused beside the table: imaging, burning or replacing
a disc with a destroyed record on it, which would bring it back; calling verified what is not the image of the journal;
lending or shredding what a disposal waits for; letting another set take its place that is not on the shelf with all
that it carries; bringing back what is not lent; shredding what is; lending or shredding a copy while no other good one
is in the house: what salvage needs are the damaged ones.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from vault import acts
from vault.actions import Action
from vault.authority import refuse, require
from vault.catalogue import demands, discs, schema
from vault.catalogue.discs import Copy
from vault.catalogue.lacking import needing_a_set, others_on_shelf
from vault.discs.finishing import require_whole
from vault.discs.model import Mark, called
from vault.discs.states import NOT_BURNT, SUCCEEDED, Step, after
from vault.errors import BadInput, ImageBroken, Refused
from vault.records import Standing
from vault.rights import Bar, Reason, Ruling
from vault.store import Vault
from vault.terms import local_day
from vault.text import Text
from vault.viewing import Grounds, register_viewing

_ACTIONS: Mapping[Step, Action] = {
    **dict.fromkeys((Step.IMAGE, Step.CHECK, Step.BEGIN, Step.FAIL, Step.FINISH, Step.VERIFY), Action.DISC_BUILD),
    **dict.fromkeys((Step.ENTER, Step.LABEL, Step.REPLACE, Step.SUPERSEDE), Action.DISC_BUILD),
    Step.SHELVE: Action.DISC_SHELVE,
    Step.RETURN: Action.DISC_SHELVE,
    Step.LOAN: Action.DISC_LEND,
    Step.INSPECT: Action.DISC_INSPECT,
    Step.DEGRADE: Action.DISC_INSPECT,
    Step.SHRED: Action.DISC_SHRED,
}


class _BarredError(Exception):
    """What stands in the way is journalled before it is said."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def step(vault: Vault, act: acts.AnyDiscStep) -> None:
    """Take one step with a disc, or with the image of a generation. Refused where the table or a rule forbids it,
    BadInput where there is no such disc."""
    _step(vault, act.step, _about(act), lambda _: act)


def replace(vault: Vault, mark: Mark, why: Text | str) -> Mark:
    """Begin a copy that takes the place of one; its mark. It shares the image of a later generation that has not been
    burnt yet, else a generation begins with it."""
    now, by = vault.now(), vault.setting.person

    def drafted(connection: Connection) -> acts.DiscReplaced:
        successor = _successor(discs.copies(connection, mark.disc_set, mark.disc), mark)
        return acts.DiscReplaced(at=now, by=by, mark=str(mark), successor=str(successor), why=why)

    done = _step(vault, Step.REPLACE, str(mark), drafted)
    assert isinstance(done, acts.DiscReplaced)
    return Mark.parse(done.successor)


def lend(vault: Vault, mark: Mark, to: str, until: date, grounds: Grounds) -> None:
    """Give a disc into somebody's hands until the end of a day: they can see what is on it, so others must agree.
    BadInput where that day is over."""
    require(vault, Action.DISC_LEND, about=str(mark))
    if until < local_day(vault.now(), vault.profile.zone):
        raise BadInput(Text(en=f"{until} is over: say until when it is lent.", zh=f"{until} 已过，请改正归还日期。"))
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, mark)
        after(str(mark), copy.state, Step.LOAN)
        _require_one_stays(connection, copy)
        on_it = list(discs.records_on(connection, mark.disc_set, mark.disc))
    register_viewing(vault, on_it, "loan", grounds)
    by = vault.setting.person
    step(vault, acts.DiscLoaned(at=vault.now(), by=by, mark=str(mark), to=to, until=until, why=grounds.why))


def _step(vault: Vault, taken: Step, about: str, drafted: Callable[[Connection], acts.AnyDiscStep]) -> acts.AnyAct:
    require(vault, _ACTIONS[taken], about=about)

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        act = drafted(connection)
        copies = _copies(connection, act)
        for copy in copies:
            after(str(copy.mark), copy.state, taken)
            if rule := _RULES.get(taken):
                rule(connection, copy, act)
        return [act]

    try:
        (done,) = vault.commit(draft)
    except _BarredError as barred:
        refuse(vault, _ACTIONS[taken], Ruling((barred.reason,)), about)
    return done


def _about(act: acts.AnyDiscStep) -> str:
    return act.mark if isinstance(act, acts.CopyStep) else f"{act.disc_set}-{act.disc}"


def _copies(connection: Connection, act: acts.AnyDiscStep) -> Sequence[Copy]:
    """What the step is taken with. BadInput where there is nothing of that name."""
    if isinstance(act, acts.CopyStep):
        return [discs.find_copy(connection, Mark.parse(act.mark))]
    found = [
        copy
        for copy in discs.copies(connection, act.disc_set, act.disc)
        if copy.mark.generation == act.generation and copy.state not in SUCCEEDED
    ]
    if not found:
        name = f"{act.disc_set}-{act.disc}"
        raise BadInput(
            Text(
                en=f"No copy of generation {act.generation} of disc {name} is to be made.",
                zh=f"光盘 {name} 没有待制作的第 {act.generation} 代副本。",
            )
        )
    return found


def _successor(copies: Sequence[Copy], mark: Mark) -> Mark:
    newest = max((copy.mark.generation for copy in copies), default=mark.generation)
    beside = [copy for copy in copies if copy.mark.generation == newest]
    joins = newest > mark.generation and all(copy.state in NOT_BURNT for copy in beside)
    return Mark(mark.disc_set, mark.disc, mark.copy, newest if joins else newest + 1)


# rules beside the table


def _require_nothing_destroyed(connection: Connection, copy: Copy, _: acts.AnyDiscStep) -> None:
    record, carried = schema.record.c, schema.disc_record.c
    gone = (
        select(record.number)
        .join(schema.disc_record, carried.record_id == record.id)
        .where(carried.disc_set == copy.mark.disc_set, carried.disc == copy.mark.disc)
        .where(record.standing == Standing.DESTROYED.value)
    )
    if (number := connection.execute(gone).scalar()) is not None:
        raise Refused(
            Text(
                en=f"Disc {copy.mark} was to carry record {number}, which has been destroyed.",
                zh=f"光盘 {copy.mark} 拟载有的记录 {number} 已依规销毁。",
            ),
            hint=Text(
                en="Plan a new set of the records that stay: strongroom disc plan",
                zh="请为其余记录重新规划光盘组：strongroom disc plan",
            ),
        )


def _require_image(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    assert isinstance(act, acts.DiscVerified | acts.DiscEntered)
    image = discs.image_of(connection, copy.mark).image
    if act.image != image:
        raise ImageBroken(
            Text(
                en=f"Disc {copy.mark} carries {act.image}, not the image of the journal, {image}.",
                zh=f"光盘 {copy.mark} 的内容为 {act.image}，与日志中的映像 {image} 不符。",
            ),
            hint=Text(en="The blank is to be written off, and burnt anew.", zh="请将该盘作废，重新刻录。"),
        )


def _require_kept_and_image(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    _require_nothing_destroyed(connection, copy, act)
    _require_image(connection, copy, act)


def _require_no_disposal(connection: Connection, copy: Copy, _: acts.AnyDiscStep) -> None:
    require_no_disposal(connection, str(copy.mark))


def require_no_disposal(connection: Connection, disc: str) -> None:
    """Refused where a disposal waits for that disc."""
    task = schema.disc_task.c
    waiting = select(task.disposal).where(task.disc == disc, task.second_by == "")
    if (disposal := connection.execute(waiting).scalar()) is not None:
        command = f"strongroom disposal confirm-disc {disposal} {disc}"
        raise Refused(
            Text(
                en=f"Disposal {disposal} waits for {called(disc).en}: two people have to see it destroyed.",
                zh=f"处置 {disposal} 须销毁{called(disc).zh}，应由两人见证。",
            ),
            hint=Text(en=command, zh=command),
        )


def _require_newest(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    require_whole(connection, copy.mark.disc_set)
    of_it = discs.copies(connection, copy.mark.disc_set, copy.mark.disc)
    newest = max((one.mark for one in of_it if one.mark.copy == copy.mark.copy), key=lambda mark: mark.generation)
    if newest != copy.mark:
        raise Refused(
            Text(en=f"{newest} has taken the place of disc {copy.mark}.", zh=f"光盘 {copy.mark} 已由 {newest} 替换。"),
            hint=Text(en=f"strongroom disc show {newest}", zh=f"strongroom disc show {newest}"),
        )


def _require_lent(connection: Connection, copy: Copy, _: acts.AnyDiscStep) -> None:
    if not copy.holder:
        raise Refused(
            Text(
                en=f"Disc {copy.mark} is {copy.state.label.en} and is not lent: it cannot be brought back.",
                zh=f"光盘 {copy.mark} {copy.state.label.zh}，未借出，不能归还。",
            ),
            Text(en=f"strongroom disc show {copy.mark}", zh=f"strongroom disc show {copy.mark}"),
        )


def _may_lend(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    _require_no_disposal(connection, copy, act)
    _require_one_stays(connection, copy)


def _require_one_stays(connection: Connection, copy: Copy) -> None:
    if not others_on_shelf(connection, copy.mark):
        raise Refused(
            Text(
                en=f"No other good copy of disc {copy.mark.volume_id} is on the shelf: {copy.mark} stays in the house.",
                zh=f"光盘 {copy.mark.volume_id} 没有其他完好副本在架，{copy.mark} 应留库，不得借出。",
            ),
            hint=Text(
                en="Wait until the other is back or made anew (strongroom disc show "
                f"{copy.mark.disc_set}), or give out its records: strongroom get",
                zh=f"请待另一份归还或重制后再借（strongroom disc show {copy.mark.disc_set}），"
                "或改为提供记录内容：strongroom get",
            ),
        )


def _may_shred(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    _require_no_disposal(connection, copy, act)
    mark = copy.mark
    if copy.holder:
        back = f"strongroom disc return {mark} --at …"
        raise _BarredError(
            Reason(
                Bar.LENT,
                Text(
                    en=f"Disc {mark} is lent to {copy.holder} and was not brought back.",
                    zh=f"光盘 {mark} 已借给 {copy.holder}，尚未归还。",
                ),
                Text(en=f"Bring it back first: {back}", zh=f"请先办理归还：{back}"),
            )
        )
    if not others_on_shelf(connection, mark) and needing_a_set(connection, mark):
        raise _BarredError(
            Reason(
                Bar.LAST_COPY,
                Text(
                    en=f"No good copy of disc {mark.volume_id} is on the shelf: {mark} may be all that its content can "
                    "be salvaged from.",
                    zh=f"光盘 {mark.volume_id} 没有完好副本在架；抢救其内容可能要用到 {mark}，不得粉碎。",
                ),
                Text(
                    en="Make it anew first, up to the shelf: strongroom disc run --degraded, then strongroom disc run",
                    zh="请先重新制作并上架：strongroom disc run --degraded，再运行 strongroom disc run",
                ),
            )
        )


def _require_successor(connection: Connection, copy: Copy, act: acts.AnyDiscStep) -> None:
    assert isinstance(act, acts.DiscSuperseded)
    number = act.disc_set
    on_it = discs.records_on(connection, copy.mark.disc_set, copy.mark.disc, kept=True)
    lacking = set(on_it) - set(discs.records_on(connection, number))
    replaces = discs.find_set(connection, number).replaces == copy.mark.disc_set
    if not replaces or lacking or not demands.is_kept(connection, number):
        raise Refused(
            Text(
                en=f"Set {number} does not take the place of disc {copy.mark}, or is not on the shelf yet.",
                zh=f"光盘组 {number} 不能取代光盘 {copy.mark}，或尚未全部上架。",
            ),
            hint=Text(en=f"strongroom disc show {number}", zh=f"strongroom disc show {number}"),
        )


_RULES: Mapping[Step, Callable[[Connection, Copy, acts.AnyDiscStep], None]] = {
    Step.BEGIN: _require_nothing_destroyed,
    Step.IMAGE: _require_nothing_destroyed,
    Step.REPLACE: _require_newest,
    Step.SUPERSEDE: _require_successor,
    Step.VERIFY: _require_image,
    Step.ENTER: _require_kept_and_image,
    Step.LOAN: _may_lend,
    Step.RETURN: _require_lent,
    Step.SHRED: _may_shred,
}
