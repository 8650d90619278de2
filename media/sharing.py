"""What pycdlib holds of a file or a folder, with one thing of those that are equal: a disc may have tens of thousands.

pycdlib (1.22) makes some fifty objects for a file, and keeps them until the image is written. Eight say when it was
changed, five are the same for all files, a dozen are lists of what no file has. Nothing changes them once it is added.
A folder has six records (itself, . and .., in ISO 9660 and in Joliet) and an entry in UDF, with the like of them; but
how many links it has changes with each folder within.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

# Of each class the attributes that are empty for a file, and those that differ by its time at the most.
_EMPTY = {
    "DirectoryRecord": ("children", "rr_children", "_subdir_children"),
    "RockRidge": ("ce_areas",),
    "RockRidgeEntries": ("es_records", "sl_records", "nm_records", "pd_records", "al_records"),
    "UDFFileEntry": ("fi_descs",),
}
_ALIKE = {
    "DirectoryRecord": ("date",),
    "RockRidgeEntries": ("rr_record", "px_record", "tf_record"),
    "UDFFileEntry": ("access_time", "mod_time", "attr_time", "icb_tag", "impl_ident", "extended_attr_icb"),
}


_COUNTED = "px_record"  # has the number of links


class Sharing:
    """Of one image."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, float], Any] = {}
        self._kept_of_folders: dict[tuple[type, bytes], Any] = {}

    def thin_folders(self, image: Any) -> None:
        """All of them, before the first file is added."""
        for record in _folders(image):
            for thing in (record, *record.children[:2]):
                self._thin_folder(thing)
            for dot in record.children[:2]:
                _empty(dot)
        for entry in _udf_folders(image.udf_root):
            self._alike_folder(entry)

    def _thin_folder(self, record: Any) -> None:
        self._alike_folder(record)
        if record.rock_ridge is not None:
            _empty(record.rock_ridge)
            _empty(record.rock_ridge.dr_entries)
            self._alike_folder(record.rock_ridge.dr_entries)

    def _alike_folder(self, thing: Any) -> None:
        for name in _ALIKE[type(thing).__name__]:
            value = getattr(thing, name)
            if value is not None and name != _COUNTED:
                setattr(thing, name, self._kept_of_folders.setdefault((type(value), value.record()), value))

    def thin(self, inode: Any, moment: float) -> None:
        """A file that was just added. `moment`: what the clock showed (media/pinned.py)."""
        for record, _ in inode.linked_records:
            self._thin(record, moment)
            rock_ridge = getattr(record, "rock_ridge", None)
            if rock_ridge is not None:
                self._thin(rock_ridge, moment)
                self._thin(rock_ridge.dr_entries, moment)

    def _thin(self, thing: Any, moment: float) -> None:
        _empty(thing)
        for name in _ALIKE.get(type(thing).__name__, ()):
            value = getattr(thing, name)
            setattr(thing, name, self._kept.setdefault((type(value), moment), value))


def _empty(thing: Any) -> None:
    for name in _EMPTY.get(type(thing).__name__, ()):
        if not getattr(thing, name):
            setattr(thing, name, ())


def _folders(image: Any) -> Iterator[Any]:
    """All below the roots of ISO 9660 and of Joliet. The records of . and .. come first of a folder's."""
    waiting = [image.pvd.root_directory_record(), image.joliet_vd.root_directory_record()]
    while waiting:
        inside = waiting.pop().children[2:]
        waiting += inside
        yield from inside


def _udf_folders(root: Any) -> Iterator[Any]:
    """All below the root. The first thing in a folder is the way back."""
    waiting = [root]
    while waiting:
        inside = [one.file_entry for one in islice(waiting.pop().fi_descs.values(), 1, None)]
        waiting += inside
        yield from inside
