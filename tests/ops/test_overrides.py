"""What the environment may say in place of strongroom.toml, and what it may not; and on which lines things stand."""

from pathlib import Path

import pytest

from ops.config import FILE, parsed, read_config
from ops.configwriting import name_profile
from ops.overrides import MACHINES, OFFICES
from ops.shownconfig import Origin, settings
from ops.tomllines import line_of, lines_of
from tests.ops.test_config import GOOD, write
from vault.errors import BadInput

LIKE = {
    "text": ("STRONGROOM__SCRUB__WINDOW", "20:00-06:00", lambda read: read.scrub.window, "20:00-06:00"),
    "text that looks like a number": ("STRONGROOM__LABELS__QUEUE", "7", lambda read: read.labels.queue, "7"),
    "a number": ("STRONGROOM__DISCS__SPARE", "25", lambda read: read.discs.spare, 25),
    "a list": ("STRONGROOM__DISCS__DRIVES", '["/dev/sr0"]', lambda read: read.discs.drives, ("/dev/sr0",)),
    "a store's place": ("STRONGROOM__STORE__A__LOCATION", "/mnt/甲", lambda read: read.store[0].location, "/mnt/甲"),
    "a store's number": ("STRONGROOM__STORE__b__RETRIES", "5", lambda read: read.store[1].retries, 5),
}


@pytest.mark.parametrize("what", LIKE)
def test_what_differs_from_machine_to_machine_can_be_said(tmp_path: Path, what: str) -> None:
    variable, value, found, wanted = LIKE[what]
    write(tmp_path, GOOD)
    plain = read_config(tmp_path, environ={})
    assert found(plain) != wanted
    assert found(read_config(tmp_path, environ={variable: value, "PATH": "/bin"})) == wanted


WRONG = {
    "the office's word": ("STRONGROOM__COPIES__MINIMUM", "1", "what the office decided", "单位的决定"),
    "a store's standing": ("STRONGROOM__STORE__A__TIER", "cold", "with one of: bandwidth", "项可用：bandwidth"),
    "no store": ("STRONGROOM__STORE__C__LOCATION", "/mnt", "there is no store 'c'", "没有名为 'c' 的存储"),
    "no key": ("STRONGROOM__SCRUB", "x", "write STRONGROOM__TABLE__KEY", "请写作 STRONGROOM__表__项"),
    "a key misspelt": ("STRONGROOM__SCRUB__WINDOWS", "x", "scrub.windows: there is no such key", "没有这个项"),
    "a table misspelt": ("STRONGROOM__SCRAB__WINDOW", "x", "scrab: there is no such key", "没有这个项"),
    "no hours": ("STRONGROOM__SCRUB__WINDOW", "nachts", "scrub.window: write 20:00-06:00", "请写作 20:00-06:00"),
    "no number": ("STRONGROOM__DISCS__SPARE", "viel", "discs.spare: Expected `int`, got `str`", "应为整数"),
    "too many": ("STRONGROOM__STORE__A__RETRIES", "99", "store a: retries: 99, but 0", "存储 a：retries：99"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_variable_that_cannot_be_meant_is_named(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, value, en, zh = WRONG[what]
    write(tmp_path, GOOD)
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadInput) as caught:
        read_config(tmp_path)
    said = caught.value
    assert said.what.en.startswith(f"{variable}: ")
    assert en in said.what.en
    assert zh in said.what.zh
    assert "variable" in said.hint.en


def test_what_is_no_table_is_told_whatever_the_environment_says_of_it(tmp_path: Path) -> None:
    write(tmp_path, f"scrub = 5\n{GOOD}")
    with pytest.raises(BadInput, match="scrub: Expected `object`, got `int`"):
        read_config(tmp_path, environ={"STRONGROOM__SCRUB__WINDOW": "20:00-06:00"})


def test_no_variable_lowers_what_is_promised(tmp_path: Path) -> None:
    """Every table of the file is either the office's, or has nothing that a record's keeping depends on."""
    write(tmp_path, GOOD)
    fields = set(read_config(tmp_path, environ={}).__struct_fields__)
    assert fields - OFFICES == {"store", "moving", "scrub", "discs", "labels", "serve", "jobs"}
    assert {"location", "secret", "retries", "bandwidth"} == MACHINES
    for table in OFFICES:
        with pytest.raises(BadInput, match="decided"):
            read_config(tmp_path, environ={f"STRONGROOM__{table.upper()}__X": "1"})


def test_a_command_that_changes_the_file_does_not_write_the_environment_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, GOOD)
    monkeypatch.setenv("STRONGROOM__STORE__A__LOCATION", "/mnt/甲")
    name_profile(tmp_path, "chanhe")
    assert path.read_text(encoding="utf-8") == GOOD.replace('"dengzhou"', '"chanhe"')


# lines

TEXT = """\
# 注释
format = 1
[discs]
drives = [
  "/dev/sr0",   # 一
]
work = '''
a = 1
'''
[[store]]
name = "a"

[[store]]
name = "b"
tags = { x = 1 }
"""

LINES = {
    "format": 2,
    "discs": 3,
    "discs.drives": 4,
    "discs.work": 7,
    "store": 10,
    "store[0]": 10,
    "store[0].name": 11,
    "store[1]": 13,
    "store[1].name": 14,
    "store[1].tags": 15,
    "store[1].tags.x": 15,
}


def test_every_key_has_the_line_on_which_it_begins() -> None:
    assert lines_of(TEXT) == LINES
    assert lines_of("a = [") == lines_of("") == {}


@pytest.mark.parametrize(
    ("key", "line"),
    [("store[1].kind", 13), ("discs.drives[0]", 4), ("discs.medium", 3), ("vault.id", None), ("", None)],
)
def test_what_is_not_there_has_the_line_of_the_table_around_it(key: str, line: int | None) -> None:
    assert line_of(TEXT, key) == line


def test_each_setting_has_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = "sftp://u:geheim@h/x"
    lines = f'[[store]]\nname = "c"\nkind = "sftp"\nlocation = "{location}"\nsecret = "credential:nas"\n'
    path = write(tmp_path, f"{GOOD}\n{lines}")
    monkeypatch.setenv("STRONGROOM__STORE__A__BANDWIDTH", "20 MB/s")
    read = read_config(tmp_path)
    found = {one.key: one for one in settings(read, path, parsed(path))}
    assert (found["copies.minimum"].origin, found["copies.minimum"].line) == (Origin.FILE, 9)
    assert (found["copies.wanted"].origin, found["copies.wanted"].line) == (Origin.DEFAULT, None)
    assert found["store.a.bandwidth"].variable == "STRONGROOM__STORE__A__BANDWIDTH"
    assert (found["store.a.bandwidth"].origin, found["store.a.bandwidth"].value) == (Origin.ENVIRONMENT, "20 MB/s")
    assert found["store.c.secret"].origin is Origin.CREDENTIAL
    assert found["store.c.location"].value == "sftp://u:…@h/x"
    assert "geheim" not in repr(found)
    assert len({one.origin.label.zh for one in found.values()}) == len(Origin)
    assert path.name == FILE
