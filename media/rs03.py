"""Error correction behind an image: dvdisaster's RS03, as an augmented image (dvdisaster 0.79, manual, "RS03").

Reed-Solomon over GF(2^8): the medium is 255 layers, of which data takes as many as it needs, checksums one, and
correction the rest, at least 8. So the share of data decides how much damage can be undone. What is appended lies
behind the image, whose own bytes stay as they are.

dvdisaster by itself fills the next of the sizes that it knows, which need not be the medium that was planned: an image
of 690 MB would get the 2 % that a CD leaves it, and then lie on a DVD. `--debug -n` names the size in sectors.

It encodes in one thread. With two (`-x 2`, 0.79.5) one run in five over a small image wrote checksums that are those of
no sector, and correction over them: whoever mends then takes good sectors for bad ones. Of large images that was not
seen, and nothing says that it cannot be.
"""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from media.image import ImageInfo, measured
from media.mediums import SECTOR, Medium
from media.tools import require_tool
from vault.errors import BadInput, TargetProblem
from vault.outputs import Progress, partial_name, publish_file, reading_from, sync, writing_to
from vault.text import Text

_LAYERS = 255
_LEAST = 8  # layers of correction
_PERCENT = re.compile(rb"Ecc generation: +(\d+)\.")  # what it does before takes no time
_LAST_WORDS = 400  # bytes


@dataclass(frozen=True, slots=True)
class Augmented:
    """An image before and after error correction, as the disk gave it back."""

    iso: ImageInfo
    image: ImageInfo


def augment(image: Path, medium: Medium, progress: Progress = int) -> Augmented:
    """Append error correction to the image that `build_image` made, up to the size of the medium. `progress`: of twice
    as many bytes, to compute it and to read it back.

    Until that is done the image has no name; whatever goes wrong, nothing of it is left and it is built again.
    BadInput: the medium leaves too little room for it; StrongroomError: dvdisaster is missing; then the image stays.
    TargetProblem: no room on the disk, or dvdisaster failed. Whether the image's own bytes are as they were is for
    media/checking.py to say, by their blocks.
    """
    program = require_tool("dvdisaster")
    with reading_from(image):
        size = image.stat().st_size
    _require_room(image, size, medium)
    partial = partial_name(image)
    try:
        with writing_to(image):
            image.rename(partial)
        _encode(program, partial, image, medium, progress)
        with writing_to(image):
            sync(partial)
        iso, after = measured(partial, image, size, progress)
        if not size < after.size <= medium.size:
            raise TargetProblem(
                Text(
                    en=f"dvdisaster made {after.size} bytes of {image}, for a medium of {medium.size}.",
                    zh=f"dvdisaster 将 {image} 扩展为 {after.size} 字节，而光盘容量为 {medium.size} 字节。",
                )
            )
        publish_file(partial, image)
        return Augmented(iso, after)
    finally:
        partial.unlink(missing_ok=True)


def _require_room(image: Path, size: int, medium: Medium) -> None:
    left = medium.size - size
    layer = medium.sectors // _LAYERS
    data = -(-(size // SECTOR + 2) // layer)  # with the two sectors of its header
    if _LAYERS - data - 1 < _LEAST:
        share = max(left, 0) * 100 // medium.size
        raise BadInput(
            Text(
                en=f"{image} leaves {share} % of {medium.label.en} free: too little for error correction.",
                zh=f"{image} 只给 {medium.label.zh} 留下 {share}% 的空间，不足以存放纠错数据。",
            ),
            Text(
                en="Plan the discs with more to spare (--spare), or take a larger medium.",
                zh="请在规划光盘时预留更多空间（--spare），或改用更大的光盘。",
            ),
        )
    with writing_to(image):
        space = os.statvfs(image.parent)
    if space.f_bavail * space.f_frsize < left:
        raise TargetProblem(
            Text(
                en=f"Error correction of {image} needs {left} bytes; so many are not free there.",
                zh=f"{image} 的纠错数据需要 {left} 字节，所在磁盘空间不足。",
            )
        )


def _encode(program: str, partial: Path, image: Path, medium: Medium, progress: Progress) -> None:
    """dvdisaster says much; of its words the percentages are passed on, and of a failure the last ones help."""
    with tempfile.TemporaryDirectory() as home:
        fill = ("--debug", "-n", str(medium.sectors))
        command = [program, "-i", str(partial), "-mRS03", *fill, "-c", "-x", "1"]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HOME": home, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"},  # it keeps its settings there
        ) as process:
            try:
                last = _heard(process, medium.size, progress)
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        words = " ".join(last.decode(errors="replace").split())
        raise TargetProblem(
            Text(
                en=f"dvdisaster could not add error correction to {image}: {words}",
                zh=f"dvdisaster 未能为 {image} 添加纠错数据：{words}",
            )
        )


def _heard(process: "subprocess.Popen[bytes]", size: int, progress: Progress) -> bytes:
    """Its last words; what it says of how far it is, told as so many bytes of `size`."""
    assert process.stdout is not None
    last, told = b"", 0
    while said := os.read(process.stdout.fileno(), 1 << 12):
        last = (last + said)[-_LAST_WORDS:]
        percents = _PERCENT.findall(last)
        done = size * int(percents[-1]) // 100 if percents else 0
        if done > told:
            progress(done - told)
            told = done
    progress(size - told)
    return last
