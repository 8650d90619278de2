"""A vault that is lost but for its discs, and the one that goes on for it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media.estates import estates, predecessor
from media.places import Places, never
from media.reader import DiscReader
from ops.config import StoreConfig
from ops.wiring import Working, init_vault, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.media.pressing import image_of, press_records
from tests.vault.scene import assert_sound, export, facts, flip, noise, rows_of, take_in
from vault import corrections, succession
from vault.catalogue import holdings, queries
from vault.errors import JournalBroken, Refused
from vault.note import Verifier
from vault.prooflines import ProvenEntry, decode_line, encode_line
from vault.proving import prove
from vault.rebuild import rebuild
from vault.retention import State
from vault.store import Vault
from vault.succession import Taken, begin, take
from vault.verified import VerifiedStream

MANY = 310  # files: their list does not fit into an entry
CONTENTS = [[b"one", b"two"], [b"three"], [noise(60, n) for n in range(MANY)], ["末".encode()]]
ONE, TWO, LONG, LAST = (f"2026-{number:07d}" for number in (1, 2, 3, 4))
ALL = (ONE, TWO, LAST)


THEN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NOW = THEN + timedelta(days=2_000)


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with four records and something said of each, its disc, and years later a new vault. To be copied."""
    folder = tmp_path_factory.mktemp("beginnings")
    with new_vault(folder / "原库", THEN) as vault:
        take_in(vault, *CONTENTS)
        corrections.correct(vault, TWO, facts(7), "补录")
        released = corrections.place_hold(vault, TWO, "信访", "办公室")
        corrections.place_hold(vault, ONE, "行政复议", "法制科")
        corrections.release_hold(vault, released, "信访终结")
        press_records(vault, ALL, folder / "A")
        press_records(vault, [LONG], folder / "长")
    with new_vault(folder / "新库", NOW):
        pass
    return folder


@pytest.fixture
def disc(beginnings: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(beginnings / "A", tmp_path / "A"))


@pytest.fixture
def lost(beginnings: Path, tmp_path: Path) -> Iterator[Vault]:
    """As it was, so that somebody can compare."""
    home = Path(shutil.copytree(beginnings / "原库", tmp_path / "原库"))
    with open_vault(home, at(THEN)) as opened:
        yield opened


@pytest.fixture
def heir(beginnings: Path, tmp_path: Path) -> Iterator[Vault]:
    home = Path(shutil.copytree(beginnings / "新库", tmp_path / "新库"))
    with open_vault(home, at(NOW)) as opened:
        yield opened


@contextmanager
def new_vault(home: Path, moment: datetime) -> Iterator[Vault]:
    stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in ("丙", "丁"))
    init_vault(home, "", "dengzhou", stores, at(moment))
    with open_vault(home, at(moment)) as opened:
        yield opened


def at(moment: datetime) -> Working:
    clock = SettableClock(moment)
    return Working(person="李建国", clock=clock, machine=machine_beside(clock))


def inherit(heir: Vault, *places: Path, key: Verifier | None = None) -> dict[str, Taken]:
    """What `rebuild --from-discs` does."""
    looked = Places((), "", never)
    discs = [disc for place in places if (disc := looked.disc_in(place)) is not None]
    before = predecessor(discs, key)
    begin(heir, before, [disc.name for disc in discs])
    readers = (Places([place], before.vault_id, never) for place in places)
    heir.lenders = [DiscReader(disc.name, reader) for disc, reader in zip(discs, readers, strict=True)]
    return {one.number: one for one in take(heir, before, estates(discs))}


def states(outcome: dict[str, Taken]) -> list[str]:
    return [outcome[number].state for number in ALL]


def known_of(vault: Vault, number: str) -> tuple[object, ...]:
    """All that a vault says of a record, its history and its holds included."""
    with vault.database.reading() as connection:
        record = queries.get_record(connection, number)
        history = [(one.act, one.at, one.by) for one in queries.history(connection, number)]
    serial = int(number[5:])
    holds = rows_of(
        vault, f"SELECT id, why, authority, placed_by, placed_at, released_at FROM hold WHERE record_id = {serial}"
    )
    return record, history, holds


def contents_of(vault: Vault, number: str) -> list[bytes]:
    with vault.database.reading() as connection:
        record = queries.get_record(connection, number)
    contents = []
    for file in record.files:
        with VerifiedStream(file, vault.open_file) as stream:
            contents.append(stream.read(file.size))
    return contents


