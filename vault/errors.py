"""Every error this program raises on purpose, in one tree; absent, corrupt and cannot-tell are three branches.

    StrongroomError                      exit  what the caller knows
    ├── BadInput                            2  the request cannot be understood; nothing was done
    │   ├── BadLocation                        what the configuration says of a store's place cannot be one
    │   └── BadSecret                          a store's secret is missing, faulty, or open to others
    ├── NotAVault, NewerFormat              2  there is no vault here that this program may open
    ├── SourceProblem                       1  a file that was to be taken in cannot be; it was left as it is
    │   ├── SourceChanged                      it changed while it was read
    │   ├── SourceUnreadable                   it cannot be read, or is no regular file
    │   └── ContainerRefused                   an archive that is hostile, encrypted or broken
    ├── TargetProblem                       1  a file that was to be written for people cannot be; no part of it is left
    ├── ClockSuspect                        1  the machine's clock contradicts the journal
    ├── Busy                                1  another process holds what this one needs
    ├── Ended                               1  a process of this program was ended from outside
    ├── MediumUnfit                         1  what lies in a disc drive cannot take the image; nothing was written
    │   └── NoMedium                           there is no disc in it
    ├── BurnFailed                          1  a disc was not written as it should be: that blank is lost
    ├── IntegrityBroken                     3  something kept is not what it was
    │   ├── BlobMissing                        certainly absent: the store answered and does not have it
    │   ├── BlobCorrupt                        present, and its bytes do not hash to its name
    │   ├── ImageBroken                        a disc image does not carry what its manifest says
    │   ├── JournalBroken                      tiles, checkpoint or signature do not agree
    │   └── CatalogueBroken                    the index contradicts the journal
    ├── Refused                             4  a rule (retention, hold, approval) forbids it
    └── StoreUnavailable                    5  cannot tell: the store did not answer
        ├── StoreFull                          no room, or a quota
        ├── StoreReadOnly                      it takes no writes
        ├── StoreNotAttached                   the configuration names it, and it has not joined
        ├── StoreNoAccess                      its secret cannot be used, or its server refuses it
        ├── StoreNotMounted                    its marker file is not there: not this vault's store, or not mounted
        │   └── StoreForeign                   another vault's marker is
        ├── DiscWanted                         it lies on a disc that is in no drive
        └── DriveUnavailable                   a disc drive or a robot is gone, or does not do what it was told

No code turns one branch into another. Each class carries its exit code and a hint that says what to do next.
"""

from collections.abc import Sequence
from typing import Any, Self

from vault.text import Text


