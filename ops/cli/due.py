"""What `strongroom scrub --due` reads: what strongroom.toml wants read by now; and how far behind that it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ops.cli.common import local
from ops.config import FILE, Config
from ops.hours import seconds_left
from ops.language import t
from ops.output import note, size
from vault.catalogue.scrubdue import Behind, behind
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


def left_behind(vault: Vault, since: Mapping[str, datetime]) -> dict[str, Behind]:
    """How far behind the schedule each store is now."""
    with vault.database.reading() as connection:
        return {name: behind(connection, name, moment) for name, moment in since.items()}


def row_of(left: Behind) -> dict[str, object]:
    """For programs, beside what was read."""
    return {"due": left.copies, "due_bytes": left.bytes, "due_oldest": left.oldest}


def tell(vault: Vault, name: str, left: Behind) -> None:
    """For people."""
    if not left.copies:
        note(t(f"{name}: nothing is due.", f"{name}：没有到期待读的副本。"))
        return
    oldest = local(left.oldest, vault.profile) or t("never", "从未")
    note(
        t(
            f"{name}: behind by {left.copies} copies ({size(left.bytes)}); oldest read: {oldest}",
            f"{name}：尚有 {left.copies} 个副本（{size(left.bytes)}）到期未读；最早一次回读：{oldest}",
        )
    )
