"""What an operating system's error means for a store: full, read-only, or not to be reached. Never "absent"."""

import errno

from vault.causes import cause
from vault.errors import StoreFull, StoreReadOnly, StoreUnavailable
from vault.text import Text

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def store_error(store: str, error: OSError) -> StoreUnavailable:
    """The vault's error for an OSError on a store."""
    where = f": {error.filename}" if error.filename else ""
    en, zh = cause(error).en + where, cause(error).zh + where
    if error.errno in _FULL:
        return StoreFull(Text(en=f"Store {store} is full ({en}).", zh=f"存储 {store} 已满（{zh}）。"))
    if error.errno in _READ_ONLY:
        return StoreReadOnly(
            Text(en=f"Store {store} does not permit this ({en}).", zh=f"存储 {store} 不允许此操作（{zh}）。")
        )
    return StoreUnavailable(Text(en=f"Store {store} failed ({en}).", zh=f"存储 {store} 出错（{zh}）。"))
