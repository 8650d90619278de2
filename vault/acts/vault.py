"""What happens to the vault as a whole."""

from datetime import datetime
from typing import Literal

import msgspec

from vault.acts.act import Act
from vault.profile import Profile


class VaultCreated(Act, tag="vault.created", frozen=True, kw_only=True):
    """The first entry of every journal."""

    vault_id: str
    office: str
    profile: Profile  # whole: what decides must not depend on a file that somebody can change
    public_key: str  # Ed25519, base64


class ProfileAdopted(Act, tag="profile.adopted", frozen=True, kw_only=True):
    """From here on another regulation, or another version of it, decides. No record's term became shorter."""

    profile: Profile
    why: str


class CatalogueRebuilt(Act, tag="catalogue.rebuilt", frozen=True, kw_only=True):
    """The catalogue was made anew from a store; expiry waits until a manager releases it."""

    store: str
    entries: int


class ExpiryReleased(Act, tag="expiry.released", frozen=True, kw_only=True):
    """A manager checked a rebuilt catalogue and let expiry go on."""

    why: str


class ClockSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A clock's word: the time it showed, if it could tell, and what that made of this machine's."""

    name: str
    says: datetime | None
    word: Literal["right", "ahead", "behind", "nothing"]


class ClockVouched(Act, tag="clock.vouched", frozen=True, kw_only=True):
    """A person said that this machine's clock is right, though others differ or none confirms it; expiry goes by it."""

    clocks: tuple[ClockSaid, ...]
