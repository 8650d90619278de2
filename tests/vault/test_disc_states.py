"""What may happen to a disc: the table, and the rules beside it, each act journalled before it takes effect."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.vault.disc_scene import (
    IMAGE,
    WHERE,
    begin,
    bring,
    bring_back,
    degrade,
    fail,
    fill_shelf,
    finish,
    image,
    inspect,
    keep,
    label,
    loan,
    plan,
    shelve,
    shred,
    spoil,
    state_of,
    verify,
)
from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import entries_so_far, rows_of, take_in
from vault import acts
from vault.catalogue import discs, imagefiles, spoiled
from vault.catalogue.lacking import lacking
from vault.catalogue.waiting import waiting
from vault.digest import Digest
from vault.discs import stepping
from vault.discs.model import Mark
from vault.discs.states import KEPT, NOT_BURNT, TABLE, THERE, State, Step, after
from vault.discs.stepping import step
from vault.discs.superseding import supersede
from vault.errors import BadInput, ImageBroken, Refused
from vault.store import Vault
from vault.viewing import Grounds

A, B = "2026-0001-1A", "2026-0001-1B"

# state -> what may be done with a disc that stands so, and where it stands then; all else is refused
ALLOWED = {
    State.PLANNED: "image>imaged supersede>given-up cancel>given-up destroy>destroyed",
    State.IMAGED: "image>imaged check>blank supersede>given-up cancel>given-up destroy>destroyed",
    State.BLANK: "image>imaged begin>burning enter>labelled replace>given-up supersede>given-up cancel>given-up"
    " destroy>destroyed",
    State.BURNING: "begin>burning fail>blank finish>burnt destroy>destroyed",
    State.BURNT: "fail>blank verify>verified destroy>destroyed",
    State.VERIFIED: "label>labelled degrade>degraded destroy>destroyed",
    State.LABELLED: "label>labelled shelve>shelved degrade>degraded destroy>destroyed",
    State.SHELVED: "label>shelved shelve>shelved loan>loaned inspect>shelved degrade>degraded replace>replaced"
    " supersede>replaced destroy>destroyed",
    State.LOANED: "return>shelved degrade>degraded destroy>destroyed",
    State.DEGRADED: "return>degraded replace>replaced supersede>replaced shred>destroyed destroy>destroyed",
    State.REPLACED: "return>replaced shred>destroyed destroy>destroyed",
    State.GIVEN_UP: "destroy>destroyed",
    State.DESTROYED: "replace>destroyed destroy>destroyed",
}


@pytest.mark.parametrize("state", State)
def test_the_table_is_the_one_written_out_by_hand(state: State) -> None:
    told = {step: then for (here, step), then in TABLE.items() if here is state}
    assert told == {Step(word.partition(">")[0]): State(word.partition(">")[2]) for word in ALLOWED[state].split()}
    for one in set(Step) - set(told):
        with pytest.raises(Refused, match=A) as refused:
            after(A, state, one)
        assert state.label.en in refused.value.what.en
        assert one.label.zh in refused.value.what.zh


def test_what_counts_as_kept_and_as_there() -> None:
    assert set(KEPT) == {State.SHELVED, State.LOANED}
    assert set(THERE) | set(NOT_BURNT) | {State.DESTROYED} == set(State)
    assert not set(THERE) & set(NOT_BURNT)


@pytest.fixture
def number(vault: Vault) -> str:
    one, two = take_in(vault, ["录像甲".encode()], ["录像乙".encode()])
    return plan(vault, [one, two]).number


def test_a_set_is_planned_with_its_discs_and_records(vault: Vault) -> None:
    one, two, three = take_in(vault, [b"1"], [b"2"], [b"3"])
    planned = plan(vault, [one, two], [two, three])
    assert (planned.number, planned.discs, planned.records) == ("2026-0001", 2, (one, two, three))
    assert plan(vault, [three]).number == "2026-0002"
    with vault.database.reading() as connection:
        copies = discs.copies(connection, "2026-0001")
        assert [str(copy.mark) for copy in copies] == [A, B, "2026-0001-2A", "2026-0001-2B"]
        assert {copy.state for copy in copies} == {State.PLANNED}
        assert list(discs.records_on(connection, "2026-0001", 2)) == [two, three]
        assert [str(copy.mark) for copy in discs.with_record(connection, 1)] == [A, B]
        assert [one.number for one in discs.sets(connection)] == ["2026-0002", "2026-0001"]


def test_a_long_list_of_records_takes_several_entries(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.discs.sets._AT_ONCE", 2)
    records = take_in(vault, *([bytes([n])] for n in range(5)))
    number = plan(vault, records).number
    assert [row[0] for row in rows_of(vault, "SELECT act FROM journal ORDER BY seq DESC LIMIT 3")] == [
        "disc.allotted"
    ] * 3
    with vault.database.reading() as connection:
        assert list(discs.records_on(connection, number)) == records


def test_what_cannot_be_planned_leaves_no_trace(vault: Vault) -> None:
    (one,) = take_in(vault, [b"1"])
    before = entries_so_far(vault)
    for wish in ([["2026-0000099"]], [[one], []], [[]]):
        with pytest.raises(BadInput):
            plan(vault, *wish)
    assert entries_so_far(vault) == before


def test_the_way_of_two_copies_and_their_history(vault: Vault, number: str) -> None:
    keep(vault, number)
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, Mark.parse(A))
        assert (copy.state, copy.location, copy.blank) == (State.SHELVED, WHERE, "VERBAT/I60")
        assert [event.act for event in discs.history(connection, Mark.parse(A))] == [
            *("disc.imaged", "disc.checked", "disc.burning", "disc.burnt", "disc.verified", "disc.labelled"),
            "disc.shelved",
        ]
        assert discs.offline(connection) == (2, 2_400)
        assert discs.image_of(connection, Mark.parse(B)).readers == ("libarchive", "7z")


def test_what_fails_is_burnt_again_and_the_other_copy_is_left_alone(vault: Vault, number: str) -> None:
    bring(vault, B)
    for act in (begin, finish, fail):
        step(vault, act(A, vault))
    assert (state_of(vault, A), state_of(vault, B)) == (State.BLANK, State.SHELVED)
    bring(vault, A)
    with pytest.raises(Refused, match="cannot be imaged"):
        image(vault, number, sha256=Digest.of(b"another").hex)  # for the copies would differ


def test_another_image_is_not_verified(vault: Vault, number: str) -> None:
    bring(vault, A, State.BURNT)
    with pytest.raises(ImageBroken, match=IMAGE):
        step(vault, verify(A, vault, Digest.of(b"another").hex))
    assert state_of(vault, A) is State.BURNT


def test_a_copy_is_replaced_by_one_of_the_next_generation(vault: Vault, number: str) -> None:
    keep(vault, number)
    degrade(vault, A)
    degrade(vault, B)
    assert str(stepping.replace(vault, Mark.parse(A), "划伤")) == f"{A}2"
    image(vault, number, 1, 2)
    assert str(stepping.replace(vault, Mark.parse(B), "划伤")) == f"{B}2", "nobody has burnt that image yet"
    assert (state_of(vault, A), state_of(vault, f"{A}2"), state_of(vault, f"{B}2")) == (
        *(State.REPLACED, State.BLANK, State.BLANK),
    )
    bring(vault, f"{A}2")
    assert str(stepping.replace(vault, Mark.parse(f"{B}2"), "映像已不在")) == f"{B}3"
    assert state_of(vault, f"{B}3") is State.PLANNED
    assert state_of(vault, f"{A}2") is State.SHELVED
    with pytest.raises(BadInput, match="generation 4"):
        image(vault, number, 1, 4)


def test_an_image_that_was_burnt_is_not_shared_later(vault: Vault, number: str) -> None:
    """The vault has moved on since: what is made now is another image."""
    keep(vault, number)
    for mark, successor in ((A, f"{A}2"), (B, f"{B}3")):
        assert str(stepping.replace(vault, Mark.parse(mark), "换介质")) == successor
        bring(vault, successor)


def test_a_set_retires_only_for_one_that_has_all_it_carries_on_the_shelf(vault: Vault) -> None:
    one, two = take_in(vault, ["录像甲".encode()], ["录像乙".encode()])
    keep(vault, plan(vault, [one, two]).number)

    def superseded(number: str) -> acts.DiscSuperseded:
        return acts.DiscSuperseded(at=vault.now(), by=vault.setting.person, mark=A, disc_set=number)

    half, other = plan(vault, [one], replaces="2026-0001").number, plan(vault, [one, two]).number
    for number in (half, other):
        keep(vault, number)
        with pytest.raises(Refused, match=f"Set {number} does not take the place"):
            step(vault, superseded(number))
    whole = plan(vault, [one], [two], replaces="2026-0001").number
    keep(vault, whole, "A")
    assert supersede(vault, whole) == ()
    with pytest.raises(Refused, match=f"Set {whole} does not take the place"):
        step(vault, superseded(whole))
    keep(vault, whole, "B")
    step(vault, loan(B, vault))
    assert [str(copy.mark) for copy in supersede(vault, whole)] == [B]
    assert (state_of(vault, A), state_of(vault, B)) == (State.REPLACED, State.LOANED)
    with vault.database.reading() as connection:
        assert discs.successor_of(connection, "2026-0001") == whole
        assert discs.successor_of(connection, whole) is None


def test_only_what_is_of_no_use_is_shredded(vault: Vault, number: str) -> None:
    """While nobody is enrolled, nothing that cannot be undone is done at all."""
    keep(vault, number)
    with pytest.raises(Refused, match="Nobody is enrolled"):
        shred(vault, A)
    with pytest.raises(Refused, match="cannot be shredded"):
        after(A, State.SHELVED, Step.SHRED)


def test_lending_takes_the_consent_that_viewing_takes(vault: Vault, number: str) -> None:
    keep(vault, number)
    until = date(2026, 12, 1)
    with pytest.raises(Refused, match="consent"):
        stepping.lend(vault, Mark.parse(A), "王芳", until, Grounds(why="庭审"))
    assert rows_of(vault, "SELECT * FROM viewing") == []
    stepping.lend(vault, Mark.parse(A), "王芳", until, Grounds(("赵局长",), "庭审"))
    assert rows_of(vault, "SELECT record_id, how, why FROM viewing") == [(1, "loan", "庭审"), (2, "loan", "庭审")]
    with vault.database.reading() as connection:
        assert discs.overdue(connection, until) == []
        (late,) = discs.overdue(connection, date(2026, 12, 2))
        assert (str(late.mark), late.holder, late.location) == (A, "王芳", WHERE)
    with pytest.raises(Refused, match="on loan"):
        stepping.lend(vault, Mark.parse(A), "李娜", until, Grounds(("赵局长",), "庭审"))
    assert len(rows_of(vault, "SELECT * FROM viewing")) == 2
    step(vault, bring_back(A, vault))
    with vault.database.reading() as connection:
        assert discs.overdue(connection, date(2030, 1, 1)) == []


def test_a_lent_disc_stays_lent_until_it_is_back_whatever_is_said_of_it(vault: Vault, number: str) -> None:
    keep(vault, number)
    step(vault, loan(A, vault))
    degrade(vault, A)
    stepping.replace(vault, Mark.parse(A), "丢失")
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, Mark.parse(A))
        assert (copy.state, copy.holder) == (State.REPLACED, "王芳")
        assert [str(one.mark) for one in discs.overdue(connection, date(2030, 1, 1))] == [A]
        assert waiting(connection, vault.now(), vault.profile.zone).out == 1
    assert_rebuilt_alike(vault)
    degrade(vault, B)
    with pytest.raises(Refused, match="is not lent"):
        step(vault, bring_back(B, vault))
    step(vault, bring_back(A, vault))
    with vault.database.reading() as connection:
        copy = discs.find_copy(connection, Mark.parse(A))
        assert (copy.state, copy.holder, copy.until) == (State.REPLACED, "", None)


def test_the_last_good_copy_in_the_house_is_not_lent(vault: Vault, number: str) -> None:
    keep(vault, number)
    step(vault, loan(A, vault))
    with pytest.raises(Refused, match=f"{B} stays in the house"):
        step(vault, loan(B, vault))
    with pytest.raises(Refused, match=f"{B} stays in the house"):
        stepping.lend(vault, Mark.parse(B), "王芳", date(2026, 12, 1), Grounds(("赵局长",), "庭审"))
    assert rows_of(vault, "SELECT * FROM viewing") == []


def test_what_a_set_owes_is_told_until_it_is_begun(vault: Vault, number: str) -> None:
    keep(vault, number)

    def told() -> list[str]:
        with vault.database.reading() as connection:
            return [str(copy.mark) for copy in lacking(connection)]

    assert told() == []
    degrade(vault, A)
    degrade(vault, B)
    assert told() == [A, B]
    stepping.replace(vault, Mark.parse(A), "划伤")
    assert told() == [B]
    two = plan(vault, [f"{number[:4]}-0000001", f"{number[:4]}-0000002"], replaces=number).number
    assert told() == [], "the new set owes them now"
    keep(vault, two)
    assert told() == []


@pytest.mark.parametrize("act", [begin, fail, finish, verify, label, shelve, loan, bring_back, inspect, spoil])
def test_a_disc_that_nobody_knows_takes_no_step(
    vault: Vault, number: str, act: Callable[[str, Vault], acts.AnyCopyStep]
) -> None:
    before = entries_so_far(vault)
    with pytest.raises(BadInput, match="2026-0009-1A"):
        step(vault, act("2026-0009-1A", vault))
    with pytest.raises(Refused):
        step(vault, act(A, vault))  # it has no image yet
    assert entries_so_far(vault) == before


def test_a_rebuild_yields_the_same_shelf(vault: Vault) -> None:
    one, two, three = take_in(vault, [b"1"], [b"2"], [b"3"])
    fill_shelf(vault, one, two, three)
    assert len(rows_of(vault, "SELECT mark FROM disc_copy")) == 11
    assert [row[0] for row in rows_of(vault, "SELECT name FROM disc_spoiled ORDER BY name")] == [
        *("2026-0001-1B2/1", "2026-0001-1B2/2")
    ]
    assert_rebuilt_alike(vault)


@pytest.mark.sqlite("it reads the plans of SQLite's planner")
def test_every_question_is_answered_by_an_index(vault: Vault, number: str) -> None:
    """A million discs would be asked as quickly."""
    asked: list[str] = []
    keep(vault, number)
    with vault.database.reading() as connection:
        run = connection.connection.cursor().connection
        run.set_trace_callback(asked.append)
        list(discs.sets(connection))
        discs.copies(connection, number, 1)
        discs.images(connection, number)
        discs.image_of(connection, Mark.parse(A))
        discs.with_record(connection, 1)
        discs.discs_with(connection, [1, 2], THERE)
        discs.on_shelf(connection, WHERE)
        discs.overdue(connection, date(2027, 1, 1))
        discs.next_number(connection, 2026)
        list(discs.history(connection, Mark.parse(A)))
        list(discs.records_on(connection, number))
        discs.offline(connection)
        discs.successor_of(connection, number)
        discs.replacing(connection, [State.SHELVED])
        lacking(connection)
        list(spoiled.to_shred(connection))
        spoiled.of_set(connection, number)
        spoiled.with_records(connection, [1, 2])
        spoiled.newest(connection, Mark.parse(A))
        imagefiles.of_set(connection, number)
        imagefiles.with_records(connection, [1, 2])
        imagefiles.next_name(connection, number, 1, 1)
        discs.destroyed_on(connection, number)
        discs.is_stopped(connection, number)
        run.set_trace_callback(None)
        plans = [row[3] for query in asked for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert len(asked) >= 12
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    assert [plan for plan in scans if "USING" not in plan or "disc_set" not in plan] == [], plans
