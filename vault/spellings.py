"""By what people's names are compared: spaces, full-width forms and capital letters part nobody.

People write into records names with what belongs to them (张三（豫R123）, 张三/李四, 执法人员：张三): each part of what
they wrote is taken for one.
"""

import re
import unicodedata
from collections.abc import Iterable


def spelled(names: Iterable[str]) -> frozenset[str]:
    """What names in records are compared by: each as a whole, and each part of it, without spaces. A full stop may part
    two names, or stand in one for the dot."""
    plain = {either for name in map(_plain, names) for either in (name, name.replace(".", "·"))}
    parts = {part for name in plain for part in re.split(r"[^\w·]+", name)}
    return frozenset(filter(None, parts | {"".join(name.split()) for name in plain}))


def whole(name: str) -> str:
    """What one person's name is compared by, which nothing parts."""
    return "".join(_plain(name).split()).replace(".", "·")


_DOTS = dict.fromkeys(map(ord, "•‧・∙⋅"), "·")  # what keyboards have for the dot in 买买提·艾力 (GB/T 15834: 间隔号)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().translate(_DOTS)
