"""The program as a process of its own. Where the catalogues of this run are on PostgreSQL, so are that process's."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_ON_SERVER = os.environ.get("STRONGROOM_TEST_CATALOGUE") == "postgresql"
PROGRAM = [sys.executable, *([__file__] if _ON_SERVER else ["-m", "ops.cli"])]

if __name__ == "__main__":
    sys.path[0] = str(_ROOT)
    import ops.cli
    from tests.catalogues import joined

    sys.argv[0] = "strongroom"
    with joined():
        ops.cli.main()
