"""Where copies belong: a table of cases, and what holds for every one that can be made up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.placement import (
    AgeRule,
    Doors,
    Pin,
    Placement,
    Policy,
    Site,
    Subject,
    Tier,
    at_intake,
    domains,
    enough,
    place,
    why_not,
)

STORED = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
HOT = Site(name="盘甲")
HOT_TOO = Site(name="盘乙")
SAME_ROOM = Site(name="盘丙", domain="机房一")
ROOM = Site(name="盘丁", domain="机房一")
NAS = Site(name="网存", tier=Tier.WARM)
CLOUD = Site(name="云桶", tier=Tier.COLD)
CLEARED = Site(name="密柜", cleared=frozenset({"秘密", "内部"}))
ALSO_CLEARED = Site(name="密柜二", cleared=frozenset({"秘密"}))
AGES = (
    AgeRule(from_days=0, tiers=(Tier.HOT,)),
    AgeRule(from_days=90, tiers=(Tier.WARM, Tier.COLD)),
    AgeRule(from_days=0, tiers=(Tier.HOT, Tier.COLD), classes=frozenset({"permanent"})),
)


def after(days: int) -> datetime:
    return STORED + timedelta(days=days)


def closed(site: Site, doors: Doors = Doors.CLOSED) -> Site:
    return Site(name=site.name, tier=site.tier, domain=site.domain, cleared=site.cleared, doors=doors)


def placed(*sites: Site, policy: Policy, days: int = 0, **about: object) -> Placement:
    return place(Subject(stored_at=STORED, **about), sites, policy, after(days))  # type: ignore[arg-type]


TWO = Policy(minimum=2)
TWO_OF_MANY = Policy(minimum=2, wanted=2)


@pytest.mark.parametrize(
    ("placement", "stores", "lacking"),
    [
        (placed(HOT, HOT_TOO, NAS, policy=TWO), {"盘甲", "盘乙", "网存"}, 0),  # everywhere, where nothing else is said
        (placed(HOT, policy=TWO), {"盘甲"}, 1),
        (placed(policy=TWO), set(), 2),
        (placed(SAME_ROOM, ROOM, policy=TWO), {"盘丙", "盘丁"}, 1),  # what fails together is one copy
        (placed(HOT, HOT_TOO, NAS, CLOUD, policy=TWO_OF_MANY), {"盘甲", "盘乙"}, 0),  # the nearest, without a rule
        (placed(HOT, SAME_ROOM, NAS, policy=TWO_OF_MANY, held=frozenset({"网存"})), None, 0),
        (placed(HOT, HOT_TOO, NAS, CLOUD, policy=Policy(minimum=2, ages=AGES)), {"盘甲", "盘乙"}, 0),
        (placed(HOT, HOT_TOO, NAS, CLOUD, policy=Policy(minimum=2, ages=AGES), days=90), {"网存", "云桶"}, 0),
        (placed(HOT, HOT_TOO, CLOUD, policy=Policy(minimum=2, ages=AGES), days=90), None, 0),  # one cold, one not
        (
            placed(HOT, NAS, CLOUD, policy=Policy(minimum=2, ages=AGES), days=400, retention_class="permanent"),
            {"盘甲", "云桶"},
            0,
        ),
        (placed(HOT, HOT_TOO, CLEARED, ALSO_CLEARED, policy=TWO, confidentiality="秘密"), {"密柜", "密柜二"}, 0),
        (placed(HOT, HOT_TOO, CLEARED, ALSO_CLEARED, policy=TWO, confidentiality="内部"), {"密柜"}, 1),
        (placed(HOT, HOT_TOO, policy=TWO, confidentiality="秘密"), {"盘甲", "盘乙"}, 0),  # nobody asks for clearance
        (placed(HOT, HOT_TOO, CLEARED, policy=TWO), {"盘甲", "盘乙", "密柜"}, 0),
        (placed(HOT, closed(HOT_TOO), NAS, policy=TWO), {"盘甲", "网存"}, 0),
        (placed(HOT, closed(HOT_TOO), policy=TWO, held=frozenset({"盘乙"})), {"盘甲", "盘乙"}, 0),
        (placed(HOT, closed(HOT_TOO, Doors.EMPTYING), policy=TWO, held=frozenset({"盘乙"})), {"盘甲"}, 1),
        (placed(HOT, closed(HOT_TOO, Doors.SUSPECTED), NAS, policy=TWO), {"盘甲", "网存"}, 0),
        (placed(HOT, closed(HOT_TOO, Doors.SUSPECTED), policy=TWO), {"盘甲", "盘乙"}, 0),  # better than once too few
        (
            placed(
                HOT,
                HOT_TOO,
                NAS,
                policy=Policy(minimum=1, wanted=1, pins=(Pin(stores=("网存",), case="案一"),)),
                cases=("案一",),
            ),
            {"网存"},
            0,
        ),
        (
            placed(
                HOT,
                CLEARED,
                policy=Policy(minimum=1, pins=(Pin(stores=("盘甲",), confidentiality="秘密"),)),
                confidentiality="秘密",
            ),
            {"密柜"},  # a pin clears nobody
            0,
        ),
    ],
)
def test_cases(placement: Placement, stores: set[str] | None, lacking: int) -> None:
    assert placement.lacking == lacking
    if stores is not None:
        assert set(placement.stores) == stores


def test_an_age_rule_says_when_it_comes() -> None:
    policy = Policy(minimum=1, ages=AGES)
    assert placed(HOT, NAS, policy=policy, days=89).until == date(2026, 10, 30)
    assert placed(HOT, NAS, policy=policy, days=90).until is None
    assert placed(HOT, NAS, policy=policy, days=0, retention_class="permanent").until is None


def test_an_intake_does_not_wait_for_the_far_tiers_unless_the_minimum_needs_them() -> None:
    sites = {site.name: site for site in (HOT, NAS, CLOUD)}
    everywhere = place(Subject(stored_at=STORED), list(sites.values()), TWO, STORED)
    assert at_intake(everywhere, sites, TWO) == ("盘甲", "网存")
    assert at_intake(everywhere, sites, Policy(minimum=3)) == ("盘甲", "网存", "云桶")


def test_every_store_that_is_left_out_has_a_reason() -> None:
    sites = [HOT, closed(HOT_TOO), closed(NAS, Doors.EMPTYING), CLOUD, CLEARED]
    policy = Policy(minimum=1, wanted=1, ages=(AgeRule(from_days=0, tiers=(Tier.HOT,)),))
    subject = Subject(stored_at=STORED, confidentiality="内部")
    said = [why_not(subject, site, sites, policy, STORED).en for site in sites]
    assert said == ["not cleared for its confidentiality"] * 4 + ["there are enough copies elsewhere"]
    plain = [why_not(Subject(stored_at=STORED), site, sites, policy, STORED).en for site in sites]
    assert plain[1:4] == ["takes nothing new (full or suspected)", "being emptied", "its tier is not one for this age"]


def test_a_new_store_draws_its_share_and_nothing_else_moves() -> None:
    before = [Site(name=f"盘{n}") for n in range(4)]
    after_ = [*before, Site(name="新盘")]
    policy = Policy(minimum=2, wanted=2)
    moved = 0
    for number in range(600):
        subject = Subject(stored_at=STORED, key=b"%d" % number)
        old, new = (set(place(subject, sites, policy, STORED).stores) for sites in (before, after_))
        assert new - old <= {"新盘"}
        moved += "新盘" in new
        held = Subject(stored_at=STORED, key=subject.key, held=frozenset(old))
        assert set(place(held, after_, policy, STORED).stores) == old  # where it lies is where it stays
        assert set(place(held, after_, policy, STORED, settled=False).stores) == new
    assert 180 < moved < 300  # two fifths of 600


SITES = st.lists(
    st.builds(
        Site,
        name=st.sampled_from(["a", "b", "c", "d", "e", "f"]),
        tier=st.sampled_from(Tier),
        domain=st.sampled_from(["", "一", "二"]),
        cleared=st.frozensets(st.sampled_from(["秘密", "内部"])),
        doors=st.sampled_from(Doors),
    ),
    max_size=6,
    unique_by=lambda site: site.name,
)
RULES = st.builds(
    AgeRule,
    from_days=st.integers(0, 100),
    tiers=st.lists(st.sampled_from(Tier), min_size=1, unique=True).map(tuple),
    classes=st.frozensets(st.sampled_from(["permanent", "1-year"])),
)
SUBJECTS = st.builds(
    Subject,
    stored_at=st.just(STORED),
    confidentiality=st.sampled_from(["", "秘密", "内部"]),
    retention_class=st.sampled_from(["permanent", "1-year", ""]),
    key=st.binary(max_size=4),
    held=st.frozensets(st.sampled_from(["a", "b", "c", "d"])),
)


@given(SITES, SUBJECTS, st.integers(1, 3), st.integers(0, 3), st.lists(RULES, max_size=3), st.integers(0, 120))
def test_what_always_holds(
    sites: list[Site], subject: Subject, minimum: int, wanted: int, ages: list[AgeRule], days: int
) -> None:
    policy = Policy(minimum=minimum, wanted=wanted, ages=tuple(ages))
    placement = place(subject, sites, policy, after(days))
    by_name = {site.name: site for site in sites}
    chosen = [by_name[name] for name in placement.stores]
    assert len(set(placement.stores)) == len(placement.stores)
    asked = subject.confidentiality and any(site.cleared for site in sites)
    assert all(subject.confidentiality in site.cleared for site in chosen if asked)
    assert all(site.doors is not Doors.EMPTYING for site in chosen)
    assert all(site.name in subject.held for site in chosen if site.doors is Doors.CLOSED)
    able = [
        site
        for site in sites
        if (not asked or subject.confidentiality in site.cleared)
        and (site.doors in (Doors.OPEN, Doors.SUSPECTED) or (site.doors is Doors.CLOSED and site.name in subject.held))
    ]
    assert placement.lacking == max(0, minimum - len(domains(able)))  # fewer than could be had: never
    assert enough(placement.stores, by_name, policy) == (placement.lacking == 0)
    if wanted:
        assert len(domains(chosen)) <= max(wanted, minimum)
    assert placement.until is None or placement.until > after(days).date()
    assert place(subject, sites, policy, after(days)) == placement
