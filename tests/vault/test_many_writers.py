"""Sixteen processes file records while a seventeenth reads every copy: nobody is turned away, and nothing is lost."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ops.wiring import Working, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.vault.scene import NOW, assert_sound, noise, rows_of, scrubbed, take_in

WRITERS, RECORDS = 16, 4


def _working() -> Working:
    clock = SettableClock(NOW)
    return Working(person="李建国", clock=clock, machine=machine_beside(clock))


def _file(home: Path, writer: int) -> list[str]:
    with open_vault(home, _working()) as vault:
        return [number for n in range(RECORDS) for number in take_in(vault, [noise(3_000, writer * RECORDS + n)])]


def _read(home: Path) -> int:
    with open_vault(home, _working()) as vault:
        return sum(report.checked for _ in range(5) for report in scrubbed(vault))


def test_sixteen_writers_and_a_scrub(home: Path) -> None:
    with open_vault(home, _working()) as vault:
        take_in(vault, *([noise(3_000, 1_000 + n)] for n in range(20)))
    with ProcessPoolExecutor(WRITERS + 1, mp_context=get_context("fork")) as pool:
        reading = pool.submit(_read, home)
        filing = [pool.submit(_file, home, writer) for writer in range(WRITERS)]
        numbers = [number for one in filing for number in one.result()]
        assert reading.result() >= 5 * 2 * 20
    assert len(set(numbers)) == len(numbers) == WRITERS * RECORDS
    with open_vault(home, _working()) as vault:
        known = {number for (number,) in rows_of(vault, "SELECT number FROM record")}
        assert known == {f"2026-{n:07d}" for n in range(1, 20 + WRITERS * RECORDS + 1)}
        assert set(numbers) < known
        assert_sound(vault)
