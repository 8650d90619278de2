"""An office under its regulation: real recordings, and a calendar on which years pass."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from labels.draw import draw
from labels.kinds import Kind
from ops.config import StoreConfig
from ops.sample_media import BEIJING, make_audio, make_photo, make_video
from ops.wiring import Working, init_vault, open_vault
from tests.conftest import SettableClock, machine_beside
from vault import corrections
from vault.catalogue import queries
from vault.catalogue.due import due
from vault.digest import Digest
from vault.discs.model import DiscCopy, DiscSet
from vault.facts import Facts
from vault.intake.activities import Request
from vault.intake.filing import missing_facts
from vault.intake.grouping import Grouping
from vault.intake.pipeline import Intake
from vault.profile import Profile
from vault.readers import Threads
from vault.records import Record
from vault.retention import Decision
from vault.scrub import Budget, scrub
from vault.store import Vault
from vault.terms import RetentionClass
from vault.timekeeping import trusted_time
from vault.viewing import Grounds, register_viewing

BEGAN = datetime(2027, 8, 31, 9, 30, tzinfo=BEIJING)  # what the recordings say of themselves


@dataclass(frozen=True, slots=True)
class Media:
    """Recordings of one morning, as devices leave them."""

    video: Path
    photo: Path
    audio: Path
    resumed: Path  # by the same device, ten minutes after the video ended


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    folder = tmp_path_factory.mktemp("媒体")
    made = Media(*(folder / name for name in ("现场检查.mp4", "涉案物品.jpg", "举报电话.m4a", "继续检查.mp4")))
    make_video(made.video, BEGAN, "DSJ-0001", ["现场检查"], 1)
    make_photo(made.photo, BEGAN + timedelta(minutes=5), ["涉案物品"])
    make_audio(made.audio, BEGAN + timedelta(hours=2), 3)
    make_video(made.resumed, BEGAN + timedelta(minutes=10), "DSJ-0001", ["继续检查"], 1)
    return made


@dataclass(frozen=True, slots=True)
class Office:
    """A vault at work, as its people see it."""

    vault: Vault
    clock: SettableClock

    @property
    def profile(self) -> Profile:
        return self.vault.profile

    def take(self, *paths: Path, **facts: object) -> Record:
        """Take files in as one activity."""
        request = Request(paths=paths, facts=Facts(**facts), grouping=Grouping.ALL)  # type: ignore[arg-type]
        (number,) = {outcome.record for outcome in Intake(self.vault, request, int).run()}
        return self.record(number)

    def record(self, number: str) -> Record:
        with self.vault.database.reading() as connection:
            return queries.get_record(connection, number)

    def explain(self, record: Record) -> Decision:
        with self.vault.database.reading() as connection:
            return queries.explain(connection, record.number, self.profile, self.vault.now())

    def due(self) -> list[str]:
        """What is up for review today."""
        time = trusted_time(self.vault)
        today = time.now.astimezone(self.profile.zone).date()
        with self.vault.database.reading() as connection:
            return [record.number for record, _ in due(connection, self.profile, today, time)]

    def on(self, day: date) -> "Office":
        """The same office at nine o'clock of a later day. Once a year it reads everything back meanwhile: a clock
        that jumps years ahead of the journal is not believed."""
        then = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        while then - self.clock.now > timedelta(days=365):
            self.clock.advance(days=365)
            scrub(self.vault, list(self.vault.stores), Budget(), Threads(1), int)
        self.clock.now = then
        return self

    def missing(self, record: Record) -> tuple[str, ...]:
        """What still must be said of it."""
        return missing_facts(record.facts, record.files, self.profile)

    def complete(self, record: Record, **facts: object) -> Record:
        return corrections.correct(self.vault, record.number, Facts(**facts), "补录")  # type: ignore[arg-type]

    def view(self, record: Record, *approved_by: str, why: str = "案件审理") -> None:
        """Enter a viewing; content leaves only after that."""
        register_viewing(self.vault, [record.number], "get", Grounds(approved_by, why))

    def disc_label(self, record: Record, title: str) -> str:
        """What is printed on copy A of a disc of this record, as poppler reads it."""
        made = DiscSet(
            number="2026-0001",
            records=(record.number,),
            unit=self.profile.office.zh,
            producer="王芳",
            produced_at=self.vault.now(),
            activity=title,
        )
        label = draw(Kind.DISC, [DiscCopy(made, 1, "A", Digest.of(b"image"), "checkpoint\n1\n\n")], self.profile)
        text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=label.pdf, check=True, capture_output=True).stdout
        return "".join(text.decode().replace("\u200b", "").split())

    def close_case(self, number: str, opened: date, closed: date, keep: RetentionClass) -> None:
        corrections.open_case(self.vault, number, "", opened, "立案")
        corrections.close_case(self.vault, number, closed, keep, "结案")


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Iterator[Callable[[str], Office]]:
    """Makes the office of a profile, on the afternoon of the recordings."""
    with ExitStack() as stack:

        def make(profile: str) -> Office:
            clock.now = (BEGAN + timedelta(hours=7)).astimezone(UTC)
            working = Working(person="李建国", clock=clock, machine=machine_beside(clock))
            stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("甲", "乙"))
            init_vault(tmp_path / profile, "", profile, stores, working)
            return Office(stack.enter_context(open_vault(tmp_path / profile, working)), clock)

        yield make
