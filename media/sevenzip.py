"""Reading an image back with 7z: its UDF tree, as Windows and macOS read a disc, and its Joliet tree.

7z has a reader of its own for either, and shares no code with libarchive or pycdlib. It lists what it finds, and then
gives the files' bytes one after the other in the order of that list.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from media.readback import Entry, broken
from media.tools import require_tool
from vault.digest import Hasher
from vault.outputs import Progress
from vault.text import Text
from vault.verified import BLOCK

View = Literal["Udf", "Iso"]
"""7z's names for its two readers; `Iso` shows the Joliet tree where there is one."""

_WARNED = 1  # 7z's exit code for "done, but": it remarks upon the error correction behind the image


def sevenzip_files(image: Path, view: View, progress: Progress = int) -> Iterator[Entry]:
    """Every file, as 7z finds it in that tree. ImageBroken where it cannot read it to the end."""
    listed = list(_listed(image, view))
    with _running(image, "x", "-so", f"-t{view}", str(image)) as stream:
        for path, size in listed:
            hasher, left = Hasher(), size
            while left:
                block = stream.read(min(BLOCK, left))
                if not block:
                    raise broken(image, Text(en=f"7z cannot read {path!r} to its end", zh=f"7z 无法完整读取 {path!r}"))
                hasher.update(block)
                left -= len(block)
                progress(len(block))
            yield path, size, hasher.digest()
        if stream.read(1):
            raise broken(image, Text(en="7z reads more than it lists", zh="7z 读出的内容多于其列表"))


def _listed(image: Path, view: View) -> Iterator[tuple[str, int]]:
    """Path and bytes of each file, in the order in which 7z gives their bytes."""
    with _running(image, "l", "-slt", "-ba", f"-t{view}", str(image)) as stream:
        for entry in stream.read().decode().split("\n\n"):
            fields = dict(line.split(" = ", 1) for line in entry.splitlines() if " = " in line)
            if fields and fields.get("Folder") != "+":
                yield fields["Path"], int(fields["Size"])


@contextmanager
def _running(image: Path, *words: str) -> Iterator[IO[bytes]]:
    """7z's output. What it says of a failure is handed on; whoever leaves early ends it."""
    command = [require_tool("7z"), *words, "-bd", "-sccUTF-8"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        if process.wait() not in (0, _WARNED):
            said.seek(0)
            words_of_7z = " ".join(said.read().decode(errors="replace").split())[-300:]
            raise broken(image, Text(en=f"7z: {words_of_7z}", zh=f"7z：{words_of_7z}"))
