"""Taking stock: what scanners type, and how the shelf can differ from the journal."""

from datetime import date

import pytest

from labels.qr import qr_text
from tests.vault.disc_scene import IMAGE, WHERE, bring, degrade, fail, keep, loan, plan, shelve
from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import entries_so_far, journal_acts, take_in
from vault import acts
from vault.catalogue import discs
from vault.digest import Digest
from vault.discs import stepping
from vault.discs.counting import count
from vault.discs.model import DiscCopy, Mark
from vault.discs.states import State
from vault.discs.stepping import step
from vault.discs.stocktake import Finding, Scan, read_scans
from vault.errors import BadInput
from vault.journal import CHECKPOINT
from vault.store import Vault

A, B = "2026-0001-1A", "2026-0001-1B"
OTHER = "strongroom/别的档案库"
SHA = "ab" * 32


def code(vault: Vault, mark: str, image: str = IMAGE, origin: str = "") -> str:
    """What the label's code says."""
    checkpoint = vault.stores["甲"].read_file(CHECKPOINT).decode()
    named = Mark.parse(mark)
    with vault.database.reading() as connection:
        whole = discs.as_planned(connection, "2026-0001")
    copy = DiscCopy(whole, named.disc, named.copy, Digest.parse(image), checkpoint, named.generation)
    text = qr_text(copy)
    return text.replace(vault.verifier.name, origin) if origin else text


@pytest.fixture
def number(vault: Vault) -> str:
    one, two = take_in(vault, [b"1"], [b"2"])
    keep(vault, plan(vault, [one, two]).number)
    return "2026-0001"


# reading

LINES = {
    "marks": (f"{A}\n{B}\n", [Scan(A), Scan(B)], []),
    "CRLF, blanks, twice": (f"\r\n  {A}\t\r\n{B}\r\n{A}\r\n", [Scan(A), Scan(B)], []),
    "CR alone": (f"{A}\r{B}\r", [Scan(A), Scan(B)], []),
    "control characters and a byte order mark": (f"\ufeff\x02{A}\x03\n\x1d{B}\x04\n", [Scan(A), Scan(B)], []),
    "small letters": (A.lower(), [Scan(A)], []),
    "a later generation": (f"{A}2\n{A}12", [Scan(f"{A}2"), Scan(f"{A}12")], []),
    "noise": (f"??\n{A}\nbeep\n", [Scan(A)], ["??", "beep"]),
    "parts of something else": (f"x{A}\n{A}x\n1{A}\n{A}1\n", [], [f"x{A}", f"{A}x", f"1{A}", f"{A}1"]),
    "mark and digest": (f"STRONGROOM DISC 1\n{A}\nsha256 {SHA}\n", [Scan(A, SHA)], []),
    "a mark beside its code": (f"{A}\nSTRONGROOM DISC 1\n{A}\nsha256 {SHA}\n", [Scan(A, SHA)], []),
    "as zbarimg says it": (f"QR-Code:STRONGROOM DISC 1\n{A}\nsha256 {SHA}\n", [Scan(A, SHA)], []),
    "a disc that was written off": (f"{A}/1\n{B}／12\n", [Scan(f"{A}/1"), Scan(f"{B}/12")], []),
    "a fraction of nothing": (f"{A}/\n{A}/0\n{A}/1/2\n", [], [f"{A}/", f"{A}/0", f"{A}/1/2"]),
    "nothing": ("", [], []),
}


@pytest.mark.parametrize("name", LINES)
def test_what_scanners_type(name: str) -> None:
    text, scans, unread = LINES[name]
    assert read_scans(text) == (scans, unread)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " ", "\t"])
def test_whole_codes_however_lines_end(vault: Vault, number: str, end: str) -> None:
    typed = "\n".join(code(vault, mark) for mark in (A, B)).replace("\n", end)
    assert read_scans(typed) == ([Scan(A, IMAGE, vault.verifier.name), Scan(B, IMAGE, vault.verifier.name)], [])
    ascii_only = typed.encode("ascii", "replace").decode()  # scanners that are keyboards have no dash that long
    assert read_scans(ascii_only)[0] == read_scans(typed)[0]


# comparing


def odd(vault: Vault, typed: str, location: str = "") -> list[tuple[str, Finding]]:
    return [(one.mark, one.finding) for one in count(vault, typed.encode(), location).stock.odd]


