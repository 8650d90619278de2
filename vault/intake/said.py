"""What is known of an activity: said by a person, in order of who is believed, and by the media where nobody spoke.

The order is: options of the command, the sheet, sidecars, the media. The origin of every fact is kept. Where two of
a record's own files contradict each other in the sheet or in sidecars, the first is kept and the record says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from vault.facts import FACT, Facts
from vault.records import RecordFile
from vault.text import Text


@dataclass(frozen=True, slots=True)
class Said:
    """Facts with where each comes from, and what a person should know about them."""

    facts: Facts
    origins: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Text, ...] = ()


def put_together(options: Facts, sheet: Sequence[Facts], sidecars: Sequence[Facts]) -> Said:
    """What people said of an activity. `sheet` and `sidecars`: of its files, in their order."""
    warnings: list[Text] = []
    facts, origins = Facts(), {}
    for origin, spoken in (
        ("option", options),
        ("sheet", _one_voice(sheet, warnings)),
        ("sidecar", _one_voice(sidecars, warnings)),
    ):
        new = {name for name in spoken.known() if name not in origins}
        origins.update(dict.fromkeys(new, origin))
        facts = facts.over(spoken)
    return Said(facts, origins, tuple(warnings))


def _one_voice(several: Iterable[Facts], warnings: list[Text]) -> Facts:
    facts = Facts()
    for one in dict.fromkeys(several):
        for name, value in one.known().items():
            before = getattr(facts, name)
            if before and before != value:
                label = FACT[name].label
                warnings.append(
                    Text(
                        en=f"Files of one record differ in {label.en}: kept {before}, not {value}.",
                        zh=f"同一记录的文件“{label.zh}”不一致：采用 {before}，未采用 {value}。",
                    )
                )
        facts = facts.over(one)
    return facts


def with_media(said: Said, files: Sequence[RecordFile]) -> Said:
    """Add what the media themselves say, where nobody spoke: the earliest beginning, the latest end, one device."""
    begun = [file.recorded_at for file in files if file.recorded_at is not None]
    ended = [f.recorded_at + timedelta(milliseconds=f.duration_ms) for f in files if f.recorded_at and f.duration_ms]
    models = {file.device_model for file in files if file.device_model}
    media = Facts(
        recorded_at=min(begun) if begun else None,
        recorded_until=max(ended).replace(microsecond=0) if ended else None,
        device_model=models.pop() if len(models) == 1 else "",
    )
    if said.facts.recorded_at is not None:  # a person said when it began: the device's clock has no say in its end
        media = msgspec.structs.replace(media, recorded_at=None, recorded_until=None)
    new = dict.fromkeys((name for name in media.known() if name not in said.origins), "media")
    return Said(said.facts.over(media), {**said.origins, **new}, said.warnings)
