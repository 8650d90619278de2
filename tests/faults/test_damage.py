"""Every kind of damage on a small disc, and some at random. The campaign has more, and a DVD: docs/disc-damage.md."""

import secrets

import pytest

from tests.faults.damage import CASES, Bench, Case, at_random, run, small_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return small_bench(tmp_path_factory.mktemp("discs"), layer=5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_damaged_disc_comes_back_or_is_refused(bench: Bench, case: Case) -> None:
    assert run(case, bench).problems == []


def test_damage_at_random(bench: Bench) -> None:
    for _ in range(3):
        result = run(at_random(secrets.randbelow(1 << 30)), bench)
        assert result.problems == [], result.case.name
