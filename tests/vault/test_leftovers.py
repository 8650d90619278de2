"""What work that was cut short leaves in the vault's own folder, and who clears it."""

import shutil
from pathlib import Path

import pytest

from ops.wiring import Working, closed_vault, open_vault
from tests.vault.scene import take_in
from vault.errors import IntegrityBroken
from vault.facts import Facts
from vault.fsck import Count, fsck
from vault.intake.activities import Request
from vault.intake.pipeline import Intake
from vault.intake.resume import LOCKS
from vault.journal import CHECKPOINT
from vault.rebuild import rebuild
from vault.scratch import PREFIX
from vault.store import Vault


def intake(vault: Vault, *paths: Path) -> Intake:
    return Intake(vault, Request(paths=paths, facts=Facts(section="监督检查科")), int)


pytestmark = pytest.mark.sqlite("its files, and the locks on files; on a server nothing is left over")


def files(tmp_path: Path, folder: str) -> Path:
    (tmp_path / folder).mkdir()
    for number in range(3):
        (tmp_path / folder / f"{number}.mp4").write_text(f"{folder}{number}", encoding="utf-8")
    return tmp_path / folder


def locks(vault: Vault) -> set[str]:
    return {path.name for path in (vault.setting.home / LOCKS).iterdir()}


def test_the_lock_of_an_intake_that_died_goes_with_the_next_and_one_at_work_stays(vault: Vault, tmp_path: Path) -> None:
    """They stayed for ever, unless somebody asked for the very same files."""
    first, second, third = (files(tmp_path, name) for name in ("一", "二", "三"))
    dying = intake(vault, first).run()
    next(dying)
    dying.close()  # type: ignore[attr-defined]  # a generator; what Ctrl-C does to it
    (left,) = locks(vault)
    working = intake(vault, second).run()
    next(working)
    assert left not in locks(vault)
    (other,) = locks(vault)
    list(intake(vault, third).run())
    assert locks(vault) == {other}
    list(working)
    assert locks(vault) == set()
    assert {outcome.result for outcome in intake(vault, first).run()} <= {"resumed", "stored"}
    assert locks(vault) == set()


def test_a_rebuild_that_fails_leaves_nothing(home: Path, working: Working) -> None:
    with open_vault(home, working) as vault:
        take_in(vault, [b"one"])
    shutil.rmtree(home / "甲/journal/tile/entries")
    (home / "catalogue.rebuilding.db").write_text("of one that was killed", encoding="utf-8")
    with closed_vault(home, working) as vault, pytest.raises(IntegrityBroken):
        rebuild(vault, "甲")
    assert list(home.glob("catalogue.rebuilding*")) == []


def test_what_an_fsck_that_was_killed_left_goes_with_the_next_and_one_at_work_stays(home: Path, vault: Vault) -> None:
    """Its catalogue stayed for ever, as large as the one in use."""

    def there() -> set[str]:
        return {path.name for path in home.glob(f"{PREFIX}*") if path.is_dir()}

    take_in(vault, [b"one"])
    (home / "甲" / CHECKPOINT).unlink()  # a finding: whoever looks can be stopped there
    (home / f"{PREFIX}killed").mkdir()
    (home / f"{PREFIX}killed/catalogue.db").write_text("of one that was killed", encoding="utf-8")
    working = fsck(vault, Count())
    next(working)
    (mine,) = there()
    assert mine != f"{PREFIX}killed"
    assert list(fsck(vault, Count()))
    assert there() == {mine}
    assert list(working) == []
    assert there() == set()
