"""What papers say of records that share their objects with others: what was destroyed, and what stays for whom."""

from tests.vault.disc_scene import keep, plan
from tests.vault.disposal_paper import Paper
from tests.vault.disposal_scene import CUSTODIAN, FOUR, ONE, OTHER_CUSTODIAN, SUPERVISORS, TWO, Office
from vault.corrections import place_hold
from vault.disposal.rules import State


def test_of_a_record_all_of_which_stays_with_others_it_is_said_that_nothing_was_destroyed(office: Office) -> None:
    """It was certified that each of its 0 objects was certainly absent."""
    number = office.agreed(ONE, TWO)
    with office.by(CUSTODIAN) as vault:
        place_hold(vault, TWO, "线索核查", "县监委")
    assert office.run(number).state is State.CLOSED
    said = Paper(office, "certificate", number)
    assert said.register.form.kind == "not-destroyed"
    assert f"ended 1 record (1 file, 2,000 bytes) of disposal {number}, beginning on 2027-12-13, as approved" in said.en
    assert f"终止处置编号 {number} 所列 1 条记录（1 个文件，2,000 字节），监销人：陈静" in said.zh
    assert "None of their objects was destroyed" in said.en
    assert "Objects that stay: 1." in said.en
    assert "Spared and kept: 1 record (1 file, 2,001 bytes)" in said.en
    assert [(one["record"], one["files"], one["bytes"]) for one in said.entries] == [(ONE, 1, 2_000), (TWO, 1, 2_001)]
    assert said.entries[0]["why"].zh == f"记录已终止，未删除内容：其 1 个对象由记录 {FOUR} 继续保存"
    assert "线索核查" in said.entries[1]["why"].zh
    assert said.sums == {"ended, objects kept: 1": (1, 2_000), "spared: 1": (1, 2_001), "Total": (2, 4_001)}


def test_where_only_discs_were_destroyed_no_store_is_said_to_lack_anything(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [ONE]).number)
    number = office.agreed(ONE)
    office.run(number)
    for disc in ("2027-0001-1A", "2027-0001-1B"):
        for login in (OTHER_CUSTODIAN, SUPERVISORS[0]):
            office.confirm(number, disc, login)
    said = Paper(office, "certificate", number)
    assert said.register.form.kind == "certificate"
    assert "destroyed the discs below" in said.en
    assert "存储上未删除任何内容" in said.zh
    assert "另有" not in said.zh
    assert not said.register.form.notes  # these are about what stores were asked for
    assert [one["objects"] for one in said.entries] == [None, None, None]
    assert [one["place"].zh for one in said.entries] == ["光盘 2027-0001-1A", "光盘 2027-0001-1B", f"记录 {ONE}"]