def test_every_record_is_as_it_was(lost: Vault, heir: Vault, disc: Path, beginnings: Path, tmp_path: Path) -> None:
    places = (disc, image_of(beginnings / "长", tmp_path / "长.iso"))
    outcome = inherit(heir, *places, key=lost.verifier)
    assert {number: one.state for number, one in outcome.items()} == dict.fromkeys((*ALL, LONG), "taken")
    heir.lenders = ()
    for number, contents in zip((ONE, TWO, LONG, LAST), CONTENTS, strict=True):
        assert known_of(heir, number) == known_of(lost, number)
        assert contents_of(heir, number) == contents
    assert_sound(heir)


def test_its_catalogue_is_what_its_own_journal_yields(heir: Vault, disc: Path) -> None:
    inherit(heir, disc)
    heir.lenders = ()
    before = export(heir)
    heir.database.close()
    rebuild(heir, None)
    after = export(heir)
    (rebuilt,) = [row for row in after["journal"] if row[1] == "catalogue.rebuilt"]
    after["journal"].remove(rebuilt)
    for rows in (before["meta"], after["meta"]):
        rows[:] = [row for row in rows if row[0] not in ("expiry_paused", "rebuilt_at", "rebuilt_by")]
    assert len(before["taken_over"]) == 7
    assert after == before
    assert_sound(heir)


def test_nothing_expires_and_new_records_have_numbers_of_their_own(heir: Vault, disc: Path) -> None:
    inherit(heir, disc)
    with heir.database.reading() as connection:
        paused = holdings.pause(connection)
        assert paused is not None
        decision = queries.explain(connection, LAST, heir.profile, NOW, paused)
    assert decision.state is State.PAUSED
    assert take_in(heir, [b"new"]) == ["2032-1000001"]
    assert corrections.place_hold(heir, LAST, "信访", "办公室") == "H00003"


def test_its_records_can_be_proven_and_go_on_a_disc_again(lost: Vault, heir: Vault, disc: Path, tmp_path: Path) -> None:
    inherit(heir, disc)
    heir.lenders = ()
    assert [one.act for one in prove(heir, [TWO])] == [one.act for one in prove(lost, [TWO])]
    again = press_records(heir, ALL, tmp_path / "again")
    with new_vault(tmp_path / "再建", NOW) as third:
        assert states(inherit(third, again)) == ["taken"] * 3
        third.lenders = ()
        assert known_of(third, TWO) == known_of(lost, TWO)
        assert_sound(third)


# in parts


def test_asked_again_nothing_is_taken_twice(heir: Vault, disc: Path) -> None:
    inherit(heir, disc)
    before = export(heir)
    assert states(inherit(heir, disc)) == ["known"] * 3
    after = export(heir)
    assert {table for table in before if before[table] != after[table]} == {"journal"}  # that it was asked


def test_a_later_disc_adds_what_was_said_since(lost: Vault, heir: Vault, disc: Path, tmp_path: Path) -> None:
    corrections.place_hold(lost, LAST, "诉讼", "法院")
    later = press_records(lost, [LAST], tmp_path / "later")
    assert states(inherit(heir, disc)) == ["taken"] * 3
    assert inherit(heir, later)[LAST].state == "taken"
    heir.lenders = ()
    assert known_of(heir, LAST) == known_of(lost, LAST)
    assert_sound(heir)


