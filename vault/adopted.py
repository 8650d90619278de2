"""Whether strongroom.toml names the profile in force: every command asks (what adopting means: vault/adoption.py)."""

from vault.errors import Refused
from vault.profile import Profile
from vault.text import Text


def require_adopted(adopted: Profile, named: Profile, name: str, *, shipped: bool) -> None:
    """Refused where strongroom.toml names other rules than those in force. Of a shipped profile another version may
    have come with the program: that is no change by hand."""
    if named == adopted or (shipped and named.id == adopted.id):
        return
    raise Refused(
        Text(
            en=f"strongroom.toml names the profile {name}, which was not adopted; {adopted.id} "
            f"(version {adopted.version}) is in force.",
            zh=f"strongroom.toml 所写的制度配置 {name} 尚未采用；现行的是 {adopted.id}（第{adopted.version}版）。",
        ),
        hint=Text(
            en=f"See what it would do: strongroom profile preview {name}; adopt it: strongroom profile adopt {name} "
            "--why …; or put the old name back into strongroom.toml.",
            zh=f"预览影响：strongroom profile preview {name}；采用：strongroom profile adopt {name} --why …；"
            "或将 strongroom.toml 中的 profile 改回原值。",
        ),
    )
