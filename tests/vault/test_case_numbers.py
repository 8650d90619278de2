"""One case under many spellings of its number: found, held and kept as one."""

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.disposal_scene import assert_rebuilt_alike
from tests.vault.scene import assert_sound
from tests.vault.test_corrections import file_one
from vault import announcing
from vault.casenumbers import case_key, same_case
from vault.catalogue import queries
from vault.catalogue.announced import open_activities
from vault.catalogue.holdings import also_claiming, holding_of, records_of_case
from vault.catalogue.rows import serial_of
from vault.corrections import close_case, correct, open_case, reopen_case
from vault.errors import Refused
from vault.facts import Facts
from vault.placement import Pin, Subject
from vault.retention import expiry
from vault.store import Vault
from vault.terms import RetentionClass

OPENED = "豫邓文罚〔2026〕1号"
SPELLINGS = (
    "豫邓文罚[2026]1号",
    "豫邓文罚［2026］1号",
    "豫邓文罚【2026】1号",
    "豫邓文罚(2026)1号",
    "豫邓文罚（２０２６）１号",
    "豫邓文罚 〔2026〕　1 号",
    "豫邓文罚﹝2026﹞1号",
    "豫邓文罚《2026》1号",
    "豫邓文罚〔2026〕第1号",
    "豫邓文罚〔2026〕 第 １ 號",
    "豫邓文罚〔2026〕1号。",
    "豫邓文罚〔2026〕1号 .",
    "豫邓文罚〔2026〕1号．",
    "豫邓文罚〔2026〕1号，",
)
ANOTHER = "豫邓文罚〔2026〕01号"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_number_is_known_by_its_canonical_form(spelling: str) -> None:
    assert case_key(spelling) == OPENED
    assert case_key(case_key(spelling)) == case_key(spelling)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OPENED, ANOTHER),
        (OPENED, "豫邓文罚〔2025〕1号"),
        ("2026 1", "20261"),
        (OPENED, "豫邓文罚〔2026〕1-1号"),
        ("", OPENED),
        ("", "。"),
        ("2026第1号", "20261号"),
        ("第一批1号", "一批1号"),
        ("1.2", "12"),
    ],
)
def test_numbers_that_really_differ_stay_different(one: str, other: str) -> None:
    assert not same_case(one, other)


@given(st.text() | st.text("第第1２号號。., 　〔《[2026a\u0308ſǅ"))
def test_the_key_of_a_key_is_itself(number: str) -> None:
    key = case_key(number)
    assert case_key(key) == key
    assert bool(key) == bool(number.strip())
    assert same_case(f"{number}。", f" {number} ") or all(one.isspace() or one in "。.," for one in number)


def test_an_ordinal_before_a_number_parts_what_stands_before_it() -> None:
    assert case_key("2026第1号") == case_key("2026 1号")
    assert case_key("第第1号") == "1号"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_record_follows_its_case_however_its_number_is_written(vault: Vault, spelling: str) -> None:
    today = date(2026, 11, 21)
    open_case(vault, OPENED, "网吧接纳未成年人案", today, "")
    number = file_one(vault, "询问", Facts(section="稽查科", case_number=spelling))

    def claim() -> tuple[str, date | None]:
        with vault.database.reading() as connection:
            (case,) = holding_of(connection, serial_of(number)).cases
            return case.number, case.closed_on

    assert claim() == (OPENED, None)
    close_case(vault, spelling, today, RetentionClass.TWENTY_FOUR_MONTHS, "")
    assert claim() == (OPENED, today)
    with vault.database.reading() as connection:
        assert expiry(holding_of(connection, serial_of(number)), vault.profile).last_day == date(2028, 11, 21)
        assert records_of_case(connection, OPENED) == [serial_of(number)]
        for wanted in (OPENED, spelling):
            found = queries.find(connection, queries.Wanted(facts={"case_number": wanted}))
            assert [one.number for one in found] == [number]
        assert queries.get_record(connection, number).facts.case_number == spelling  # as it was said
    reopen_case(vault, spelling, "复议")
    assert claim() == (OPENED, None)
    assert_rebuilt_alike(vault)
    assert_sound(vault)


def test_a_case_that_is_only_named_is_told_of_until_its_number_is_given(vault: Vault) -> None:
    open_case(vault, OPENED, "网吧接纳未成年人案", date(2026, 11, 21), "")
    named = Facts(section="稽查科", case_name="网吧接纳未成年人案")
    number = file_one(vault, "询问", named)

    def told() -> list[str]:
        with vault.database.reading() as connection:
            reasons = queries.explain(connection, number, vault.profile, vault.now()).reasons
            return [one.text.zh for one in reasons if "“网吧接纳未成年人案”" in one.text.zh]

    (one,) = told()
    assert "未适用该案件的期限" in one
    assert "strongroom complete 编号 --case-number" in one
    correct(vault, number, Facts(case_number=OPENED), "补案号")
    assert not told()


def test_a_case_is_not_opened_again_under_another_spelling(vault: Vault) -> None:
    open_case(vault, OPENED, "", date(2026, 11, 20), "")
    with pytest.raises(Refused) as refused:
        open_case(vault, SPELLINGS[0], "", date(2026, 11, 21), "")
    assert refused.value.what.en == f"Case {OPENED}, here written {SPELLINGS[0]}, is open already."
    assert refused.value.what.zh == f"案件 {OPENED}（此处写作 {SPELLINGS[0]}）已经立案。"
    close_case(vault, OPENED, date(2026, 11, 20), RetentionClass.SIX_MONTHS, "")
    with pytest.raises(Refused) as refused:
        open_case(vault, SPELLINGS[0], "", date(2026, 11, 21), "")
    assert refused.value.what.zh == f"案件 {OPENED}（此处写作 {SPELLINGS[0]}）已于 2026-11-20 结案。"
    open_case(vault, ANOTHER, "", date(2026, 11, 21), "")


def test_what_is_announced_under_one_spelling_is_answered_under_another(vault: Vault) -> None:
    visit = Facts(case_number=OPENED, section="稽查科", matter="现场检查", activity_ended_at=vault.now())
    announcing.announce(vault, visit)
    with vault.database.reading() as connection:
        assert list(open_activities(connection, vault.profile, SPELLINGS[0]))
    file_one(vault, "检查", msgspec.structs.replace(visit, case_number=SPELLINGS[1]))
    with vault.database.reading() as connection:
        assert not list(open_activities(connection, vault.profile, OPENED))


def test_what_is_handed_in_again_under_another_spelling_is_of_the_case_it_had(vault: Vault) -> None:
    number = file_one(vault, "询问", Facts(section="稽查科", case_number=OPENED))
    for spelling in SPELLINGS:
        file_one(vault, "询问", Facts(section="稽查科", case_number=spelling))
    with vault.database.reading() as connection:
        assert not also_claiming(connection, serial_of(number))
    file_one(vault, "询问", Facts(section="稽查科", case_number=ANOTHER))
    with vault.database.reading() as connection:
        assert also_claiming(connection, serial_of(number)) == [ANOTHER]


def test_a_pin_holds_a_case_however_its_number_is_written() -> None:
    pin = Pin(stores=("甲",), case=SPELLINGS[0])
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert pin.concerns(Subject(stored_at=now, cases=(ANOTHER, OPENED)))
    assert not pin.concerns(Subject(stored_at=now, cases=(ANOTHER,)))
