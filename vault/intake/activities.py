"""From what a walk finds to activities: which files make one record, and what people said of it.

`file`: every file is a record of its own. `folder`: the files of one folder make one. `all`: everything named does.
Whatever the grouping, rows of the sheet that share a record group make one record, and so do the members of an
archive. A record has at most MOST_FILES.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from vault.errors import BadInput, SourceProblem
from vault.facts import Facts
from vault.intake.facts_text import require_in_order
from vault.intake.filing import require_short_enough
from vault.intake.grouping import Grouping
from vault.intake.items import Container, FileItem, Rejected, Skipped
from vault.intake.said import Said, put_together
from vault.intake.sheets import Sheet
from vault.intake.sidecars import Sidecars
from vault.intake.walk import walk
from vault.profile import Profile
from vault.profile.known import require_known_words
from vault.records import MOST_FILES
from vault.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asks an intake to do."""

    paths: tuple[Path, ...]
    facts: Facts = field(default_factory=Facts)
    sheet: Sheet | None = None
    sheet_path: Path | None = None
    grouping: Grouping = Grouping.FILE
    open_containers: bool = True
    release_source: bool = False
    folder: Facts = field(default_factory=Facts)  # of all that is dropped into one, unless a sidecar says otherwise
    own: tuple[Path, ...] = ()  # the vault's own places, of which nothing is taken in

    @property
    def signature(self) -> str:
        """What makes two runs the same request, beside the paths."""
        return f"{self.facts} {self.folder} {self.sheet_path} {self.grouping} {self.open_containers}"


class Activity(msgspec.Struct, frozen=True, gc=False):
    """Files that make one record: items, or an archive whose members do; and what people said of them."""

    where: str
    items: tuple[FileItem, ...]
    container: Container | None
    said: Said


Found = Activity | Rejected | Skipped


def activities(request: Request, sidecars: Sidecars, profile: Profile) -> Iterator[Found]:
    """Activities in the order of the walk; those that gather files from everywhere come last."""
    return _Gathering(request, sidecars, profile).activities()


class _Gathering:
    """One walk's files being put together to activities."""

    def __init__(self, request: Request, sidecars: Sidecars, profile: Profile) -> None:
        self._request = request
        self._sidecars = sidecars
        self._profile = profile
        self._gathered: dict[tuple[str, str], list[FileItem]] = {}
        self._last_said: Said | None = None  # found to be in order: most files of a run are told of in the same words

    def activities(self) -> Iterator[Found]:
        request = self._request
        folder = ""
        sheet = _identity(request.sheet_path)
        for found in walk(request.paths, open_containers=request.open_containers, own=request.own):
            if isinstance(found, (Rejected, Skipped)):
                yield found
                continue
            if found.folder != folder:
                yield from self._finish(("folder", folder))
                folder = found.folder
            if isinstance(found, Container):
                yield from self._told((), found)
                continue
            if sheet is not None and (found.fingerprint.device, found.fingerprint.inode) == sheet:
                yield Skipped(found.where, Text(en="the sheet itself", zh="清单文件本身"))
                continue
            try:
                key = self._group(found)
            except BadInput as error:
                yield Rejected(found.where, error)
                continue
            if key is None:
                yield from self._told((found,), None)
            else:
                self._gather(key, found)
        for key in list(self._gathered):
            yield from self._finish(key)

    def _group(self, item: FileItem) -> tuple[str, str] | None:
        request = self._request
        row = request.sheet.facts_for(item.path) if request.sheet is not None else None
        if row is not None and row.record:
            return ("sheet", row.record)
        if request.grouping is Grouping.ALL:
            return ("all", "")
        if request.grouping is Grouping.FOLDER:
            return ("folder", item.folder)
        return None

    def _gather(self, key: tuple[str, str], item: FileItem) -> None:
        gathered = self._gathered.setdefault(key, [])
        gathered.append(item)
        if len(gathered) > MOST_FILES:
            raise BadInput(
                Text(
                    en=f"More than {MOST_FILES:,} files would make one record.",
                    zh=f"一条记录的文件数超过 {MOST_FILES:,}。",
                ),
                hint=Text(en="Use --group file or --group folder.", zh="请使用 --group file 或 --group folder。"),
            )

    def _finish(self, key: tuple[str, str]) -> Iterator[Found]:
        items = self._gathered.pop(key, None)
        if items:
            yield from self._told(tuple(items), None)

    def _told(self, items: tuple[FileItem, ...], container: Container | None) -> Iterator[Activity | Rejected]:
        """The activity; or, where what is said of it cannot be understood, every one of its files rejected."""
        sources: Sequence[FileItem | Container] = items if container is None else (container,)
        where = sources[0].where
        try:
            said = self._said(sources, where)
        except (BadInput, SourceProblem) as error:
            yield from (Rejected(source.where, error) for source in sources)
            return
        yield Activity(where, items, container, said)

    def _said(self, sources: Sequence[FileItem | Container], where: str) -> Said:
        """What people said of the files. BadInput where that is too long, or not in the profile's words."""
        sheet = self._request.sheet
        rows = [sheet.facts_for(source.path) for source in sources] if sheet is not None else []
        spoken = [facts for source in sources if (facts := self._sidecars.facts(source.sidecars)) is not None]
        said = put_together(
            self._request.facts,
            tuple(row.facts for row in rows if row is not None),
            tuple(spoken),
            self._request.folder,
        )
        if said is not self._last_said:
            require_short_enough(said.facts, where)
            require_known_words(self._profile, said.facts)
            require_in_order(said.facts, self._profile.zone)
            self._last_said = said
        return said


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Device and inode: the sheet is known again under whatever path it is met."""
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None  # it was read a moment ago; one that is gone is not met
    return status.st_dev, status.st_ino
