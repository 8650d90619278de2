"""The journal's private key: made at `init`, kept in the vault's folder, readable by its owner alone."""

import os
from pathlib import Path

from vault.causes import cause
from vault.errors import BadInput
from vault.note import Signer
from vault.outputs import sync
from vault.text import Text

FILE = "journal.key"


def make_key(home: Path, name: str) -> Signer:
    """A new Ed25519 key (RFC 8032), stored before it is used."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    signer = Signer(name, Ed25519PrivateKey.generate())
    keep_key(home, signer)
    return signer


def signer_of(name: str, key: bytes) -> Signer:
    """From the 32 bytes of a private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Signer(name, Ed25519PrivateKey.from_private_bytes(key))


def keep_key(home: Path, signer: Signer) -> None:
    """Store a key as PKCS 8: of the same key always the same bytes."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    data = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    partial = home / f"{FILE}.partial"
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(partial, home / FILE)  # a key that is there is a whole one
    sync(home)


def read_key(home: Path, name: str) -> Signer:
    """The vault's key. BadInput if it is gone or is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = home / FILE
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise _no_key(path, cause(error)) from error
    except (ValueError, TypeError) as error:
        raise _no_key(path, Text(en="it is no key, or it is damaged", zh="不是密钥，或已损坏")) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path, Text(en="it is no Ed25519 key", zh="不是 Ed25519 密钥"))
    return Signer(name, key)


def _no_key(path: Path, why: Text) -> BadInput:
    return BadInput(
        Text(en=f"The journal's key {path} cannot be used: {why.en}.", zh=f"日志密钥 {path} 无法使用：{why.zh}。"),
        hint=Text(
            en="Put it back from your backup: this program enters what it does. Without it docs/verify_store.py checks "
            "a store and lists what is on it.",
            zh="请从备份恢复该密钥：本程序的操作须签入日志。没有密钥时可用 docs/verify_store.py 校验存储、列出内容。",
        ),
    )
