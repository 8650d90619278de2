"""Plays a publishing robot, as a program of its own: takes job files by renaming them, as TD Bridge and PTBurn do.

    python robot_at_work.py FOLDER tdbridge|ptburn done|failed|stuck

It believes a job file only when it is whole, and copies what the job calls the image to `burnt`.
"""

import sys
import time
from pathlib import Path

_WORDS = {"tdbridge": ((".JDF", ".RJD", ".INP"), "IMAGE="), "ptburn": ((".JRQ", ".QRJ", ".INP"), "ImageFile=")}


def main(folder: Path, kind: str, end: str) -> None:
    endings, key = _WORDS[kind]
    while not (jobs := list(folder.glob(f"*{endings[0]}"))):
        time.sleep(0.01)
    job = jobs[0]
    for ending in endings[1:]:
        job = job.rename(job.with_suffix(ending))
        time.sleep(0.05)
    lines = job.read_bytes().decode("gbk").split("\r\n")
    said = next(line.removeprefix(key) for line in lines if line.startswith(key))
    assert lines[-1] == "", "the job file was not whole"
    image = folder / said.replace("\\", "/").rpartition("/")[2]
    (folder / "burnt").write_bytes(image.read_bytes())
    if end != "stuck":
        job.rename(job.with_suffix(".DON" if end == "done" else ".ERR"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
