"""By what a case is known, however its number was written.

GB/T 9704-2012 (7.2.5) writes a document number (发文字号) with six-angle brackets about the year: 豫邓文罚〔2026〕1号.
Keyboards have 【】, [ ] and ( ) at hand, so the same case comes in under many spellings. Cases are found and joined by
`case_key` alone; what people read is the number as somebody wrote it.
"""

import re
import unicodedata
from functools import lru_cache

_OPENING, _CLOSING = "([{<【〖〘〚", ")]}>】〗〙〛"
_SIX_ANGLE = str.maketrans(_OPENING + _CLOSING, "〔" * len(_OPENING) + "〕" * len(_CLOSING))
_SPACE = re.compile(r"\s+")
_NEEDLESS = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")  # between two digits or letters it parts them


@lru_cache(maxsize=4096)  # the cases of one intake repeat
def case_key(number: str) -> str:
    """The canonical form: full-width characters made plain (NFKC), small letters, brackets as the standard has them, no
    space that parts nothing. Of itself it is itself; empty where no number is given."""
    plain = unicodedata.normalize("NFKC", number).casefold().translate(_SIX_ANGLE).strip()
    return _NEEDLESS.sub("", _SPACE.sub(" ", plain))


def same_case(one: str, other: str) -> bool:
    """Whether two numbers are two spellings of one case's."""
    return case_key(one) == case_key(other)
