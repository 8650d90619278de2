"""A backup as one file: a tar with a manifest, which `tar` and `sha256sum -c` read as well; sealed with age if wanted.

    strongroom-backup/README.txt           for whoever finds it
    strongroom-backup/backup.json          format, whose vault, when
    strongroom-backup/home/…               files of the vault's folder
    strongroom-backup/elsewhere/…          files that lay elsewhere, under their whole path
    strongroom-backup/sha256sums.txt       the digest of each of these

Nothing is believed that the manifest does not name with its digest, and nothing that it names may be missing.
"""

import io
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import PurePosixPath

import msgspec

from ops.backup.belongings import ELSEWHERE, HOME
from vault.errors import BadInput, IntegrityBroken, NewerFormat
from vault.text import Text

FORMAT = 1  # raised when a program that knows only the old one could misread a backup
LARGEST = 256 << 20  # bytes of a whole backup
_FOLDER = "strongroom-backup"
_ABOUT, _SUMS, _README = "backup.json", "sha256sums.txt", "README.txt"
_SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """backup.json. `made_at`: UTC; `program`: the version that made it."""

    format: int
    vault: str
    office: str
    made_at: datetime
    program: str


class _AnyFormat(msgspec.Struct, frozen=True):
    format: int


@dataclass(frozen=True, slots=True)
class Package:
    """A backup's files by place, and whose they are."""

    about: About
    files: Mapping[str, bytes]


def about(vault: str, office: str, made_at: datetime) -> About:
    """What a backup that is made now says of itself."""
    return About(format=FORMAT, vault=vault, office=office, made_at=made_at, program=version("strongroom"))


def pack(package: Package) -> bytes:
    """The tar. The same package gives the same bytes."""
    said = msgspec.json.format(msgspec.json.encode(package.about, order="sorted"), indent=2) + b"\n"
    files = {_README: _README_TEXT.encode(), _ABOUT: said, **package.files}
    sums = "".join(f"{sha256(data).hexdigest()}  {path}\n" for path, data in files.items())
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, data in {**files, _SUMS: sums.encode()}.items():
            member = tarfile.TarInfo(f"{_FOLDER}/{path}")
            member.size, member.mode, member.mtime = len(data), 0o600, int(package.about.made_at.timestamp())
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def unpack(data: bytes) -> Package:
    """The files, each proven. BadInput: it is no backup; NewerFormat; IntegrityBroken: it is not whole."""
    found = _members(data)
    sums = found.pop(_SUMS, None)
    if sums is None:
        raise _broken(Text(en="its list of digests is missing", zh="缺少校验清单"))
    listed = dict(_listed(sums))
    for path in sorted(set(listed) ^ set(found)):
        raise _broken(Text(en=f"{path} is missing, or not in its list", zh=f"{path} 缺失或不在清单中"))
    for path, digest in listed.items():
        if sha256(found[path]).hexdigest() != digest:
            raise _broken(Text(en=f"{path} was changed", zh=f"{path} 被改动"))
    said = _about(found.pop(_ABOUT, b""))
    found.pop(_README, None)
    for path in found:
        parts = PurePosixPath(path).parts
        if parts[0] not in (HOME, ELSEWHERE) or len(parts) < 2 or ".." in parts or str(PurePosixPath(path)) != path:
            raise _broken(Text(en=f"{path} has no place in a vault", zh=f"{path} 不属于档案库"))
    return Package(said, found)


def _members(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                path = member.name.removeprefix(f"{_FOLDER}/")
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or path == member.name or path in found:
                    raise _broken(Text(en=f"{member.name!r} does not belong there", zh=f"{member.name!r} 不应出现"))
                found[path] = content.read()
                if len(found[path]) != member.size:
                    raise _broken(Text(en=f"{path} is cut short", zh=f"{path} 不完整"))
    except (tarfile.TarError, UnicodeError, EOFError) as error:
        if not found:
            raise BadInput(
                Text(en="This is no backup of a vault.", zh="这不是档案库的备份文件。"),
                hint=Text(en="Name the file that strongroom backup wrote.", zh="请指定 strongroom backup 生成的文件。"),
            ) from error
        raise _broken(Text(en="it is cut short, or damaged", zh="不完整或已损坏")) from error
    return found


def _listed(sums: bytes) -> list[tuple[str, str]]:
    try:
        lines = [_SUM.fullmatch(line) for line in sums.decode().splitlines()]
    except UnicodeDecodeError:
        lines = [None]
    if not all(lines):
        raise _broken(Text(en="its list of digests is damaged", zh="校验清单已损坏"))
    return [(line[2], line[1]) for line in lines if line is not None]


def _about(data: bytes) -> About:
    try:
        if msgspec.json.decode(data, type=_AnyFormat).format > FORMAT:
            raise NewerFormat(
                Text(en="A newer Strongroom has made this backup.", zh="该备份由更新版本的 Strongroom 生成。")
            )
        return msgspec.json.decode(data, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken(Text(en=f"{_ABOUT}: {error}", zh=f"{_ABOUT} 无法读取")) from error


def _broken(why: Text) -> IntegrityBroken:
    return IntegrityBroken(
        Text(en=f"The backup is not what was written: {why.en}.", zh=f"备份文件与写入时不符：{why.zh}。"),
        hint=Text(en="Nothing was done. Take another copy of it.", zh="未作任何操作。请改用另一份备份。"),
    )


_README_TEXT = """\
这是什么 / What this is
=======================

一个执法音像档案库的密钥和配置，即不在存储上的全部内容。录像、录音和案件信息都在各存储上。
The key and the configuration of an archive of recordings: all of it that is not on its stores.

  home/            原在档案库文件夹中的文件：journal.key 为日志签名密钥，strongroom.toml 为配置
                   files of the vault's folder: journal.key signs the journal, strongroom.toml is the configuration
  elsewhere/       原在其他位置的文件，按其完整路径存放
                   files that lay elsewhere, under their whole path
  backup.json      何时、由谁备份 / whose it is, and of when
  sha256sums.txt   校验：sha256sum -c sha256sums.txt / to check it

恢复：strongroom restore 备份文件 新文件夹，然后 strongroom --vault 新文件夹 rebuild
To bring it back: strongroom restore THIS-FILE NEW-FOLDER, then: strongroom --vault NEW-FOLDER rebuild
没有 Strongroom 时，将 home/ 中的文件放回档案库文件夹即可。
Without Strongroom: put the files of home/ back into the vault's folder.

持有 journal.key 者可冒用本库名义签署日志，请妥善保管。
Whoever has journal.key can sign in this vault's name: keep it where nobody else can read it.
"""
