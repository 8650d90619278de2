"""What lies on a store beside objects and journal: the marker that says whose it is, and a README for a stranger."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from vault.errors import (
    IntegrityBroken,
    JournalBroken,
    NewerFormat,
    StoreForeign,
    StoreNotMounted,
    StoreUnavailable,
)
from vault.ports import Store
from vault.text import Text

MARKER = "strongroom.json"
README = "README.txt"
FORMAT = 1  # raised when a program that knows only the old format could misread a store


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """strongroom.json: the format of what lies here, whose it is, and the key that signs its journal."""

    format: int
    vault: str
    office: str
    journal_key: str  # C2SP verifier key: name+key id+base64

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"


def marker_of(vault_id: str, office: str, journal_key: str) -> Marker:
    """The marker of this vault as this program writes it."""
    return Marker(format=FORMAT, vault=vault_id, office=office, journal_key=journal_key)


@dataclass(frozen=True, slots=True)
class _AnyFormat:
    format: int


def read_marker(data: bytes, where: str) -> Marker:
    """The marker in a store's strongroom.json. NewerFormat for a newer vault; JournalBroken if it cannot be read."""
    try:
        if msgspec.json.decode(data, type=_AnyFormat).format > FORMAT:
            raise NewerFormat(
                Text(
                    en=f"Store {where} holds a vault of a newer format than this program knows.",
                    zh=f"存储 {where} 上的档案库格式比本程序新。",
                )
            )
        return msgspec.json.decode(data, type=Marker)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalBroken(
            Text(en=f"{where}: {MARKER} is damaged ({error}).", zh=f"{where}：{MARKER} 已损坏（{error}）。")
        ) from error


@dataclass(frozen=True, slots=True)
class Flaw:
    """Marker or README of a store, not as it should be: what it should hold, and what was found instead."""

    path: str
    right: bytes
    why: IntegrityBroken | NewerFormat | StoreUnavailable

    @property
    def can_be_mended(self) -> bool:
        """Not where the store did not answer, nor where a newer program may have written it."""
        return isinstance(self.why, IntegrityBroken)


def examine(store: Store, marker: Marker) -> Iterator[Flaw]:
    """Marker and README of a store, where they are not what this vault's should be."""
    for path, right in ((MARKER, marker.encode()), (README, README_TEXT.encode())):
        try:
            found = store.read_file(path)
            if found == right:
                continue
            if path == MARKER and read_marker(found, store.name).vault != marker.vault:
                raise _foreign(store)
        except (IntegrityBroken, NewerFormat, StoreUnavailable) as error:
            yield Flaw(path, right, error)
        else:
            what = Text(en=f"{store.name}: {path} was changed.", zh=f"{store.name}：{path} 被改动。")
            yield Flaw(path, right, IntegrityBroken(what, _MEND))


def stranger(store: Store, vault_id: str) -> StoreNotMounted | None:
    """Why nothing that is read at a store's place counts: it is not this vault's. None, too, where it cannot say."""
    try:
        found = read_marker(store.read_file(MARKER), store.name)
    except StoreNotMounted as error:
        return error
    except (IntegrityBroken, NewerFormat, StoreUnavailable):
        return None
    return None if found.vault == vault_id else _foreign(store)


def _foreign(store: Store) -> StoreForeign:
    return StoreForeign(
        Text(en=f"Store {store.name} belongs to another vault.", zh=f"存储 {store.name} 属于另一个档案库。")
    )


_MEND = Text(
    en="Run: strongroom scrub (writes it anew); if that cannot, copy the file from another store of this vault.",
    zh="请运行 strongroom scrub（重新写入）；如仍不行，请从本库的另一存储复制该文件。",
)

README_TEXT = """\
这里存放的是什么 / What this is
===============================

这是一个执法音像记录档案库的一份完整存储。不需要任何专用软件即可读取。
This is one complete store of an archive of recordings. No special software is needed to read it.

  objects/ab/cd/<sha256>   每个文件即一份原始录音录像或照片，文件名是其内容的 SHA-256
                           each file is one recording, byte for byte; its name is the SHA-256 of its content
  journal/                 只增不改的签名日志（C2SP tlog-tiles）：每条记录的案件、当事人、时间、文件名等
                           the signed append-only journal: facts, names and dates of every record
  strongroom.json          档案库编号与日志公钥 / the vault's id and the public key of the journal
  damaged/                 校验不符、已移开的副本 / copies that failed a check and were set aside
  tmp/                     尚未完成的写入，可忽略 / unfinished writing; ignore

怎样检查 / How to check it
-------------------------
  cd objects && find . -type f | while read f; do echo "$(basename "$f")  $f"; done | sha256sum -c --quiet

怎样读回 / How to read it back
-----------------------------
  日志条目在 journal/tile/entries/ 中：每条前有两字节长度，内容为 JSON（UTF-8）。
  条目 record.stored 的 files 列出文件名（name）与 SHA-256（sha256），按后者到 objects/ 中取文件；
  文件很多时改用 file_list，其 sha256 所指的对象就是文件清单。用下面的命令列出全部条目：
  Journal entries lie in journal/tile/entries/: two bytes of length, then JSON (UTF-8). In a record.stored entry,
  `files` gives each file's name and its sha256, under which it lies in objects/; where there are very many, file_list
  gives the sha256 of an object that lists them. To see all of them:
  find journal/tile/entries -type f -exec cat {} + |
    LC_ALL=C sed 's/..{"act":/\\n{"act":/g' | grep -a record.stored | sort -u

请勿改动、移动或删除这里的任何文件。
Do not change, move or delete anything here.
"""
