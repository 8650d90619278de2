"""What commands share: where the vault is, who is at work, options that facts give rise to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ops.language import t
from ops.wiring import Working, open_vault, this_person
from vault.facts import FACTS, Facts
from vault.intake.facts_text import facts_of, parse_fact
from vault.profile import Profile
from vault.store import Vault

Command = TypeVar("Command", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help=t("one JSON object a line", "每行输出一个 JSON 对象"))


@dataclass(frozen=True, slots=True)
class Place:
    """What was said before the command: the vault's folder and the person at work."""

    home_text: str
    person: str
    clock_is_right: bool

    @property
    def home(self) -> Path:
        return Path(self.home_text).absolute()

    @property
    def working(self) -> Working:
        return Working(person=self.person or this_person(), clock_vouched=self.clock_is_right)

    @contextmanager
    def open(self) -> Iterator[Vault]:
        """The vault, ready for work."""
        with open_vault(self.home, self.working) as vault:
            yield vault


def fact_options(command: Command) -> Command:
    """An option for every fact, from the table in vault/facts.py."""
    for fact in reversed(FACTS):
        command = click.option(fact.option, fact.name, metavar="TEXT", help=t(fact.label.en, fact.label.zh))(command)
    return command


def facts_from(options: Mapping[str, Any], profile: Profile, now: datetime) -> Facts:
    """The facts that options give. BadInput names the fact that cannot be understood."""
    given = [(fact, options[fact.name]) for fact in FACTS if options.get(fact.name)]
    return facts_of({fact.name: parse_fact(fact, text, profile.zone, now) for fact, text in given})


def local(moment: datetime | None, profile: Profile) -> str:
    """A moment on the office's clock, for people."""
    return moment.astimezone(profile.zone).strftime("%Y-%m-%d %H:%M:%S") if moment is not None else ""
