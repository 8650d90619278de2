"""What time it is, as far as to let anything expire: the witnesses are asked, and `judge` (vault/clock.py) weighs them.

Asked are this program's age, the journal's last act, how long this machine has been up since a moment that was
believed, and those stores that have a clock of their own. That moment is kept in the vault's folder (`clock.json`) and
stays the same as long as the machine runs, or else a clock could walk away in small steps. It is this machine's work,
not the vault's history: it may be lost, and then another witness, or a person, has to confirm the clock again.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.catalogue import holdings, people
from vault.catalogue.named import namesakes_since
from vault.clock import Moment, Running, Verdict, Vouch, Witness, Word, journal, judge, machine, program, store
from vault.errors import StoreUnavailable
from vault.outputs import writing_to
from vault.ports import TellsTime
from vault.rights import may
from vault.store import Vault
from vault.text import Text

FILE = "clock.json"
VOUCHERS = 2  # people whose word a destruction takes for the clock


def trusted_time(vault: Vault) -> Verdict:
    """The clocks' verdict, for everything that rests on a term being over. Whoever acts on it takes `require()`.

    Where the clocks do not agree and a person vouched for this machine's, that is entered in the journal first.
    """
    verdict, surely = hear(vault), hear(vault, surely=True)
    if vault.setting.clock_vouched and not surely.agreed:
        return _vouch(vault, verdict)
    if surely.agreed and _machine(vault, verdict.now, surely=True).word is not Word.RIGHT:
        believe(vault)
    return verdict


def _vouch(vault: Vault, verdict: Verdict) -> Verdict:
    """Enter one person's word. Where others' stands already, theirs is added; the moment stays what it was."""
    vouch, moment = _in_person(vault), _believed(vault)
    so_far = moment.vouches if moment is not None and verdict.agreed else ()
    if vouch in so_far:
        return verdict
    clocks = tuple(acts.ClockSaid(name=one.name.zh, says=one.says, word=one.word.value) for one in verdict.witnesses)
    act = acts.ClockVouched(at=vault.now(), by=vault.setting.person, clocks=clocks)
    vault.commit(lambda _: [act])
    if moment is not None and verdict.agreed:
        others = (one for one in so_far if one.by != vouch.by)
        _keep(vault, replace(moment, vouches=(*others, vouch)))
        return verdict
    believe(vault, vouch)
    return replace(verdict, vouched=True)


def _in_person(vault: Vault) -> Vouch:
    """Whose word it is: what somebody says in another's name is the word of neither."""
    via, person = vault.setting.via, vault.setting.person
    by = f"{via} as {person}" if via else person
    with vault.database.reading() as connection:
        return Vouch(by, people.since(connection, by))


def hear(vault: Vault, *, surely: bool = False) -> Verdict:
    """The same without an effect: what the clocks say, whatever a person says now. `surely`: for what cannot be undone,
    so that people's earlier word does not speak through the machine's uptime, unless it is that of two who may let
    expiry go on.
    """
    asked = [ask(vault, name) for name in vault.stores]
    return weigh(vault, [one for one in asked if one is not None], surely=surely)


def weigh(vault: Vault, stores: Sequence[Witness], *, surely: bool = False) -> Verdict:
    """The same, with what the clocks of stores said when they were asked."""
    now = vault.setting.clock()
    asked = [program(now), journal(now, vault.last_act()), _machine(vault, now, surely=surely), *stores]
    return judge(now, asked, vault.profile.zone)


def ask(vault: Vault, name: str) -> Witness | None:
    """What a store's clock says; None where it has none."""
    one = vault.stores[name]
    if not isinstance(one, TellsTime):
        return None
    says: datetime | None = None
    with suppress(StoreUnavailable):
        says = one.time()
    return store(name, vault.setting.clock(), says)


def expiry_pause(connection: Connection, verdict: Verdict) -> Text | None:
    """Why nothing expires, while that is so: the catalogue was rebuilt, or the clocks do not agree."""
    return holdings.pause(connection) or verdict.paused


def _machine(vault: Vault, now: datetime, *, surely: bool = False) -> Witness:
    moment = _believed(vault)
    if surely and moment is not None and moment.vouches and len(_counting(vault, moment)) < VOUCHERS:
        moment = None
    return machine(now, vault.setting.machine(), moment)


def _counting(vault: Vault, moment: Moment) -> tuple[str, ...]:
    """Of those who vouched for the clock, who may let expiry go on and could when they vouched, and of namesakes the
    first: under two logins one person is still one. All, while nobody is enrolled."""
    counting: list[str] = []
    with vault.database.reading() as connection:
        for vouch in moment.vouches:
            alike = namesakes_since(connection, vouch.by, moment.at)
            if _stands(connection, vouch) and not alike.intersection(counting):
                counting.append(vouch.by)
    return tuple(counting)


def _stands(connection: Connection, vouch: Vouch) -> bool:
    """A vouch is a person's, not the login's: it ends for good with the enrolment that it rested on."""
    one = people.at_work(connection, vouch.by)
    if one is None:
        return True
    return may(one, Action.EXPIRY_RELEASE).allowed and people.since(connection, vouch.by) == vouch.since


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who has said that the clock is right, since the machine was started; `counting`: whose word a destruction takes;
    `wanted`: of how many more who may let expiry go on."""

    by: tuple[str, ...]
    counting: tuple[str, ...]

    @property
    def wanted(self) -> int:
        return max(0, VOUCHERS - len(self.counting))


def vouched(vault: Vault) -> Vouched:
    """Whose word on the clock stands now."""
    moment, boot = _believed(vault), vault.setting.machine().boot
    if moment is None or moment.machine.boot != boot:
        return Vouched((), ())
    return Vouched(tuple(one.by for one in moment.vouches), _counting(vault, moment))


def believe(vault: Vault, *vouches: Vouch) -> None:
    """From now on this machine's clock must go as long as the machine does; on whose word, where it is a person's."""
    _keep(vault, Moment(vault.setting.clock(), vault.setting.machine(), vouches))


def _keep(vault: Vault, moment: Moment) -> None:
    kept: dict[str, object] = {"at": moment.at.isoformat()}
    kept |= {"boot": moment.machine.boot, "seconds": moment.machine.seconds}
    if moment.vouches:
        kept["vouched_by"] = [{"by": one.by, "since": one.since and one.since.isoformat()} for one in moment.vouches]
    path = vault.setting.home / FILE
    beside = path.with_suffix(f".{os.getpid()}")
    with writing_to(path):
        beside.write_text(json.dumps(kept), encoding="ascii")
        os.replace(beside, path)


def _believed(vault: Vault) -> Moment | None:
    """None where nothing is kept, or nothing that can be read: whoever lost it has to be told the time again."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((vault.setting.home / FILE).read_bytes())
        running = Running(str(kept["boot"]), float(kept["seconds"]))
        vouches = tuple(map(_vouch_kept, kept.get("vouched_by", ())))
        return Moment(datetime.fromisoformat(kept["at"]), running, vouches)
    return None


def _vouch_kept(kept: dict[str, str | None]) -> Vouch:
    since = kept["since"]
    return Vouch(str(kept["by"]), datetime.fromisoformat(since) if since is not None else None)
