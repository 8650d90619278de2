"""What commands share: where the vault is, who is at work, options that facts give rise to."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ops.cli.speaking import FactWords
from ops.language import t
from ops.wiring import Working, at_work, open_vault
from vault import moments
from vault.authority import Action, require
from vault.errors import BadInput
from vault.facts import FACTS, Fact, Facts, Kind
from vault.intake.facts_text import facts_of, parse_fact, require_in_order
from vault.profile import Profile
from vault.profile.known import in_keys
from vault.store import Vault
from vault.text import Text

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day on the office's calendar."""

    name = t("yyyy-mm-dd", "年-月-日")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        for spelling in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
            try:
                return datetime.strptime(str(value), spelling).date()  # noqa: DTZ007  # a day has no zone
            except ValueError:
                continue
        said = t(f"{value!r} is no day such as 2026-03-01", f"{value!r} 不是日期，请写成 2026-03-01 的形式")
        raise click.BadParameter(said, ctx, param)


class Number(click.ParamType[int]):
    """The number of a record, as its serial."""

    name = t("number", "编号")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if found := re.fullmatch(r"[0-9]{4}-([0-9]{7,})", str(value)):
            return int(found[1])
        said = t(f"{value!r} is no number such as 2026-0000001", f"{value!r} 不是 2026-0000001 形式的编号")
        raise click.BadParameter(said, ctx, param)


as_json = click.option("--json", "as_json", is_flag=True, help=t("one JSON object a line", "每行输出一个 JSON 对象"))


_OF_OTHER_WORK = ("moving", "disposal", "scrub", "discs", "labels", "inspection", "watch", "serve", "jobs")


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
        return at_work(self.home, self.person, clock_vouched=self.clock_is_right)

    @contextmanager
    def open(self) -> Iterator[Vault]:
        """The vault, ready for work."""
        with open_vault(self.home, self.working) as vault:
            if vault.moved_from:
                _tell_moved(vault.moved_from)
            yield vault

    @contextmanager
    def rescuing(self) -> Iterator[Vault]:
        """The vault, for whoever brings back what is damaged: the configuration of other work may be wrong."""
        with open_vault(self.home, self.working, unused=_OF_OTHER_WORK) as vault:
            if vault.moved_from:
                _tell_moved(vault.moved_from)
            yield vault

    @contextmanager
    def adopting(self) -> Iterator[Vault]:
        """The vault for whoever settles which profile is in force, though strongroom.toml names another."""
        with open_vault(self.home, self.working, adopting=True) as vault:
            yield vault

    @contextmanager
    def open_to_read(self) -> Iterator[Vault]:
        """The vault, for whoever may read the facts of records."""
        with self.open() as vault:
            require(vault, Action.FACTS_READ)
            yield vault


def _tell_moved(kept: str) -> None:
    from ops.output import note  # once with each new version

    note(
        t(
            f"The catalogue was brought to this version's form; as it was, it is kept: {kept}",
            f"目录库已升级为本版本的结构；升级前的副本保存在 {kept}",
        )
    )


def acting(
    argument: Callable[[Callable[..., None]], Callable[..., None]], tell: Callable[[Vault, Any, bool], None]
) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """For a command that does one thing in the vault, and says how what it was done to stands then.

    It is written as a function of the vault, the argument and its options, and returns what is to be told.
    """

    def decorated(act: Callable[..., Any]) -> Callable[..., None]:
        @wraps(act)
        def called(place: Place, /, as_json: bool, **given: Any) -> None:
            with place.open() as vault:
                tell(vault, act(vault, **given), as_json)

        return argument(as_json(click.pass_obj(called)))

    return decorated


def fact_options(command: Command) -> Command:
    """An option for every fact, from the table in vault/facts.py."""
    return _options(command, FACTS)


def searched_options(command: Command) -> Command:
    """An option for every fact that words can be looked for in; times have a span of their own."""
    return _options(command, [fact for fact in FACTS if fact.kind is not Kind.TIME])


def _options(command: Command, facts: Sequence[Fact]) -> Command:
    for fact in reversed(facts):
        command = click.option(fact.option, fact.name, type=FactWords(), help=t(fact.label.en, fact.label.zh))(command)
    return command


def facts_from(options: Mapping[str, Any], profile: Profile, now: datetime) -> Facts:
    """The facts that options give. BadInput names the fact that cannot be understood."""
    given = [(fact, options[fact.name]) for fact in FACTS if options.get(fact.name)]
    facts = facts_of({fact.name: parse_fact(fact, text, profile.zone, now) for fact, text in given})
    require_in_order(facts, profile.zone)
    return in_keys(profile, facts)


def case_number(given: str, vault: Vault) -> str:
    """A case's number as records carry it. BadInput for one that none could."""
    number = facts_from({"case_number": given}, vault.profile, vault.now()).case_number
    if not number:
        raise BadInput(Text(en="A case needs a number.", zh="案件须有案号。"))
    return number


def known_case(given: str, vault: Vault) -> str:
    """A case's number as it was first opened, however it is written here; as it is written where nobody opened it."""
    from vault.catalogue.holdings import claim_of  # the rules of retention come with it: only for who names a case

    with vault.database.reading() as connection:
        return claim_of(connection, case_number(given, vault)).number


def local(moment: datetime | None, profile: Profile) -> str:
    """A moment on the office's clock, for people."""
    return moments.local(moment, profile.zone) if moment is not None else ""
