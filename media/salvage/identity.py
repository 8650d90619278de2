"""Which disc a copy is of: copies of two discs, of two vaults or of two generations are never merged.

What each says of itself (disc.json, the volume's name) counts unless its own block list shows it to be damaged. And
where two copies differ in a block and each is right by its own list, they are of two discs, whatever they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from media.salvage.copies import SECTOR, Copy
from media.salvage.layout import BLOCK, BlockList
from media.salvage.refusals import SalvageRefused
from media.salvage.tree import entries, volume_name

_WORDS = {
    "volume": ("disc", "光盘"),
    "generation": ("generation", "代次"),
    "vault": ("vault", "档案库"),
    "made_at": ("image made at", "映像制作时间"),
}
_MARK = re.compile(r"(\d{4}-\d{4}-[1-9]\d*)[AB]([2-9]|[1-9]\d+)?", re.ASCII)


class Identity(NamedTuple):
    """What one copy says: of `_WORDS`, those that can be read and are not known to be damaged."""

    copy: Copy
    list: BlockList | None
    said: dict[str, str]


class Named(NamedTuple):
    """What whoever holds the copies believes them to be; "" where they have not said."""

    mark: str = ""
    vault: str = ""
    image: str = ""  # SHA-256 of all that was burnt

    def expected(self) -> dict[str, str]:
        """As discs say it. SalvageRefused for what is no mark."""
        found = _MARK.fullmatch(self.mark)
        if self.mark and found is None:
            raise SalvageRefused(
                f"Not the mark of a disc: {self.mark}. It is what its label says, such as 2026-0001-1A.",
                f"不是光盘编号：{self.mark}。请按标签填写，如 2026-0001-1A。",
            )
        marked = {"volume": found[1], "generation": found[2] or "1"} if found else {}
        return {**marked, "vault": self.vault} if self.vault else marked


def identify(copy: Copy) -> Identity:
    """By its top folder."""
    found: BlockList | None = None
    text, place = b"", (0, 0)
    for entry in entries(copy.filled):
        first, length = entry.extents[0]
        if "/" in entry.path:
            break
        if entry.path == "blocks-sha256.txt":
            found = BlockList.parse(copy.filled(first, SECTOR), first)
        elif entry.path == "disc.json":
            text, place = copy.filled(first, min(length, 1 << 20)), (first, length)
    said = {}
    for key in _WORDS:
        value = re.search(rb'"%s": ?"?([^",\n}]+)' % key.encode(), text)
        if value is not None and not (found and _is_damaged(copy, found, place[0] + value.start())):
            said[key] = value[1].decode("utf-8", "replace")
    name = volume_name(copy.filled)
    if name and "volume" not in said and not (found and _is_damaged(copy, found, 16 * SECTOR)):
        said["volume"] = name
    return Identity(copy, found, said)


def _is_damaged(copy: Copy, blocks: BlockList, at: int) -> bool:
    """Whether the block there is known not to be what the copy's own list says."""
    block = at // BLOCK
    line = own_line(copy, blocks, block)
    data = copy.filled(block * BLOCK, blocks.length(block))
    return line is not None and blocks.digest(block, data) != line


def own_line(copy: Copy, blocks: BlockList, block: int) -> bytes | None:
    """What that copy's list says of a block; None where that cannot be read or is no digest."""
    line = copy.filled(blocks.at + blocks.line_at(block), 65)
    return line if re.fullmatch(rb"[0-9a-f]{64}\n", line) else None


def require_one_disc(found: Sequence[Identity], named: Named) -> None:
    """SalvageRefused where copies are of several discs, or not of the one that was named."""
    expected = named.expected()
    for key in _WORDS:
        sayings = [(one.copy.path, one.said[key]) for one in found if key in one.said]
        if len({value for _, value in sayings}) > 1:
            raise _refused(key, sayings, "")
    for key, wanted in expected.items():
        for one in found:
            if one.said.get(key, wanted) != wanted:
                raise _refused(key, [(one.copy.path, one.said[key])], wanted)
    for first, second in ((a, b) for n, a in enumerate(found) for b in found[n + 1 :]):
        if first.list and second.list and (first.list != second.list or _are_two(first.copy, second.copy, first.list)):
            paths = f"{first.copy.path}, {second.copy.path}"
            raise SalvageRefused(
                f"These are copies of two different images, each sound by its own block list: {paths}. "
                "Leave out the one that does not belong.",
                f"这些副本来自两个不同的映像，各自与自身的块清单相符：{paths}。请去掉不属于本光盘的副本。",
            )


def _refused(key: str, sayings: list[tuple[str, str]], wanted: str) -> SalvageRefused:
    en, zh = _WORDS[key]
    seen = "; ".join(f"{path}: {value}" for path, value in sayings)
    if wanted:
        return SalvageRefused(
            f"A wrong disc, or a label that belongs to another: {en} {wanted} was named, found is {seen}.",
            f"光盘或标签不符：指定的{zh}为 {wanted}，实际为 {seen}。",
        )
    return SalvageRefused(
        f"These are not copies of one disc: the {en} differs: {seen}. Leave out the one that does not belong.",
        f"这些不是同一张光盘的副本，{zh}不一致：{seen}。请去掉不属于本光盘的副本。",
    )


def _are_two(first: Copy, second: Copy, blocks: BlockList) -> bool:
    """Whether in some block they differ and each is what its own list says."""
    return any(
        all(blocks.digest(block, copy.filled(block * BLOCK, blocks.length(block))) == line for copy, line in both)
        for block, both in _differing(first, second, blocks)
    )


def _differing(
    first: Copy, second: Copy, blocks: BlockList
) -> Iterator[tuple[int, tuple[tuple[Copy, bytes], tuple[Copy, bytes]]]]:
    """Blocks of which the two lists say different things."""
    step = 1024
    for start in range(0, blocks.blocks, step):
        at, length = blocks.at + blocks.line_at(start), min(step, blocks.blocks - start) * 65
        if first.filled(at, length) == second.filled(at, length):
            continue
        for block in range(start, min(start + step, blocks.blocks)):
            one, other = own_line(first, blocks, block), own_line(second, blocks, block)
            if one is not None and other is not None and one != other:
                yield block, ((first, one), (second, other))