def test_a_shelf_as_it_should_be(vault: Vault, number: str) -> None:
    counted = count(vault, f"{code(vault, A)}\n{B}\n".encode(), WHERE)
    assert (counted.scanned, counted.stock.right, counted.stock.odd, counted.unread) == (2, 2, (), ())


def test_everything_that_can_be_otherwise(vault: Vault, number: str) -> None:
    (three,) = take_in(vault, [b"3"])
    plan(vault, [three])
    plan(vault, [three])
    bring(vault, "2026-0002-1A", State.LABELLED)
    keep(vault, "2026-0003")
    step(vault, shelve("2026-0003-1A", vault, "档案室乙柜"))
    step(vault, loan("2026-0003-1B", vault, date(2026, 12, 1)))
    degrade(vault, B)
    successor = str(stepping.replace(vault, Mark.parse(B), "划伤"))
    typed = "\n".join(
        [
            code(vault, B),  # replaced, and still there
            code(vault, A, origin=OTHER),
            "2026-0002-1A",
            "2026-0003-1A",
            "2026-0003-1B",
            "2026-0077-1A",
            f"STRONGROOM DISC 1\n{successor}\nsha256 {SHA}",
        ]
    )
    assert odd(vault, typed, WHERE) == [
        (B, Finding.RETIRED),
        (A, Finding.FOREIGN),
        ("2026-0002-1A", Finding.NOT_SHELVED),
        ("2026-0003-1A", Finding.ELSEWHERE),
        ("2026-0003-1B", Finding.LENT),
        ("2026-0077-1A", Finding.UNKNOWN),
        (successor, Finding.OTHER_IMAGE),
        (A, Finding.MISSING),
    ]
    assert odd(vault, A, WHERE) == [], "what stands elsewhere is not missing here"
    found = count(vault, A.encode(), "").stock
    assert [str(copy.mark) for copy in found.lent] == ["2026-0003-1B"]
    assert [(one.mark, one.finding) for one in found.odd] == [("2026-0003-1A", Finding.MISSING)]
    assert_rebuilt_alike(vault)


def test_a_swapped_label_is_seen_by_its_digest(vault: Vault, number: str) -> None:
    assert odd(vault, f"{code(vault, A, image=SHA)}\n{B}\n") == [(A, Finding.OTHER_IMAGE)]


def test_it_is_in_the_journal_and_in_the_history_of_the_discs(
    vault: Vault, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.discs.counting._AT_ONCE", 1)
    before = entries_so_far(vault)
    count(vault, f"{A}\n2026-0077-1A".encode(), WHERE)
    found = journal_acts(vault, before)
    assert [(act.scanned, act.location, act.odd) for act in found if isinstance(act, acts.DiscsCounted)] == [
        (2, WHERE, (acts.OddDisc(mark="2026-0077-1A", finding="unknown"),)),
        (2, WHERE, (acts.OddDisc(mark=B, finding="missing"),)),
    ]
    with vault.database.reading() as connection:
        *_, last = discs.history(connection, Mark.parse(B))
        assert (last.act, last.what) == ("discs.counted", "missing")
        *_, other = discs.history(connection, Mark.parse(A))
        assert other.act == "disc.shelved"


@pytest.mark.parametrize("typed", [b"", b"\xff\xfe\x00", "扫描枪故障".encode()])
def test_a_stocktake_that_looked_at_nothing_fails(vault: Vault, number: str, typed: bytes) -> None:
    before = entries_so_far(vault)
    with pytest.raises(BadInput, match="Not one label"):
        count(vault, typed, "")
    assert entries_so_far(vault) == before


def test_a_disc_that_was_written_off_does_not_stand_in_for_the_copy(vault: Vault) -> None:
    (one,) = take_in(vault, [b"1"])
    plan(vault, [one])
    bring(vault, B, State.BURNING)
    step(vault, fail(B, vault))
    keep(vault, "2026-0001")
    found = [(A, Finding.MISSING), (B, Finding.MISSING)]
    assert odd(vault, f"{B}/1\n") == [(f"{B}/1", Finding.WRITTEN_OFF), *found]
    assert odd(vault, f"{B}/2\n{A}\n{B}\n") == [(f"{B}/2", Finding.UNKNOWN)]
    with vault.database.reading() as connection:
        told = [(event.what, event.why) for event in discs.history(connection, Mark.parse(B))]
    assert ("written-off", f"{B}/1") in told
    assert_rebuilt_alike(vault)
