"""Stores that cannot be used for an act, where too few are left: which, and the way out."""

from collections.abc import Mapping

from vault.errors import StoreNotAttached, StoreUnavailable
from vault.text import Text


def too_few(away: Mapping[str, StoreUnavailable]) -> StoreUnavailable:
    """The first store's own error, and that what is lost for good need not come back."""
    lost = {name: error for name, error in away.items() if not isinstance(error, StoreNotAttached)}
    if not lost:
        return next(iter(away.values()))
    first, error = next(iter(lost.items()))
    return type(error)(
        error.what,
        hint=Text(
            en=f"{error.hint.en}\n  Without {', '.join(lost)} the journal is on too few stores. One that is lost for "
            "good is replaced by an empty medium in its place, and then: "
            f"strongroom store renew {first} --lost, strongroom repair",
            zh=f"{error.hint.zh}\n  没有 {'、'.join(lost)}，日志所在的存储数量不足。如已彻底丢失，"
            f"请在原位置换上空的新介质，然后运行：strongroom store renew {first} --lost，再运行 strongroom repair",
        ),
    )


def not_attached(name: str) -> StoreNotAttached:
    """The configuration has a store that the journal does not know."""
    return StoreNotAttached(
        Text(
            en=f"Store {name} stands in strongroom.toml, but is not attached: nothing is kept there.",
            zh=f"存储 {name} 已写入 strongroom.toml，但尚未接入，不存放任何内容。",
        ),
        hint=Text(en=f"strongroom store attach {name}", zh=f"请运行：strongroom store attach {name}"),
    )
