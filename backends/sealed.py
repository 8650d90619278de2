"""`Files` (files.py) whose contents are sealed, for places outside the house: age files (age-encryption.org/v1).

Names, marker and README stay readable, so that anybody can see whose store it is and that nothing is missing; what
the objects and the journal hold can be read by whoever has one of the keys it was sealed for, with `age -d` alone.
Addresses are those of the plain bytes, so a sealed copy heals an open one and the other way round.

Keys are changed by naming other recipients: what is written from then on is sealed for them, and what is there can be
opened as long as one of the identities fits. Bytes that do not unseal are bytes that are not right: the vault finds
that by hashing. To have the wrong keys is no damage. Mostly a file tells the two apart itself: what is no age file, or
goes wrong after a key has fitted, is damaged. Where no key fits, canaries tell: two lie in keys/ for each set of
recipients, and only who can open one of each set calls such a file damaged. Each process heals them before it first
writes: those of its own recipients it makes anew; others from each other.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import pyrage

from backends.files import Bytes, Content, Files
from backends.oserrors import LoginRefused
from vault.errors import BadInput, BadSecret
from vault.text import Text

_OPEN = ("strongroom.json", "README.txt")
_CANARIES = "keys"
_SONG = b"strongroom\n"
_FITTED = ("Header MAC is invalid", "decryption error")  # what pyrage says where a key fits what is damaged
# What pyrage says of a file that no other key would open either; of all else, and new words, the canaries are asked.
_BROKEN = ("Header is invalid", "Header MAC is invalid", "Incomplete header", "Unknown age format", "failed to fill")
_HEADER = 16 << 10  # bytes in which a header ends
_END = re.compile(rb"\n--- [A-Za-z0-9+/]{43}\n")  # its last line
_OTHER_KEYS = Text(
    en="what lies there is sealed for other keys than age_identity", zh="其内容是为 age_identity 以外的密钥加密的"
)
_WHICH_KEYS = Text(
    en="Add the identity that it was sealed for to age_identity in the store's secret file; several stand there with "
    "spaces between. Nothing is lost.",
    zh="请把加密时所用密钥的私钥加入该存储密钥文件的 age_identity（多个以空格分隔）。内容没有丢失。",
)
_NONCE, _TAG, _CHUNK = 16, 16, 64 << 10  # bytes
_IN_MEMORY = 1 << 20  # bytes that are sealed or unsealed without a file
_AT_ONCE = 8  # headers that are asked for at the same time


class Keys:
    """For whom it is sealed, and what opens it here. BadInput, BadSecret where one is no key, or none of them opens
    what is sealed from now on.
    """

    def __init__(self, recipients: Sequence[str], identities: Sequence[str]) -> None:
        try:
            self.recipients = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
        except pyrage.RecipientError as error:
            raise BadInput(
                Text(en="recipients: a key is none; write age1….", zh="recipients：密钥无效，应为 age1…。")
            ) from error
        try:
            self.identities = [pyrage.x25519.Identity.from_str(one) for one in identities]
        except pyrage.IdentityError as error:
            raise BadSecret(
                Text(
                    en="age_identity: a key is none; write AGE-SECRET-KEY-1….",
                    zh="age_identity：密钥无效，应为 AGE-SECRET-KEY-1…。",
                )
            ) from error
        if {str(one.to_public()) for one in self.identities}.isdisjoint(str(one) for one in self.recipients):
            raise BadSecret(
                Text(
                    en="age_identity: it opens nothing that is sealed for these recipients.",
                    zh="age_identity：打不开为这些 recipients 加密的内容。",
                ),
                hint=Text(
                    en="Put the identity of one of the recipients in strongroom.toml into the secret file, or name its "
                    "own public key there as well: age-keygen -y prints it.",
                    zh="请在密钥文件中填写 strongroom.toml 中某个 recipient 的私钥，或把其公钥也写入 recipients："
                    "可用 age-keygen -y 查看。",
                ),
            )


class SealedFiles:
    """See `Files`. `scratch` is a folder for large contents on their way; nothing of them has a name there."""

    def __init__(
        self, inner: Files, recipients: Sequence[str], identities: Sequence[str], scratch: Path | None
    ) -> None:
        self._inner = inner
        self._scratch = str(scratch) if scratch else None
        self._set = hashlib.sha256(" ".join(sorted(recipients)).encode()).hexdigest()[:16]
        self._sung = False
        self._keys = Keys(recipients, identities)

    def size(self, path: str) -> int:
        size = self._inner.size(path)
        return size if path in _OPEN else self._plain_size(path, size)

    @contextmanager
    def open(self, path: str, start: int) -> Iterator[BinaryIO]:
        if path in _OPEN:
            with self._inner.open(path, start) as stream:
                yield stream
            return
        with self._spool() as plain:
            self._unseal(path, plain)
            plain.seek(start)
            yield plain

    def create(self, path: str, content: Content) -> bool:
        if path in _OPEN:
            return self._inner.create(path, content)
        self._sing()
        with content.open() as plain, self._sealed(plain) as sealed:
            return self._inner.create(path, sealed)

    def replace(self, path: str, data: bytes) -> None:
        if path not in _OPEN:
            self._sing()
            data = pyrage.encrypt(data, self._keys.recipients)
        self._inner.replace(path, data)

    def move(self, path: str, to: str) -> bool:
        return self._inner.move(path, to)

    def remove(self, path: str) -> None:
        self._inner.remove(path)

    def walk(self, folder: str, after: str) -> Iterator[tuple[str, int]]:
        found = self._inner.walk(folder, after)
        with ThreadPoolExecutor(_AT_ONCE) as asking:
            while part := list(islice(found, 8 * _AT_ONCE)):
                sizes = asking.map(lambda one: self._size_if_there(*one), part)
                for (path, _), size in zip(part, sizes, strict=True):
                    if size is not None and not path.startswith(f"{_CANARIES}/"):
                        yield path, size

    def close(self) -> None:
        self._inner.close()

    def _size_if_there(self, path: str, size: int) -> int | None:
        for _ in range(2):  # a gateway that is failing over denies what it has just listed
            with suppress(FileNotFoundError):
                return size if path in _OPEN else self._plain_size(path, size)
        return None  # it went away since it was listed

    def _plain_size(self, path: str, size: int) -> int:
        """Of the plain bytes, from the length of the header; of what is not sealed at all, the bytes that are there."""
        header = b""
        with self._inner.open(path, 0) as stream:
            while (end := _END.search(header)) is None and (more := stream.read(_HEADER - len(header))):
                header += more
        body = size - end.end() - _NONCE if end else -1
        return body - _TAG * max(1, -(-body // (_CHUNK + _TAG))) if body >= _TAG else size

    def _spool(self) -> AbstractContextManager[BinaryIO]:
        return cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=self._scratch))

    @contextmanager
    def _sealed(self, plain: BinaryIO) -> Iterator[Content]:
        with self._spool() as sealed:
            pyrage.encrypt_io(plain, sealed, self._keys.recipients)
            yield _Sealed(sealed)

    def _unseal(self, path: str, plain: BinaryIO) -> None:
        """As much as can be unsealed: what comes after damage is missing."""
        with self._spool() as sealed:
            with self._inner.open(path, 0) as stream:
                while block := stream.read(_IN_MEMORY):
                    sealed.write(block)
            sealed.seek(0)
            try:
                pyrage.decrypt_io(sealed, plain, self._keys.identities)
            except (pyrage.DecryptError, OSError) as error:
                if getattr(error, "errno", None) is not None:
                    raise  # the system's own, such as a full disk here; pyrage gives what does not unseal no number
                if not _is_broken(error) and not self._has_all_keys():
                    raise LoginRefused(_OTHER_KEYS, _WHICH_KEYS) from error

    def _has_all_keys(self) -> bool:
        """Whether it can open what was sealed for any of the sets, of which there is one at least."""
        there = self._canaries()
        heard = {self._set: True}
        for path in there:
            heard[_set_of(path)] = heard.get(_set_of(path), False) or self._opens(path)
        return bool(there) and all(heard.values())

    def _canaries(self) -> list[str]:
        return [path for path, _ in self._inner.walk(_CANARIES, "")]

    def _opens(self, path: str) -> bool:
        """Whether a key fits a canary, be it rotten behind its header."""
        try:
            pyrage.decrypt(self._raw(path), self._keys.identities)
        except pyrage.DecryptError as error:
            return str(error).startswith(_FITTED)
        return True

    def _sings(self, path: str) -> bool:
        try:
            return bool(pyrage.decrypt(self._raw(path), self._keys.identities) == _SONG)
        except (pyrage.DecryptError, FileNotFoundError):
            return False

    def _raw(self, path: str) -> bytes:
        with self._inner.open(path, 0) as stream:
            return stream.read()

    def _sing(self) -> None:
        """Before this process's first file: what tells wrong keys from damage is there, and good."""
        if self._sung:
            return
        there = self._canaries()
        for path in _pair(self._set):
            if path not in there:
                self._inner.create(path, Bytes(pyrage.encrypt(_SONG, self._keys.recipients)))
            elif not self._sings(path):
                self._inner.replace(path, pyrage.encrypt(_SONG, self._keys.recipients))
        for other in {_set_of(path) for path in there} - {self._set}:
            good = next((path for path in _pair(other) if self._sings(path)), None)
            for path in _pair(other):
                if good is not None and not self._sings(path):
                    self._inner.replace(path, self._raw(good))
        self._sung = True


def _pair(recipients: str) -> tuple[str, str]:
    return f"{_CANARIES}/{recipients}.age", f"{_CANARIES}/{recipients}.again.age"


def _set_of(canary: str) -> str:
    return canary.removeprefix(f"{_CANARIES}/").partition(".")[0]


def _is_broken(error: pyrage.DecryptError | OSError) -> bool:
    """An error behind the header is an OSError."""
    return isinstance(error, OSError) or str(error).startswith(_BROKEN)


class _Sealed:
    """Sealed bytes as content."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.tell()
        file.seek(0)
        hasher = hashlib.sha256()
        while block := file.read(_IN_MEMORY):
            hasher.update(block)
        self.sha256 = hasher.digest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        self._file.seek(0)
        yield self._file
