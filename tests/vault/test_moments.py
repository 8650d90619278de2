"""Moments are read on one clock, the office's, wherever people meet them."""

from datetime import UTC, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path

from ops.samples import BEIJING
from vault.moments import local, minute

ROOT = Path(str(resources.files("vault"))).parent
NOW = datetime(2026, 11, 21, 16, 30, 5, tzinfo=UTC)
# What spells a moment by itself: for machines, for itself, or in a form's own words.
BY_THEMSELVES = {
    "vault/moments.py",
    "vault/catalogue/rows.py",  # the catalogue's own spelling, UTC
    "labels/fields.py",  # 年月日 on the statement of an evidence disc, on the office's clock
    "backends/s3lock.py",  # what the protocol wants
    "ops/hours.py",  # hours of the day, as settings have them
    "ops/sample_media.py",  # what cameras write
    "ops/samples.py",
}


def test_a_moment_is_spelt_on_the_offices_clock() -> None:
    assert local(NOW, BEIJING) == local(NOW.astimezone(timezone(timedelta(hours=-5))), BEIJING) == "2026-11-22 00:30:05"
    assert minute(NOW, BEIJING) == "2026-11-22 00:30"


def test_a_moment_at_the_end_of_the_calendar_is_spelt_too() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert local(last, BEIJING) == "9999-12-31 23:59:59 UTC"


def test_nothing_else_spells_moments_for_people() -> None:
    """Refusals told UTC where lists told the office's time: eight hours of grace that nobody had."""
    found = {
        str(file.relative_to(ROOT))
        for room in ("vault", "backends", "media", "labels", "ops")
        for file in (ROOT / room).rglob("*.py")
        if "%H:%M" in file.read_text(encoding="utf-8")
    }
    assert found == BY_THEMSELVES
