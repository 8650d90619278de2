"""`[[watch]]` of strongroom.toml: the office's drop folders (投放文件夹)."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ops.misread import require_read, wrong_at
from vault.facts import Facts
from vault.intake.facts_text import fact_named, facts_of, parse_fact
from vault.intake.grouping import Grouping
from vault.profile import Profile
from vault.profile.known import in_keys
from vault.sizes import read_interval
from vault.text import Text


class WatchConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One folder; it may be relative to the vault's. `settled`: for how long nothing of what was dropped may have
    changed. `group`: as `ingest --group`, of a folder that is dropped. `leave`: what was taken stays where it is.
    `facts`: of everything that is dropped there, by the names or labels of vault/facts.py.
    """

    folder: str
    settled: str = "1 minute"
    group: Grouping = Grouping.FILE
    leave: bool = False
    facts: dict[str, str] = {}

    @property
    def patience(self) -> timedelta:
        return read_interval(self.settled)

    def place(self, home: Path) -> Path:
        """The folder, by its whole path."""
        return Path(os.path.abspath(home / self.folder))

    def known_facts(self, profile: Profile, now: datetime) -> Facts:
        """BadInput names the fact that cannot be understood."""
        said = {name: fact for name in self.facts if (fact := fact_named(name)) is not None}
        facts = facts_of(
            {fact.name: parse_fact(fact, self.facts[name], profile.zone, now) for name, fact in said.items()}
        )
        return in_keys(profile, facts)


def require_sound_watch(watch: Sequence[WatchConfig], path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    places = [one.place(path.parent) for one in watch]
    for n, (one, place) in enumerate(zip(watch, places, strict=True)):
        if not one.folder:
            raise wrong_at(path, f"watch[{n}].folder", Text(en="name a folder", zh="请填写文件夹"))
        if any(place == other or place in other.parents or other in place.parents for other in places[:n]):
            within = Text(en="lies in another drop folder, or it in this one", zh="与另一个投放文件夹相同或互相包含")
            raise wrong_at(path, f"watch[{n}].folder", within)
        require_read(f"watch[{n}].settled", one.settled, read_interval, path)
        seen: set[str] = set()
        for name in one.facts:
            fact = fact_named(name)
            if fact is None:
                raise wrong_at(path, f"watch[{n}].facts.{name}", Text(en="no such fact", zh="没有这个字段"))
            if fact.name in seen:
                raise wrong_at(path, f"watch[{n}].facts.{name}", Text(en="the fact is given twice", zh="该字段重复"))
            seen.add(fact.name)
