"""Plain text: nothing in it that a reader cannot see. Names and reasons that people give must be that.

What is invisible breaks searching, makes two names look like one, or turns the rest of a line round: control characters
and line breaks (Cc, Zl, Zp), format characters such as marks of direction and spaces without width (Cf), halves of a
character (Cs), and the letters that are drawn as nothing. A joiner is invisible, too, and shapes the letters beside it
where these are Arabic (Uyghur, Kazakh): between two of them it may stand.
"""

import unicodedata

from vault.errors import BadInput
from vault.text import Text

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DRAWN_AS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")


def invisible(text: str, *, lines: bool = False) -> str:
    """The first character that cannot be seen, as U+202E; empty where there is none. `lines`: they may be several."""
    for place, character in enumerate(text):
        if lines and character in "\r\n":
            continue
        if character in _JOINERS and _joins(text[:place][-1:], text[place + 1 :][:1]):
            continue
        if unicodedata.category(character) in _INVISIBLE or character in _DRAWN_AS_NOTHING:
            return f"U+{ord(character):04X}"
    return ""


def require_plain(what: Text, text: str, *, lines: bool = False) -> None:
    """BadInput where something in it cannot be seen; `what` it is."""
    if code := invisible(text, lines=lines):
        said = not_plain(code)
        raise BadInput(Text(en=f"{what.en}: {said.en}.", zh=f"{what.zh}：{said.zh}。"))


def not_plain(code: str) -> Text:
    """What is wrong with it, and what to do."""
    return Text(
        en=f"holds an invisible character ({code}); remove it, keep to one line",
        zh=f"含有控制字符或不可见字符（{code}）；请删除，并写在一行内",
    )


def _joins(before: str, after: str) -> bool:
    return all(character and unicodedata.bidirectional(character) == "AL" for character in (before, after))
