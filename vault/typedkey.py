"""A journal's key as digits that a person can type: what stands on the recovery sheet, and is read back from it.

    STRONGROOM KEY 1
    609e4c8f7e33b27f                          the vault's id
    112233 445566 …  six groups a line, three lines

Each group is two bytes, as a number times eleven: one wrong digit, or two that changed places, are told by the group
itself (as in the recovery keys of BitLocker, which offices know). Sixteen groups are the key (RFC 8032: 32 bytes), two
more are the first four bytes of the SHA-256 of id and key: they tell that a group stands in another's place, or that
the sheet is another vault's. Spaces, hyphens and full-width digits of Chinese keyboards make no difference.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from vault.errors import BadInput
from vault.text import Text

HEADING = "STRONGROOM KEY 1"
PER_LINE = 6
_KEY_BYTES = 32
_CHECK_BYTES = 4
_GROUPS = (_KEY_BYTES + _CHECK_BYTES) // 2
_DIGITS = 6
_TIMES = 11
_LARGEST = 0xFFFF * _TIMES


@dataclass(frozen=True, slots=True)
class TypedKey:
    """The private key (32 bytes) of the vault with that id."""

    vault_id: str
    key: bytes

    @property
    def groups(self) -> Sequence[str]:
        """What is printed and typed."""
        data = self.key + _check(self.vault_id, self.key)
        return [f"{int.from_bytes(data[at : at + 2]) * _TIMES:0{_DIGITS}}" for at in range(0, len(data), 2)]

    @property
    def lines(self) -> Sequence[str]:
        """The groups as they stand on the sheet."""
        return [" ".join(self.groups[at : at + PER_LINE]) for at in range(0, _GROUPS, PER_LINE)]

    @property
    def text(self) -> str:
        """All of it, as the sheet's QR code says it, and as `read_typed` reads it."""
        return "\n".join([HEADING, self.vault_id, *self.lines])


def read_typed(text: str) -> TypedKey:
    """What somebody typed, or scanned. BadInput says which group is wrong; nothing of the key is repeated in it."""
    lines = [line.strip() for line in unicodedata.normalize("NFKC", text).splitlines()]
    lines = [line for line in lines if line and line.upper() != HEADING]
    if not lines:
        raise _wrong(Text(en="nothing was typed", zh="没有输入内容"))
    vault_id, digits = lines[0], re.sub(r"[\s\-–—.,·]", "", "".join(lines[1:]))
    if not digits.isdecimal():
        raise _wrong(Text(en="after the vault's id only digits may follow", zh="档案库编号（第一行）之后只能是数字"))
    groups = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    for place, group in enumerate(groups[:_GROUPS]):
        if len(group) == _DIGITS and (int(group) % _TIMES or int(group) > _LARGEST):
            row, column = place // PER_LINE + 1, place % PER_LINE + 1
            raise _wrong(
                Text(
                    en=f"a digit of group {column} in line {row} is wrong, or one is missing before it",
                    zh=f"第 {row} 行第 {column} 组有误，或其前面漏了数字",
                )
            )
    if len(digits) != _GROUPS * _DIGITS:
        count = _GROUPS * _DIGITS
        raise _wrong(
            Text(en=f"{len(digits)} digits were typed, not {count}", zh=f"输入了 {len(digits)} 位数字，应为 {count} 位")
        )
    data = b"".join((int(group) // _TIMES).to_bytes(2) for group in groups)
    key, check = data[:_KEY_BYTES], data[_KEY_BYTES:]
    if check != _check(vault_id, key):
        raise _wrong(
            Text(
                en="each group is right in itself, and together they are not: one stands in another's place, or the "
                "vault's id in the first line is wrong",
                zh="各组数字均无误，但合在一起不符：有的组位置颠倒，或第一行的档案库编号有误",
            )
        )
    return TypedKey(vault_id, key)


def _check(vault_id: str, key: bytes) -> bytes:
    return sha256(vault_id.encode() + b"\n" + key).digest()[:_CHECK_BYTES]


def _wrong(why: Text) -> BadInput:
    return BadInput(
        Text(en=f"This is no key as the sheet has it: {why.en}.", zh=f"与恢复单上的密钥不符：{why.zh}。"),
        hint=Text(
            en="Nothing was done. Compare it with the sheet, then type it again.",
            zh="未作任何操作。请与恢复单核对后重新输入。",
        ),
    )
