"""Adopting a profile: what it would do to every record is shown beforehand, and no term becomes shorter.

A list of disposal that was submitted under one profile is submitted anew under the next (vault/disposal/lapse.py):
which ones, the preview tells, and the adoption.

The profile in force is the one that the journal has adopted, whole. `strongroom.toml` only names it: a name that was
changed there by hand changes no rule, and is refused. A newer version that comes with the program waits in the same
way until somebody adopts it; until then the adopted one goes on deciding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, select

from vault import acts
from vault.authority import Action, Bar, Reason, Ruling, refuse, require
from vault.catalogue import disposals, schema
from vault.catalogue.holdings import all_holdings
from vault.catalogue.inforce import editions
from vault.errors import BadInput
from vault.profile import Profile
from vault.profile.edition import edition_of
from vault.retention import Decision, Holding, expiry, floor
from vault.store import Vault
from vault.text import Text


class Effect(StrEnum):
    """What another profile does to one record."""

    SAME = "same"  # 不变
    LATER = "later"  # 延后
    SPARED = "spared"  # 维持原期限: by the new one alone it would end earlier
    GAINS = "gains-an-end"  # 新增到期日: there was none that could be known
    LOSES = "loses-its-end"  # 不再有到期日: a person must say something first, or it is kept long-term


@dataclass(frozen=True, slots=True)
class Change:
    """One record under the profile in force and under another."""

    effect: Effect
    before: Decision
    after: Decision


def compare(holding: Holding, before: Profile, after: Profile) -> Change:
    """What adopting `after` does to a record; what `before` gave stays as its floor."""
    old = expiry(holding, before)
    new = expiry(replace(holding, floor=floor(holding, before)), after)
    return Change(_effect(old, new, expiry(holding, after)), old, new)


def _effect(old: Decision, new: Decision, alone: Decision) -> Effect:
    if old.last_day is None and new.last_day is not None:
        return Effect.GAINS
    if new.last_day is None:
        kept = alone.last_day is not None
        return Effect.LOSES if old.last_day is not None else Effect.SPARED if kept else Effect.SAME
    if alone.last_day is not None and alone.last_day < new.last_day:
        return Effect.SPARED
    return Effect.SAME if new.last_day == old.last_day else Effect.LATER


def preview(connection: Connection, before: Profile, after: Profile) -> Iterator[tuple[str, Change]]:
    """Every record, by its number; a page in memory."""
    numbers = select(schema.record.c.id, schema.record.c.number)
    for page in all_holdings(connection):
        rows = connection.execute(numbers.where(schema.record.c.id.in_(page)))
        named = {row.id: row.number for row in rows}
        for serial, holding in page.items():
            yield named[serial], compare(holding, before, after)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Open lists of disposal that another profile overtakes: those to be submitted anew, and those that are being
    destroyed, of which whatever is left is spared."""

    submit_anew: Sequence[str]
    cut_short: Sequence[str]


def overtaken_lists(connection: Connection, vault: Vault, after: Profile) -> Overtaken:
    """What would become of open lists, if another profile than now were adopted."""
    edition = edition_of(after)
    anew = disposals.overtaken_by(connection, edition, vault.setting.clock())
    return Overtaken(anew, disposals.cut_short_by(connection, edition))


def adopt(vault: Vault, profile: Profile, why: str) -> Overtaken:
    """Let a profile decide from now on; the lists of disposal that it overtakes. Refused where it is in force already;
    Busy while another command is at work."""
    require(vault, Action.PROFILE_ADOPT, about=profile.id)
    if profile == vault.profile:
        reason = Reason(
            Bar.ALREADY,
            Text(
                en=f"Profile {profile.id}, version {profile.version}, is in force already.",
                zh=f"制度配置 {profile.id}（第{profile.version}版）已在执行。",
            ),
            hint=Text(en="There is nothing to do: strongroom profile show", zh="无需办理：strongroom profile show"),
        )
        refuse(vault, Action.PROFILE_ADOPT, Ruling((reason,)), profile.id)
    with vault.database.reading() as connection:
        require_counted_up(connection, profile)
    with vault.alone():
        with vault.database.reading() as connection:
            overtaken = overtaken_lists(connection, vault, profile)
        act = acts.ProfileAdopted(at=vault.now(), by=vault.setting.person, profile=profile, why=why)
        vault.commit(lambda _: [act])
        vault.profile = profile
    return overtaken


def require_counted_up(connection: Connection, after: Profile) -> None:
    """BadInput for other rules under a name and version that was ever adopted: nobody could tell later which of them
    decided."""
    which = edition_of(after)
    if any(one != which for one in editions(connection, which.id, which.version)):
        raise BadInput(
            Text(
                en=f"The rules are others than those adopted as {after.id}, version {after.version}.",
                zh=f"其内容与已采用的 {after.id} 第{after.version}版不同。",
            ),
            hint=Text(
                en="It cannot be adopted so: count its version up.", zh="不得以同一版本采用：请将其 version 加一。"
            ),
        )
