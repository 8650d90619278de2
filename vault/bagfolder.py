"""Writing a bag into a folder: every object proven while it is copied, nothing under the final name until all is there.

The bag grows in a hidden folder beside its place, is synced to the disk and only then renamed. Whatever goes wrong
before that, a damaged copy included, leaves nothing behind; a process that is killed leaves the hidden folder.
"""

import io
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from vault.bag import BagLayout
from vault.outputs import Progress, partial_name, publish_folder, refuse_existing, sync, writing_to
from vault.verified import OpenObject, VerifiedStream


def write_bag(folder: Path, layout: BagLayout, open_object: OpenObject, progress: Progress = int) -> None:
    """Write the bag as `folder`, which must not exist; files keep the modification times of their sources.

    BadInput where the folder exists, TargetProblem where it cannot be written, BlobCorrupt for an object that does not
    hash to its name; what the store raises comes through. Holds 1 MiB of an object at a time.
    """
    refuse_existing(folder, layout.size)
    partial = partial_name(folder)
    try:
        with writing_to(folder):
            partial.mkdir()
        for entry in layout.payload:
            with VerifiedStream(entry.file, open_object, entry.part) as stream:
                _write(partial / entry.path, folder, stream.read, entry.file.modified_at, progress)
        for path, data in layout.tags.items():
            _write(partial / path, folder, io.BytesIO(data).read, None, progress)
        with writing_to(folder):
            _sync_all(partial, layout)
        publish_folder(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(path: Path, target: Path, read: Callable[[], bytes], modified: datetime | None, progress: Progress) -> None:
    with writing_to(target):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb", buffering=0)
    with file:
        while block := read():
            with writing_to(target):
                left = memoryview(block)
                while left:
                    left = left[file.write(left) :]
            progress(len(block))
    if modified is not None:
        with writing_to(target):
            os.utime(path, (modified.timestamp(), modified.timestamp()))


def _sync_all(root: Path, layout: BagLayout) -> None:
    """Files after all are written, so that the disk works on the first while the last is being copied; then folders."""
    paths = [root / entry.path for entry in layout.payload] + [root / path for path in layout.tags]
    for path in paths:
        sync(path)
    folders = {parent for path in paths for parent in path.parents if parent.is_relative_to(root)}
    for folder in sorted(folders, reverse=True):
        sync(folder)
