"""Drop folders: whether whoever takes in can read them and put aside what was taken, and who writes can be seen.

A folder may lie on a share that hangs, so each is looked at beside the others, for so long and no longer.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from backends.mounts import is_elsewhere, mount_of
from ops.asking import PATIENCE, at_once
from ops.doctor.model import Found, Patient, because, not_checked, ok, warning, wrong
from ops.keys import FILE as KEY
from ops.stores import own_places
from ops.watchconfig import WatchConfig
from ops.wiring import login_of
from vault.authority import Action
from vault.catalogue import people
from vault.causes import cause
from vault.errors import StrongroomError
from vault.intake.parcels import has_writer, require_apart
from vault.rights import may
from vault.sizes import size
from vault.text import Text

_LEAST = 1 << 30  # bytes for what is still to be dropped
_BRIEF = timedelta(minutes=1)  # too short where nobody can tell who writes


def drop_folders(patient: Patient) -> Iterator[Found]:
    """Each that strongroom.toml names."""
    config = patient.require_config()
    if not config.watch:
        yield not_checked(Text(en="strongroom.toml names none", zh="strongroom.toml 未设置"))
        return
    own = own_places(patient.home)
    folders = {one.folder: one for one in config.watch}
    looks: dict[str, Callable[[], list[Found]]] = {
        name: partial(_look, one, one.place(patient.home), own) for name, one in folders.items()
    }
    found = at_once(looks, PATIENCE)
    for name, one in folders.items():
        yield from _known_words(patient, one)
        if name in found:
            yield from found[name]
            continue
        yield wrong(Text(en=f"{name} does not answer", zh=f"{name} 没有应答"), _SHARE)
    yield from _keeper(patient)


_SHARE = Text(en="see that its server answers, or mount it anew", zh="请检查服务器或重新挂载")


def _known_words(patient: Patient, folder: WatchConfig) -> Iterator[Found]:
    """The facts of what is dropped there are the profile's to know."""
    if patient.vault is None:
        return
    try:
        folder.known_facts(patient.vault.profile, patient.vault.setting.clock())
    except StrongroomError as error:
        what = Text(en=f"{folder.folder}: {error.what.en}", zh=f"{folder.folder}：{error.what.zh}")
        yield wrong(what, Text(en=f"{_FACTS.en} {error.hint.en}".rstrip(), zh=f"{_FACTS.zh}{error.hint.zh}"))


_FACTS = Text(
    en="correct `facts` of [[watch]] in strongroom.toml.", zh="请改正 strongroom.toml 中 [[watch]] 的 facts。"
)


def _keeper(patient: Patient) -> Iterator[Found]:
    """Whoever the vault belongs to is who takes in: a service runs under that login."""
    keeper = login_of((patient.home / KEY).stat().st_uid)
    with patient.require_vault().database.reading() as connection:
        ruling = may(people.at_work(connection, keeper), Action.INGEST)
    if not ruling.allowed:
        add = f"strongroom person add {keeper} --name … --role operator --role officer"
        what = Text(en=f"{keeper} may not take recordings in", zh=f"{keeper} 无权入库")
        yield wrong(what, Text(en=add, zh=add), 4)
    if os.geteuid() == 0 and keeper != login_of(os.geteuid()):
        again = f"sudo -u {keeper} strongroom doctor drop"
        what = Text(en=f"asked as root; {keeper} takes in", zh=f"以 root 身份检查，而入库者为 {keeper}")

        yield warning(what, Text(en=again, zh=again))


def _look(folder: WatchConfig, place: Path, own: Sequence[Path]) -> list[Found]:
    """What is to be said of one."""
    try:
        return _looked(folder, place, own)
    except OSError as error:
        why = cause(error)
        return [wrong(Text(en=f"{place}: {why.en}", zh=f"{place}：{why.zh}"), _access(place))]


def _looked(folder: WatchConfig, place: Path, own: Sequence[Path]) -> list[Found]:
    if not place.is_dir():
        make = f"install -d -o {login_of(os.geteuid())} {place}"
        what = Text(en=f"{place} is not there, or is no folder", zh=f"{place} 不存在或不是文件夹")
        return [wrong(what, Text(en=f"{make}, or mount its share", zh=f"{make}，或挂载相应共享"))]
    try:
        require_apart(place, own)
    except StrongroomError as error:
        return [because(error)]
    refused = _refused(folder, place)
    return [refused] if refused is not None else [_writers(folder, place), _room(place)]


def _refused(folder: WatchConfig, place: Path) -> Found | None:
    """What this login may not do there, though it has to."""
    if not os.access(place, os.R_OK | os.X_OK):
        return wrong(Text(en=f"{place} cannot be read by this login", zh=f"当前用户无法读取 {place}"), _access(place))
    if folder.leave or os.access(place, os.W_OK):
        return None
    what = Text(en=f"{place}: what was taken cannot be moved aside", zh=f"{place}：入库后无法移走文件")
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        remedy = "it is mounted read-only: write `leave = true`, or mount it otherwise"
        return wrong(what, Text(en=remedy, zh="该文件系统为只读：请设置 leave = true，或改为可写挂载"))
    return wrong(what, _access(place))


def _access(place: Path) -> Text:
    give = f"chown {login_of(os.geteuid())} {place}"
    return Text(
        en=f"{give}; for a service, name it under ReadWritePaths of its unit",
        zh=f"{give}；由 systemd 运行的服务，还须写入其 ReadWritePaths",
    )


def _writers(folder: WatchConfig, place: Path) -> Found:
    """Whether a lease is to be had, by which the kernel tells who still writes (vault/intake/parcels.py): on this
    machine, that is, and so nothing of what others write on a share.
    """
    mount, settled = mount_of(os.path.realpath(place)), folder.settled
    share = Text(en="a share, ", zh="网络共享，") if is_elsewhere(mount) == "yes" else Text(en="", zh="")
    on = Text(en=f"{place} ({share.en}{mount.kind})", zh=f"{place}（{share.zh}{mount.kind}）")
    if is_elsewhere(mount) == "no" and os.access(place, os.W_OK) and _leases(place):
        seen = "files of this login's that are still written are seen"
        return ok(
            Text(
                en=f"{on.en}: {seen}; others are taken once they rest for {settled}",
                zh=f"{on.zh}：可识别本用户仍在写入的文件；其他用户的文件静止 {settled} 后入库",
            )
        )
    what = Text(
        en=f"{on.en}: nobody can tell what is still written; what rests for {settled} is taken",
        zh=f"{on.zh}：无法得知文件是否仍在写入，静止 {settled} 后即入库",
    )
    if folder.patience >= _BRIEF:
        return ok(what)
    return warning(what, Text(en='settled = "1 minute", or longer', zh='请设置 settled = "1 minute" 或更长'))


def _leases(place: Path) -> bool:
    """Asked of a file of our own, whose name every look leaves alone."""
    path = place / f".{secrets.token_hex(8)}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        return has_writer(path) is not None
    finally:
        path.unlink()


def _room(place: Path) -> Found:
    """What was taken stays there until somebody clears it out."""
    there = os.statvfs(place)
    free = there.f_bavail * there.f_frsize
    said = Text(en=f"{place}: {size(free)} free", zh=f"{place}：剩余 {size(free)}")
    if free >= _LEAST:
        return ok(said)
    return warning(said, Text(en="clear 已入库 there out", zh="请清理其中的“已入库”"))
