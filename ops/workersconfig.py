"""`[workers]` of strongroom.toml: machines that read copies for a scrub, through a scheduler of Dask's."""

import re
from ipaddress import ip_address
from pathlib import Path

import msgspec

from ops.misread import wrong_at
from vault.text import Text

_ADDRESS = re.compile(r"(tcp|tls)://(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):[0-9]{1,5}")


class WorkersConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`scheduler`: where Dask's scheduler listens, as "tls://10.0.0.5:8786"; "": threads of this machine read."""

    scheduler: str = ""


def require_sound_workers(workers: WorkersConfig, path: Path) -> None:
    """BadInput where the address cannot be used: whoever reaches a scheduler without TLS runs what they like on its
    workers.
    """
    if not workers.scheduler:
        return
    found = _ADDRESS.fullmatch(workers.scheduler)
    if found is None:
        known = "tls://10.0.0.5:8786"
        raise wrong_at(path, "workers.scheduler", Text(en=f"write {known}", zh=f"请写作 {known}"))
    if found[1] == "tcp" and not is_here(found[2] or found[3]):
        raise wrong_at(
            path,
            "workers.scheduler",
            Text(en="others reach that address; it needs tls://", zh="该地址可从外部访问，须使用 tls://"),
        )


def is_here(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
