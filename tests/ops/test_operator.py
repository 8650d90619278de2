"""Who runs the storage sees no facts: whatever they can type, no word of a record or of a hold is printed."""

import json

import pytest

from tests.ops.test_disposal import ONE, Office, agreed
from tests.ops.test_disposal import office as office

FACTS = ("监督检查科", "会计信息质量检查", "线索核查", "县监委", "一.mp4", "采购人甲")


def assert_no_facts(*printed: str) -> None:
    for text in printed:
        assert [fact for fact in FACTS if fact in text or json.dumps(fact)[1:-1] in text] == []


@pytest.fixture
def agreed_list(office: Office) -> str:
    """A list of one record that may be run, and that a hold with a telling reason keeps."""
    office("zhangjianguo", "complete", ONE, "--party", "采购人甲", "--why", "补录")
    number, _ = agreed(office)
    office("zhangjianguo", "hold", "place", ONE, "--authority", "县监委", "--why", "线索核查")
    return number


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_run_tells_an_operator_what_is_spared_and_who_knows_why(
    office: Office, agreed_list: str, language: str
) -> None:
    """It printed the reason and the authority of the hold, which `show` refuses to the same login."""
    ran = office("yunwei", "disposal", "run", agreed_list, language=language)
    assert_no_facts(ran.out, ran.err)
    who = {"zh": "档案管理员", "en": "custodian"}[language]
    assert all(said in ran.err for said in (ONE, who, f"strongroom disposal show {agreed_list}"))
    told = office("zhangjianguo", "disposal", "show", agreed_list, language=language)
    assert "线索核查" in told.out


def test_a_run_tells_a_custodian_why(office: Office, agreed_list: str) -> None:
    assert "线索核查 (县监委" in office("zhangjianguo", "disposal", "run", agreed_list).err


def test_a_run_tells_a_program_of_an_operator_no_reasons_either(office: Office, agreed_list: str) -> None:
    ran = office("yunwei", "disposal", "run", agreed_list, "--json")
    assert_no_facts(ran.out, ran.err)
    assert ran.lines[0]["spared"] == {ONE: None}


ASKED = (
    *(["status"], ["status", "--json"], ["doctor"], ["metrics"], ["clock"], ["person", "list"]),
    *(["retention", "due"], ["retention", "explain", ONE], ["hold", "list"], ["find"], ["show", ONE]),
    *(["disposal", "list", "--all"], ["disposal", "list", "--json"], ["disposal", "show", "D2032-0001"]),
    *(["disposal", "submit", "D2032-0001"], ["disposal", "approve", "D2032-0001", "--digest", "0" * 8]),
    *(
        ["disposal", "supervise", "D2032-0001", "--digest", "0" * 8],
        ["disposal", "certificate", "D2032-0001", "--json"],
    ),
    *(["disc", "list"], ["disc", "show", "2032-0001"], ["disc", "plan", ONE, "--dry-run"]),
    *(["fsck"], ["scrub"], ["store", "status"], ["repair"], ["rebalance"], ["journal", "verify"]),
    *(["quarantine"], ["deadline", "list"], ["interruption", "list"], ["viewing", "list"], ["journal", "refusals"]),
    ["disposal", "stop", "D2032-0001", "--why", "暂停"],
)


def test_nothing_that_an_operator_types_prints_a_fact(office: Office, agreed_list: str) -> None:
    """Refused, or told without: what is asked for is there."""
    for words in ASKED:
        asked = office("yunwei", *words, expect=None)
        assert asked.code in (0, 1, 4), (words, asked.err)
        assert_no_facts(asked.out, asked.err)
