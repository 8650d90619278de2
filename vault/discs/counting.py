"""A stocktake of the shelf, entered into the journal with all that was not as it should be."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from vault import acts
from vault.actions import Action
from vault.authority import require
from vault.catalogue import discs, spoiled
from vault.catalogue.discs import Copy
from vault.catalogue.spoiled import SpoiledDisc
from vault.discs.model import Mark, Spoiled
from vault.discs.stocktake import Stock, compare, read_scans
from vault.errors import BadInput
from vault.store import Vault
from vault.text import Text

LIMIT = 16 << 20  # bytes of what a scanner typed: 40,000 labels
_AT_ONCE = 500  # odd discs in one entry


@dataclass(frozen=True, slots=True)
class Counted:
    """What it came to; `unread`: lines that are no label."""

    scanned: int
    stock: Stock
    unread: tuple[str, ...]


def count(vault: Vault, typed: bytes, location: str) -> Counted:
    """Hold what a scanner typed against the journal, for one place or, where it is empty, for all.

    BadInput where nothing of it is a label: a stocktake that looked at nothing would call every disc missing.
    """
    require(vault, Action.DISC_COUNT, about=location)
    scans, unread = read_scans(typed.decode("utf-8", "replace"))
    if not scans:
        raise BadInput(
            Text(en="Not one label was scanned.", zh="没有扫描到任何光盘标签。"),
            hint=Text(
                en="Scan the QR code of each disc, or type marks such as 2026-0001-1A, one a line.",
                zh="请扫描每张光盘的二维码，或逐行输入光盘编号，如 2026-0001-1A。",
            ),
        )
    now, by = vault.now(), vault.setting.person
    stocks: list[Stock] = []

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        def image_of(mark: Mark) -> str | None:
            return discs.image_of(connection, mark).image

        def find(mark: Mark) -> Copy | None:
            return discs.find_copy_if_any(connection, mark)

        def find_spoiled(name: Spoiled) -> SpoiledDisc | None:
            return spoiled.find_if_any(connection, name)

        shelved = discs.on_shelf(connection, location)
        stock = compare(scans, shelved, find, find_spoiled, image_of, location, vault.verifier.name)
        stocks.append(stock)
        odd = [acts.OddDisc(mark=one.mark, finding=one.finding.value) for one in stock.odd]
        return [
            acts.DiscsCounted(
                at=now, by=by, location=location, scanned=len(scans), odd=tuple(odd[start : start + _AT_ONCE])
            )
            for start in range(0, max(len(odd), 1), _AT_ONCE)
        ]

    vault.commit(draft)
    return Counted(len(scans), stocks[-1], tuple(unread))
