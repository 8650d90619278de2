"""What a job is given and what it gives back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.config import Config, read_config
from ops.wiring import Working, open_catalogue, open_vault
from vault.authority import Action
from vault.catalogue import people
from vault.errors import (
    Busy,
    ClockSuspect,
    DiscWanted,
    IntegrityBroken,
    Refused,
    StoreUnavailable,
    StrongroomError,
    TargetProblem,
)
from vault.rights import may
from vault.sighting import Sighting
from vault.store import Vault
from vault.text import Text


class FiguresUnwritten(TargetProblem):
    """The file for node_exporter: a path of strongroom.toml, which is nobody's name."""


Tick = Callable[[int], object]  # told of progress; raises Ended where the job is to stop
# Errors whose words name stores and files, and nobody …
_TELLING = (StoreUnavailable, IntegrityBroken, ClockSuspect, Busy, FiguresUnwritten)
_NAMING = (DiscWanted,)  # … but for who has borrowed a disc
_LONGEST = 300  # characters of an error


@dataclass(frozen=True, slots=True)
class Desk:
    """Where jobs are done. Each opens the vault for itself: what hangs there hangs alone. `look`: the stores as they
    were seen last.
    """

    home: Path
    working: Working
    look: Callable[[], Mapping[str, Sighting]]

    @property
    def config(self) -> Config:
        return read_config(self.home)

    @contextmanager
    def open(self) -> Iterator[Vault]:
        with open_vault(self.home, self.working) as vault:
            yield vault

    @contextmanager
    def catalogue(self) -> Iterator[Vault]:
        """For jobs that ask no store."""
        with open_catalogue(self.home, self.working) as vault:
            yield vault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. `trouble`: why it is none the less a failure; `found`: what it found waiting for people."""

    what: Text
    trouble: StrongroomError | None = None
    found: int | None = None


Work = Callable[[Desk, Tick], Outcome]


def telling(error: Exception) -> Text:
    """An error as anybody may read it: where its words could name a person, its kind alone."""
    kind = type(error).__name__
    if isinstance(error, _TELLING) and not isinstance(error, _NAMING):
        return error.what
    return Text(en=kind, zh=kind)


def spelled(error: Exception) -> str:
    """The same in one line with its kind, for the catalogue."""
    kind, words = type(error).__name__, telling(error).en
    return " ".join((kind if words == kind else f"{kind}: {words}").split())[:_LONGEST]


def require_rights(vault: Vault, needs: Iterable[Action | None]) -> None:
    """Refused where whoever serves may not do that. Nothing of it is journalled: nothing was tried, and a service that
    is started again and again would fill the journal.
    """
    login = vault.setting.person
    with vault.database.reading() as connection:
        person = people.at_work(connection, login)
    for action in needs:
        reasons = may(person, action).reasons if action is not None else ()
        if reasons:
            role = " --role officer" if action is Action.INGEST else ""  # for drop folders alone
            raise Refused(
                reasons[0].text,
                hint=Text(
                    en="The service's own login has to be enrolled as operator, by a principal leader: "
                    f"strongroom person add {login} --name … --role operator{role}",
                    zh="须由主要领导将运行本服务的登录名登记为运维人员："
                    f"strongroom person add {login} --name … --role operator{role}",
                ),
            )
