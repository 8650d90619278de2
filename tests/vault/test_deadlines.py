"""By when, and was it: the golden table read as data, and what must hold of every deadline."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.deadlines import Timeliness, deadline
from vault.facts import Facts, utc
from vault.profile import Profile

TABLE = tomllib.loads((Path(__file__).parent / "deadline_cases.toml").read_text(encoding="utf-8"))


OFFICE = {
    "id": "an-office",
    "version": 1,
    "office": {"zh": "某局", "en": "An office"},
    "regulation": {"zh": "音像记录管理制度", "en": "Rules on recordings"},
    "base": {"class": "1-year", "kind": "fixed", "start": "stored", "article": "11"},
}


def office(row: dict[str, Any]) -> Profile:
    rest = {"time_zone": row.get("time_zone", "Asia/Shanghai"), "intake": {}}
    if "stored_within" in row:
        rest["intake"] = {"stored_within": row["stored_within"]}
    return msgspec.convert(OFFICE | rest, Profile)


RULES = {name: office(row) for name, row in TABLE["rules"].items()}
FACT_OF = {
    "recorded": "recorded_at",
    "until": "recorded_until",
    "ended": "activity_ended_at",
    "returned": "returned_at",
    "exceptions": "exceptions",
}


def said(row: dict[str, Any]) -> Facts:
    """A row of the table as what was said of an activity. A key that is misspelt fails."""
    assert set(row) <= {*FACT_OF, "why", "rules", "stored", "now", "by", "from", "expect", "articles", "says"}
    given = {FACT_OF[key]: value for key, value in row.items() if key in FACT_OF}
    return Facts(**{name: tuple(v) if isinstance(v, list) else utc(v) for name, v in given.items()})


def test_the_table_is_as_long_as_was_meant_and_knows_every_outcome() -> None:
    assert len(TABLE["case"]) >= 50
    assert {row["expect"] for row in TABLE["case"]} == {*(one.value for one in Timeliness), "no rule"}
    assert len({row["why"] for row in TABLE["case"]}) == len(TABLE["case"])


@pytest.mark.parametrize("row", TABLE["case"], ids=lambda row: row["why"])
def test_case(row: dict[str, Any]) -> None:
    found = deadline(said(row), RULES[row.get("rules", "dengzhou")])
    outcome = found.judge(row["stored"]) if "stored" in row else found.standing(row["now"])
    assert (outcome.value if outcome else "no rule") == row["expect"]
    assert found.by == row.get("by")
    if "from" in row:
        assert found.earliest == row["from"]
    assert found.reasons
    assert set(row.get("articles", ())) <= {reason.article for reason in found.reasons}
    together = "".join(reason.text.zh for reason in found.reasons)
    assert all(words in together for words in row.get("says", ()))
    assert "{" not in together + "".join(reason.text.en for reason in found.reasons)


moments = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 9), timezones=st.just(UTC))  # noqa: DTZ001
activities = st.builds(
    Facts,
    recorded_at=moments,
    recorded_until=moments,
    activity_ended_at=moments,
    returned_at=moments,
    exceptions=st.lists(st.sampled_from(["remote", "on-water"])).map(tuple),
)
regulations = st.sampled_from(sorted(RULES)).map(RULES.__getitem__)


@settings(max_examples=300, deadline=None)
@given(activities, regulations, st.timedeltas(timedelta(-9), timedelta(9)))
def test_what_is_late_stays_late_as_time_goes_on(facts: Facts, rules: Profile, shift: timedelta) -> None:
    """In time, then unclear, then late: never back."""
    found = deadline(facts, rules)
    order = [Timeliness.IN_TIME, Timeliness.UNCLEAR, Timeliness.LATE]
    first = datetime(2026, 1, 5, tzinfo=UTC) + shift
    stages = [found.judge(first + timedelta(hours=hours)) for hours in range(0, 400, 7)]
    if not found.ruled:
        assert set(stages) == {None}
        return
    places = [order.index(stage) for stage in stages if stage is not None]
    assert places == sorted(places)
    assert len(places) == len(stages)


@settings(max_examples=300, deadline=None)
@given(activities, regulations)
def test_who_says_more_is_judged_between_the_bounds_that_stood_before(facts: Facts, rules: Profile) -> None:
    """To fill in what was not known may decide what was unclear; it turns nothing that was certain round."""
    known = sorted(moment for name in FACT_OF.values() if isinstance(moment := getattr(facts, name), datetime))
    names = [name for name in list(FACT_OF.values())[:4] if getattr(facts, name) is not None]
    ordered = Facts(**dict(zip(names, known, strict=True)), exceptions=facts.exceptions)
    whole = deadline(ordered, rules)
    for name in names:
        less = deadline(Facts(**{k: v for k, v in ordered.known().items() if k != name}), rules)
        if less.earliest and whole.earliest:
            assert less.earliest <= whole.earliest
        if less.latest and whole.latest:
            assert whole.latest <= less.latest


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        deadline(Facts(activity_ended_at=datetime(2026, 1, 1)), RULES["dengzhou"])  # noqa: DTZ001 - the point
