"""What is known of an activity: said by a person, in order of who is believed, and by the media where nobody spoke.

The order is: options of the command, the sheet, sidecars, the drop folder, the media. The origin of every fact is kept.
Where two of a record's own files contradict each other in the sheet or in sidecars, the first is kept and the record
says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from vault.facts import FACT, Facts
from vault.records import RecordFile
from vault.text import Text

AGAIN = Text(en="taken in again", zh="再次送来时补入")  # the reason of a correction that nobody typed

_SHOWN = 60  # characters of a value that a warning repeats


@dataclass(frozen=True, slots=True)
class Said:
    """Facts with where each comes from, and what a person should know about them."""

    facts: Facts
    origins: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Text, ...] = ()


@lru_cache(maxsize=1024)  # most records of a run are told of in the same words
def put_together(
    options: Facts,
    sheet: tuple[Facts, ...],
    sidecars: tuple[Facts, ...],
    folder: Facts = Facts(),  # noqa: B008  # frozen
) -> Said:
    """What people said of an activity. `sheet` and `sidecars`: of its files, in their order; `folder`: of all that is
    dropped where they lay.
    """
    warnings: list[Text] = []
    facts, origins = Facts(), {}
    for origin, spoken in (
        ("option", options),
        ("sheet", _one_voice(sheet, warnings)),
        ("sidecar", _one_voice(sidecars, warnings)),
        ("folder", folder),
    ):
        new = {name for name in spoken.known() if name not in origins}
        origins.update(dict.fromkeys(new, origin))
        facts = facts.over(spoken)
    return Said(facts, origins, tuple(warnings))


def _one_voice(several: Iterable[Facts], warnings: list[Text]) -> Facts:
    """The first of each fact; one warning a fact, however many files say otherwise."""
    facts = Facts()
    others: dict[str, list[Any]] = {}
    for one in dict.fromkeys(several):
        for name, value in one.known().items():
            if getattr(facts, name) not in (None, "", (), value):
                others.setdefault(name, []).append(value)
        facts = facts.over(one)
    for name, values in others.items():
        label, kept, first = FACT[name].label, _short(getattr(facts, name)), _short(values[0])
        more = len(dict.fromkeys(values)) - 1
        en, zh = (f" (and {more} more)", f"（另有 {more} 种）") if more else ("", "")
        warnings.append(
            Text(
                en=f"Files of one record differ in {label.en}: kept {kept}, not {first}{en}.",
                zh=f"同一记录的文件“{label.zh}”不一致：采用 {kept}，未采用 {first}{zh}。",
            )
        )
    return facts


def _short(value: str | tuple[str, ...] | datetime) -> str:
    """A fact's value for a warning, in one piece and not too long."""
    text = "、".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def with_media(said: Said, files: Sequence[RecordFile]) -> Said:
    """Add what the media themselves say, where nobody spoke: the earliest beginning, the latest end, one device."""
    begun = [file.recorded_at for file in files if file.recorded_at is not None]
    ended = [f.recorded_at + timedelta(milliseconds=f.duration_ms) for f in files if f.recorded_at and f.duration_ms]
    models = {file.device_model for file in files if file.device_model}
    if not begun and not models:
        return said
    media = Facts(
        recorded_at=min(begun) if begun else None,
        recorded_until=max(ended).replace(microsecond=0) if ended else None,
        device_model=models.pop() if len(models) == 1 else "",
    )
    if said.facts.recorded_at is not None:  # a person said when it began: the device's clock has no say in its end
        media = msgspec.structs.replace(media, recorded_at=None, recorded_until=None)
    new = dict.fromkeys((name for name in media.known() if name not in said.origins), "media")
    return Said(said.facts.over(media), {**said.origins, **new}, said.warnings)
