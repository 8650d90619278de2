"""Where labels go: files in a folder, and CUPS's queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labels.coverage import NUMBERED
from labels.draw import Drawn, Options
from labels.kinds import Kind
from labels.lacking import Lacking, lacking
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import note
from ops.printing import print_pdf
from vault.discs.model import DiscCopy, Statement
from vault.outputs import replace_file, writing_to
from vault.profile import Profile


@dataclass(frozen=True, slots=True)
class Paper:
    """Where to: files in a folder, and CUPS's queue, if they are to be printed ("": not)."""

    folder: Path
    queue: str = ""


def label_options(kind: Kind, sheet: str, first: int, config: LabelsConfig) -> Options:
    """As asked; else on the office's own sheet, and always corrected for its printer."""
    usual = config.sheet if kind is Kind.DISC else ""
    return Options(sheet=sheet or usual, right=config.right, down=config.down, first=first)


def give_labels(name: str, kind: Kind, copies: Sequence[DiscCopy], drawn: Drawn, where: Paper) -> list[Path]:
    """Write the sheets as NAME.pdf and each label's picture as MARK.png, and print the sheets. Those that are not for
    the discs' own faces have their kind in the name."""
    ending = "" if kind is Kind.DISC else f".{kind}"
    names = [f"{name}{ending}.pdf", *(f"{one.mark}{ending}.png" for one in copies)]
    paths = [where.folder / one for one in names]
    with writing_to(where.folder):
        where.folder.mkdir(parents=True, exist_ok=True)
    for path, data in zip(paths, (drawn.pdf, *drawn.pngs), strict=True):
        replace_file(path, data)
    if where.queue:
        note(print_pdf(drawn.pdf, where.queue, names[0]))
    return paths


def tell_lacking(
    copies: Sequence[DiscCopy], profile: Profile, statements: Sequence[Statement] = ()
) -> list[dict[str, Any]]:
    """Say which characters of which field the fonts do not have, each once; the same for programs."""
    found: dict[Lacking, None] = {}
    for n, copy in enumerate(copies):
        found |= dict.fromkeys(lacking(copy, profile, statements[n] if statements else None))
    for one in found:
        characters, shown = " ".join(map(_named, one.characters)), "".join(map(_number, one.characters))
        note(
            t(
                f"The fonts do not have {characters} ({one.field.en}): the label shows {shown}.",
                f"“{one.field.zh}”中的 {characters} 不在字库中，标签上印为{shown}。",
            )
        )
    return lacking_rows(found)


def lacking_rows(found: Iterable[Lacking]) -> list[dict[str, Any]]:
    """For programs."""
    return [{"field": one.field, "characters": [f"U+{ord(c):04X}" for c in one.characters]} for one in found]


def _named(character: str) -> str:
    return f"{character} U+{ord(character):04X}" if character.isprintable() else f"U+{ord(character):04X}"


def _number(character: str) -> str:
    return f"{NUMBERED}{ord(character):04X}〕"
