"""Appraisal (鉴定): the custodian decides of each due record, with a reason, and lays the list before an approver.

What lengthens a record's keeping (extend, keep) holds from the moment it is said; what is to be destroyed waits for
others. A record stands on one open list at most.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from vault import acts
from vault.actions import Action
from vault.approving import ask
from vault.authority import Bar, Barred, Reason, Ruling, at_the_door, refuse, require
from vault.catalogue import disposals, schema
from vault.catalogue.due import due
from vault.catalogue.holdings import holding_of
from vault.catalogue.inforce import adoption_in_force
from vault.catalogue.queries import facts_of, kept_records
from vault.catalogue.rows import serial_of
from vault.clock import Verdict
from vault.disposal.door import look, ruled, take
from vault.disposal.frozen import as_listed
from vault.disposal.restating import decided, otherwise, stands
from vault.disposal.rules import STANDS_FOR, Disposal, Step
from vault.errors import BadInput
from vault.plain import require_plain
from vault.releasing import how_to_go_on
from vault.retention import State, decide
from vault.store import Vault
from vault.terms import local_day, longest_term
from vault.text import Text
from vault.timekeeping import expiry_pause, trusted_time

_ROOM = 48_000  # bytes of an entry for its lines; the rest is for what surrounds them
_LONGEST = 4_000  # bytes of one reason


def open_list(vault: Vault, why: str) -> str:
    """Begin a list; its number, such as D2026-0003."""
    require(vault, Action.DISPOSAL_PROPOSE)
    now = vault.now()
    year = now.astimezone(vault.profile.zone).year

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        number = schema.disposal.c.number
        last = connection.execute(select(func.max(number)).where(number.like(f"D{year}-%"))).scalar()
        serial = int(last.rpartition("-")[2]) + 1 if last else 1
        return [acts.DisposalOpened(at=now, by=vault.setting.person, disposal=f"D{year}-{serial:04d}", why=why)]

    (opened,) = vault.commit(draft)
    assert isinstance(opened, acts.DisposalOpened)
    return opened.disposal


def all_due(vault: Vault, leave_out: Collection[str]) -> Iterator[str]:
    """Every record that is due today and on no open list, but for those. Refused while expiry is paused; BadInput
    where one that is to be left out is none: a slip would put the one that was meant on the list."""
    require(vault, Action.DISPOSAL_APPRAISE)
    time = trusted_time(vault)
    today = local_day(time.now, vault.profile.zone)
    with at_the_door(vault, Action.DISPOSAL_APPRAISE), vault.database.reading() as connection:
        _require_no_pause(connection, time)
        list(kept_records(connection, leave_out))
        for record, _ in due(connection, vault.profile, today, time):
            if record.number not in leave_out and not disposals.on_open_lists(connection, [serial_of(record.number)]):
                yield record.number


def require_appraisable(vault: Vault, appraised: Sequence[acts.Appraisal], number: str) -> None:
    """BadInput or Refused where `appraise` would be: before a list is begun that would stay empty. `number`: of the
    list that they go on; "" of a new one."""
    if number:
        look(vault, number, Step.APPRAISE, vault.now())
    else:
        require(vault, Action.DISPOSAL_APPRAISE)
    time = trusted_time(vault)
    with at_the_door(vault, Action.DISPOSAL_APPRAISE, number), vault.database.reading() as connection:
        _new_ones(connection, vault, number, appraised, time)


def appraise(vault: Vault, number: str, appraised: Sequence[acts.Appraisal]) -> int:
    """Enter decisions on records of a list, but for those that it has already; how many. All of them, or none: BadInput
    or Refused names the records."""
    require(vault, Action.DISPOSAL_APPRAISE, about=number)
    time, now, by = trusted_time(vault), vault.now(), vault.setting.person
    listed: list[acts.Listed] = []

    def entries(connection: Connection, disposal: Disposal) -> Sequence[acts.AnyAct]:
        nonlocal listed
        listed = [_listed(connection, vault, one) for one in _new_ones(connection, vault, number, appraised, time)]
        return [acts.RecordsAppraised(at=now, by=by, disposal=number, appraised=tuple(part)) for part in _parts(listed)]

    with at_the_door(vault, Action.DISPOSAL_APPRAISE, number):
        take(vault, number, Step.APPRAISE, now, entries)
    return len(listed)


def _new_ones(
    connection: Connection, vault: Vault, number: str, appraised: Sequence[acts.Appraisal], time: Verdict
) -> Sequence[acts.Appraisal]:
    """Those that the list does not have already. Barred with all that cannot be decided so, BadInput with the first
    that makes no sense."""
    lines = decided(connection, number, appraised)
    new = [one for one in appraised if not stands(connection, lines.get(one.record), one, vault.profile)]
    bars: list[Reason] = []
    for one in new:
        _require_sense(one, vault, time.now)
        bars += _bars(connection, vault, number, one, time, otherwise(lines.get(one.record), one))
    if bars:
        said = Text(en="\n".join(bar.text.en for bar in bars), zh="\n".join(bar.text.zh for bar in bars))
        hint = Text(
            en="Nothing was entered. Leave out what is named, and try again.",
            zh="未录入任何内容。请剔除所列记录后重试。",
        )
        raise Barred(Reason(bars[0].bar, said, hint))
    return new


def _require_sense(one: acts.Appraisal, vault: Vault, now: datetime) -> None:
    if not one.why.strip() or len(one.why.encode()) > _LONGEST:
        raise _wrong(one.record, Text(en="say why, in a few sentences", zh="请说明理由（不宜过长）"))
    require_plain(Text(en=f"Record {one.record}, reason", zh=f"记录 {one.record} 的理由"), one.why)
    if (one.fate == "extend") != (one.until is not None):
        raise _wrong(one.record, Text(en="a day goes with `extend`, and only with it", zh="仅“续存”须注明日期"))
    today = local_day(now, vault.profile.zone)
    if one.until is not None and one.until <= today:
        raise _wrong(one.record, Text(en=f"{one.until} is not in the future", zh=f"{one.until} 不是将来的日期"))
    if one.until is not None and one.until > longest_term(today):
        raise _wrong(
            one.record,
            Text(
                en=f"{one.until} is more than thirty years away; what is kept longer is kept permanently "
                "(--keep, or keep in the sheet)",
                zh=f"{one.until} 超过三十年；定期保管最长为30年，更久的应定为长期保存"
                "（--keep，或在鉴定意见表中填“长期保存”）",
            ),
        )


def _bars(
    connection: Connection, vault: Vault, disposal: str, one: acts.Appraisal, time: Verdict, by_now: Text | None
) -> Iterator[Reason]:
    """Why a record cannot be decided on so. `by_now`: what the list says of it instead."""
    serial = serial_of(one.record)
    listed = disposals.on_open_lists(connection, [serial]).get(serial)
    if listed is not None and listed != disposal:
        yield _bar(one.record, Bar.LISTED, Text(en=f"it is on the list {listed}", zh=f"已列入 {listed}"))
        return
    if one.fate != "dispose" and listed is not None:
        return  # from the list: it stays, due or not
    _require_no_pause(connection, time)
    decision = decide(holding_of(connection, serial), vault.profile, time.now)
    if decision.state is not State.DUE:
        why = decision.reasons[-1].text
        so_far = by_now or Text(en="not due", zh="未到期待鉴定")
        yield _bar(
            one.record,
            Bar.NOT_DUE,
            Text(en=f"{so_far.en}. {why.en.rstrip('.')}", zh=f"{so_far.zh}。{why.zh.rstrip('。')}"),
        )


def _require_no_pause(connection: Connection, time: Verdict) -> None:
    paused = expiry_pause(connection, time)
    if paused is not None:
        raise Barred(Reason(Bar.PAUSED, paused, how_to_go_on(paused)))


def _listed(connection: Connection, vault: Vault, one: acts.Appraisal) -> acts.Listed:
    """A decision with what is said of the record now."""
    serial = serial_of(one.record)
    said = as_listed(facts_of(connection, serial), holding_of(connection, serial), vault.profile)
    return acts.Listed(record=one.record, fate=one.fate, why=one.why, until=one.until, said=said)


def _parts(appraised: Sequence[acts.Listed]) -> Iterator[list[acts.Listed]]:
    """As many as fit an entry."""
    part: list[acts.Listed] = []
    size = 0
    for one in appraised:
        size += len(msgspec.json.encode(one)) + 1
        if part and size > _ROOM:
            yield part
            part, size = [], len(msgspec.json.encode(one)) + 1
        part.append(one)
    if part:
        yield part


def submit(vault: Vault, number: str) -> str:
    """Lay the list before those whom the profile names, in their order; its digest. Refused where nothing on it is to
    be destroyed, or nobody is named.
    """
    now, by = vault.now(), vault.setting.person
    look(vault, number, Step.SUBMIT, now)
    rule = vault.profile.disposal
    if rule is None or not rule.approvers:
        refuse(vault, Action.DISPOSAL_APPRAISE, Ruling((_nobody_named(vault.profile.id),)), number)
    with vault.database.reading() as connection:
        profile = adoption_in_force(connection).edition
    lines = 0

    def against(connection: Connection) -> Iterator[Reason]:
        nonlocal lines
        disposal = disposals.get(connection, number)
        lines = len(disposals.lines(connection, number))
        yield from ruled(connection, vault, disposal, Step.SUBMIT, now).reasons
        if not lines:
            stop = f"strongroom disposal stop {number} --why …"
            yield Reason(
                Bar.ORDER,
                Text(en=f"Disposal {number}: nothing is to be destroyed.", zh=f"处置 {number}：没有拟销毁的记录。"),
                Text(en=stop, zh=stop),
            )

    def also(asked: acts.ApprovalAsked) -> Sequence[acts.AnyAct]:
        submitted = acts.DisposalSubmitted(
            at=now,
            by=by,
            disposal=number,
            request=asked.request,
            sha256=asked.sha256,
            records=lines,
            supervisors=rule.supervisors,
            profile=profile,
        )
        return [submitted]

    ask(
        vault,
        Action.DISPOSAL_APPRAISE,
        Action.DISPOSAL_APPROVE,
        lambda connection: disposals.listed(connection, number),
        [approver.role for approver in rule.approvers],
        "",
        STANDS_FOR,
        about=[number],
        against=against,
        also=also,
    )
    with vault.database.reading() as connection:
        return disposals.get(connection, number).sha256


def _nobody_named(profile: str) -> Reason:
    return Reason(
        Bar.NOBODY_NAMED,
        Text(
            en=f"The profile {profile} names nobody who may approve a disposal: nothing is destroyed.",
            zh=f"制度配置 {profile} 未指定处置审批人，不得销毁。",
        ),
        Text(en="Name the approver in the office's profile.", zh="请在本单位的制度配置中指定审批人。"),
    )


def _wrong(record: str, why: Text) -> BadInput:
    return BadInput(Text(en=f"Record {record}: {why.en}.", zh=f"记录 {record}：{why.zh}。"))


def _bar(record: str, bar: Bar, why: Text) -> Reason:
    return Reason(bar, Text(en=f"Record {record}: {why.en}.", zh=f"记录 {record}：{why.zh}。"))
