"""Which mount a path lies on, as the kernel lists them (proc_pid_mountinfo(5)); no mounted file system is touched."""

import os
import re
from pathlib import Path
from typing import Literal, NamedTuple

_LISTED = "/proc/self/mountinfo"
_SHARES = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "lustre", "afs", "fuse.sshfs", "fuse.glusterfs"}
_HERE = {"tmpfs", "ramfs", "overlay"}
_ESCAPED = re.compile(r"\\([0-7]{3})")  # blanks and line ends in names


class Mount(NamedTuple):
    """Where it is mounted, its file system's type, what is mounted there, and with which of that type's options."""

    point: str
    kind: str
    source: str
    options: str = ""


def mount_of(path: str) -> Mount:
    """The mount that a path without symbolic links lies on; of several on one point the last hides the others."""
    found = Mount("/", "", "")
    with open(_LISTED, encoding="utf-8", errors="surrogateescape") as listed:
        for line in listed:
            before, _, after = line.partition(" - ")
            point = _ESCAPED.sub(_character, before.split(" ")[4])
            if os.path.commonpath((point, path)) == point and len(point) >= len(found.point):
                kind, source, options, *_ = after.rstrip("\n").split(" ")
                found = Mount(point, kind, _ESCAPED.sub(_character, source), options)
    return found


def _character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))


def share_of(path: Path) -> Mount | None:
    """The mount of its own that a path lies on; None where it lies on the root file system, or waits to be mounted.

    To be asked of paths that answer: symbolic links are followed.
    """
    found = mount_of(os.path.realpath(path))
    return None if found.point == "/" or found.kind == "autofs" else found


def is_mount(path: str) -> bool:
    """Whether a file system is mounted at this very path. It is not touched: symbolic links are not followed."""
    return mount_of(os.path.abspath(path)).point == os.path.abspath(path)


def is_elsewhere(mount: Mount) -> Literal["yes", "no", "unknown"]:
    """Whether what is mounted there is on another machine."""
    if mount.kind in _SHARES:
        return "yes"
    return "no" if mount.source.startswith("/dev/") or mount.kind in _HERE else "unknown"
