"""Whose a place is: its marker is asked for before every write, and before "absent" is believed.

An unmounted share must not fill the root disk, nor look like a loss; another vault's disk must be left alone.
"""

from collections.abc import Callable

import msgspec

from vault.errors import StoreForeign, StoreNotMounted
from vault.layout import MARKER
from vault.text import Text


def require_ours(store: str, place: str, vault_id: str, read: Callable[[], bytes]) -> None:
    """StoreNotMounted where no marker is there, StoreForeign where another vault's. `read`'s OSErrors pass."""
    try:
        marker = msgspec.json.decode(read())
    except FileNotFoundError:
        raise StoreNotMounted(
            Text(
                en=f"Store {store}: {place} has no {MARKER}: not mounted, or not a store.",
                zh=f"存储 {store}：{place} 中没有 {MARKER}：未挂载，或不是存储。",
            )
        ) from None
    except ValueError:
        return  # the marker is damaged, but here: fsck reports it
    if isinstance(marker, dict) and marker.get("vault") != vault_id:
        raise StoreForeign(
            Text(
                en=f"Store {store}: {place} belongs to another vault.",
                zh=f"存储 {store}：{place} 属于另一个档案库。",
            )
        )
