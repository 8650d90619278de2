"""Linux calls that Python has no name for. Each returns as the C library does, raising OSError with errno.

On other systems `syncfs` and `start_writeback` are absent and the disk store syncs file by file.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

_AVAILABLE = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if _AVAILABLE else None

RENAME_NOREPLACE = 1
_AT_FDCWD = -100
_SYNC_FILE_RANGE_WAIT_BEFORE, _SYNC_FILE_RANGE_WRITE, _SYNC_FILE_RANGE_WAIT_AFTER = 1, 2, 4

# statfs(2) magic numbers of file systems whose syncfs is known to flush data, names and the disk's own cache.
# FUSE is not among them (the kernel does not pass syncfs on), nor are network file systems.
_SYNCFS_IS_HONEST = {0xEF53: "ext4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0xF2F52010: "f2fs"}


def _call(name: str, *arguments: object) -> None:
    assert _libc is not None
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def local_filesystem(path: Path) -> bool:
    """Whether `path` is on a local file system that honours syncfs and preallocation."""
    if not _AVAILABLE:
        return False
    buffer = ctypes.create_string_buffer(256)
    _call("statfs", os.fsencode(path), buffer)
    return (int.from_bytes(buffer.raw[:8], sys.byteorder) & 0xFFFFFFFF) in _SYNCFS_IS_HONEST


def syncfs(descriptor: int) -> None:
    """Flush the whole file system of an open descriptor; reports write-back errors (Linux 5.8 and later)."""
    _call("syncfs", descriptor)


def start_writeback(descriptor: int, offset: int, length: int) -> None:
    """Begin writing dirty pages of a range without waiting."""
    if _AVAILABLE:
        _call("sync_file_range", descriptor, ctypes.c_int64(offset), ctypes.c_int64(length), _SYNC_FILE_RANGE_WRITE)


def wait_writeback(descriptor: int, offset: int, length: int) -> None:
    """Wait until a range has been written out (not yet durable: fsync still decides that)."""
    if _AVAILABLE:
        flags = _SYNC_FILE_RANGE_WAIT_BEFORE | _SYNC_FILE_RANGE_WRITE | _SYNC_FILE_RANGE_WAIT_AFTER
        _call("sync_file_range", descriptor, ctypes.c_int64(offset), ctypes.c_int64(length), flags)


def rename_new(source: str, target: str) -> None:
    """Rename that refuses an existing target (FileExistsError); OSError EINVAL where the file system cannot."""
    if not _AVAILABLE:
        raise OSError(errno.EINVAL, "renameat2 is Linux only", source, None, target)
    try:
        _call("renameat2", _AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), RENAME_NOREPLACE)
    except OSError as error:
        raise OSError(error.errno, error.strerror, source, None, target) from None
