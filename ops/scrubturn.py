"""What one run of `scrub --due`, or of the service's scrub, is to read: what strongroom.toml wants read by now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ops.config import FILE, Config
from ops.hours import seconds_left
from vault.errors import BadInput
from vault.scrub import Budget
from vault.sizes import read_size
from vault.store import Vault
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Turn:
    """One run: of each store the moment since when its copies should have been read, and what the run may take."""

    since: Mapping[str, datetime]
    budget: Budget


def turn(config: Config, vault: Vault, names: Collection[str], asked: Budget) -> Turn | None:
    """None outside its hours. What is `asked` for in the command outweighs the file; no hour does."""
    now = vault.now()
    since = {name: now - every for name, every in config.every.items() if name in names}
    if not since:
        raise BadInput(
            Text(en=f"{FILE} does not say how often copies are to be read.", zh=f"{FILE} 未写明多久回读一次副本。"),
            hint=Text(
                en='Write there: [scrub] every = "90 days"; or below one store: scrub = "30 days"',
                zh='请写入：[scrub] every = "90 天"；或在某一存储下写：scrub = "30 天"',
            ),
        )
    left = seconds_left(config.scrub.window, now.astimezone(vault.profile.zone))
    if left is not None and left <= 0:
        return None
    budget = read_size(config.scrub.budget) if config.scrub.budget else None
    ends = [seconds for seconds in (left, asked.seconds) if seconds is not None]
    return Turn(since, Budget(bytes=asked.bytes or budget, seconds=min(ends, default=None)))
