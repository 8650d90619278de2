"""Finding Chinese text, two-character names included.

A full-text index splits at spaces, and Chinese has none; trigram indexes cannot find 王芳. So every Chinese
character is made a word of its own when it is indexed, and a query for several of them is a phrase: exact, and as
quick at a million records as at a hundred. Latin words and numbers stay whole and are matched from their beginning.
"""

import re
import unicodedata
from functools import lru_cache

from vault.casenumbers import case_key
from vault.facts import FACTS, Facts, Kind

# Scripts written without spaces: CJK ideographs with their extensions and compatibility forms, kana, bopomofo; and the
# private use area, where offices keep characters for rare names that Unicode had not yet.
_UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff"
    "\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_EACH = re.compile(f"([{_UNSPACED}])")
_SEARCHED = tuple(fact.name for fact in FACTS if fact.kind is not Kind.TIME)
_WORDS = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


@lru_cache(maxsize=4096)  # sections, officers and cases repeat
def spaced(text: str) -> str:
    """Text as it is indexed: NFKC (full-width letters and digits become plain), a space around each ideograph."""
    return _EACH.sub(r" \1 ", unicodedata.normalize("NFKC", text)).replace("_", " ")


def words_of(text: str) -> list[str]:
    """The words of a text, an ideograph being one; of what is `spaced` they are the same."""
    return _WORDS.findall(unicodedata.normalize("NFKC", text))


def is_unspaced(word: str) -> bool:
    """Whether a word is a single character of a script without spaces."""
    return _EACH.fullmatch(word) is not None


def phrase(query: str) -> str | None:
    """The FTS5 phrase for what a person typed; None if it has neither letter nor digit."""
    words = words_of(query)
    if not words:
        return None
    last_is_prefix = not is_unspaced(words[-1])
    return '"' + " ".join(words) + '"' + ("*" if last_is_prefix else "")


def searchable(facts: Facts) -> dict[str, str]:
    """The columns of the full-text index that facts fill."""
    values = [(name, getattr(facts, name)) for name in _SEARCHED]
    found = {name: spaced(v if isinstance(v, str) else "\n".join(v)) for name, v in values if v}
    return found | ({"case_number": spaced(case_words(facts.case_number))} if facts.case_number else {})


@lru_cache(maxsize=4096)
def case_words(number: str) -> str:
    """A case's number by all that it is looked for: as it was written, and as `case_key` has it where that reads
    otherwise (第1号, 1號)."""
    key = case_key(number)
    return number if words_of(number.casefold()) == words_of(key) else f"{number}\n{key}"
