"""This machine, as far as the program depends on how it is set."""

import ctypes
import os
import sys
from collections.abc import Iterator
from datetime import datetime

from ops.doctor.model import Found, Patient, not_checked, ok, warning, wrong
from vault.text import Text

_TIMEX = 512  # bytes: more than any version of struct timex has
_NOT_SYNCHRONISED = 5  # TIME_ERROR, adjtimex(2)


def characters(_patient: Patient) -> Iterator[Found]:
    """How names of files are taken, which are Chinese."""
    encoding = sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") == "utf8":
        yield ok(Text(en="names of files are UTF-8", zh="文件名按 UTF-8 处理"))
        return
    what = Text(en=f"names of files are taken for {encoding}", zh=f"文件名被当作 {encoding} 处理")
    yield wrong(what, Text(en="set LC_ALL=C.UTF-8", zh="请设置 LC_ALL=C.UTF-8"))


def umask(_patient: Patient) -> Iterator[Found]:
    """What others may do with files that are made."""
    mask = os.umask(0o077)
    os.umask(mask)
    if mask & 0o022 == 0o022:
        yield ok(Text(en=f"{mask:04o}: nobody else may write", zh=f"{mask:04o}：他人不可写"))
        return
    what = Text(en=f"{mask:04o}: others may write what is made", zh=f"{mask:04o}：他人可改写新建的文件")
    yield warning(what, Text(en="umask 027, where the program is started", zh="请在启动程序处设置 umask 027"))


def zone(patient: Patient) -> Iterator[Found]:
    """By whose midnight cron and timers go: the office's, if it is this machine's too."""
    office = patient.require_vault().profile.zone
    here, there = datetime.now().astimezone(), datetime.now(office)
    if here.utcoffset() == there.utcoffset():
        yield ok(Text(en=f"this machine goes by the office's, {office}", zh=f"本机与单位一致：{office}"))
        return
    what = Text(
        en=f"this machine is at UTC{here:%z}, the office at UTC{there:%z}; cron goes by the machine",
        zh=f"本机为 UTC{here:%z}，单位为 UTC{there:%z}；定时任务按本机时间执行",
    )
    yield warning(what, Text(en=f"timedatectl set-timezone {office}", zh=f"timedatectl set-timezone {office}"))


def ntp(_patient: Patient) -> Iterator[Found]:
    """Whether the kernel holds its clock for synchronised: adjtimex(2)."""
    yield synchronised(_adjtimex())


def synchronised(state: int | None) -> Found:
    """By what adjtimex(2) returned; None: it cannot be asked."""
    if state is None:
        return not_checked(Text(en="the kernel does not say", zh="内核未提供此信息"))
    if state == _NOT_SYNCHRONISED:
        return warning(
            Text(en="no time server sets this machine's clock", zh="本机时钟没有与时间服务器同步"),
            Text(
                en="apt-get install chrony, or: timedatectl set-ntp true",
                zh="apt-get install chrony，或：timedatectl set-ntp true",
            ),
        )
    return ok(Text(en="this machine's clock is synchronised", zh="本机时钟已与时间服务器同步"))


def _adjtimex() -> int | None:
    """The clock's state; None where it cannot be asked for."""
    asked = ctypes.create_string_buffer(_TIMEX)  # modes 0: nothing is set
    try:
        state: int = ctypes.CDLL(None).adjtimex(asked)
    except (OSError, AttributeError):
        return None
    return state if state >= 0 else None
