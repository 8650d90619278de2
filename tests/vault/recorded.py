"""Recordings with times: what tests of deadlines, interruptions and completeness take in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.vault.scene import land, noise
from vault import explaining
from vault.digest import Digest
from vault.facts import Facts
from vault.intake.filing import Ready, file_records
from vault.records import RecordFile
from vault.store import Vault

Segment = tuple[str, datetime | None, int]  # media type, when it begins, seconds


def record(vault: Vault, facts: Facts, segments: Sequence[Segment] = (), seed: int = 0) -> str:
    """File one record of these segments; its number. Another seed is other content."""
    files = []
    for place, (kind, began, seconds) in enumerate(segments or [("video/mp4", None, 0)]):
        data = noise(200, seed * 1_000 + place)
        for store in vault.stores.values():
            land(store, data)
        files.append(
            RecordFile(
                sha256=Digest.of(data).hex,
                size=len(data),
                name=f"现场录像{seed:02d}-{place:02d}.mp4",
                media_type=kind,
                recorded_at=began,
                duration_ms=seconds * 1000,
                device_model="DSJ-V8",
                sound=True if kind.startswith("video/") else None,
            )
        )
    ready = Ready(files=tuple(files), stores=tuple(vault.stores), facts=facts)
    (filed,) = file_records(vault, [ready], None)
    return filed.number


def interrupted(began: datetime) -> list[Segment]:
    """Two videos of ten minutes with twenty minutes between them."""
    return [("video/mp4", began, 600), ("video/mp4", began + timedelta(minutes=30), 600)]


def review_as(vault: Vault, person: str, number: str) -> None:
    """Another person reviews an explanation."""
    mine = vault.setting
    vault.setting = replace(mine, person=person)
    explaining.review(vault, number, "同意")
    vault.setting = mine
