"""What all acts have."""

from datetime import datetime

import msgspec


class Act(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="act", forbid_unknown_fields=True):
    """What every act has: when it happened (UTC) and who did it.

    `via`: the login that said so, where root acted under the name of `by`.
    """

    at: datetime
    by: str
    via: str = ""