class StrongroomError(Exception):
    """What happened, in both languages, and what to do about it."""

    exit_code = 1
    hint = Text(en="", zh="")

    def __init__(self, what: Text, hint: Text | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        if hint is not None:
            self.hint = hint

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """For errors that come from another process."""
        return type(self), (self.what, self.hint)


class BadInput(StrongroomError):
    exit_code = 2


class BadLocation(BadInput):
    pass


class BadSecret(BadInput):
    hint = Text(
        en="Put the secret file right that strongroom.toml names below the store; other stores go on without it.",
        zh="请改正 strongroom.toml 中该存储所用的密钥文件；其他存储不受影响。",
    )


class NotAVault(StrongroomError):
    exit_code = 2
    hint = Text(
        en="Name the vault's folder with --vault, or make one with: strongroom init",
        zh="用 --vault 指明档案库所在文件夹，或用 strongroom init 新建",
    )


class NewerFormat(StrongroomError):
    exit_code = 2
    hint = Text(
        en="Nothing was changed. Install a newer Strongroom to open this vault.",
        zh="未作任何改动。请安装新版 Strongroom 后再打开。",
    )


class SourceProblem(StrongroomError):
    hint = Text(en="The source was left as it is.", zh="来源文件保持原样。")


class SourceChanged(SourceProblem):
    hint = Text(
        en="Wait until the device or the copy has finished, then take it in again.",
        zh="请等设备或拷贝完成后重新入库。",
    )


class SourceUnreadable(SourceProblem):
    pass


class ContainerRefused(SourceProblem):
    pass


class TargetProblem(StrongroomError):
    hint = Text(
        en="Make room or choose another place, then run the command again.",
        zh="请腾出空间或换一个位置，然后重新运行。",
    )


class ClockSuspect(StrongroomError):
    hint = Text(
        en="Set the clock (timedatectl), then start again; nothing was taken in and the source is untouched.",
        zh="请校准系统时间（timedatectl）后重试；未入库任何内容，来源文件未动。",
    )


class Busy(StrongroomError):
    hint = Text(en="Wait for the other command to finish.", zh="请等待另一个命令完成。")


class Ended(StrongroomError):
    hint = Text(
        en="What was reported is safe; run the same command again to go on.",
        zh="已报告的内容均已安全入库；重新运行同一命令即可继续。",
    )


class MediumUnfit(StrongroomError):
    hint = Text(
        en="Nothing was written. Put a new blank of the right kind into the drive.",
        zh="未写入任何内容。请在光驱中放入类型合适的新空白光盘。",
    )


class NoMedium(MediumUnfit):
    pass


class BurnFailed(StrongroomError):
    hint = Text(
        en="Take this disc out; it is written off, and shredded. Put in a new blank: only this copy is burnt again.",
        zh="请取出该光盘，按作废盘粉碎；换上新空白光盘；只需重新刻录这一份。",
    )


class IntegrityBroken(StrongroomError):
    exit_code = 3
    hint = Text(
        en="Run: strongroom scrub (heals from another copy), then strongroom fsck.",
        zh="请运行 strongroom scrub（用其他副本修复），然后运行 strongroom fsck。",
    )


class BlobMissing(IntegrityBroken):
    pass


class BlobCorrupt(IntegrityBroken):
    pass


class ImageBroken(IntegrityBroken):
    hint = Text(
        en="Delete the image, check the disk it lies on, and build the disc set again. Do not burn it.",
        zh="请删除该映像，检查其所在磁盘后重新制作光盘组；不要刻录该映像。",
    )


class JournalBroken(IntegrityBroken):
    pass


class CatalogueBroken(IntegrityBroken):
    hint = Text(
        en="The stores are the truth. Run: strongroom rebuild",
        zh="以各存储上的日志为准。请运行 strongroom rebuild 重建目录库。",
    )


class Refused(StrongroomError):
    exit_code = 4


class StoreUnavailable(StrongroomError):
    exit_code = 5
    hint = Text(
        en="Nothing acknowledged is lost. Bring the store back and run the command again.",
        zh="已确认入库的内容没有丢失。请恢复该存储后重新运行。",
    )


class StoreFull(StoreUnavailable):
    hint = Text(
        en="Make room on the store or attach a larger one, then run the command again: it goes on where it was.",
        zh="请腾出空间或更换更大的存储，然后重新运行，入库会从中断处继续。",
    )


class StoreReadOnly(StoreUnavailable):
    pass


class StoreNotAttached(StoreUnavailable):
    pass


class StoreNoAccess(StoreUnavailable):
    hint = BadSecret.hint


class StoreNotMounted(StoreUnavailable):
    hint = Text(
        en="Mount the store and run the command again. Nothing was written beneath the empty mount point.",
        zh="请挂载该存储后重新运行。空挂载点下没有写入任何内容。",
    )


class StoreForeign(StoreNotMounted):
    hint = Text(
        en="Mount the right disk there, or give the store a place of its own. Nothing was written there.",
        zh="请在该处挂载正确的磁盘，或为该存储指定专用位置。该处没有写入任何内容。",
    )


class DiscWanted(StoreUnavailable):
    hint = Text(
        en="Put it into an attached drive (strongroom disc attach names one), then run the command again.",
        zh="请放入已接入的光驱（用 strongroom disc attach 接入），然后重新运行。",
    )


class DriveUnavailable(StoreUnavailable):
    hint = Text(
        en="Nothing is lost. Check the drive's cables and power, then run the command again.",
        zh="没有内容丢失。请检查光驱的连线和电源后重新运行。",
    )


def hardest(
    answers: Sequence[BlobMissing | BlobCorrupt | StoreUnavailable],
) -> BlobMissing | BlobCorrupt | StoreUnavailable:
    """Of what several stores said of one object, the answer that holds for all: one that could not tell is enough not
    to call it lost, and a bad copy is not a missing one.
    """
    rank = {StoreUnavailable: 0, BlobCorrupt: 1, BlobMissing: 2}
    return min(answers, key=lambda error: next(rank[kind] for kind in rank if isinstance(error, kind)))
