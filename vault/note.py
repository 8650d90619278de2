"""Signed notes and checkpoints: what a journal's key has put its name to.

A checkpoint is a note of three lines (origin, size, base64 root) and signatures below a blank line:

    dengzhou.example/journal
    70000
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — dengzhou.example/journal Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+…

The rules of this file: one value has one spelling (base64 and decimals are decoded, encoded again and compared);
lines end at U+000A and nowhere else (`str.splitlines` would split at U+2028 too); nothing in a note is returned before
our key's signature over it has been verified; signatures of unknown keys (witnesses) are allowed and ignored.
No key file is read or written here.

Standards: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, RFC 8032 (Ed25519), RFC 4648 section 4 (base64).
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from vault.errors import BadInput, JournalBroken
from vault.text import Text
from vault.tlog import EMPTY_ROOT, HASH_BYTES

if TYPE_CHECKING:  # cryptography takes longer to import than most commands take to run
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"  # signature type of c2sp.org/signed-note
NOTE_LIMIT = 1 << 20  # bytes; 16 signatures of 5 kB must be accepted, a flood need not be
SIGNATURE_LIMIT = 100  # as golang.org/x/mod/sumdb/note has it
SIZE_LIMIT = 1 << 63  # entries; other implementations count in int64


def encode64(data: bytes) -> str:
    """Base64 with padding, RFC 4648 section 4."""
    return b64encode(data).decode("ascii")


def decode64(text: str) -> bytes:
    """The one spelling of at least one byte; ValueError for any other (stray bits, no padding, other characters)."""
    data = b64decode(text, validate=True)
    if not data or encode64(data) != text:
        raise ValueError("not canonical base64")
    return data


def decimal(text: str) -> int:
    """A count or index below 2**63 in ASCII digits without leading zeroes; ValueError for anything else."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= SIZE_LIMIT:
        raise ValueError("not a canonical number")
    return int(text)


def _is_name(name: str) -> bool:
    """A key's name: not empty, without Unicode spaces, control characters and plus signs."""
    return name != "" and not any(c.isspace() or c < " " or c == "+" for c in name)


def _key_id(name: str, public_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A journal's public key under its name, which is also the origin of its checkpoints. The key is 32 bytes."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.public_key) != 32:
            raise ValueError("a verifier is a name without spaces or plus signs, and an Ed25519 key of 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart: SHA-256(name || 0x0A || 0x01 || public key), cut."""
        return _key_id(self.name, self.public_key)

    @property
    def vkey(self) -> str:
        """The verifier key as golang.org/x/mod/sumdb/note spells it: name+key id+base64(0x01 || public key)."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """From a verifier key; BadInput unless it is spelled exactly as `vkey` would."""
        try:
            name, _, key = vkey.split("+", 2)
            verifier = cls(name, decode64(key)[1:])
            if verifier.vkey != vkey:
                raise ValueError("type or key id is wrong")
        except ValueError as error:
            raise BadInput(
                Text(
                    en=f"Not the verifier key of a journal: {vkey!r}",
                    zh=f"不是日志的验证密钥：{vkey!r}",
                ),
                Text(
                    en="It looks like name+1a2b3c4d+AW… and stands in strongroom.json.",
                    zh="其形式为 名称+1a2b3c4d+AW…，见 strongroom.json。",
                ),
            ) from error
        return verifier

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether this key made the Ed25519 signature over the text, RFC 8032."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A journal's private key under its name."""

    name: str
    private_key: "Ed25519PrivateKey"

    @property
    def verifier(self) -> Verifier:
        """The public side."""
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A journal at one moment: its origin, number of entries, and root (32 bytes, RFC 6962)."""

    origin: str
    size: int
    root: bytes


def sign_checkpoint(origin: str, size: int, root: bytes, signer: Signer) -> bytes:
    """The checkpoint as a signed note. The key's name is the origin, as c2sp.org/tlog-checkpoint recommends."""
    verifier = signer.verifier
    if origin != signer.name or not 0 <= size < SIZE_LIMIT or len(root) != HASH_BYTES:
        raise ValueError("a checkpoint has its signer's name as origin, a size below 2**63 and a root of 32 bytes")
    text = f"{origin}\n{size}\n{encode64(root)}\n"
    signature = verifier.key_id + signer.private_key.sign(text.encode())
    return f"{text}\n— {signer.name} {encode64(signature)}\n".encode()


def open_checkpoint(note: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note, once our key's signature over it has been verified.

    JournalBroken for everything else: another spelling, another origin, no signature of ours, or a false one. Lines
    after the third and signatures by other keys are allowed and mean nothing here.
    """
    try:
        text, signatures = _split_note(note)
        checkpoint = _read_checkpoint(text)
    except ValueError as error:
        raise JournalBroken(
            Text(
                en=f"The journal's checkpoint is not well-formed: {error}.",
                zh="日志检查点的格式不正确（不是规范的 C2SP 签名文本）。",
            )
        ) from error
    ours = [made for name, made in signatures if name == verifier.name and made[:4] == verifier.key_id]
    if not ours or not all(verifier.verifies(made[4:], text.encode()) for made in ours):
        raise JournalBroken(
            Text(
                en=f"The journal's checkpoint does not carry a good signature by {verifier.vkey}",
                zh=f"日志检查点没有该密钥的有效签名：{verifier.vkey}",
            )
        )
    if checkpoint.origin != verifier.name:
        raise JournalBroken(
            Text(
                en=f"The checkpoint belongs to another journal: {checkpoint.origin!r} instead of {verifier.name!r}.",
                zh=f"该检查点属于另一日志：{checkpoint.origin!r}，应为 {verifier.name!r}。",
            )
        )
    return checkpoint


def _split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text with its last newline, and each signature's key name and bytes (key id first). ValueError if malformed.

    The last empty line divides them: text may contain empty lines, signatures may not.
    """
    if len(note) > NOTE_LIMIT:
        raise ValueError("it is too long")
    whole = note.decode("utf-8")
    if any(c < " " and c != "\n" for c in whole):
        raise ValueError("it contains a control character")
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise ValueError("it has no signature lines")
    lines = block[:-1].split("\n")
    if len(lines) > SIGNATURE_LIMIT:
        raise ValueError("it has too many signatures")
    return text + "\n", [_split_signature(line) for line in lines]


def _split_signature(line: str) -> tuple[str, bytes]:
    dash, name, signature = [*line.split(" ", 2), "", ""][:3]
    made = decode64(signature)
    if dash != "—" or not _is_name(name) or len(made) < 5:
        raise ValueError("a signature line is malformed")
    return name, made


def _read_checkpoint(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise ValueError("it does not begin with three lines")
    origin, size, root = lines[0], decimal(lines[1]), decode64(lines[2])
    if len(root) != HASH_BYTES or (size == 0 and root != EMPTY_ROOT):
        raise ValueError("its third line is not the root of a tree")
    return Checkpoint(origin, size, root)
