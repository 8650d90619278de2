"""What a disc's labels say of all the records on it together: pure.

    longest(decisions)     保管期限: the class that outlasts the others
    kept(decisions)        it in words, which say so where not all of them are kept that long
    highest(said)          密级: the highest of what the records say
    together(said, unit)   当事人, 案号, 科室: what they say, or the first of it and how many there are

A label must not promise less than one of its records asks for. So where that cannot be told nothing is said, or, of
confidentialities that have no order among themselves, all of them.
"""

from collections.abc import Iterable
from datetime import date

from vault.retention import Decision
from vault.terms import RetentionClass
from vault.text import Text

_LEVELS = ("秘密", "机密", "绝密")  # of state secrets, ascending (保守国家秘密法); 机密★10年 says for how long, too
_OPEN = "公开"
_NAMED = 2  # values that are all named; of more, the first
_NOTHING = Text(en="", zh="")


def longest(decisions: Iterable[Decision]) -> RetentionClass | None:
    """Ends are compared, never classes; what has no end outlasts every end. None: there is no telling yet."""
    found = list(decisions)
    if any(one.retention_class is RetentionClass.PERMANENT for one in found):
        return RetentionClass.PERMANENT
    last = max((one.last_day or date.max for one in found), default=None)
    classes = {one.retention_class for one in found if (one.last_day or date.max) == last}
    return classes.pop() if len(classes) == 1 else None


def kept(decisions: Iterable[Decision]) -> Text:
    """Nothing where there is no telling."""
    found = list(decisions)
    term = longest(found)
    if term is None:
        return _NOTHING
    if all(one.retention_class is term for one in found):
        return term.label
    return Text(en=f"at the longest: {term.label.en}", zh=f"最长：{term.label.zh}")


def together(said: Iterable[str], unit: str) -> str:
    """Of several values all that fits: 王芳、李伟; 王芳等 3 人. `unit`: what they are counted in."""
    words = list(dict.fromkeys(word for one in said if (word := " ".join(one.split()))))
    return "、".join(words) if len(words) <= _NAMED else f"{words[0]}等 {len(words)} {unit}"


def highest(said: Iterable[str]) -> str:
    """Of state secrets the highest level; whatever an office calls confidential besides, all of it."""
    words = list(dict.fromkeys(word.strip() for word in said if word.strip()))
    level = max((_level(word) for word in words), default=-1)
    kept = [word for word in words if _level(word) in (-1, level)]
    return "、".join([word for word in kept if word != _OPEN] or kept)


def _level(word: str) -> int:
    """-1: none of a state secret's."""
    name = word.partition("★")[0].strip()
    return _LEVELS.index(name) if name in _LEVELS else -1
