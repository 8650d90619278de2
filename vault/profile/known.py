"""Words of the profile's own that facts may use: kinds of record, circumstances, exceptions.

Facts carry the profile's identifiers. People write those, or the profile's words for them in either language: at the
edge `keys_of` makes the one of the other; inside, what is no identifier is refused.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from vault.errors import BadInput
from vault.facts import Facts
from vault.profile.model import Profile
from vault.profile.parts import Known, ids
from vault.text import Text


def require_known_words(profile: Profile, facts: Facts) -> None:
    """BadInput for a word of the profile's that it does not know: nobody could say what follows from it."""
    for name in _WHAT:
        known = ids(_known(profile, name))
        for word in _several(getattr(facts, name)):
            if word not in known:
                raise _unknown(profile, name, word)


def in_keys(profile: Profile, facts: Facts) -> Facts:
    """The facts, with identifiers for the profile's words. BadInput as `require_known_words`."""
    return msgspec.structs.replace(facts, **{name: keys_of(profile, name, getattr(facts, name)) for name in _WHAT})


def keys_of(profile: Profile, name: str, said: str | tuple[str, ...] | datetime) -> str | tuple[str, ...] | datetime:
    """What is said under the fact `name`, with identifiers for the profile's words; other facts as they are.

    The profile's words may hold separators at which codes were parted (有异议，可能投诉、上访): what was parted is
    put together again where that makes such words. BadInput for a word that is not known.
    """
    if name not in _WHAT or isinstance(said, datetime):
        return said
    meant = _meanings(_known(profile, name))
    parts, keys = _several(said), list[str]()
    while parts:
        key, taken = _first(parts, meant)
        if not key:
            raise _unknown(profile, name, parts[0])
        keys.append(key)
        parts = parts[taken:]
    return "".join(keys) if isinstance(said, str) else tuple(dict.fromkeys(keys))


def in_words(profile: Profile, name: str, codes: Sequence[str]) -> Text:
    """What a record's codes under a fact mean; between marks where this profile knows none of that name."""
    texts = {rule.id: rule.text for rule in _known(profile, name)}
    said = [texts.get(code) or as_quoted(code) for code in codes]
    return Text(en=", ".join(text.en for text in said), zh="、".join(text.zh for text in said))


def as_quoted(code: str) -> Text:
    """An identifier for which nobody has words any more: the profile that it is from is not in force."""
    return Text(en=f"“{code}”", zh=f"「{code}」")


_WHAT = {
    "kind": Text(en="kind of record", zh="记录类别"),
    "circumstances": Text(en="circumstance", zh="情形"),
    "exceptions": Text(en="exception", zh="延时情形"),
}


def _known(profile: Profile, name: str) -> Sequence[Known]:
    within = profile.intake.stored_within
    match name:
        case "kind":
            return profile.kinds
        case "circumstances":
            return profile.circumstances
        case _:
            return within.exceptions if within is not None else ()


def _several(said: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(said, str):
        return (said,) if said else ()
    return said


def _meanings(known: Sequence[Known]) -> Mapping[str, str]:
    """Identifiers by all that stands for them; words that would stand for two stand for neither."""
    spelt: dict[str, set[str]] = {}
    for one in known:
        for words in (one.zh, one.en):
            spelt.setdefault(_plain(words), set()).add(one.id)
    return {words: min(keys) for words, keys in spelt.items() if len(keys) == 1} | {_plain(k): k for k in ids(known)}


def _first(parts: Sequence[str], meant: Mapping[str, str]) -> tuple[str, int]:
    """What the longest run of parts from the first stands for, and how many they are; empty where none does."""
    longest = max(map(len, meant), default=0)
    key, taken, together = "", 0, ""
    for number, part in enumerate(parts, 1):
        together += _plain(part)
        if len(together) > longest:
            break
        if together in meant:
            key, taken = meant[together], number
    return key, taken


def _plain(words: str) -> str:
    """Without what parts words, in one case and width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words)).casefold()


def _unknown(profile: Profile, name: str, word: str) -> BadInput:
    known, what = _known(profile, name), _WHAT[name]
    return BadInput(
        Text(
            en=f"Profile {profile.id} knows no {what.en} {word!r}.",
            zh=f"制度配置 {profile.id} 中没有{what.zh} {word!r}。",
        ),
        hint=Text(
            en=f"Known for {what.en}: " + ("; ".join(f"{one.id}: {one.en}" for one in known) or "none") + ".",
            zh=f"可用的{what.zh}：" + ("；".join(f"{one.zh}（{one.id}）" for one in known) or "无") + "。",
        ),
    )
