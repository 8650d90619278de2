"""What lies beside the image of a disc and says whom its records are about: its labels, and what a kill left of both.

    labels_of(folder, name)      the labels of that disc
    remove_partials(folder, …)   images and labels that were being written

A label is known by its name and by the stamp that the program draws into it: a file of that name without the stamp is
somebody's own, and is not touched.
"""

import mmap
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from vault.discs.model import COPIES, ImageFile, Mark, image_name
from vault.outputs import PARTIAL

_SET = re.compile(r"\d{4}-\d{4}")


def stamp(disc_set: str) -> str:
    """Stands in every label of a set, among what readers show of a document and not on paper."""
    return f"strongroom-label {disc_set}"


def labels_of(folder: Path, name: ImageFile) -> Sequence[Path]:
    """Those of the disc's generation that lie there, sheets for the whole set among them. OSError: cannot tell."""
    generation = name.disc_set, name.disc, name.generation
    marks = (str(Mark(name.disc_set, name.disc, copy, name.generation)) for copy in COPIES)
    drawn_for = {name.disc_set, image_name(*generation).removesuffix(".iso"), *marks}
    named = re.compile(rf"(?:{'|'.join(map(re.escape, drawn_for))})(?:\.[a-z-]+)?\.(?:pdf|png)")
    found = sorted(path for path in folder.iterdir() if named.fullmatch(path.name))
    return [path for path in found if _has(path, stamp(name.disc_set).encode())]


def _has(path: Path, words: bytes) -> bool:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    with (
        open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return content.find(words) >= 0


def remove_partials(folder: Path, disc_set: str = "") -> None:
    """Images and labels of a set ("": of any) that were being written there by a command that was killed. Only while no
    other command makes discs there."""
    begun = re.compile(PARTIAL.format(rf"{disc_set or _SET.pattern}[-.].*"))
    for path in folder.iterdir():
        if begun.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
