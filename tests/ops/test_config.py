"""strongroom.toml: read strictly, written so that it reads back, and every error names the file and the key."""

import os
import pwd
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.config import FILE, Config, CopiesConfig, StoreConfig, VaultConfig, examined, read_config
from ops.configwriting import write_config
from ops.keys import FILE as KEY
from ops.stores import own_places
from ops.wiring import Working, init_vault, open_vault, this_person
from vault.errors import BadInput, NewerFormat, NotAVault, Refused
from vault.layout import FORMAT
from vault.ports import LockMode
from vault.sizes import read_size, read_speed

GOOD = f"""\
format = {FORMAT}

[vault]
id = "0123456789abcdef"
office = "邓州市财政局"
profile = "dengzhou"

[copies]
minimum = 2

[[store]]
name = "a"
kind = "disk"
location = "store-a"

[[store]]
name = "b"
kind = "disk"
location = "/mnt/备份盘/档案"
"""


def write(home: Path, text: str) -> Path:
    path = home / FILE
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_one(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    config = read_config(tmp_path)
    assert config.copies.minimum == 2
    assert [(store.name, store.location) for store in config.store] == [("a", "store-a"), ("b", "/mnt/备份盘/档案")]
    assert config.vault.office == "邓州市财政局"


WRONG = {
    "format = ": ("format = 1", "format = ", "not TOML: Invalid value (at line 1", "不是有效的 TOML（第 1 行）"),
    "no format": ("format = 1\n", "", "format: is missing", "format：缺少此项"),
    "format 0": ("format = 1", "format = 0", "format: must be 1", "format：应为 1"),
    "format of words": (
        "format = 1",
        'format = "一"',
        "format: Expected `int`, got `str`",
        "format：应为整数，而不是文字",
    ),
    "a table for a word": (
        'office = "邓州市财政局"',
        "office = {}",
        "vault.office: Expected `str`, got `object`",
        "vault.office：应为文字，而不是表",
    ),
    "a key misspelt": ("minimum", "minimun", "copies.minimun: there is no such key", "copies.minimun：没有这个项"),
    "a key too many": ("[copies]", "x = 1\n[copies]", "vault.x: there is no such key", "vault.x：没有这个项"),
    "a store's key misspelt": (
        'name = "b"',
        'name = "b"\ntear = "cold"',
        "store b: tear: there is no such key; there are: name, kind, location, secret",
        "存储 b：tear：没有这个项；可用：name、kind、location、secret",
    ),
    "no store's kind": ('kind = "disk"\n', "", "store a: kind: is missing", "存储 a：kind：缺少此项"),
    "a store without a name": ('name = "b"\n', "", "store no. 2: name: is missing", "第 2 个存储：name：缺少此项"),
    "no tier": (
        'name = "b"',
        'name = "b"\ntier = "热"',
        "store b: tier: there is no '热'; there are: hot, warm, cold, offline",
        "存储 b：tier：没有“热”这个值；可用：hot、warm、cold、offline",
    ),
    "no mode": (
        'name = "b"',
        'name = "b"\nlock = "strict"',
        "store b: lock: there is no 'strict'; there are: compliance, governance",
        "存储 b：lock：没有“strict”这个值；可用：compliance、governance",
    ),
    "no number": (
        'name = "b"',
        'name = "b"\nretries = "三"',
        "store b: retries: Expected `int | null`, got `str`",
        "存储 b：retries：应为整数或空，而不是文字",
    ),
    "a tier in a rule": (
        "[copies]",
        '[[age]]\nfrom_days = 90\ntiers = ["cold", "冷"]\n[copies]',
        "age[0].tiers[1]: there is no '冷'; there are: hot, warm",
        "age[0].tiers[1]：没有“冷”这个值；可用：hot、warm",
    ),
    "none durable": ("minimum = 2", "minimum = 0", "copies.minimum: at least 1", "copies.minimum：至少为 1"),
    "too many": ("minimum = 2", "minimum = 3", "copies.minimum: 3, but 2 stores take writes", "copies.minimum：3"),
    "twins": ('name = "b"', 'name = "a"', "store a: name: two stores have one name", "存储 a：name：两个存储同名"),
    "no name": ('name = "b"', 'name = ""', "store no. 2: name: ''; use letters", "第 2 个存储：name：''；请使用"),
    "a path for a name": (
        'name = "b"',
        'name = "../b"',
        "store ../b: name: '../b'; use letters",
        "存储 ../b：name：'../b'；",
    ),
    "no speed": (
        'name = "b"',
        'name = "b"\nbandwidth = "20 MB"',
        "store b: bandwidth: '20 MB' is no speed such as 20 MB/s",
        "存储 b：bandwidth：'20 MB' 不是速度",
    ),
    "no pace": (
        "[copies]",
        '[moving]\nbandwidth = "很快"\n[copies]',
        "moving.bandwidth: '很快' is no speed such as 20 MB/s",
        "moving.bandwidth：'很快' 不是速度",
    ),
    "for ever": ('name = "b"', 'name = "b"\nretries = 21', "store b: retries: 21, but 0", "存储 b：retries：21，应为"),
    "too few that take writes": (
        'name = "b"',
        'name = "b"\nread_only = true',
        "copies.minimum: 2, but 1 stores take writes",
        "copies.minimum：2，但可写且互不连带失效的存储只有 1 个",
    ),
    "one place": ("/mnt/备份盘/档案", "./x/../store-a", "the second copy would be no copy", "第二个副本等于没有"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_file_and_key(tmp_path: Path, what: str) -> None:
    old, new, en, zh = WRONG[what]
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as caught:
        read_config(tmp_path)
    assert caught.value.what.en.startswith(f"{path}:")
    assert en in caught.value.what.en
    assert caught.value.what.zh.startswith((f"{path}：", f"{path} 第 "))
    assert zh in caught.value.what.zh
    assert "Correct the file" in caught.value.hint.en


def test_the_line_is_named_and_every_mistake_is_found(tmp_path: Path) -> None:
    text = GOOD.replace('office = "邓州市财政局"', "office = 1\nhome = 2").replace(
        'kind = "disk"\nlocation = "/', 'location = "/'
    )
    path = write(tmp_path, text.replace("minimum = 2", 'minimum = "二"'))
    read, wrongs = examined(tmp_path)
    assert read is None
    assert [one.what.en.partition(";")[0].rstrip(".") for one in wrongs] == [
        f"{path}:6: vault.home: there is no such key",
        f"{path}:5: vault.office: Expected `str`, got `int`",
        f"{path}:10: copies.minimum: Expected `int`, got `str`",
        f"{path}:17: store b: kind: is missing",
    ]
    assert wrongs[2].what.zh == f"{path} 第 10 行：copies.minimum：应为整数，而不是文字。"


def test_parts_that_do_not_fit_together_are_all_named(tmp_path: Path) -> None:
    more = '\n[moving]\nwindow = "nachts"\n[disposal]\ngrace_days = 0\n[labels]\nright = 99\n[[pin]]\nstores = ["c"]\n'
    path = write(tmp_path, GOOD.replace("minimum = 2", "minimum = 3") + more)
    read, wrongs = examined(tmp_path)
    assert read is not None
    assert [one.what.en.removeprefix(f"{path}:").partition(": ")[2].partition(": ")[0] for one in wrongs] == [
        "copies.minimum",
        "pin[0].stores",
        "moving.window",
        "disposal.grace_days",
        "labels.right",
    ]
    with pytest.raises(BadInput, match=r"copies\.minimum: 3, but 2"):
        read_config(tmp_path)


def test_what_is_no_file_no_text_or_of_a_newer_program(tmp_path: Path) -> None:
    with pytest.raises(NotAVault, match="There is no vault in"):
        read_config(tmp_path)
    (tmp_path / FILE).mkdir()
    with pytest.raises(BadInput, match="cannot be read: it is a folder"):
        read_config(tmp_path)
    (tmp_path / FILE).rmdir()
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_config(tmp_path)
    write(tmp_path, f"format = {FORMAT + 1}\nnew_things = true\n")
    with pytest.raises(NewerFormat, match=f"format {FORMAT + 1} is newer than {FORMAT}"):
        read_config(tmp_path)
    with pytest.raises(BadInput, match="a part of the path is no folder"):
        read_config(tmp_path / FILE)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(office=WORDS, profile=WORDS, places=st.lists(WORDS, min_size=1, max_size=4))
def test_whatever_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, office: str, profile: str, places: list[str]
) -> None:
    home = tmp_path_factory.mktemp("库")
    config = Config(
        format=FORMAT,
        vault=VaultConfig(id="0123456789abcdef", office=office, profile=profile),
        copies=CopiesConfig(minimum=1),
        store=tuple(
            StoreConfig(
                name=f"存储{n}",
                kind="disk",
                location=f"{n}{place}".replace("\0", ""),
                lock=(None, *LockMode)[n % 3],
                retries=n if n else None,
                bandwidth="1.5 MB/s" if n else "",
                read_only=n > 0,
            )
            for n, place in enumerate(places)
        ),
    )
    write_config(home, config)
    assert read_config(home) == config


@pytest.mark.parametrize(
    ("text", "size"),
    {
        "1": 1,
        "500 B": 500,
        "500M": 500 << 20,
        "20 MB": 20_000_000,
        "1.5 GiB": 3 << 29,
        "2tb": 2_000_000_000_000,
        " 7 KiB ": 7168,
    }.items(),
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert read_size(text) == size
    assert read_speed(f"{text}/s") == size


@pytest.mark.parametrize("text", ["", "0", "MB", "-1 MB", "1 XB", "1e9", "1 MB/s", "１ MB", "0.1 B", "20 MBit"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(BadInput, match="is no size"):
        read_size(text)


@pytest.mark.parametrize("text", ["20 MB", "/s", "MB/s", "20 MB/min"])
def test_what_is_no_speed(text: str) -> None:
    with pytest.raises(BadInput, match="is no speed"):
        read_speed(text)


# init


def store(name: str, location: str | Path) -> StoreConfig:
    return StoreConfig(name=name, kind="disk", location=str(location))


def test_init_makes_a_vault_that_opens(tmp_path: Path, working: Working) -> None:
    config = init_vault(tmp_path / "新/库", "", "dengzhou", (store("a", "a"), store("b", "b")), working)
    assert (config.vault.office, config.copies.minimum) == ("邓州市财政局", 2)
    assert (tmp_path / "新/库" / KEY).stat().st_mode & 0o777 == 0o600
    with open_vault(tmp_path / "新/库", working) as vault:
        assert list(vault.stores) == ["a", "b"]
    with pytest.raises(Refused, match="is a vault already"):
        init_vault(tmp_path / "新/库", "", "dengzhou", (store("a", "a"),), working)


def test_init_that_failed_at_a_store_can_be_asked_again_with_another(tmp_path: Path, working: Working) -> None:
    """Once the first store kept the mark of the failed one, and refused every later init."""
    (tmp_path / "照片").mkdir()
    (tmp_path / "照片" / "一.jpg").touch()
    with pytest.raises(Refused, match="is not empty"):
        init_vault(tmp_path / "库", "", "dengzhou", (store("a", "a"), store("b", tmp_path / "照片")), working)
    assert not (tmp_path / "库" / FILE).exists()
    init_vault(tmp_path / "库", "", "dengzhou", (store("a", "a"), store("b", "b")), working)
    with open_vault(tmp_path / "库", working) as vault:
        assert vault.last_act() is not None


def test_init_never_takes_the_key_of_a_vault_whose_configuration_is_gone(home: Path, working: Working) -> None:
    key = (home / KEY).read_bytes()
    (home / FILE).rename(home / "别处")
    with pytest.raises(Refused, match=r"no strongroom\.toml"):
        init_vault(home, "", "dengzhou", (store("c", "c"),), working)
    assert (home / KEY).read_bytes() == key
    (home / "别处").rename(home / FILE)
    with open_vault(home, working):
        pass


@pytest.mark.parametrize(
    "stores", [(store("a", "同"), store("b", "./同")), (), (store("a", "a"), store("b", "没有/b"))]
)
def test_init_refuses_stores_that_are_none(tmp_path: Path, working: Working, stores: tuple[StoreConfig, ...]) -> None:
    with pytest.raises(BadInput):
        init_vault(tmp_path / "库", "", "dengzhou", stores, working)
    assert not (tmp_path / "库").exists()


# The vault's own places, and who is at work


def test_what_is_the_vaults_own(home: Path) -> None:
    (home / "fsck-killed").mkdir()
    (home / "watched.json").touch()
    (home / "catalogue.db").touch()  # stays where it is, too, when the catalogue moves to a server
    own = {path.name for path in own_places(home)}
    assert {"甲", "乙", KEY, FILE, "catalogue.db", "fsck-killed", "watched.json"} <= own
    (home / "录像").mkdir()
    assert "录像" not in {path.name for path in own_places(home)}


def test_who_is_at_work_is_what_the_system_says_and_not_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "wangfang")
    monkeypatch.setenv("USER", "wangfang")
    monkeypatch.setenv("SUDO_USER", "zhangmin")
    own = pwd.getpwuid(os.geteuid()).pw_name
    assert this_person(home) == "zhangmin", "root, or whoever keeps the vault's key: sudo has brought zhangmin here"
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000_000)
    assert this_person(home) == "4000000000", "a stranger, who wrote that into the environment; the system has no name"
    monkeypatch.undo()
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert this_person(home) == this_person(home / "没有") == own
