"""Programs of the system that discs are made and checked with, and the Debian packages that bring them."""

import shutil

from vault.errors import StrongroomError
from vault.text import Text

_PACKAGES = {"7z": "p7zip-full", "dvdisaster": "dvdisaster"}


def require_tool(name: str) -> str:
    """Its path. StrongroomError with the command that installs it, where it is missing."""
    path = shutil.which(name)
    if path is None:
        install = f"apt-get install {_PACKAGES[name]}"
        raise StrongroomError(
            Text(en=f"The program {name} is missing.", zh=f"缺少程序 {name}。"),
            Text(en=f"As root, run: {install}", zh=f"请以 root 运行：{install}"),
        )
    return path
