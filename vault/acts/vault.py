"""What happens to the vault as a whole."""

from vault.acts.act import Act


class VaultCreated(Act, tag="vault.created", frozen=True, kw_only=True):
    """The first entry of every journal."""

    vault_id: str
    office: str
    profile: str
    profile_version: int
    public_key: str  # Ed25519, base64


class CatalogueRebuilt(Act, tag="catalogue.rebuilt", frozen=True, kw_only=True):
    """The catalogue was made anew from a store; expiry waits until a manager releases it."""

    store: str
    entries: int


class ExpiryReleased(Act, tag="expiry.released", frozen=True, kw_only=True):
    """A manager checked a rebuilt catalogue and let expiry go on."""

    why: str
