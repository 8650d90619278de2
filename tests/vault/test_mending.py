"""Marker, README and journal of the stores: mended from what is proven, and left alone where they may be another's."""

from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.vault.scene import (
    assert_sound,
    entries_so_far,
    flip,
    journal_acts,
    place_of,
    root_of,
    rows_of,
    scrubbed,
    take_in,
    told,
    tree,
)
from vault import acts
from vault.store import Vault

ONE = "王芳的执法记录".encode() * 400


def test_damaged_files_of_the_journal_are_mended_from_the_other_store(vault: Vault) -> None:
    vault.commit(lambda _: [acts.ExpiryReleased(at=vault.now(), by="王芳", why=f"第{n}条") for n in range(300)])
    good = {store: tree(root_of(vault, store) / "journal") for store in ("甲", "乙")}
    paths = sorted(good["甲"])
    for number, path in enumerate(paths):
        target = root_of(vault, ("甲", "乙")[number % 2]) / "journal" / path
        target.unlink() if number % 3 == 0 else flip(target, 77)
    start = entries_so_far(vault)
    reports = scrubbed(vault)
    assert sum(report.healed for report in reports) == len(paths)
    assert all(report.passed for report in reports)
    assert_sound(vault)
    for store in ("甲", "乙"):
        now = tree(root_of(vault, store) / "journal")
        assert {p: d for p, d in now.items() if p.endswith("/000")} == {
            p: d for p, d in good[store].items() if p.endswith("/000")
        }
    mended = {
        (str(name), str(path))
        for name, path in ((act.store, act.path) for act in tail(vault, start) if isinstance(act, acts.JournalHealed))
    }
    assert mended == {(("甲", "乙")[n % 2], f"journal/{path}") for n, path in enumerate(paths)}


def tail(vault: Vault, start: int) -> list[acts.AnyAct]:
    """Acts from a place on that still lie in the outbox, published though they are."""
    rows = rows_of(vault, f"SELECT entry FROM outbox WHERE seq >= {start} ORDER BY seq")
    return [acts.decode(entry) for (entry,) in rows if isinstance(entry, bytes)]


@pytest.mark.parametrize("path", ["strongroom.json", "README.txt"])
@pytest.mark.parametrize("bit", [0, 700, 999, -1])
def test_marker_and_readme_are_written_anew(home: Path, working: Working, path: str, bit: int) -> None:
    right = (home / "甲" / path).read_bytes()
    flip(home / "甲" / path, bit)
    with open_vault(home, working) as vault:
        assert told(vault) == {("marker" if path == "strongroom.json" else "readme", "甲", path)}
        start = entries_so_far(vault)
        report, _ = scrubbed(vault)
        assert (report.failed, report.healed, report.passed) == (1, 1, True)
        assert (home / "甲" / path).read_bytes() == right
        (healed, *_) = journal_acts(vault, start)
        assert isinstance(healed, acts.JournalHealed)
        assert (healed.store, healed.path) == ("甲", path)
        assert_sound(vault)


def test_a_readme_that_is_gone_comes_back(vault: Vault) -> None:
    (root_of(vault, "乙") / "README.txt").unlink()
    assert told(vault) == {("readme", "乙", "README.txt")}
    assert scrubbed(vault)[1].healed == 1
    assert_sound(vault)


def test_a_marker_that_names_another_vault_is_told_and_left_alone(vault: Vault) -> None:
    """It may well be another vault's disk: nothing is written there."""
    marker = root_of(vault, "乙") / "strongroom.json"
    good = marker.read_bytes()
    marker.chmod(0o640)
    marker.write_bytes(good.replace(vault.setting.vault_id.encode(), b"0" * 16))
    strange = marker.read_bytes()
    assert ("foreign", "乙", "strongroom.json") in told(vault)
    _, report = scrubbed(vault)
    assert not report.passed
    assert report.healed == 0
    assert marker.read_bytes() == strange
    marker.write_bytes(good)
    assert all(report.passed for report in scrubbed(vault))
    assert_sound(vault)


def test_a_marker_of_a_newer_format_is_not_written_over(vault: Vault) -> None:
    marker = root_of(vault, "乙") / "strongroom.json"
    good = marker.read_bytes()
    marker.chmod(0o640)
    marker.write_bytes(good.replace(b'"format": 1', b'"format": 3'))
    _, report = scrubbed(vault)
    assert (report.lost, report.passed) == (["strongroom.json"], False)
    assert b'"format": 3' in marker.read_bytes()
    assert ("marker", "乙", "strongroom.json") in told(vault)


def test_files_of_the_journal_that_are_bad_everywhere_do_not_keep_copies_from_being_healed(vault: Vault) -> None:
    take_in(vault, [ONE])
    (bundle,) = (root_of(vault, "甲") / "journal" / "tile" / "entries" / "000.p").glob(str(entries_so_far(vault)))
    for store in ("甲", "乙"):
        flip(root_of(vault, store) / bundle.relative_to(root_of(vault, "甲")), 50)
    flip(place_of(vault, "甲", ONE))
    report, _ = scrubbed(vault)
    lost = f"journal/tile/entries/000.p/{bundle.name}"
    assert (report.failed, report.healed, report.lost, report.passed) == (2, 1, [lost], False)
    assert place_of(vault, "甲", ONE).read_bytes() == ONE
