"""Lists of files too long for a journal entry: an object of their own, one JSON list, hashed like any other."""

from collections.abc import Iterable, Sequence

import msgspec

from vault.acts import FileList, RecordStored
from vault.digest import Digest
from vault.errors import BlobCorrupt, BlobMissing, StoreUnavailable, hardest
from vault.ports import BlobReader
from vault.records import RecordFile
from vault.text import Text

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(tuple[RecordFile, ...])


def encode_file_list(files: Sequence[RecordFile]) -> bytes:
    """The object's bytes: canonical JSON, as entries are."""
    return _encoder.encode(files)


def decode_file_list(data: bytes) -> Sequence[RecordFile]:
    """The files that such an object names; its bytes have been proven."""
    return _decoder.decode(data)


def files_of(act: RecordStored, stores: Iterable[BlobReader]) -> Sequence[RecordFile]:
    """A record's files, wherever their list is: in the entry, or in an object on any store whose copy is good."""
    return act.files if act.file_list is None else read_file_list(act.file_list, stores)


def read_file_list(listed: FileList, stores: Iterable[BlobReader]) -> Sequence[RecordFile]:
    """The files that a list object names, from the first good copy of it.

    Without one: StoreUnavailable if a store could not tell, else BlobCorrupt if there is a copy, else BlobMissing.
    """
    digest = Digest.parse(listed.sha256)
    failures: list[StoreUnavailable | BlobCorrupt | BlobMissing] = []
    for store in stores:
        try:
            data = _read(store, digest, listed.size)
        except (StoreUnavailable, BlobMissing) as error:
            failures.append(error)
            continue
        if Digest.of(data) == digest:
            return decode_file_list(data)
        what = Text(
            en=f"The list of files {digest} is damaged on {store.name}.",
            zh=f"存储 {store.name} 上的文件清单 {digest} 已损坏。",
        )
        failures.append(BlobCorrupt(what))
    raise hardest(failures)


def _read(store: BlobReader, digest: Digest, size: int) -> bytes:
    """At most one byte more than the list has: a copy that grew without bound is not read without bound."""
    data = bytearray()
    with store.open(digest) as stream:
        while len(data) <= size and (block := stream.read(size + 1 - len(data))):
            data += block
    return bytes(data)
