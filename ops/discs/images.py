"""A set's images: made in the work folder, entered, checked by other programs, and entered as checked.

Every image of a set is made before its first disc is burnt: damage in the vault is found before a blank is spent. An
image that the journal does not know as checked, or that is not what the journal says, is made again: by the same bytes,
with the proofs of the day of the first, unless what it carries has changed.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from media.checking import PASSES, check_image
from media.image import ImageInfo, build_image, measure
from media.layout import lay_disc
from media.placing import Disc, Parts, digest_parts
from media.planning import Plan, plan
from media.rs03 import augment
from media.salvage import single_file
from ops.discs.entering import leave_untouched
from ops.discs.labelling import newest_checkpoint
from ops.discs.workshop import Workshop, medium_of
from ops.language import t
from ops.output import Tick, note, progress
from vault import acts
from vault.bag import TAG_MANIFEST, BagLayout
from vault.catalogue import discs, imagefiles, queries
from vault.catalogue.inscribed import inscription
from vault.digest import Digest
from vault.discs.imagefiles import MACHINE, drop, lay, take_away
from vault.discs.making import TO_BE_BURNT
from vault.discs.model import COPIES, DiscSet, Inscription, Mark, volume_id
from vault.discs.states import NOT_BURNT, SUCCEEDED, State
from vault.discs.stepping import replace, step
from vault.errors import Refused, SourceUnreadable, StrongroomError, TargetProblem
from vault.moments import minute
from vault.outputs import writing_to
from vault.profile.known import in_words
from vault.proving import proof_files
from vault.records import Record
from vault.text import Text

_GONE = Text(en="its image is gone", zh="映像已不存在")
_NOT_BEGUN = Text(
    en="its image is gone; nothing was written on that blank, it is used again",
    zh="映像已不存在，该空白光盘未写入，可继续使用",
)


@dataclass(frozen=True, slots=True)
class _Set:
    """All that the images of a set are made of."""

    number: str
    planned: Plan
    records: Sequence[Record]
    parts: Parts


def make_images(shop: Workshop, number: str, unknown: Collection[Mark] = (), *, burnt: bool = False) -> None:
    """Make what lacks of a set's images; afterwards every copy that is to be burnt has one that is right. `unknown`:
    discs that may have been burnt; `burnt`: images of burnt copies, too, as far as they can be made again.

    Refused: a record on it was destroyed, or the records do not fit the discs any more. BlobCorrupt: an object does not
    hash to its name. TargetProblem: no room. ImageBroken: a reader found otherwise. Nothing was burnt then.
    """
    _give_up_untouched(shop, number, unknown)
    seen: set[tuple[int, int]] = set()
    while places := [place for place in _wanted(shop, number, burnt) if place not in seen]:  # one may begin another
        seen.update(places)
        for disc, generation in places:
            lay(shop.vault, number, disc, generation, shop.image(number, disc, generation))
        missing = [place for place in places if not _is_right(shop, number, *place)]
        if not missing:
            continue
        with _leaving_no_doubt(shop, number, missing):
            _make_missing(shop, number, missing)


def _make_missing(shop: Workshop, number: str, missing: Sequence[tuple[int, int]]) -> None:
    with shop.vault.database.reading() as connection:
        planned = discs.find_set(connection, number)
    for place in missing:
        shop.image(number, *place).unlink(missing_ok=True)
    _require_room(shop, number, len(missing) * medium_of(planned).size)
    with progress(None, shop.quiet) as tick, shop.vault.database.reading() as connection:
        whole = _gather(connection, shop, planned, tick)
    for disc, generation in missing:
        _make(shop, whole, disc, generation)


@contextmanager
def _leaving_no_doubt(shop: Workshop, number: str, places: Sequence[tuple[int, int]]) -> Iterator[None]:
    """Where an image was not made after all, the journal does not go on saying that it lies there."""
    try:
        yield
    except (StrongroomError, KeyboardInterrupt):
        for place in places:
            if shop.folder.is_dir() and not shop.image(number, *place).exists():
                drop(shop.vault, number, shop.image(number, *place))
        raise


def image_info(connection: Connection, mark: Mark) -> ImageInfo:
    """What a disc is to read back as. It was imaged."""
    image = discs.image_of(connection, mark)
    assert image.image is not None
    assert image.image_size is not None
    return ImageInfo(image.image_size, Digest.parse(image.image))


def remove_used(shop: Workshop, number: str) -> None:
    """Free the work folder of what no copy is to be burnt from any more."""
    with shop.vault.database.reading() as connection:
        copies, laid = discs.copies(connection, number), imagefiles.of_set(connection, number)
    needed = {(copy.mark.disc, copy.mark.generation) for copy in copies if copy.state in TO_BE_BURNT}
    for one in laid:
        ours = one.machine == MACHINE and one.path.parent == shop.folder.resolve()
        if ours and (one.name.disc, one.name.generation) not in needed and (one.erasing or one.path.exists()):
            take_away(shop.vault, one)


def _wanted(shop: Workshop, number: str, burnt: bool) -> list[tuple[int, int]]:
    with shop.vault.database.reading() as connection:
        copies = [copy for copy in discs.copies(connection, number) if copy.state not in SUCCEEDED | {State.DESTROYED}]
    to_be_burnt = {State.PLANNED, State.IMAGED, State.BLANK}
    places = ((copy.mark.disc, copy.mark.generation) for copy in copies if burnt or copy.state in to_be_burnt)
    return list(dict.fromkeys(places))


def _known(shop: Workshop, number: str, disc: int, generation: int) -> discs.Image:
    with shop.vault.database.reading() as connection:
        return next(one for one in discs.images(connection, number) if (one.disc, one.generation) == (disc, generation))


def _is_right(shop: Workshop, number: str, disc: int, generation: int) -> bool:
    """Whether the image that the journal knows as checked lies in the work folder."""
    path = shop.image(number, disc, generation)
    known = _known(shop, number, disc, generation)
    if not known.readers or known.image_size is None or not path.exists():
        return False
    try:
        if path.stat().st_size != known.image_size:
            return False
        with progress(known.image_size, shop.quiet) as tick:
            info = measure(path, tick)
    except SourceUnreadable:  # the work folder's disk: made anew
        return False
    return info.sha256.hex == known.image


def _give_up_untouched(shop: Workshop, number: str, unknown: Collection[Mark]) -> None:
    """Copies that were begun on a blank which is still one, and whose image is gone, are as if they were not begun."""
    with shop.vault.database.reading() as connection:
        begun = [copy for copy in discs.copies(connection, number) if copy.state is State.BURNING]
    for copy in begun:
        if copy.mark not in unknown and not _is_right(shop, number, copy.mark.disc, copy.mark.generation):
            leave_untouched(shop.vault, copy.mark, copy.drive, _NOT_BEGUN)


def _give_up_lost(shop: Workshop, number: str, disc: int, generation: int) -> None:
    """It cannot be made again as it was burnt: copies that are still to be burnt get one of the next generation."""
    drop(shop.vault, number, shop.image(number, disc, generation))
    with shop.vault.database.reading() as connection:
        copies = discs.copies(connection, number, disc)
    name = volume_id(number, disc)
    note(
        t(
            f"{name}: burnt already, and its image cannot be made again: what it carries has changed since.",
            f"{name}：已经刻录，且载有的内容此后有变化，无法再生成相同的映像。",
        )
    )
    for copy in copies:
        if copy.mark.generation == generation and copy.state is State.BLANK:
            successor = replace(shop.vault, copy.mark, _GONE)
            note(t(f"{successor} takes the place of {copy.mark}.", f"改制 {successor}，取代 {copy.mark}。"))


def _require_room(shop: Workshop, number: str, size: int) -> None:
    with writing_to(shop.folder):
        space = os.statvfs(shop.folder)
    free = space.f_bavail * space.f_frsize
    if free < size:
        raise TargetProblem(
            Text(
                en=f"The images of set {number} take {size:,} bytes; {shop.folder} has {free:,}.",
                zh=f"光盘组 {number} 的映像需 {size:,} 字节，{shop.folder} 仅剩 {free:,} 字节。",
            )
        )


def _gather(connection: Connection, shop: Workshop, planned: discs.Planned, tick: Tick) -> _Set:
    """The plan is made again from the records, which is what the journal keeps of it."""
    numbers = list(discs.records_on(connection, planned.number))
    records = list(queries.kept_records(connection, numbers))
    again = plan(records, medium_of(planned), planned.spare)
    allotted = [set(discs.records_on(connection, planned.number, disc)) for disc in range(1, planned.discs + 1)]
    if [set(disc.records) for disc in again.discs] != allotted:
        raise Refused(
            Text(
                en=f"The records of set {planned.number} do not lie on its discs as they were planned.",
                zh=f"光盘组 {planned.number} 的记录与原规划不再一致。",
            ),
            hint=Text(en="Plan a new set: strongroom disc run NUMBER…", zh="请重新规划：strongroom disc run 编号…"),
        )
    parts = digest_parts(again, records, shop.vault.open_file, tick)
    return _Set(planned.number, again, records, parts)


def _make(shop: Workshop, whole: _Set, disc: int, generation: int) -> None:
    """As it was made before, where that can be; else anew, under the journal as it is now, and that is said first."""
    vault, number, medium = shop.vault, whole.number, whole.planned.medium
    with vault.database.reading() as connection:
        said = discs.as_labelled(connection, Mark(number, disc, COPIES[0], generation))
    known, path = _known(shop, number, disc, generation), shop.image(number, disc, generation)
    signed = (known.checkpoint or newest_checkpoint(vault)).encode()
    layout = _lay(shop, whole, said, disc, generation, signed)
    again = known.image is not None and _listed(layout) == known.contents
    if known.image is not None and not again:
        if _is_burnt(shop, number, disc, generation):
            _give_up_lost(shop, number, disc, generation)
            return
        _say_void(shop, known, number)
        signed = newest_checkpoint(vault).encode()
        layout = _lay(shop, whole, said, disc, generation, signed)
    note(t(f"{path.stem}: making the image", f"{path.stem}：正在生成映像"))
    with progress((1 + PASSES) * layout.size + 2 * medium.size, shop.quiet) as tick:
        build_image(path, layout, vault.open_file, volume_id(number, disc), said.produced_at, tick)
        made = augment(path, medium, tick)
        if made.image.sha256.hex != known.image:
            if _is_burnt(shop, number, disc, generation):
                _give_up_lost(shop, number, disc, generation)
                return
            if again:  # made otherwise by this version of the program
                _say_void(shop, known, number)
            imaged = acts.DiscImaged(
                at=shop.now(),
                by=shop.by,
                disc_set=number,
                disc=disc,
                generation=generation,
                iso=made.iso.sha256.hex,
                iso_size=made.iso.size,
                image=made.image.sha256.hex,
                image_size=made.image.size,
                checkpoint=signed.decode(),
                contents=_listed(layout),
                inscription=_inscription(shop, whole, said),
            )
            try:
                step(vault, imaged)
            except Refused:  # a record on it was destroyed meanwhile
                path.unlink()
                raise
        elif known.readers:
            return
        checked = check_image(path, layout, tick)
    step(
        vault,
        acts.DiscChecked(
            at=shop.now(), by=shop.by, disc_set=number, disc=disc, generation=generation, readers=checked.readers
        ),
    )


def _inscription(shop: Workshop, whole: _Set, said: DiscSet) -> Inscription:
    on_it = frozenset(said.records)
    with shop.vault.database.reading() as connection:
        return inscription(connection, shop.vault.profile, [one for one in whole.records if one.number in on_it])


def _is_burnt(shop: Workshop, number: str, disc: int, generation: int) -> bool:
    """Whether a copy carries its image, or may."""
    with shop.vault.database.reading() as connection:
        copies = discs.copies(connection, number, disc)
    return any(copy.mark.generation == generation and copy.state not in NOT_BURNT for copy in copies)


def _listed(layout: BagLayout) -> str:
    """SHA-256 of the list that lists all others, and so of all that is on the disc."""
    return Digest.of(layout.tags[TAG_MANIFEST]).hex


def _say_void(shop: Workshop, known: discs.Image, number: str) -> None:
    assert known.image is not None
    name, zone = volume_id(number, known.disc), shop.vault.profile.zone
    when = minute(known.imaged_at, zone) if known.imaged_at is not None else ""
    note(
        t(
            f"{name}: its records, the rules or this program have changed since its image was made ({when}, "
            f"{known.image[:8]}…). Another is made: that image and the labels drawn for it are void.",
            f"{name}：生成映像（{when}，{known.image[:8]}…）之后，记录、规则或本程序有变化，"
            "将另行生成；原映像及据其生成的标签作废。",
        )
    )


def _lay(shop: Workshop, whole: _Set, said: DiscSet, disc: int, generation: int, signed: bytes) -> BagLayout:
    vault = shop.vault
    about = Disc(
        set=said,
        number=disc,
        vault=vault.setting.vault_id,
        medium=whole.planned.medium.id,
        zone=vault.profile.zone,
        generation=generation,
        words=partial(in_words, vault.profile),
    )
    extra = proof_files(vault, whole.planned.discs[disc - 1].records, signed)
    extra.put("tools/salvage.py", single_file())
    return lay_disc(about, whole.planned, whole.records, whole.parts, extra)
