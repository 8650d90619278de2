"""Recordings with times: what tests of deadlines, interruptions and completeness take in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.vault.scene import land, noise
from vault import announcing, explaining
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
            )
        )
    ready = Ready(files=tuple(files), stores=tuple(vault.stores), facts=facts)
    (filed,) = file_records(vault, [ready], None)
    return filed.number


def interrupted(began: datetime) -> list[Segment]:
    """Two videos of ten minutes with twenty minutes between them."""
    return [("video/mp4", began, 600), ("video/mp4", began + timedelta(minutes=30), 600)]


def fill_with_recordings(vault: Vault) -> None:
    """Everything that can be said of recordings that came late, were interrupted or were not made; by 李建国."""
    now = vault.now()
    case, yesterday = "邓财监〔2026〕12号", now - timedelta(days=2)
    said = Facts(case_number=case, section="监督检查科", matter="现场检查")
    late = Facts(case_number=case, section="监督检查科", matter="现场检查", activity_ended_at=yesterday)
    announced = Facts(case_number=case, section="监督检查科", matter="听证", activity_ended_at=now)
    announcing.announce(vault, Facts(section="会计科", activity_ended_at=now))
    dropped = announcing.announce(vault, announced)
    missing = announcing.announce(vault, announced)
    announcing.announce(vault, announced)
    announcing.amend(vault, missing, Facts(party="王芳"))
    announcing.close(vault, dropped, "听证取消")
    first = record(vault, late, interrupted(yesterday), seed=91)
    record(vault, late, [("video/mp4", None, 60), ("video/mp4", None, 60)], seed=92)
    second = record(vault, said, interrupted(now), seed=93)
    record(vault, Facts(section="会计科", recorded_at=now), seed=94)
    explaining.explain_late(vault, [first], "设备送修")
    explaining.explain_interruption(vault, first, [1], "weather", "暴雨", "气象局暴雨红色预警")
    filed = explaining.explain_interruption(vault, second, [], "obstructed", "当事人抢夺设备", "现场笔录")
    explaining.explain_missing(vault, Facts(), "privacy-or-trade-secret", "涉及个人隐私", "当事人申请", missing)
    review_as(vault, "王局长", filed.explanation)


def review_as(vault: Vault, person: str, number: str) -> None:
    """Another person reviews an explanation."""
    mine = vault.setting
    vault.setting = replace(mine, person=person)
    explaining.review(vault, number, "同意")
    vault.setting = mine
