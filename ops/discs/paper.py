"""Where labels go: files in a folder, and CUPS's queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labels.draw import Drawn, Options
from labels.kinds import Kind
from ops.labels import LabelsConfig
from ops.output import note
from ops.printing import print_pdf
from vault.discs.model import DiscCopy
from vault.outputs import replace_file, writing_to


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
