"""Texts and small programs that lie on every disc, from the files in media/carried/.

README.txt and 说明.txt are for whoever finds the disc in thirty years. What is on it must be checked, joined and saved
with nothing but what Linux and Windows bring: verify.sh and verify.ps1, join.sh and join.ps1 where a file was cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from media.placing import Disc, PlacedFile, PlacedRecord
from vault.discs.model import volume_id
from vault.moments import minute
from vault.text import counted

_FOLDER = Path(__file__).with_name("carried")

JOIN_LIST = "join.txt"


@cache
def template(name: str) -> str:
    """A file of media/carried/."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def texts(disc: Disc, placed: Sequence[PlacedRecord], extra: Iterable[str]) -> dict[str, bytes]:
    """README.txt, 说明.txt and the programs. `extra`: paths of what else the disc carries (journal/, tools/)."""
    cut = [file for one in placed for file in one.files if file.is_cut and file.on(disc.number)]
    files: dict[str, bytes] = {
        name: _for_windows(_filled(name, disc, placed, extra, cut)) for name in ("README.txt", "说明.txt")
    }
    files["verify.sh"] = template("verify.sh").encode()
    files["verify.ps1"] = _for_windows(template("verify.ps1"))
    if cut:
        files["join.sh"] = template("join.sh").encode()
        files["join.ps1"] = _for_windows(template("join.ps1"))
        files[JOIN_LIST] = _join_list(disc, cut)
    return files


def _for_windows(text: str) -> bytes:
    """UTF-8 with a mark at its beginning and CRLF: so that Notepad and PowerShell 5 take it for what it is."""
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def _filled(
    name: str, disc: Disc, placed: Sequence[PlacedRecord], extra: Iterable[str], cut: Sequence[PlacedFile]
) -> str:
    """The text without the paragraphs that do not concern this disc: those between `{if …}` and `{end}`."""
    entries = [entry for one in placed for entry in one.on(disc.number)]
    records = sum(bool(one.on(disc.number)) for one in placed)
    shown: Mapping[str, bool] = {
        "cut": bool(cut),
        "journal": any(path.startswith("journal/") for path in extra),
        "salvage": "tools/salvage.py" in extra,
        "correction": bool(disc.error_correction),
        "several": disc.set.discs > 1,
        "later": disc.generation > 1,
    }
    lines, show = [], True
    for line in template(name).splitlines():
        if line.startswith("{if "):
            show = shown[line[4:-1]]
        elif line == "{end}":
            show = True
        elif show:
            lines.append(line)
    return "\n".join([*lines, ""]).format(
        unit=_line(disc.set.unit),
        producer=_line(disc.set.producer),
        activity=_line(disc.set.activity),
        made=minute(disc.set.produced_at, disc.zone),
        first=minute(disc.set.first_produced_at or disc.set.produced_at, disc.zone),
        generation=disc.generation,
        set=disc.set.number,
        disc=disc.number,
        discs=disc.set.discs,
        volume=disc.volume,
        vault=disc.vault,
        records=records,
        files=len(entries),
        counts=f"{counted(records, 'record')}, {counted(len(entries), 'file')}",
        size=f"{sum(entry.size for entry in entries):,}",
        correction=disc.error_correction,
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _join_list(disc: Disc, cut: Sequence[PlacedFile]) -> bytes:
    lines = [template(JOIN_LIST)]
    for file in cut:
        for piece in file.pieces:
            fields = (
                file.file.sha256,
                str(piece.piece),
                str(len(file.pieces)),
                volume_id(disc.set.number, piece.disc),
                piece.entry.digest.hex,
                piece.entry.path,
                file.path,
            )
            lines.append("\t".join(fields) + "\n")
    return "".join(lines).encode()
