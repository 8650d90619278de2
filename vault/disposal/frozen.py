"""What a list says of each record stands still from the moment it is put there: it is what people agree to.

The facts, the class, and every case that claims it with its closing go into the entry, and by their digest into that of
the list. Papers print them, whatever is said of the record later. A record of which something else is said by the time
it is about to be destroyed is not the one that was agreed to: it stays, and is appraised anew. So does one that was
handed in again with other facts, though what the record says stays as it is.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from vault.acts import AsListed, ListedCase
from vault.casenumbers import case_key
from vault.catalogue import disposals
from vault.catalogue.dooming import Waiting, waiting
from vault.catalogue.holdings import holding_of
from vault.catalogue.queries import facts_of
from vault.disposal.rules import Disposal, State
from vault.facts import FACT, FACTS, Facts
from vault.profile import Profile
from vault.retention import Holding, decide, expiry
from vault.retention import State as Term
from vault.terms import RetentionClass
from vault.text import Text


def as_listed(facts: Facts, holding: Holding, profile: Profile) -> AsListed:
    """What is said of a record now."""
    return AsListed(
        facts=facts,
        retention_class=expiry(holding, profile).retention_class,
        cases=tuple(
            ListedCase(number=one.number, closed_on=one.closed_on, reopened_on=one.reopened_on, keep=one.keep)
            for one in holding.cases
        ),
    )


def why_spared(
    connection: Connection, disposal: Disposal, one: Waiting, profile: Profile, now: datetime
) -> Text | None:
    """Why a record is not destroyed after all: what was agreed holds no longer, it is not due now, or it is not what
    was agreed to. None where it may go."""
    if (why := left_over(disposal)) is not None:
        return why
    holding = holding_of(connection, one.serial)
    decision = decide(holding, profile, now)
    if decision.state is not Term.DUE:
        return decision.reasons[-1].text
    return differs(connection, one, holding, profile)


def differs(connection: Connection, one: Waiting, holding: Holding, profile: Profile) -> Text | None:
    """In what a record is not the one that was listed; None where it is."""
    return _returned(one.returned) or changed(one.said, as_listed(facts_of(connection, one.serial), holding, profile))


def left_over(disposal: Disposal) -> Text | None:
    """Why nothing more of a list that has begun is destroyed; None while it goes on."""
    why = disposal.overtaken
    if disposal.state is not State.DESTROYING or why is None:
        return None
    return Text(en=f"To be appraised anew: {why.en}.", zh=f"须重新鉴定：{why.zh}。")


def _returned(names: Collection[str]) -> Text | None:
    """It may belong elsewhere, too: who agreed to the list did not know of that."""
    if not names:
        return None
    said = [FACT[name].label for name in names]
    return Text(
        en=f"Handed in again since it was listed, with other facts, and to be appraised anew: "
        f"{', '.join(text.en for text in said)}.",
        zh=f"列入清册后又再次送来，所述信息不同，须重新鉴定：{'、'.join(text.zh for text in said)}。",
    )


def would_stay(connection: Connection, disposal: str, profile: Profile, now: datetime) -> Iterator[tuple[str, Text]]:
    """Records that wait on a list, and would be spared if it were carried out now; why."""
    list_, after = disposals.get(connection, disposal), 0
    while page := waiting(connection, disposal, after):
        after = page[-1].serial
        for one in page:
            why = why_spared(connection, list_, one, profile, now)
            if why is not None:
                yield one.number, why


def changed(listed: AsListed, now: AsListed) -> Text | None:
    """Why a record is not any more what the list says of it; None while it is."""
    said = list(_differences(listed, now))
    if not said:
        return None
    return Text(
        en=f"Changed since it was listed, and to be appraised anew: {', '.join(text.en for text in said)}.",
        zh=f"列入清册后已变更，须重新鉴定：{'、'.join(text.zh for text in said)}。",
    )


def _differences(listed: AsListed, now: AsListed) -> Iterator[Text]:
    for fact in FACTS:
        if getattr(listed.facts, fact.name) != getattr(now.facts, fact.name):
            yield fact.label
    if listed.retention_class is not now.retention_class:
        was, becomes = _class(listed.retention_class), _class(now.retention_class)
        yield Text(en=f"class ({was.en} → {becomes.en})", zh=f"保管期限（{was.zh}→{becomes.zh}）")
    yield from _of_cases(listed.cases, now.cases)


def _of_cases(listed: Sequence[ListedCase], now: Sequence[ListedCase]) -> Iterator[Text]:
    before, after = ({case_key(case.number): case for case in cases} for cases in (listed, now))
    if before.keys() != after.keys():
        yield Text(
            en=f"cases ({_numbers(listed) or 'none'} → {_numbers(now) or 'none'})",
            zh=f"所属案件（{_numbers(listed) or '无'}→{_numbers(now) or '无'}）",
        )
    for key in before.keys() & after.keys():
        was, becomes = before[key], after[key]
        number = was.number
        if was.closed_on != becomes.closed_on:
            old, new = _closing(was.closed_on), _closing(becomes.closed_on)
            yield Text(
                en=f"closing of case {number} ({old.en} → {new.en})", zh=f"案件 {number} 结案情况（{old.zh}→{new.zh}）"
            )
        elif was.reopened_on != becomes.reopened_on:
            yield Text(en=f"case {number} was reopened", zh=f"案件 {number} 曾重新启动")
        if was.keep is not becomes.keep:
            old, new = _class(was.keep), _class(becomes.keep)
            yield Text(
                en=f"term of case {number}'s file ({old.en} → {new.en})",
                zh=f"案件 {number} 案卷保管期限（{old.zh}→{new.zh}）",
            )


def _numbers(cases: Sequence[ListedCase]) -> str:
    return "、".join(case.number for case in cases)


def _class(given: RetentionClass | None) -> Text:
    return given.label if given is not None else Text(en="none", zh="未定")


def _closing(closed_on: date | None) -> Text:
    return Text(en=str(closed_on), zh=str(closed_on)) if closed_on else Text(en="open", zh="未结案")
