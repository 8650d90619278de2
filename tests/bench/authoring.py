"""Discs: an image made of a corpus and checked by every reader, by a program (`authoring.py WHAT FOLDER IMAGE`).

`digest` notes what intake would have known of each file; `build` and `check` go on from there, as they do in a vault.
The rival is `xorriso -as mkisofs` with the trees that it has in common with ours (Rock Ridge and Joliet; it writes no
UDF, lists no blocks and checks nothing). Both images are on the disk when the time is taken.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from contenders import Place
from corpora import files_below
from timing import Contender, run_plainly

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AUTHORING = str(Path(__file__))
UNLIKE = (
    "ours: three trees over the same bytes, every file proven by its SHA-256, every 32 KiB hashed and listed, then "
    "fsync; xorriso: two trees, nothing hashed, then syncfs of the target; all of it within the measured time"
)


def known(folder: Path) -> Path:
    """Where the digests of a corpus stand."""
    return folder.with_name(f"{folder.name}.json")


def contenders_for(place: Place, folder: Path) -> list[Contender]:
    """Ours first; both make one image of the folder."""
    image = str(place.folder / "image.iso")
    rival = [
        "xorriso",
        "-as",
        "mkisofs",
        "-quiet",
        "-iso-level",
        "3",
        "-V",
        "2026-0001-1",
        "-J",
        "-R",
        "-o",
        image,
        str(folder),
    ]
    return [
        Contender(name="strongroom", steps=[_words("build", folder, image)], before=place.empty, after=place.remove),
        Contender(name="xorriso -as mkisofs", steps=[rival], before=place.empty, after=place.remove, sync=place.folder),
    ]


def check(place: Place, folder: Path) -> Contender:
    """The image is made beforehand, untimed."""
    image = str(place.folder / "image.iso")

    def before() -> None:
        place.empty()
        run_plainly(_words("build", folder, image))

    return Contender(name="check", steps=[_words("check", folder, image)], before=before, after=place.remove)


def digest(folder: Path) -> None:
    """Write down the digests of a corpus."""
    rows = []
    for path in files_below(folder):
        with open(path, "rb") as file:
            rows.append((path, Path(path).stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()))
    known(folder).write_text(json.dumps(rows), encoding="utf-8")


def _words(what: str, folder: Path, image: str) -> list[str]:
    return [sys.executable, AUTHORING, what, str(folder), image]


def main(what: str, folder: Path, image: Path) -> None:
    from zoneinfo import ZoneInfo

    from backends.reading import StoreFile
    from media.checking import check_image
    from media.image import build_image
    from media.layout import lay_disc
    from media.mediums import MEDIUMS
    from media.placing import Disc
    from media.planning import plan
    from vault.discs.model import DiscSet
    from vault.errors import StoreUnavailable
    from vault.facts import Facts
    from vault.records import Record, RecordFile, Standing
    from vault.text import Text

    if what == "digest":
        digest(folder)
        return
    rows = json.loads(known(folder).read_text(encoding="utf-8"))
    paths = {sha256: path for path, _, sha256 in rows}
    records = [
        Record(
            number=f"2026-{n:07}",
            facts=Facts(case_name="现场检查", party="王芳"),
            origins={},
            files=tuple(
                RecordFile(sha256=sha, size=size, name=Path(path).name) for path, size, sha in rows[at : at + 50]
            ),
            stored_at=NOW,
            stored_by="王芳",
            standing=Standing.KEPT,
        )
        for n, at in enumerate(range(0, len(rows), 50))
    ]

    def unreadable(error: OSError) -> StoreUnavailable:
        return StoreUnavailable(Text(en=str(error), zh=str(error)))

    @contextmanager
    def opened(file: RecordFile) -> Iterator[BinaryIO]:
        """As a store on a disk does."""
        with StoreFile(paths[file.sha256], unreadable, 0) as stream:
            yield stream

    of = DiscSet("2026-0001", (), "邓州市财政局", "王芳", NOW, "现场检查")
    disc = Disc(set=of, number=1, vault="0" * 16, medium="bd-r-25", zone=ZoneInfo("Asia/Shanghai"))
    layout = lay_disc(disc, plan(records, MEDIUMS["bd-r-25"], 0), records, {})
    if what == "build":
        build_image(image, layout, opened, disc.volume, NOW)
    else:
        check_image(image, layout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else ""))
