"""What keeps copies from being where they belong: those still to come or to go, and stores that cannot tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vault.catalogue import copies
from vault.catalogue.planned import to_do
from vault.errors import StoreUnavailable
from vault.store import Vault
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One store. `copies` by state, those that are good left out. `trouble`: why it could not be asked."""

    store: str
    copies: Mapping[str, int]
    trouble: StoreUnavailable | None

    @property
    def nothing(self) -> bool:
        return not self.copies and self.trouble is None


def outstanding(vault: Vault, names: Sequence[str] = ()) -> list[Outstanding]:
    """Of these stores, or of all that are attached; each is asked, unless it was silent a moment ago."""
    with vault.database.reading() as connection:
        attached = copies.store_ids(connection)
        waiting = to_do(connection)
    return [
        Outstanding(name, {one.state: one.copies for one in waiting if one.store == name}, _trouble(vault, name))
        for name in names or attached
    ]


def _trouble(vault: Vault, name: str) -> StoreUnavailable | None:
    if name in vault.stores:
        return vault.absences.silent(vault.stores[name])
    return StoreUnavailable(
        Text(
            en=f"Store {name} is attached, but does not stand in strongroom.toml: nobody can ask it.",
            zh=f"存储 {name} 已接入，但 strongroom.toml 中没有它，无法询问。",
        ),
        hint=Text(
            en=f"Put its lines back, or, where it is empty or lost: strongroom store detach {name}",
            zh=f"请恢复其配置；若已清空或丢失，请运行：strongroom store detach {name}",
        ),
    )
