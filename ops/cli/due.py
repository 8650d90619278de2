"""How far behind its schedule each store is, once `strongroom scrub --due` has read."""

from collections.abc import Mapping
from datetime import datetime

from ops.cli.common import local
from ops.language import t
from ops.output import note, size
from vault.catalogue.scrubdue import Behind, behind
from vault.store import Vault


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
