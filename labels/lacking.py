"""Which characters of a disc's label its fonts do not have, and in which field.

labels/coverage.py prints their numbers; people must hear of it while the label can still be changed.
"""

from dataclasses import dataclass

from labels.coverage import coverage
from labels.fields import label_captions, label_values, statement_captions, statement_values
from labels.fonts import LABELS, font_directory
from vault.discs.model import DiscCopy, Statement
from vault.profile import Profile
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the fonts lack of one field: its characters, each once."""

    field: Text
    characters: str


def lacking(disc: DiscCopy, profile: Profile, statement: Statement | None = None) -> tuple[Lacking, ...]:
    """Field by field; nothing where all of it can be printed. `statement`: of a slip, which says it besides."""
    captions, values = label_captions(profile), label_values(disc, profile.zone)
    said = [(field.value, captions[field], value) for field, value in values.items()]
    if statement is not None:
        names, stated = statement_captions(profile), statement_values(statement, profile.zone)
        said += [(field.value, names[field], value) for field, value in stated.items()]
    fonts = [coverage(font_directory() / name) for name in LABELS]
    found = []
    for name, caption, value in said:
        characters = "".join(dict.fromkeys(c for c in value if not all(c in font for font in fonts)))
        if characters:
            found.append(Lacking(Text(en=name.replace("-", " "), zh=caption), characters))
    return tuple(found)
