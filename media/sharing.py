"""What pycdlib holds of a file, with one thing of those that are equal: a disc may have tens of thousands of files.

pycdlib (1.22) makes some fifty objects for a file, and keeps them until the image is written. Eight say when it was
changed, five are the same for all files, a dozen are lists of what no file has. Nothing changes them once it is added.
"""

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


class Sharing:
    """Of one image."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, float], Any] = {}

    def thin(self, inode: Any, moment: float) -> None:
        """A file that was just added. `moment`: what the clock showed (media/pinned.py)."""
        for record, _ in inode.linked_records:
            self._thin(record, moment)
            rock_ridge = getattr(record, "rock_ridge", None)
            if rock_ridge is not None:
                self._thin(rock_ridge, moment)
                self._thin(rock_ridge.dr_entries, moment)

    def _thin(self, thing: Any, moment: float) -> None:
        kind = type(thing).__name__
        for name in _EMPTY.get(kind, ()):
            if not getattr(thing, name):
                setattr(thing, name, ())
        for name in _ALIKE.get(kind, ()):
            value = getattr(thing, name)
            setattr(thing, name, self._kept.setdefault((type(value), moment), value))
