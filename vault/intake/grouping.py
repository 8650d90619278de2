"""Which files make one record, where neither a sheet nor an archive says so."""

from enum import StrEnum

from vault.text import Text


class Grouping(StrEnum):
    """Each by itself; those of one folder; all that were named."""

    FILE = "file"
    FOLDER = "folder"
    ALL = "all"


LABELS = {
    Grouping.FILE: Text(en="each file", zh="单个文件"),
    Grouping.FOLDER: Text(en="each folder", zh="同一文件夹"),
    Grouping.ALL: Text(en="all together", zh="全部"),
}
