"""When jobs are due, and what strongroom.toml says of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ops.config import FILE, read_config
from ops.serving.jobs import JOBS, planned
from ops.serving.schedules import Calendar, Every, Schedule, daily, due_at, read_cron
from ops.servingconfig import JobsConfig
from tests.ops.test_config import GOOD
from vault.errors import BadInput

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """Beijing's time."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


DUE: list[tuple[str, Schedule, str | None, str, str]] = [
    ("at once where it never ran", Every(timedelta(hours=1)), None, "2026-11-21 09:30", "2026-11-21 09:30"),
    ("from the last begin on", Every(timedelta(hours=1)), "2026-11-21 09:00", "2026-11-21 09:30", "2026-11-21 10:00"),
    ("missed, and due once", Every(timedelta(hours=1)), "2026-11-20 09:00", "2026-11-21 09:30", "2026-11-20 10:00"),
    ("tonight", daily("22:30"), None, "2026-11-21 09:30", "2026-11-21 22:30"),
    ("tomorrow", daily("02:30"), None, "2026-11-21 09:30", "2026-11-22 02:30"),
    ("the next night", daily("02:30"), "2026-11-21 02:30", "2026-11-21 02:31", "2026-11-22 02:30"),
    ("last night's was missed", daily("02:30"), "2026-11-20 02:30", "2026-11-21 09:30", "2026-11-21 02:30"),
    ("next Saturday", Calendar("0 3 * * 6"), "2026-11-21 03:00", "2026-11-21 09:30", "2026-11-28 03:00"),
    ("on the first", Calendar("0 3 1 * *"), None, "2026-11-21 09:30", "2026-12-01 03:00"),
    ("begun by a clock that was ahead", daily("02:30"), "2031-01-01 02:30", "2026-11-21 09:30", "2026-11-22 02:30"),
]


@pytest.mark.parametrize(("what", "schedule", "last", "now", "due"), DUE, ids=[case[0] for case in DUE])
def test_when_a_job_is_due(what: str, schedule: Schedule, last: str | None, now: str, due: str) -> None:
    found = due_at(schedule, at(last) if last else None, at(now).astimezone(UTC), CHINA)
    assert found == at(due)


def test_what_the_clocks_change_leaves_out_comes_right_after_it() -> None:
    before = datetime(2027, 3, 28, 0, 0, tzinfo=BERLIN).astimezone(UTC)
    assert daily("02:30").after(before, BERLIN) == datetime(2027, 3, 28, 3, 0, tzinfo=BERLIN)


@pytest.mark.parametrize("text", ["", "每天", "61 2 * * *", "0 3 31 2 *", "* * * *", "0 3 * * 8"])
def test_what_is_no_calendar(text: str) -> None:
    with pytest.raises(BadInput, match="is no schedule"):
        read_cron(text)


# strongroom.toml


def config(tmp_path: Path, more: str = "") -> Path:
    (tmp_path / FILE).write_text(f"{GOOD}\n{more}", encoding="utf-8")
    return tmp_path


def schedules(home: Path) -> dict[str, Schedule]:
    return {one.name: one.schedule for one in planned(read_config(home))}


def test_every_job_of_the_table_can_be_configured_and_no_other() -> None:
    assert set(JOBS) == set(JobsConfig.__struct_fields__)


def test_a_vault_without_a_word_about_it_has_the_jobs_that_it_has_work_for(tmp_path: Path) -> None:
    usual = schedules(config(tmp_path))
    assert list(usual) == ["publish", "repair", "scrub", "fsck", "drill", "due"]
    assert usual["repair"] == Every(timedelta(minutes=10))
    assert usual["scrub"] == Calendar("0 2 * * *")


def test_jobs_follow_what_else_is_configured(tmp_path: Path) -> None:
    more = '[scrub]\nwindow = "20:00-06:00"\n[moving]\nwindow = "22:15-05:00"\n[serve]\ntextfile = "指标.prom"\n'
    more += '[inspection]\nyears = 2\nsource = "DA/T 38"\n[[age]]\nfrom_days = 0\ntiers = ["hot"]\n'
    more += '[[watch]]\nfolder = "投放"\n'
    usual = schedules(config(tmp_path, more))
    assert set(JOBS) - set(usual) == {"locks"}
    assert usual["scrub"] == Calendar("0 20 * * *"), "at two the hours might be over"
    assert usual["tier"] == Calendar("15 22 * * *")


def test_what_is_said_of_a_job_holds(tmp_path: Path) -> None:
    more = '[jobs.scrub]\nat = "22:30"\n[jobs.repair]\nevery = "2 小时"\n[jobs.fsck]\ncron = "0 3 * * 6"\n'
    said = schedules(config(tmp_path, f"{more}[jobs.due]\nenabled = false\n"))
    assert said["scrub"] == Calendar("30 22 * * *")
    assert said["repair"] == Every(timedelta(hours=2))
    assert said["fsck"] == Calendar("0 3 * * 6")
    assert "due" not in said


WRONG = {
    "no such job": (
        '[jobs.scrubb]\nat = "02:30"',
        "jobs.scrubb: there is no such key; there are: watch, publish",
        "没有这个项",
    ),
    "no such key": (
        '[jobs.scrub]\nwhen = "02:30"',
        "jobs.scrub.when: there is no such key; there are: enabled",
        "when",
    ),
    "no hour": ('[jobs.scrub]\nat = "2:30"', "jobs.scrub.at: write 02:30", "请写作 02:30"),
    "no time": ('[jobs.scrub]\nevery = "often"', "jobs.scrub.every: 'often' is no time such as 10", "不是时长"),
    "never": ('[jobs.scrub]\nevery = "0 hours"', "jobs.scrub.every: '0 hours' is no time", "不是时长"),
    "no calendar": ('[jobs.scrub]\ncron = "at two"', "jobs.scrub.cron: 'at two' is no schedule", "不是计划"),
    "two": ('[jobs.scrub]\nat = "02:30"\nevery = "1 day"', "jobs.scrub: one of every, at and cron", "只能填写一项"),
    "no place": ('[serve]\nlisten = "9750"', "serve.listen: write 127.0.0.1:9750", "请写作"),
    "no port": ('[serve]\nlisten = "localhost:0"', "serve.listen: write 127.0.0.1:9750", "请写作"),
    "half a certificate": ('[serve]\nkey = "k"', "serve: certificate and key go together", "须同时填写"),
    "an authority alone": ('[serve]\nclient_ca = "c"', "serve.client_ca: needs certificate and key", "须同时填写"),
    "open to all": ('[serve]\nlisten = "0.0.0.0:9750"', "serve.listen: others reach that address", "可从外部访问"),
    "a token in the open": (
        '[serve]\nlisten = "[::]:9750"\ntoken_file = "t"',
        "serve.listen: others reach that address",
        "可从外部访问",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_file_and_key(tmp_path: Path, what: str) -> None:
    text, en, zh = WRONG[what]
    with pytest.raises(BadInput) as caught:
        read_config(config(tmp_path, text))
    assert caught.value.what.en.startswith(f"{tmp_path / FILE}:")
    assert en in caught.value.what.en
    assert zh in caught.value.what.zh


@pytest.mark.parametrize("listen", ["127.0.0.1:9750", "localhost:9750", "[::1]:9750", ""])
def test_this_machine_alone_needs_no_certificate(tmp_path: Path, listen: str) -> None:
    assert read_config(config(tmp_path, f'[serve]\nlisten = "{listen}"')).serve.listen == listen
