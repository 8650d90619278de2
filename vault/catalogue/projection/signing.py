"""Who somebody was when they signed: a signature stays what it was, whatever becomes of the person afterwards."""

from sqlalchemy import Connection

from vault.actions import Action
from vault.catalogue import people
from vault.people import Role
from vault.rights import ALLOWED


def signed_as(connection: Connection, login: str, action: Action) -> dict[str, str]:
    """What they are called now, and as what they may do that; their login, where nobody of that login is enrolled."""
    person = people.find(connection, login)
    if person is None:
        return {"name": login, "title": ""}
    roles = person.roles & ALLOWED[action]
    return {"name": person.name, "title": next((role.value for role in Role if role in roles), "")}


def name_of(connection: Connection, login: str) -> str:
    """What they are called now."""
    person = people.find(connection, login)
    return person.name if person is not None else login
