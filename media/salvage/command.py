"""Salvage a disc from damaged copies · 用受损的副本抢救光盘

    python3 salvage.py COPY... --to OUT.iso [--extract FOLDER] [--mark 2026-0001-1A] [--image-sha256 HEX]
    python3 salvage.py --join FOLDER... --extract TARGET

COPY is an image, a drive (/dev/sr0) or an image that was cut short. What a run leaves, stopped or with something
missing, is OUT.iso.partial, and the next one with the same OUT.iso goes on from it: with one drive, salvage copy A, put
copy B in, and run it again.
每个 COPY 是映像、光驱（/dev/sr0）或不完整的映像。中断或尚有缺失时，结果保存为 OUT.iso.partial，
下次以同一 OUT.iso 运行时继续：只有一台光驱时，先抢救 A 份，再放入 B 份重新运行。
--join puts files that were cut over several discs together; a FOLDER is a disc, or what --extract made of one.
--join 合并被分到几张光盘上的大文件；每个 FOLDER 是光盘，或用 --extract 从光盘取出的文件夹。

It needs Python 3.8 and, for what no copy has, dvdisaster. · 需要 Python 3.8；补全所有副本都缺失的部分还需 dvdisaster。
A file is given out only if its SHA-256 is the manifest's. · 只有 SHA-256 与清单一致的文件才会给出。
Exit code: 0 all is back, 1 failed, 2 usage, 3 something is lost, 4 refused. · 退出码：0 全部恢复，3 有缺失，4 拒绝。
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from media.salvage.copies import Copy, sha256_of
from media.salvage.identity import Named, identify, require_one_disc
from media.salvage.joining import LOST, MIXED, REPAIRED, Joining
from media.salvage.layout import find_list, find_parity
from media.salvage.pieces import Joined, join_folders
from media.salvage.refusals import SalvageRefused, counted, say
from media.salvage.whole import Files, sort_out


class Report(NamedTuple):
    """What came of it. `blocks`: how many came from where; `proven`: all of them are in the disc's list.

    `same`: whether the whole image has the SHA-256 that was named; None where none was, or that cannot be told.
    """

    image: Path
    said: dict[str, str]
    blocks: dict[str, int]
    proven: bool
    corrected: bool
    same: bool | None
    files: Files
    notes: list[tuple[str, str]]  # what people should know besides, in English and Chinese

    @property
    def complete(self) -> bool:
        return self.proven and not self.files.lost

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "image": str(self.image),
            "disc": self.said,
            "blocks": self.blocks,
            "proven": self.proven,
            "corrected": self.corrected,
            "same": self.same,
            "whole": {entry.path: digest for entry, digest in self.files.whole},
            "lost": self.files.lost,
            "listed": self.files.listed,
            "notes": [say(*note) for note in self.notes],
            "complete": self.complete,
        }


def salvage(
    copies: Sequence[Copy],
    target: Path,
    named: Named,
    extract: Path | None = None,
    tick: Callable[[int], object] = int,
    image_of: Callable[[dict[str, str]], str] = lambda said: "",
) -> Report:
    """Put the disc together as `target`; while a block is missing its name is `target`.partial, which the next run goes
    on from. `image_of`: the SHA-256 that was burnt, by what the disc says of itself; "" where nobody knows.

    SalvageRefused: the copies are not of one disc, not of the one named, or of none at all. OSError: the image cannot
    be written; `left` says what remains of it.
    """
    partial = partial_of(target)
    if target.exists():
        raise SalvageRefused(f"{target} exists already.", f"{target} 已存在。")
    earlier = [Copy(str(partial))] if partial.exists() else []
    found = [identify(copy) for copy in (*earlier, *copies)]
    require_one_disc(found, named)
    blocks = next((one.list for one in found if one.list is not None), None) or find_list([*earlier, *copies])
    if blocks is not None:
        found = [one._replace(list=one.list or blocks) for one in found]
        require_one_disc(found, named)
    parity = find_parity([*earlier, *copies], blocks.image if blocks else 0)
    if blocks is None and parity is None:
        raise SalvageRefused(
            f"No disc of Strongroom, or too little is left of it: {', '.join(copy.path for copy in copies)}.",
            f"不是 Strongroom 光盘，或残缺过多：{'、'.join(copy.path for copy in copies)}。",
        )
    joining = Joining(copies, partial, blocks, parity, tick)
    try:
        _require_room(partial, joining.size)
        _put_together(joining)
        result = Copy(str(partial))
        said = identify(result).said
        named = named._replace(image=named.image or image_of(said))
        same = _compare(joining, named)
        require_one_disc([identify(result)], named)
        files = sort_out(result.filled, joining, extract, tick)
    except SalvageRefused:
        partial.unlink()
        raise
    finally:
        joining.close()
    if joining.lost == 0:
        partial.rename(target)
    image = target if joining.lost == 0 else partial
    notes = _notes(copies, joining)
    return Report(image, said, _origins(joining), joining.lost == 0, joining.corrected, same, files, notes)


def partial_of(target: Path) -> Path:
    """What the image is called while something of it is missing."""
    return Path(f"{target}.partial")


def left(target: Path) -> tuple[str, str]:
    """What a run that was stopped leaves, in English and Chinese."""
    partial = partial_of(target)
    if not partial.exists():
        return f"Nothing was left of {target}.", f"{target} 未留下任何内容。"
    return (
        f"What was put together so far is {partial}: run the same again and it goes on from there.",
        f"已拼合的部分保存为 {partial}：重新运行同一命令即可继续。",
    )


def _require_room(partial: Path, size: int) -> None:
    """OSError before hours are spent on what does not fit."""
    there = partial.stat().st_blocks * 512 if partial.exists() else 0
    if shutil.disk_usage(partial.parent).free + there < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _put_together(joining: Joining) -> None:
    joining.merge()
    if joining.lost or joining.unsure:
        joining.repair(find_list)
    joining.verify()


def _compare(joining: Joining, named: Named) -> bool | None:
    """With the digest on the label. SalvageRefused where every block is proven, and it is another image."""
    if not named.image or joining.lost:
        return None
    if sha256_of(joining.path) == named.image:
        return True
    joining.correct_anew()
    if sha256_of(joining.path) == named.image:
        return True
    if joining.unsure:  # of what lies behind the image, which no list covers
        return None
    raise SalvageRefused(
        f"The label belongs to another disc: every block of these copies is sound, and the image is not {named.image}.",
        f"标签与光盘不符：各数据块均完好，但映像的 SHA-256 不是 {named.image}。",
    )


def _origins(joining: Joining) -> dict[str, int]:
    """In blocks of 32 KiB."""
    names = [copy.path for copy in joining.copies]
    if joining.resumed:
        names[0] = "earlier"
    counted = {name: joining.origin.count(number) for number, name in enumerate(names)}
    return {
        **counted,
        "mixed": joining.origin.count(MIXED),
        "rs03": joining.origin.count(REPAIRED),
        "lost": joining.origin.count(LOST),
    }


def _notes(copies: Sequence[Copy], joining: Joining) -> list[tuple[str, str]]:
    notes = [
        (
            f"{copy.path} ends early: {copy.size:,} of {counted(joining.size, 'byte')}.",
            f"{copy.path} 不完整：{copy.size:,}/{joining.size:,} 字节。",
        )
        for copy in copies
        if copy.size < joining.size
    ]
    notes += [
        (
            f"{copy.path}: {counted(copy.unreadable, 'sector')} cannot be read.",
            f"{copy.path}：{copy.unreadable} 个扇区无法读取。",
        )
        for copy in copies
        if copy.unreadable
    ]
    if joining.lost and joining.parity is None:
        notes.append(
            (
                "Nothing is left of error correction to compute from, or the disc has none.",
                "没有可用的纠错数据：已全部残缺，或光盘本来没有。",
            )
        )
    if joining.helpless:
        notes.append(
            (
                "Error correction needs dvdisaster: install it and run this again.",
                "纠错需要 dvdisaster，请安装后重新运行。",
            )
        )
    return notes


def tell(report: Report) -> list[str]:
    """For people."""
    words = {
        "mixed": say("put together from several sources", "由多个来源拼合"),
        "rs03": say("error correction", "纠错计算"),
        "lost": say("lost", "丢失"),
        "earlier": say("from the run before", "上次运行已得"),
    }
    unknown = say("(which disc cannot be read)", "（无法读出光盘编号）")
    lines = [f"{report.said.get('volume', unknown)}  {report.image}"]
    lines += [f"  {words.get(name, name)}: {count} × 32 KiB" for name, count in report.blocks.items() if count]
    if not report.proven and not any(report.blocks.values()):
        lines.append(say("  The list of blocks is lost: none is proven.", "  块清单已丢失，各数据块均无从证明。"))
    if report.same is not None:
        lines.append(say("The image is the one that was burnt.", "映像与刻录时完全一致。"))
    lines.append(_files_told(report.files))
    lines += [say(*note) for note in report.notes]
    return lines + [say(f"  lost: {path}", f"  丢失：{path}") for path in report.files.lost]


def _files_told(files: Files) -> str:
    """All files of the disc, and how many of them are recordings: the others are its lists, texts and proofs."""
    whole, lost = len(files.whole), len(files.lost)
    recordings = sum(entry.path.startswith("data/") for entry, _ in files.whole)
    here = say(
        f"{counted(whole, 'file')} whole (recordings: {recordings})",
        f"完好文件 {whole} 个（其中原始文件 {recordings} 个）",
    )
    if files.listed:
        return say(f"{here}, {lost} lost", f"{here}，丢失 {lost} 个")
    if not whole and not lost:
        return say(
            "No file is whole, and no list of files could be read: what was on the disc cannot be told.",
            "没有完好的文件，文件清单也无法读出：盘上原有哪些文件已无从得知。",
        )
    return say(
        f"{here}, {lost} known to be lost; the list of files is damaged, so there may be more.",
        f"{here}，已知丢失 {lost} 个；文件清单已损坏，可能还有其他文件丢失。",
    )


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="salvage.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("copies", nargs="+", metavar="COPY")
    parser.add_argument("--to", type=Path, metavar="OUT.iso")
    parser.add_argument("--join", action="store_true")
    parser.add_argument("--extract", type=Path, metavar="FOLDER")
    parser.add_argument("--mark", default="")
    parser.add_argument("--image-sha256", default="", metavar="HEX")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    if (given.extract if given.join else given.to) is None:
        parser.error("--join FOLDER... --extract TARGET" if given.join else "COPY... --to OUT.iso")
    try:
        if given.join:
            return _tell_joined(join_folders([Path(path) for path in given.copies], given.extract), given.json)
        named = Named(mark=given.mark, image=given.image_sha256.lower())
        report = salvage([Copy(path) for path in given.copies], given.to, named, given.extract)
    except SalvageRefused as error:
        print(f"salvage: {say(error.en, error.zh)}", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"salvage: {given.to or given.extract}: {error}", file=sys.stderr)
        if given.to is not None:
            print(f"  {say(*left(given.to))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(say("Stopped.", "已停止。"), "" if given.join else say(*left(given.to)), file=sys.stderr)
        return 130
    if given.json:
        print(json.dumps(report.row(), ensure_ascii=False))
    else:
        print("\n".join(tell(report)))
    return 0 if report.complete else 3


def _tell_joined(joined: Joined, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"whole": joined.whole, "lost": dict(joined.lost)}, ensure_ascii=False))
    else:
        for path in joined.whole:
            print(f"OK: {path}")
        for path, volumes in joined.lost:
            lacking = ", ".join(volumes)
            print(say(f"Not joined: {path} (lacks {lacking})", f"未合并：{path}（缺 {lacking}）"))
    return 3 if joined.lost else 0


if __name__ == "__main__":
    sys.exit(main())
