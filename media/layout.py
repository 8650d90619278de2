"""What lies on a disc: the bag of its files, and what explains, checks and mends it (docs/disc-format.md).

    parts = digest_parts(planned, records, open_object)
    layout = lay_disc(disc, planned, records, parts, extra)

A pure function: the same input gives the same bytes. blocks-sha256.txt is not in the layout, since it says what the
image's bytes are: media/image.py puts it there.
"""

from collections.abc import Mapping, Sequence

import msgspec

from media.blocks import BLOCK_LIST, BLOCK_SIZE
from media.browsing import index_page
from media.carrying import texts
from media.contents import Held, Piece
from media.placing import Disc, Parts, PlacedFile, PlacedRecord, place_all
from media.planning import Plan
from vault.bag import BagLayout, fill_bag
from vault.bagfile import BagInfo, Placed
from vault.records import Record

FORMAT = "strongroom-disc 1"


def lay_disc(
    disc: Disc, planned: Plan, records: Sequence[Record], parts: Parts, extra: Mapping[str, bytes] | None = None
) -> BagLayout:
    """The layout of one disc of the plan. `records`: those that the plan was made for, in the same order; `parts`: what
    placing.digest_parts gave for them; `extra`: further tag files by path, such as proofs and tools/salvage.py.

    ValueError for a path in `extra` that is taken or would not be safe everywhere (the caller's mistake).
    """
    extra = extra or {}
    everything = place_all(planned, records, parts)
    here = [one for one in everything if one.on(disc.number)]
    info = BagInfo(
        organization=disc.set.unit,
        bagged_on=disc.set.produced_at.astimezone(disc.zone).date(),
        identifier=disc.volume,
        zone=disc.zone,
        description=disc.set.activity,
        group=disc.set.number,
        count=f"{disc.number} of {disc.set.discs}",
        words=disc.words,
    )
    key = extra.get("journal/key.txt", b"").decode().strip()
    first = {
        **texts(disc, here, extra),
        "index.html": index_page(disc, here, key),
        "disc.json": _disc_json(disc, here),
    }
    return fill_bag([Placed(one.record, one.on(disc.number)) for one in here], info, first, extra)


def _disc_json(disc: Disc, here: Sequence[PlacedRecord]) -> bytes:
    objects: dict[str, Held] = {}
    for one in here:
        for file in one.files:
            if file.on(disc.number):  # an object that several records share is named once
                objects.setdefault(file.file.sha256, _object(disc, file))
    document = {
        "format": FORMAT,
        "vault": disc.vault,
        "set": disc.set.number,
        "disc": disc.number,
        "discs": disc.set.discs,
        "volume": disc.volume,
        "generation": disc.generation,
        "made_at": msgspec.to_builtins(disc.set.produced_at),
        "first_made_at": msgspec.to_builtins(disc.set.first_produced_at or disc.set.produced_at),
        "unit": disc.set.unit,
        "producer": disc.set.producer,
        "activity": disc.set.activity,
        "medium": disc.medium,
        "blocks": {"file": BLOCK_LIST, "size": BLOCK_SIZE},
        "error_correction": disc.error_correction,
        "objects": list(objects.values()),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _object(disc: Disc, file: PlacedFile) -> Held:
    pieces = tuple(
        Piece(
            disc=piece.disc,
            path=piece.entry.path if piece.disc == disc.number else None,
            start=piece.entry.part.start if piece.entry.part else 0,
            size=piece.entry.size,
            sha256=piece.entry.digest.hex,
        )
        for piece in file.pieces
    )
    return Held(sha256=file.file.sha256, size=file.file.size, pieces=pieces)
