"""A server for `./bench --stores`, in a process of its own, because the harness that measures memory must stay small.

`serving.py KIND FOLDER` starts it, prints what it takes to reach it as one line of JSON, and stops it when its
standard input ends. `serving.py vault HOME KIND LOCATION SECRET` begins a vault whose only store is there.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops.config import StoreConfig
from ops.wiring import Working, init_vault
from tests import servers


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    """`location`: for Strongroom, to which a folder's name is added; `remote`: the same for rclone, whose settings are
    `environment`; `folder`: where that lies on this machine, if it does.
    """
    folder.mkdir(parents=True)
    if kind == "s3":
        with servers.seaweedfs(folder) as s3:
            settings = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": s3.url}
            settings |= {"ACCESS_KEY_ID": s3.access_key, "SECRET_ACCESS_KEY": s3.secret_key}
            secret = f'access_key = "{s3.access_key}"\nsecret_key = "{s3.secret_key}"\n'
            yield _told(f"{s3.url}/{s3.bucket}", s3.bucket, secret, settings, None)
    elif kind == "smb":
        with servers.samba(folder) as share:
            at = urlsplit(share.url)
            words = ["rclone", "obscure", share.password]
            obscured = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
            settings = {"TYPE": "smb", "HOST": "127.0.0.1", "PORT": str(at.port)}
            settings |= {"USER": at.username or "", "PASS": obscured}
            yield _told(share.url, "share", f'password = "{share.password}"\n', settings, share.folder)
    else:
        with servers.sshd(folder) as sftp:
            at = urlsplit(sftp.url)
            settings = {"TYPE": "sftp", "HOST": "127.0.0.1", "PORT": str(at.port), "USER": at.username or ""}
            settings |= {"KEY_FILE": str(sftp.private_key)}
            secret = f'private_key = "{sftp.private_key}"\nhost_key = "{sftp.host_key}"\n'
            yield _told(sftp.url, at.path, secret, settings, sftp.folder)


def _told(location: str, remote: str, secret: str, settings: dict[str, str], folder: Path | None) -> dict[str, Any]:
    environment = {f"RCLONE_CONFIG_BENCH_{name}": value for name, value in settings.items()}
    return {
        "location": location,
        "remote": f"bench:{remote}",
        "secret": secret,
        "environment": environment,
        "folder": str(folder) if folder is not None else None,
    }


def begin_vault(home: Path, kind: str, location: str, secret: Path) -> None:
    """`strongroom init` makes vaults on disks; this is the same with another kind of store."""
    store = StoreConfig(name="server", kind=kind, location=location, secret=str(secret))
    init_vault(home, "", "dengzhou", (store,), Working(person="bench"))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its server ends with it
    if sys.argv[1] == "vault":
        begin_vault(Path(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5]))
    else:
        with serving(sys.argv[1], Path(sys.argv[2])) as told:
            print(json.dumps(told), flush=True)
            sys.stdin.read()
