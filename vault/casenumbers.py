"""By what a case is known, however its number was written.

GB/T 9704-2012 (7.2.5) writes a document number (发文字号) with six-angle brackets about the year, and its serial
without 第: 豫邓文罚〔2026〕1号. Keyboards have 【】, 《》, [ ] and ( ) at hand, people write 第1号, 1號 and a full
stop, so the same case comes in under many spellings. Cases are found and joined by `case_key` alone; what
people read is the number as somebody wrote it.
"""

import re
import unicodedata
from functools import lru_cache

_OPENING, _CLOSING = "([{<【〖〘〚《", ")]}>】〗〙〛》"
_AS_WRITTEN = str.maketrans(_OPENING + _CLOSING + "號", "〔" * len(_OPENING) + "〕" * len(_CLOSING) + "号")
_ORDINAL = re.compile(r"第(?=\s*[0-9])")
_SPACE = re.compile(r"\s+")
_NEEDLESS = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")  # between two digits or letters it parts them
_STOPS = "。., "  # a sentence's


@lru_cache(maxsize=4096)  # the cases of one intake repeat
def case_key(number: str) -> str:
    """The canonical form: full-width characters made plain (NFKC), small letters, brackets and 号 as the standard has
    them, no 第 before a number, no space that parts nothing, no full stop or comma at the end. Of itself it is itself;
    empty where no number is given."""
    key = _plainer(number)
    while (plainer := _plainer(key)) != key:  # what is taken away may bring together what belongs together
        key = plainer
    return key


def _plainer(number: str) -> str:
    plain = unicodedata.normalize("NFKC", number).casefold().translate(_AS_WRITTEN)
    spaced = _SPACE.sub(" ", _ORDINAL.sub(" ", plain)).strip()
    return _NEEDLESS.sub("", spaced.rstrip(_STOPS) or spaced)


def same_case(one: str, other: str) -> bool:
    """Whether two numbers are two spellings of one case's."""
    return case_key(one) == case_key(other)
