"""Lists of files too long for a journal entry: an object of their own, one JSON list, hashed like any other."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO

import msgspec

from vault.acts import FileList
from vault.digest import Digest
from vault.errors import BlobCorrupt
from vault.records import RecordFile
from vault.text import Text

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(tuple[RecordFile, ...])


def encode_file_list(files: Sequence[RecordFile]) -> bytes:
    """The object's bytes: canonical JSON, as entries are."""
    return _encoder.encode(files)


def read_file_list(
    listed: FileList, open_object: Callable[[Digest], AbstractContextManager[BinaryIO]]
) -> Sequence[RecordFile]:
    """The files that a list object names. BlobCorrupt if the object is not what the journal says."""
    digest = Digest.parse(listed.sha256)
    with open_object(digest) as stream:
        data = stream.read(listed.size + 1)
    if Digest.of(data) != digest:
        raise BlobCorrupt(Text(en=f"The list of files {digest} is damaged.", zh=f"文件清单 {digest} 已损坏。"))
    return _decoder.decode(data)
