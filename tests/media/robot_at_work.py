"""Plays a publishing robot, as a program of its own: takes job files by renaming them, as TD Bridge and PTBurn do.

    python robot_at_work.py FOLDER tdbridge|ptburn done|failed|stuck...

It takes a job for each end. It believes a job file only when it is whole, and copies what the job calls the image to
JOB.disc, and the label to JOB.label.
"""

import sys
import time
from pathlib import Path

_WORDS = {
    "tdbridge": ((".JDF", ".RJD", ".INP"), "IMAGE=", "LABEL="),
    "ptburn": ((".JRQ", ".QRJ", ".INP"), "ImageFile=", "PrintLabel="),
}


def main(folder: Path, kind: str, ends: list[str]) -> None:
    for end in ends:
        take(folder, kind, end)


def take(folder: Path, kind: str, end: str) -> None:
    endings, *keys = _WORDS[kind]
    while not (jobs := list(folder.glob(f"*{endings[0]}"))):
        time.sleep(0.01)
    job = jobs[0]
    for ending in endings[1:]:
        job = job.rename(job.with_suffix(ending))
        time.sleep(0.05)
    lines = job.read_bytes().decode("gbk").split("\r\n")
    assert lines[-1] == "", "the job file was not whole"
    for key, made in zip(keys, (".disc", ".label"), strict=True):
        said = next(line.removeprefix(key) for line in lines if line.startswith(key))
        source = folder / said.replace("\\", "/").rpartition("/")[2]
        job.with_suffix(made).write_bytes(source.read_bytes())
    if end != "stuck":
        job.rename(job.with_suffix(".DON" if end == "done" else ".ERR"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
