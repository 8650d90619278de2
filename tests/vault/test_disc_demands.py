"""What has to be on disc: a table of cases, and the demand as it comes, is met, and falls open again."""

import pytest

from tests.vault.disc_scene import bring, degrade, image, keep, loan, plan
from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import facts, rows_of, take_in
from vault import adoption, corrections
from vault.catalogue import demands
from vault.discs import stepping
from vault.discs.demands import Carrier, demanded, judge
from vault.discs.model import Mark
from vault.discs.states import State
from vault.discs.stepping import step
from vault.facts import Facts
from vault.profile import load_profile
from vault.store import Vault

# profile · circumstances · what demands discs, with its article
DEMANDED = [
    ("dengzhou", ("objection",), [("objection", "12(1)")]),
    ("dengzhou", ("major-or-sensitive", "objection"), [("objection", "12(1)"), ("major-or-sensitive", "12(3)")]),
    ("dengzhou", (), []),
    ("wugang", ("obstruction",), [("obstruction", "16(2)")]),
    ("xinzhou", ("objection", "obstruction"), []),  # 刻录光盘、使用移动储存介质等方式, and no number
    ("chanhe", ("objection",), []),
]


@pytest.mark.parametrize(("profile", "circumstances", "expected"), DEMANDED)
def test_which_circumstances_demand_discs(
    profile: str, circumstances: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    told = demanded(circumstances, load_profile(profile))
    assert [(one.circumstance, one.article) for one in told] == expected
    assert all(one.copies == 2 for one in told)


# sets that carry a record: each disc's copies as they stand · copies demanded · met · what is lacking
JUDGED = [
    ("no set", [], 2, False, ""),
    ("both on the shelf", ["1A shelved 1B shelved"], 2, True, ""),
    ("one is lent", ["1A shelved 1B loaned"], 2, True, ""),
    ("one is not on the shelf", ["1A shelved 1B labelled"], 2, False, "1B"),
    ("one was never burnt", ["1A shelved 1B blank"], 2, False, "1B"),
    ("one copy is not enough, whatever the number", ["1A shelved 1B blank"], 1, False, "1B"),
    ("one is degraded", ["1A degraded 1B shelved"], 2, False, "1A"),
    ("one is destroyed", ["1A shelved 1B destroyed"], 2, False, "1B"),
    ("its successor is there", ["1A replaced 1A2 shelved 1B shelved"], 2, True, ""),
    ("its successor is to be made", ["1A replaced 1A2 planned 1B shelved"], 2, False, "1A2"),
    ("the record goes on on another disc", ["1A shelved 1B shelved 2A shelved 2B burnt"], 2, False, "2B"),
    ("all of it is there", ["1A shelved 1B shelved 2A shelved 2B shelved"], 2, True, ""),
    ("two halves are no whole", ["1A shelved 1B blank", "1A blank 1B shelved"], 2, False, "1B 1A"),
    ("a second set makes up for it", ["1A shelved 1B degraded", "1A shelved 1B shelved"], 2, True, ""),
    ("four copies take two sets", ["1A shelved 1B shelved"], 4, False, ""),
    ("four copies in two sets", ["1A shelved 1B shelved", "1A loaned 1B shelved"], 4, True, ""),
]


@pytest.mark.parametrize(("name", "sets", "copies", "met", "lacking"), JUDGED, ids=[one[0] for one in JUDGED])
def test_what_meets_a_demand(name: str, sets: list[str], copies: int, met: bool, lacking: str) -> None:
    carriers = []
    for serial, told in enumerate(sets, 1):
        words = told.split()
        pairs = zip(words[::2], words[1::2], strict=True)
        carriers.append(Carrier(tuple((Mark.parse(f"2026-{serial:04d}-{mark}"), State(at)) for mark, at in pairs)))
    verdict = judge(copies, carriers)
    assert (verdict.met, [str(mark)[10:] for mark, _ in verdict.lacking]) == (met, lacking.split())


def open_ones(vault: Vault) -> list[tuple[str, str]]:
    with vault.database.reading() as connection:
        return [(one.record, one.demand.circumstance) for one in demands.open_demands(connection)]


def test_a_demand_is_met_by_two_copies_on_the_shelf_and_open_again_without_one(vault: Vault) -> None:
    one, two = take_in(vault, [b"1"], [b"2"])
    assert open_ones(vault) == []
    corrections.flag(vault, one, ("objection",), "投诉")
    assert open_ones(vault) == [(one, "objection")]
    number = plan(vault, [one, two], [one]).number
    keep(vault, number, "A")
    bring(vault, f"{number}-1B")
    assert open_ones(vault) == [(one, "objection")], "disc 2 carries a part of it"
    bring(vault, f"{number}-2B")
    assert open_ones(vault) == []
    corrections.flag(vault, two, ("obstruction",), "谩骂")
    assert open_ones(vault) == [], "it is on disc already"
    step(vault, loan(f"{number}-1A", vault))
    assert open_ones(vault) == []
    degrade(vault, f"{number}-1A")
    assert open_ones(vault) == [(one, "objection"), (two, "obstruction")]
    successor = stepping.replace(vault, Mark.parse(f"{number}-1A"), "划伤")
    image(vault, number, 1, 2)
    bring(vault, str(successor), State.LABELLED)
    assert len(open_ones(vault)) == 2
    bring(vault, str(successor))
    assert open_ones(vault) == []
    assert_rebuilt_alike(vault)


def test_it_is_demanded_from_intake_on_where_the_circumstance_is_known_then(vault: Vault) -> None:
    from tests.vault import scene

    known = facts(0)
    said = Facts(**{name: getattr(known, name) for name in known.known()} | {"circumstances": ("objection",)})
    scene.land(vault.stores["甲"], b"1")
    ready = scene.Ready(
        files=(scene.RecordFile(sha256=scene.Digest.of(b"1").hex, size=1, name="1.mp4"),),
        stores=("甲", "乙"),
        facts=said,
        origins={},
    )
    scene.file_records(vault, [ready], None)
    (row,) = rows_of(vault, "SELECT record_id, circumstance, article, copies, since, met_at FROM disc_demand")
    assert row == (1, "objection", "12(1)", 2, "2026-11-21T01:30:00Z", None)


def test_a_profile_raises_demands_and_none_takes_them_away(vault: Vault) -> None:
    (one,) = take_in(vault, [b"1"])
    adoption.adopt(vault, load_profile("xinzhou"), "局务会议纪要")
    corrections.flag(vault, one, ("objection",), "投诉")
    assert open_ones(vault) == []
    adoption.adopt(vault, load_profile("wugang"), "局务会议纪要")
    assert rows_of(vault, "SELECT circumstance, article FROM disc_demand") == [("objection", "16(1)")]
    adoption.adopt(vault, load_profile("xinzhou"), "局务会议纪要")
    assert open_ones(vault) == [(one, "objection")]
    assert_rebuilt_alike(vault)


def test_open_demands_are_read_page_by_page(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    records = take_in(vault, *([bytes([n])] for n in range(5)))
    for number in records:
        corrections.flag(vault, number, ("objection", "obstruction"), "投诉")
    whole = open_ones(vault)
    assert len(whole) == 10
    monkeypatch.setattr(demands, "_PAGE", 3)
    assert open_ones(vault) == whole
