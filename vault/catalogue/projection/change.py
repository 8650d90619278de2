"""What a room of the projection offers: for each kind of act the function that changes the catalogue by it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from vault.acts import Act
from vault.profile import Profile

Changes = Mapping[type[Act], Callable[[Connection, Profile, Any], None]]
