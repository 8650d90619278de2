"""Too few stores answer for an act to be entered on as many as the policy demands: which, and the way out."""

from collections.abc import Mapping

from vault.errors import StoreUnavailable
from vault.text import Text


def too_few(away: Mapping[str, StoreUnavailable]) -> StoreUnavailable:
    """The first store's own error; what is lost for good need not come back."""
    error, first = next(iter(away.values())), next(iter(away))
    return type(error)(
        error.what,
        hint=Text(
            en=f"{error.hint.en}\n  Without {', '.join(away)} the journal is on too few stores. One that is lost for "
            "good is replaced by an empty medium in its place, and then: "
            f"strongroom store renew {first} --lost, strongroom repair",
            zh=f"{error.hint.zh}\n  没有 {'、'.join(away)}，日志所在的存储数量不足。如已彻底丢失，"
            f"请在原位置换上空的新介质，然后运行：strongroom store renew {first} --lost，再运行 strongroom repair",
        ),
    )
