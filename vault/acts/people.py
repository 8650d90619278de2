"""People: enrolled, changed, gone; and what somebody was refused."""

from vault.acts.act import Act
from vault.people import Role


class PersonEnrolled(Act, tag="person.enrolled", frozen=True, kw_only=True):
    """Somebody may act in the vault from now on, in these roles, under the operating system's login."""

    login: str
    name: str
    roles: tuple[Role, ...]
    section: str = ""


class PersonChanged(Act, tag="person.changed", frozen=True, kw_only=True):
    """Somebody as they stand from now on; replaces what was said before."""

    login: str
    name: str
    roles: tuple[Role, ...]
    section: str = ""
    why: str


class PersonLeft(Act, tag="person.left", frozen=True, kw_only=True):
    """Somebody acts in the vault no more."""

    login: str
    why: str


class ActionRefused(Act, tag="action.refused", frozen=True, kw_only=True):
    """Whoever it was may not do that. `why`: the bars of vault/rights.py."""

    action: str
    about: str = ""
    why: tuple[str, ...]
