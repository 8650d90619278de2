"""A copy of the catalogue before it is moved to another schema, so that the program before this one can go on with it.

The stores would bring it back as well, but not within minutes, and not what only this machine knows.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from vault.errors import StoreFull
from vault.outputs import partial_name, sync, writing_to
from vault.text import Text

_ROOM = 3  # times its size: the copy, and what SQLite writes beside it while it is moved


def keep_copy(path: Path, kept: Path) -> None:
    """Copy a catalogue with all that is committed, durably; an older copy under that name is replaced. StoreFull,
    before anything is done, where there is not enough room for the copy and for what comes then.
    """
    size = sum(one.stat().st_size for one in (path, path.with_name(f"{path.name}-wal")) if one.exists())
    free = shutil.disk_usage(path.parent).free
    if free < _ROOM * size:
        raise StoreFull(
            Text(
                en=f"The catalogue {path} is to be brought to this version's form, and has to be copied first: {size} "
                f"bytes, of which {_ROOM} times as many have to be free; there are {free}.",
                zh=f"目录库 {path} 升级前须先复制：其大小为 {size} 字节，需有 {_ROOM} 倍的空间，现仅剩 {free} 字节。",
            ),
            hint=Text(en="Make room there. Nothing was changed.", zh="请腾出空间。未作任何改动。"),
        )
    partial = partial_name(kept)
    with writing_to(kept):
        try:
            partial.touch(mode=0o600)  # it names parties
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
                source.backup(copy)
            sync(partial)
            os.replace(partial, kept)
            sync(kept.parent)
        finally:
            partial.unlink(missing_ok=True)
