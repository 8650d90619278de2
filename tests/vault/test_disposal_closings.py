"""Papers of a disposal say when the cases were closed whose files a record's term follows."""

from datetime import date

from tests.vault.disposal_paper import Paper
from tests.vault.disposal_scene import CONTENTS, CUSTODIAN, OPERATOR, Office, assert_rebuilt_alike
from tests.vault.scene import noise, take_in
from vault.catalogue import queries
from vault.corrections import close_case, open_case, reopen_case
from vault.disposal.rules import State
from vault.terms import RetentionClass


def test_who_signs_can_reckon_the_last_day_from_the_closing_of_the_case(office: Office) -> None:
    """It said "24 months from its closing", and nowhere when that was."""
    with office.by(CUSTODIAN) as vault:
        _, record = take_in(vault, [CONTENTS[5]], [CONTENTS[6]])
        with vault.database.reading() as connection:
            case = queries.get_record(connection, record).facts.case_number
        open_case(vault, case, "占道经营案", date(2026, 12, 1), "")
        close_case(vault, case, date(2026, 12, 2), RetentionClass.SIX_MONTHS, "")
        reopen_case(vault, case, "复议")
        reopened = vault.now().date()
        office.clock.advance(days=3)
        closed = vault.now().date()
        close_case(vault, case, closed, RetentionClass.TWENTY_FOUR_MONTHS, "")
    for seed in range(4):  # a clock that leaps is not believed
        office.clock.advance(days=200)
        with office.by(CUSTODIAN) as vault:
            take_in(vault, [noise(100, 900 + seed)])
    number = office.agreed(record)
    en = f"as long as the case file: {case} closed on {closed} (reopened on {reopened}), 24 months"
    zh = f"与案卷相同：{case} {closed}结案（曾于{reopened}重新启动），24个月"
    for kind in ("appraisal", "register"):
        (row,) = Paper(office, kind, number).entries
        assert (row["class"].en, row["class"].zh) == (en, zh), kind
    assert office.run(number).state is State.CLOSED

    def check() -> None:
        (row,) = (one for one in Paper(office, "certificate", number).entries if one["objects"] is None)
        assert row["place"].zh == f"记录 {record}"
        assert (row["found"].en, row["found"].zh) == (f"destroyed; term: {en}", f"已销毁；保管期限{zh}")

    check()
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)
    check()
