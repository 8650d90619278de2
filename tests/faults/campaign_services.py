"""The campaign over services that are killed, on both kinds of catalogue."""

import tempfile
import time
from pathlib import Path

from tests import servers
from tests.faults import services
from tests.faults.telling import heading, tell

_LEASE = 8.0  # seconds: on a machine that is busy a heartbeat may be late


def run_services(count: int | None) -> int:
    """So many kills of one of two services, over a file and over PostgreSQL with an S3 bucket."""
    kills, seed = 100 if count is None else count, time.time_ns() % 1_000_000
    heading(f"Services (seed {seed})")
    print(f"{'catalogue':11} {'kills':>5} {'begun':>6} {'ended':>6} {'brought':>8} {'seconds':>8} {'problems':>9}")
    bad = 0
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory(prefix="campaign-", dir="/var/tmp") as name:
            outcome = _on(kind, Path(name), kills, seed)
        print(
            f"{kind:11} {outcome.kills:5} {outcome.begun:6} {outcome.ended:6} {outcome.brought:8} "
            f"{outcome.seconds:8.0f} {len(outcome.problems):9}",
            flush=True,
        )
        tell(outcome.problems)
        bad += len(outcome.problems)
    return 1 if bad else 0


def _on(kind: str, folder: Path, kills: int, seed: int) -> services.Outcome:
    if kind == "SQLite":
        return services.run(services.over_a_file(folder), folder / "log", kills, _LEASE, seed)
    with servers.seaweedfs(folder / "s3") as s3, servers.postgresql(folder) as postgres:
        homes = services.over_a_server(folder, postgres, s3, "库")
        return services.run(homes, folder / "log", kills, _LEASE, seed)
