"""Words of the profile's own that facts may use: kinds of record, circumstances, exceptions."""

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


_KIND = Text(en="kind of record", zh="记录类别")
_CIRCUMSTANCE = Text(en="circumstance", zh="情形")
_EXCEPTION = Text(en="exception", zh="延时情形")
