"""Which profile, to the letter: what people agree to, they agree to under rules that may be others tomorrow."""

from dataclasses import dataclass
from typing import Any

import msgspec

from vault.approvals import digest_of
from vault.profile.model import Profile
from vault.text import Text


class Edition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A profile by its name, its version, and the SHA-256 of its canonical JSON without what it leaves open."""

    id: str
    version: int
    sha256: str

    @property
    def text(self) -> Text:
        return Text(en=f"{self.id}, version {self.version}", zh=f"{self.id}（第{self.version}版）")


@dataclass(frozen=True, slots=True)
class Adoption:
    """An edition as it came into force, the how-manieth that did: one that is adopted again is another adoption."""

    number: int
    edition: Edition


def edition_of(profile: Profile) -> Edition:
    """What is null or empty does not count: a rule that only a later program knows makes no other profile of it."""
    sha256 = digest_of(_closed(msgspec.to_builtins(profile)))
    return Edition(id=profile.id, version=profile.version, sha256=sha256)


_OPEN: tuple[object, ...] = (None, "", (), [])


def _closed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _closed(one) for key, one in value.items() if one not in _OPEN}
    return [_closed(one) for one in value] if isinstance(value, (list, tuple)) else value
