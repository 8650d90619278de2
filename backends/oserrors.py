"""What an operating system's error means for a store: full, read-only, or not to be reached. Never "absent"."""

import errno

from vault.errors import StoreFull, StoreReadOnly, StoreUnavailable
from vault.text import Text

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def store_error(store: str, error: OSError) -> StoreUnavailable:
    """The vault's error for an OSError on a store."""
    said = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    if error.errno in _FULL:
        return StoreFull(Text(en=f"Store {store} is full ({said}).", zh=f"存储 {store} 已满（{said}）。"))
    if error.errno in _READ_ONLY:
        return StoreReadOnly(
            Text(en=f"Store {store} cannot be written ({said}).", zh=f"存储 {store} 不可写（{said}）。")
        )
    return StoreUnavailable(Text(en=f"Store {store} failed ({said}).", zh=f"存储 {store} 出错（{said}）。"))
