"""Numbers of what is entered one by one."""

from tests.vault.disposal_scene import CUSTODIAN, ONE, Office
from tests.vault.scene import NOW
from vault import announcing, explaining
from vault.corrections import place_hold
from vault.facts import Facts

MISSED = Facts(case_number="邓财监〔2027〕1号", section="监督检查科", activity_ended_at=NOW)


def test_a_number_alone_says_what_it_is_of(office: Office) -> None:
    """An announced activity and a request were both A00001 once."""
    office.submit(office.listed(ONE))
    with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
        approval = connection.exec_driver_sql("SELECT number FROM approval").scalar_one()
    with office.by(CUSTODIAN) as vault:
        hold = place_hold(vault, ONE, "行政复议", "县政府")
        activity = announcing.announce(vault, MISSED)
        explained = explaining.explain_missing(vault, MISSED, "weather", "暴雨", "红色预警")
    assert (approval, hold, activity, explained.explanation) == ("A00001", "H00001", "T00001", "E00001")
