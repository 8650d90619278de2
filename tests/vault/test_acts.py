"""Entries: canonical to the byte, read back as they were, and never longer than the format permits."""

import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.scene import take_in
from vault import acts
from vault.catalogue import queries
from vault.corrections import place_hold
from vault.errors import BadInput, JournalBroken
from vault.facts import FACTS, Facts
from vault.filelist import encode_file_list
from vault.profile import Profile, load_profile, shipped_profiles
from vault.records import RecordFile
from vault.store import Vault
from vault.text import Text

KINDS: tuple[type[acts.Act], ...] = typing.get_args(acts.AnyAct)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["王芳", "邓财监〔2026〕12号", "𠮷野家", 'a\u2028b\u0000\x7f"\\/', "Café", "\ufffe", "‮倒", "1e5", ""]
)
MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
SHA256 = st.binary(min_size=32, max_size=32).map(bytes.hex)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that a field of an act may hold."""
    if kind is Profile:  # what may stand in one is tests/vault/test_profile.py's
        return st.sampled_from([load_profile(name) for name in shipped_profiles()])
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(one) for one in arguments])
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=4).map(tuple)
    if origin is dict:
        return st.dictionaries(st.sampled_from([fact.name for fact in FACTS]), TEXT, max_size=4)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return structs(kind)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        Text: st.builds(Text, en=TEXT, zh=TEXT),
        int: st.integers(0, (1 << 53) - 1),  # JSON's whole numbers: RFC 8785, appendix D
        bool: st.booleans(),
        datetime: MOMENT,
        date: st.dates(),
        type(None): st.none(),
    }
    return plain[kind] if kind in plain else st.sampled_from(kind)


def structs(kind: type[Any]) -> st.SearchStrategy[Any]:
    fields = typing.get_type_hints(kind)
    return st.fixed_dictionaries({name: values(fields[name]) for name in kind.__struct_fields__}).map(
        lambda given: kind(**given)
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__struct_config__.tag)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_kind_of_act_is_rfc_8785_and_comes_back_as_it_was(kind: type[acts.Act], data: st.DataObject) -> None:
    act = data.draw(structs(kind))
    entry = acts.encode(act)
    assert acts.decode(entry) == act
    assert entry == rfc8785.dumps(msgspec.json.decode(entry))  # RFC 8785 of the same JSON, by another hand
    assert entry.startswith(b"{")
    assert acts.encode(acts.decode(entry)) == entry


@settings(max_examples=50, deadline=None)
@given(st.lists(structs(RecordFile), max_size=5))
def test_a_list_of_files_is_canonical_too(files: list[RecordFile]) -> None:
    data = encode_file_list(files)
    assert data == rfc8785.dumps(msgspec.json.decode(data))


def _leaves(kind: type[acts.Act]) -> Iterator[type[acts.Act]]:
    for below in kind.__subclasses__():
        yield from _leaves(below)
    if not kind.__subclasses__():
        yield kind


def test_tags_are_unique_and_say_what_happened_to_what() -> None:
    tags = [kind.__struct_config__.tag for kind in KINDS]
    assert len(set(tags)) == len(tags) == len(list(_leaves(acts.Act)))
    assert all(str(tag).count(".") == 1 for tag in tags)


def hold(why: str) -> acts.HoldPlaced:
    return acts.HoldPlaced(
        at=datetime(2026, 11, 21, tzinfo=UTC),
        by="张敏",
        hold="H00001",
        record="2026-0000001",
        why=why,
        authority="法院",
    )


def test_an_entry_may_have_65535_bytes_and_not_one_more() -> None:
    """C2SP tlog-tiles: a bundle's entries have a length of two bytes."""
    room = acts.ENTRY_LIMIT - len(acts.encode(hold("")))
    assert len(acts.encode(hold("x" * room))) == acts.ENTRY_LIMIT == 65_535
    with pytest.raises(BadInput, match="65,536 bytes is too long"):
        acts.encode(hold("x" * (room + 1)))
    assert len(acts.encode(hold("长" * (room // 3)))) <= 65_535
    with pytest.raises(BadInput):
        acts.encode(hold("长" * (room // 3 + 1)))


def test_an_entry_that_is_too_long_leaves_no_trace_and_stops_nobody(vault: Vault) -> None:
    """Once it stayed in the outbox, where no bundle could hold it, and every later act failed behind it."""
    (number,) = take_in(vault, ["录像".encode()])
    with pytest.raises(BadInput):
        place_hold(vault, number, "长" * 30_000, "法院")
    with vault.database.reading() as connection:
        assert [h.act for h in queries.history(connection, number)] == ["record.stored"]
        assert connection.exec_driver_sql("SELECT count(*) FROM hold").scalar_one() == 0
    assert place_hold(vault, number, "调卷", "法院") == "H00001"


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"act":"record.forgotten","at":"2026-11-21T00:00:00Z","by":"x"}',
        b'{"act":"expiry.released","at":"2026-11-21T00:00:00Z","by":"x","why":"x","more":1}',
        b'{"act":"expiry.released","at":"2026-11-21T00:00:00Z","by":"x"}',
        b'{"act":"expiry.released","at":"yesterday","by":"x","why":"x"}',
    ],
)
def test_what_is_no_entry_of_this_program_is_a_broken_journal(entry: bytes) -> None:
    with pytest.raises(JournalBroken, match="journal entry cannot be read"):
        acts.decode(entry)


def test_facts_left_out_and_facts_given_read_back_alike() -> None:
    act = acts.RecordCorrected(
        at=datetime(2026, 11, 21, tzinfo=UTC), by="张敏", record="2026-0000001", facts=Facts(), standing="kept"
    )
    assert b'"facts":{}' in acts.encode(act)
    assert acts.decode(acts.encode(act)) == act
