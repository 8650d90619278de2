"""Words of the profile's own that facts may use: kinds of record, circumstances, exceptions."""

from collections.abc import Sequence

from vault.errors import BadInput
from vault.facts import Facts
from vault.profile.model import Profile
from vault.profile.parts import ids
from vault.text import Text


def require_known_words(profile: Profile, facts: Facts) -> None:
    """BadInput for a word of the profile's that it does not know: nobody could say what follows from it."""
    within = profile.intake.stored_within
    for what, said, known in (
        (_KIND, (facts.kind,) if facts.kind else (), ids(profile.kinds)),
        (_CIRCUMSTANCE, facts.circumstances, ids(profile.circumstances)),
        (_EXCEPTION, facts.exceptions, ids(within.exceptions) if within is not None else []),
    ):
        for word in said:
            if word not in known:
                raise BadInput(
                    Text(
                        en=f"Profile {profile.id} knows no {what.en} {word!r}; known: {', '.join(known) or 'none'}.",
                        zh=f"制度配置 {profile.id} 中没有{what.zh} {word!r}；可用：{'、'.join(known) or '无'}。",
                    )
                )


def in_words(profile: Profile, name: str, codes: Sequence[str]) -> Text:
    """What a record's codes under a fact mean; a code as it is where this profile knows none of that name."""
    known = {
        "kind": profile.kinds,
        "circumstances": profile.circumstances,
        "exceptions": profile.intake.stored_within.exceptions if profile.intake.stored_within is not None else (),
    }
    texts = {rule.id: rule.text for rule in known[name]}
    said = [texts.get(code, Text(en=code, zh=code)) for code in codes]
    return Text(en=", ".join(text.en for text in said), zh="、".join(text.zh for text in said))


_KIND = Text(en="kind of record", zh="记录类别")
_CIRCUMSTANCE = Text(en="circumstance", zh="情形")
_EXCEPTION = Text(en="exception", zh="延时情形")
