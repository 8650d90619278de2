"""Which files make one record, where neither a sheet nor an archive says so."""

from enum import StrEnum


class Grouping(StrEnum):
    """Each by itself; those of one folder; all that were named."""

    FILE = "file"
    FOLDER = "folder"
    ALL = "all"
