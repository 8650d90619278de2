"""Stores that cannot be used for an act, where too few are left: which, and the way out."""

from collections.abc import Mapping

from vault.errors import StoreFull, StoreNotAttached, StoreUnavailable
from vault.text import Text


def too_few(away: Mapping[str, StoreUnavailable]) -> StoreUnavailable:
    """What each said, and that one which is lost for good need not come back."""
    lost = {name: error for name, error in away.items() if not isinstance(error, StoreNotAttached)}
    if not lost:
        return next(iter(away.values()))
    error = all_of(next(iter(lost.values())), lost)
    gone = [name for name, one in lost.items() if not isinstance(one, StoreFull)]
    en = f"{error.hint.en}\n  Without {', '.join(lost)} the journal is on too few stores."
    zh = f"{error.hint.zh}\n  没有 {'、'.join(lost)}，日志所在的存储数量不足。"
    if gone:
        en += " One that is lost for good is replaced by an empty medium in its place, and then: "
        en += f"strongroom store renew {gone[0]} --lost, strongroom repair"
        zh += "如已彻底丢失，请在原位置换上空的新介质，然后运行："
        zh += f"strongroom store renew {gone[0]} --lost，再运行 strongroom repair"
    return type(error)(error.what, hint=Text(en=en, zh=zh))


def all_of(error: StoreUnavailable, failures: Mapping[str, StoreUnavailable]) -> StoreUnavailable:
    """That error, and what the other stores said: together they left too few."""
    whats, hints = [error.what], [error.hint]
    for one in failures.values():
        whats += [one.what] if one.what not in whats else []
        hints += [one.hint] if one.hint not in hints else []
    return type(error)(
        Text(en=" ".join(what.en for what in whats), zh="".join(what.zh for what in whats)),
        hint=Text(en="\n  ".join(hint.en for hint in hints), zh="\n  ".join(hint.zh for hint in hints)),
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