def test_broken_off_in_the_middle_it_goes_on(
    lost: Vault, heir: Vault, disc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(succession, "_AT_ONCE", 1)
    found = Places((), "", never).disc_in(disc)
    assert found is not None
    before = predecessor([found], None)
    begin(heir, before, [found.name])
    heir.lenders = [DiscReader(found.name, Places([disc], before.vault_id, never))]
    taking = take(heir, before, estates([found]))
    assert (next(taking).state, next(taking).state) == ("taken", "taken")
    taking.close()
    assert states(inherit(heir, disc)) == ["known", "known", "taken"]
    heir.lenders = ()
    assert_sound(heir)


# what is damaged, missing or false


def with_lines(disc: Path, change: Callable[[ProvenEntry], bytes]) -> None:
    """Every line of the disc's proofs, as `change` gives it."""
    path = disc / "journal/proofs-0001.jsonl"
    found = [decode_line(line) for line in path.read_bytes().splitlines()]
    path.write_bytes(b"".join(change(one) for one in found if one is not None))


def spoil_entry(disc: Path) -> None:
    def spoilt(one: ProvenEntry) -> bytes:
        here = one.record == TWO and one.act == "record.stored"
        other = one.entry.replace("李建国".encode(), "张三三".encode())
        return encode_line(replace(one, entry=other) if here else one)

    with_lines(disc, spoilt)


def lose_proof(disc: Path) -> None:
    with_lines(disc, lambda one: encode_line(replace(one, proof=b"") if one.record == TWO else one))


def swap_entries(disc: Path) -> None:
    """An entry that is proven, under the number of another record."""
    with_lines(
        disc, lambda one: encode_line(one) + (encode_line(replace(one, record=TWO)) if one.record == ONE else b"")
    )


def lose_entries(disc: Path) -> None:
    with_lines(disc, lambda one: b"" if one.record == TWO else encode_line(one))


@pytest.mark.parametrize("harm", [spoil_entry, lose_proof, swap_entries, lose_entries])
def test_what_is_not_proven_is_not_taken(heir: Vault, disc: Path, tmp_path: Path, harm: object) -> None:
    good = Path(shutil.copytree(disc, tmp_path / "B"))
    assert callable(harm)
    harm(disc)
    outcome = inherit(heir, disc)
    assert states(outcome) == ["taken", "unproven", "taken"]
    assert outcome[TWO].why is not None
    assert rows_of(heir, "SELECT number FROM record WHERE id = 2") == []
    if harm is not swap_entries:  # who puts an entry there has to be found, not outvoted
        assert states(inherit(heir, disc, good)) == ["known", "taken", "known"]
    heir.lenders = ()
    assert_sound(heir)


def test_of_a_line_that_cannot_be_read_nobody_knows_the_record(heir: Vault, disc: Path, tmp_path: Path) -> None:
    """A hold may have been on it: neither the record before nor the one behind is taken over without."""
    good = Path(shutil.copytree(disc, tmp_path / "B"))
    path = disc / "journal/proofs-0001.jsonl"
    data = bytearray(path.read_bytes())
    first = data.index(f'{{"record":"{TWO}"'.encode())
    data[first - 10 : first + 100] = bytes(110)  # the end of one, the newline, the beginning of the other
    path.write_bytes(data)
    assert states(inherit(heir, disc)) == ["unproven", "unproven", "taken"]
    assert states(inherit(heir, good)) == ["taken", "taken", "known"]


@pytest.mark.parametrize("harm", ["lost", "flipped"])
def test_an_object_that_no_disc_has_whole_keeps_its_record_out(
    lost: Vault, heir: Vault, disc: Path, tmp_path: Path, harm: str
) -> None:
    good = Path(shutil.copytree(disc, tmp_path / "B"))
    (path,) = (disc / "data" / TWO).iterdir()
    path.unlink() if harm == "lost" else flip(path)
    outcome = inherit(heir, disc)
    assert states(outcome) == ["taken", "incomplete", "taken"]
    assert len(outcome[TWO].missing) == 1
    assert states(inherit(heir, disc, good)) == ["known", "taken", "known"]
    heir.lenders = ()
    assert known_of(heir, TWO) == known_of(lost, TWO)
    assert_sound(heir)


def test_a_list_of_files_that_is_not_the_one_of_then(heir: Vault, beginnings: Path, tmp_path: Path) -> None:
    disc = Path(shutil.copytree(beginnings / "长", tmp_path / "长"))
    records = disc / "records.json"
    records.write_bytes(records.read_bytes().replace("现场录像309.mp4".encode(), "现场录像999.mp4".encode()))
    assert inherit(heir, disc)[LONG].state == "unproven"


# refused


def test_a_vault_that_is_not_lost_takes_nothing_over(lost: Vault, disc: Path) -> None:
    with pytest.raises(Refused, match="this very vault"):
        inherit(lost, disc)


def test_a_vault_with_work_of_its_own_takes_nothing_over(heir: Vault, disc: Path) -> None:
    take_in(heir, [b"new"])
    before = export(heir)
    with pytest.raises(Refused, match="records of its own"):
        inherit(heir, disc)
    assert export(heir) == before


def test_a_hold_of_its_own_is_work_and_a_viewing_is_none(heir: Vault, disc: Path) -> None:
    inherit(heir, disc)
    assert states(inherit(heir, disc)) == ["known"] * 3
    corrections.place_hold(heir, ONE, "诉讼", "法院")
    with pytest.raises(Refused):
        inherit(heir, disc)


def test_another_key_or_another_vaults_disc_beside_it(heir: Vault, disc: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is signed by"):
        inherit(heir, disc, key=heir.verifier)
    with new_vault(tmp_path / "别库", THEN) as other:
        take_in(other, [b"theirs"])
        foreign = press_records(other, [other_number(other)], tmp_path / "foreign")
    with pytest.raises(Refused, match="is signed by"):
        inherit(heir, disc, foreign)
    inherit(heir, disc)
    with pytest.raises(Refused, match="another vault"):
        inherit(heir, foreign)


def other_number(vault: Vault) -> str:
    ((number,),) = rows_of(vault, "SELECT number FROM record")
    return str(number)


def test_discs_without_a_single_good_proof(heir: Vault, disc: Path) -> None:
    with_lines(disc, lambda one: encode_line(replace(one, proof=b"")))
    with pytest.raises(JournalBroken, match="None of these discs"):
        inherit(heir, disc)
