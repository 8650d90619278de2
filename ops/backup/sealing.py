"""Sealing a backup with age (age-encryption.org/v1), so that only the holders of some keys can read it."""

from collections.abc import Sequence
from pathlib import Path

import pyrage

from vault.errors import BadInput, IntegrityBroken
from vault.outputs import reading_from
from vault.text import Text

_HEADER = b"age-encryption.org/"
_OTHER_KEYS = "No matching keys"  # pyrage's word where no key fits
_TO_OPEN = Text(
    en="Name the file with an AGE-SECRET-KEY-1… that fits: --identity FILE",
    zh="请用 --identity 指定含相应 AGE-SECRET-KEY-1… 的文件",
)


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """For these keys (age1…). BadInput where one is none."""
    try:
        keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise BadInput(
            Text(
                en="--recipient: this is no public key of age's, or not all of it.",
                zh="--recipient：不是完整的 age 公钥。",
            ),
            hint=Text(
                en="Copy it whole: age1 and 58 more characters. It can be printed: age-keygen -y FILE",
                zh="请完整复制：age1 后还有 58 个字符。可用 age-keygen -y 文件 显示",
            ),
        ) from error
    return bytes(pyrage.encrypt(data, keys))


def is_sealed(data: bytes) -> bool:
    return data.startswith(_HEADER)


def unseal(data: bytes, identity: Path | None) -> bytes:
    """With the keys in a file as age-keygen writes it. BadInput: none fits; IntegrityBroken: it is damaged."""
    if identity is None:
        raise BadInput(Text(en="This backup is sealed.", zh="该备份已加密。"), hint=_TO_OPEN)
    with reading_from(identity):
        lines = identity.read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        keys = [pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"]
    except pyrage.IdentityError:  # whose words could repeat a part of the key
        keys = []
    if not keys:
        raise BadInput(Text(en=f"{identity} has no age identity.", zh=f"{identity} 中没有 age 私钥。"), hint=_TO_OPEN)
    try:
        return bytes(pyrage.decrypt(data, keys))
    except (pyrage.DecryptError, OSError) as error:
        if str(error).startswith(_OTHER_KEYS):
            raise BadInput(
                Text(en=f"No key in {identity} opens this backup.", zh=f"{identity} 中的密钥打不开该备份。"),
                hint=_TO_OPEN,
            ) from error
        raise IntegrityBroken(
            Text(en=f"The sealed backup is damaged ({error}).", zh=f"加密备份已损坏（{error}）。"),
            hint=Text(en="Nothing was done. Take another copy of it.", zh="未作任何操作。请改用另一份备份。"),
        ) from error
