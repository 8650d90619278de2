"""The program as a process of its own. Where the catalogues of this run are on PostgreSQL, so are that process's."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_ON_SERVER = os.environ.get("STRONGROOM_TEST_CATALOGUE") == "postgresql"
PROGRAM = [sys.executable, *([__file__] if _ON_SERVER else ["-m", "ops.cli"])]
_JOINING = "from tests.catalogues import joined\njoining = joined()\njoining.__enter__()\n"  # held until the end


def script(code: str, *words: str) -> list[str]:
    """A script of a test's in a process of its own, to be started in the checkout."""
    return [sys.executable, "-c", f"{_JOINING if _ON_SERVER else ''}{code}", *words]


if __name__ == "__main__":
    sys.path[0] = str(_ROOT)
    import ops.cli
    from tests.catalogues import joined

    sys.argv[0] = "strongroom"
    with joined():
        ops.cli.main()
