"""From a service over Prometheus and Alertmanager to people: what fails is told, and so is that it was mended."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.alertmanager import CONFIG, alertmanager
from tests.ops.test_alerts import ROOT, hasty_rules, until
from tests.ops.test_serve import configure, home
from tests.servers import prometheus

__all__ = ["home"]  # the fixture: a vault that goes by the real clock

SEEING = """
import sys
from ops.serving.lookout import Lookout
Lookout.__init__.__defaults__ = (0.3, 20.0)  # looks at stores without a rest
from ops.cli import main
sys.argv = ["strongroom", "--vault", sys.argv[1], "serve", "--json"]
main()
"""


@contextmanager
def watchful(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A service that sees at once how its stores are."""
    environment = os.environ | {"STRONGROOM_LANG": "en", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SEEING, str(home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_store_that_fails_is_told_to_people_and_so_is_that_it_was_mended(home: Path, tmp_path: Path) -> None:
    port, folder = configure(home, ""), tmp_path / "监控"
    folder.mkdir()
    with (
        watchful(home) as service,
        alertmanager(folder) as people,
        prometheus(folder, hasty_rules(folder), port, told=people.port) as watching,
    ):
        until(lambda: len(watching.ask("query?query=strongroom_store_up==1")["result"]) == 2)
        until(lambda: bool(people.of("StrongroomBackupOverdue", "firing")))
        (home / "乙").rename(home / "断开")
        until(lambda: bool(people.of("StrongroomStoreDown", "firing")))
        receiver, alert = people.of("StrongroomStoreDown", "firing")[0]
        assert (receiver, alert["labels"]["store"], alert["labels"]["severity"]) == ("duty", "乙", "critical")
        assert alert["annotations"]["summary"] == "存储 乙 无应答 · Store 乙 does not answer"
        until(lambda: people.kept_back("StrongroomScrubStopped") == {"乙"})
        assert people.of("StrongroomStoreDown", "resolved") == []
        (home / "断开").rename(home / "乙")
        until(lambda: bool(people.of("StrongroomStoreDown", "resolved")))
        assert {one["labels"]["store"] for _, one in people.of("StrongroomStoreDown", "resolved")} == {"乙"}
        service.kill()
        until(lambda: bool(people.of("StrongroomFiguresMissing", "firing")))
    for receiver, alert in people.heard:
        assert (receiver == "duty") == (alert["labels"]["severity"] == "critical")
    assert {receiver for receiver, _ in people.heard} == {"duty", "office"}


def test_of_two_vaults_the_one_that_falls_silent_is_told_and_so_is_that_it_is_back(home: Path, tmp_path: Path) -> None:
    other, folder = shutil.copytree(home, tmp_path / "另一库"), tmp_path / "监控"
    folder.mkdir()
    ports = configure(home, ""), configure(other, "")
    silent = {f"127.0.0.1:{ports[1]}"}

    def told(state: str) -> set[str]:
        return {one["labels"]["instance"] for _, one in people.of("StrongroomVaultSilent", state)}

    with (
        watchful(home),
        alertmanager(folder) as people,
        prometheus(folder, hasty_rules(folder), *ports, told=people.port) as watching,
    ):
        with watchful(other):
            until(lambda: len(watching.ask("query?query=strongroom_build_info")["result"]) == 2)
        until(lambda: told("firing") >= silent)
        assert not people.of("StrongroomFiguresMissing", "firing")
        with watchful(other):
            until(lambda: told("resolved") >= silent)


def test_amtool_accepts_the_configuration() -> None:
    done = subprocess.run(["amtool", "check-config", str(CONFIG)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
