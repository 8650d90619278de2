"""Profiles: the shipped one says what the regulation says; whatever is not a profile is refused by file, line, key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import BadInput
from vault.profile import (
    SIZE_LIMIT,
    LabelField,
    Rule,
    Start,
    TermKind,
    cited,
    load_profile,
    parse_profile,
    shipped_profiles,
)
from vault.terms import RetentionClass

OFFICE = """\
id = "neixiang"
version = 3
time_zone = "Asia/Shanghai"

[office]
zh = "内乡县财政局"
en = "Neixiang Finance Bureau"

[regulation]
zh = "音像记录管理办法"
en = "Measures on recordings"

[intake]
sm3 = true

[[intake.required]]
fact = "section"
article = "4"

[base]
class = "24-months"
kind = "minimum"
start = "recorded"
article = "9"

[[circumstances]]
id = "objection"
zh = "有异议"
en = "objection"
raises_to = "permanent"
article = "10(1)"

[[circumstances]]
id = "petition"
zh = '''
上访
'''
en = "petition"
raises_to = "permanent"
article = "10(2)"
"""


def rules(part: Any) -> Iterator[Rule]:
    """Every rule in a profile, however deep."""
    if isinstance(part, Rule):
        yield part
    if isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from rules(getattr(part, name))
    if isinstance(part, tuple):
        for item in part:
            yield from rules(item)


def refusal(source: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        parse_profile(source, "neixiang.toml")
    assert caught.value.what.zh.startswith("neixiang.toml")
    assert caught.value.what.en.startswith("neixiang.toml")
    assert caught.value.hint.zh
    return caught.value


# ---------------------------------------------------------------- what is shipped


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_loads_under_its_own_name_and_cites_for_every_rule(name: str) -> None:
    profile = load_profile(name)
    assert profile.id == name
    found = list(rules(profile))
    assert len(found) >= 3
    assert all(rule.article for rule in found)


def test_dengzhou_says_what_its_regulation_says() -> None:
    profile = load_profile("dengzhou")
    assert profile.office.text.zh == "邓州市财政局"
    assert profile.regulation.zh == "邓州市财政局行政执法音像记录管理制度"
    assert profile.zone.key == "Asia/Shanghai"

    base = profile.base  # 第十一条 …保存期限为一年。一年后，管理人员根据情况…进行清除处理
    assert (base.retention_class, base.kind, base.article) == (RetentionClass.ONE_YEAR, TermKind.FIXED, "11")
    assert base.start is Start.LATER
    assert base.start_note is not None

    assert [(r.fact, r.article) for r in profile.intake.required] == [("section", "10")]
    within = profile.intake.stored_within
    assert within is not None
    assert (within.hours, within.counted_from, within.article) == (24, "activity_ended_at", "9")

    assert [(c.id, c.raises_to, c.disc_copies, c.article) for c in profile.circumstances] == [
        ("objection", RetentionClass.PERMANENT, 2, "12(1)"),
        ("obstruction", RetentionClass.PERMANENT, 2, "12(2)"),
        ("major-or-sensitive", RetentionClass.PERMANENT, 2, "12(3)"),
    ]
    assert profile.circumstance("obstruction") is profile.circumstances[1]
    assert profile.circumstance("mass-incident") is None

    assert profile.viewing is not None
    assert (profile.viewing.register_first, profile.viewing.article) == (True, "13")
    assert [a.zh for a in profile.approvers] == ["主管领导"]
    assert [(f.label_field, f.text.zh, f.article) for f in profile.disc_label] == [
        (LabelField.PRODUCING_UNIT, "制作单位", "12"),
        (LabelField.PRODUCER, "制作人", "12"),
        (LabelField.PRODUCED_ON, "制作时间", "12"),
        (LabelField.TITLE, "执法活动或者案件名称", "12"),
        (LabelField.NUMBER, "标号", "12"),
    ]


# ---------------------------------------------------------------- an office's own


def test_an_office_writes_its_own(tmp_path: Path) -> None:
    file = tmp_path / "内乡.toml"
    file.write_text(OFFICE, encoding="utf-8")
    for where in (file, str(file)):
        profile = load_profile(where)
        assert (profile.id, profile.version, profile.intake.sm3) == ("neixiang", 3, True)
        assert profile.base.start_note is None


def test_windows_editors_are_welcome(tmp_path: Path) -> None:
    file = tmp_path / "neixiang.toml"
    file.write_bytes(b"\xef\xbb\xbf" + OFFICE.replace("\n", "\r\n").encode())
    assert load_profile(file) == parse_profile(OFFICE, "neixiang.toml")


def test_without_an_approver_nobody_may_view() -> None:
    assert parse_profile(OFFICE, "x").approvers == ()
    named_nobody = OFFICE + '\n[viewing]\narticle = "16"\n'
    assert parse_profile(named_nobody, "x").approvers == ()


def test_a_regulation_without_a_figure_gives_no_class() -> None:
    assert parse_profile(OFFICE.replace('class = "24-months"\n', ""), "x").base.retention_class is None


def test_what_is_loaded_cannot_be_changed() -> None:
    profile = load_profile("dengzhou")
    with pytest.raises(AttributeError):
        profile.base = profile.base  # type: ignore[misc]


# ---------------------------------------------------------------- what is refused

WRONG = {
    "a rule without an article": ('start = "recorded"\narticle = "9"', 'start = "recorded"', 20, "base.article"),
    "an article of blanks": ('article = "9"', 'article = "  "', 24, "base.article"),
    "an article to be done": ('article = "9"', 'article = "TODO"', 24, "base.article"),
    "a circumstance without an article": ('article = "10(2)"\n', "", 33, "circumstances[2].article"),
    "a required fact without an article": ('article = "4"\n', "", 16, "intake.required[1].article"),
    "a misspelt key": ("kind =", "knid =", 22, "base.knid"),
    "a key of another language": ('id = "petition"', 'id = "petition"\n"审批" = 1', 35, "circumstances[2].审批"),
    "a key at the top": ("version = 3", "version = 3\nbanned = []", 3, "banned"),
    "a class that does not exist": ('"24-months"', '"2-years"', 21, "base.class"),
    "a kind that does not exist": ('"minimum"', '"about"', 22, "base.kind"),
    "a start that does not exist": ('"recorded"', '"whenever"', 23, "base.start"),
    "a version in words": ("version = 3", 'version = "3"', 2, "version"),
    "a version of nought": ("version = 3", "version = 0", 2, "version"),
    "a flag in words": ("sm3 = true", 'sm3 = "yes"', 14, "intake.sm3"),
    "a name in one language": ('en = "objection"\n', "", 26, "circumstances[1].en"),
    "a name of blanks, over lines": ("'''\n上访\n'''", "'''\n\n'''", 35, "circumstances[2].zh"),
    "a fact that no record has": ('fact = "section"', 'fact = "colour"', 17, "fact"),
    "a time zone that does not exist": ("Asia/Shanghai", "Asia/Dengzhou", 3, "time_zone"),
    "a time zone that is a folder": ("Asia/Shanghai", "Asia", 3, "time_zone"),
    "a time zone that leaves its folder": ("Asia/Shanghai", "../Asia/Shanghai", 3, "time_zone"),
    "a circumstance twice": ('id = "petition"', 'id = "objection"', 26, "circumstances"),
    "a table where a list should be": ("[[intake.required]]", "[intake.required]", 16, "intake.required"),
    "not TOML": ("version = 3", "version: 3", 2, ""),
    "a key twice": ("version = 3", "version = 3\nversion = 4", 3, ""),
    "an unfinished text": ('en = "Neixiang Finance Bureau"', 'en = "Neixiang', 7, ""),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_is_named_by_file_line_and_key(wrong: str) -> None:
    good, bad, line, key = WRONG[wrong]
    assert good in OFFICE
    error = refusal(OFFICE.replace(good, bad, 1))
    assert error.exit_code == 2
    assert error.what.en.startswith(f"neixiang.toml, line {line}: ")
    assert error.what.zh.startswith(f"neixiang.toml 第 {line} 行：")
    assert key in error.what.en
    assert key in error.what.zh


def test_all_mistakes_are_told_at_once_each_with_what_would_be_right() -> None:
    """An office corrected one, ran the check again, and met the next: five rounds for five slips."""
    source = OFFICE
    for good, bad in (
        ("version = 3", 'version = "3"'),
        ("sm3 = true", 'sm3 = "yes"'),
        ('fact = "section"', 'fact = "colour"'),
        ("kind =", "knid ="),
        ('"recorded"', '"whenever"'),
        ('article = "9"\n', ""),
        ('id = "petition"', 'id = "上访"'),
        ('article = "10(2)"\n', 'article = "TODO"\nbanned = 1\n'),
    ):
        source = source.replace(good, bad, 1)
    error = refusal(source)
    assert [line.split(": ")[:2] for line in error.what.en.splitlines()] == [
        ["neixiang.toml, line 2", "version"],
        ["neixiang.toml, line 14", "intake.sm3"],
        ["neixiang.toml, line 17", "intake.required[1].fact"],
        ["neixiang.toml, line 20", "base.article"],
        ["neixiang.toml, line 22", "base.knid"],
        ["neixiang.toml, line 23", "base.start"],
        ["neixiang.toml, line 33", "circumstances[2].id"],
        ["neixiang.toml, line 39", "circumstances[2].article"],
        ["neixiang.toml, line 40", "circumstances[2].banned"],
    ]
    version, sm3, _, _, misspelt, start, name, article, _ = error.what.zh.splitlines()
    assert version.endswith("version：'3' 不对，应为：不小于 1 的整数")
    assert sm3.endswith("'yes' 不对，应为：true 或 false")
    assert "是否指 kind" in misspelt
    assert "recorded、stored、later-of-recorded-and-stored" in start
    assert "小写字母" in name
    assert "条款" in article


def test_a_missing_article_is_said_in_words() -> None:
    error = refusal(OFFICE.replace('article = "9"\n', ""))
    assert error.what.zh == "neixiang.toml 第 20 行：base.article：规则必须注明所依据的条款（article）"


def test_a_wrong_value_is_said_in_both_languages() -> None:
    error = refusal(OFFICE.replace('fact = "section"', 'fact = "colour"'))
    assert error.what.en.startswith("neixiang.toml, line 17: intake.required[1].fact: no record has the fact 'colour'")
    assert error.what.zh.startswith("neixiang.toml 第 17 行：intake.required[1].fact：没有 'colour' 这一项信息")


def test_a_missing_table_is_named() -> None:
    error = refusal(OFFICE[: OFFICE.index("[base]")])
    assert error.what.en == "neixiang.toml: base: is missing"


def test_a_profile_nobody_ships_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="No profile is called 'dengzho'") as caught:
        load_profile("dengzho")
    assert "dengzhou" in caught.value.hint.zh


def test_a_file_that_is_no_profile_is_refused(tmp_path: Path) -> None:
    gbk, large = tmp_path / "gbk.toml", tmp_path / "large.toml"
    gbk.write_bytes(b"version = 1\n" + 'zh = "邓州"'.encode("gbk"))
    large.write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(BadInput, match=r"gbk\.toml, line 2: is not UTF-8"):
        load_profile(gbk)
    with pytest.raises(BadInput, match=r"large\.toml: is larger than"):
        load_profile(large)
    with pytest.raises(BadInput, match=r"none\.toml: cannot be read"):
        load_profile(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="cannot be read"):
        load_profile(tmp_path)


@given(st.integers(0, len(OFFICE)), st.integers(0, 40), st.text(max_size=6))
def test_a_damaged_profile_is_read_or_refused_never_anything_else(at: int, length: int, put: str) -> None:
    source = OFFICE[:at] + put + OFFICE[at + length :]
    try:
        parse_profile(source, "neixiang.toml")
    except BadInput:
        refusal(source)


# ---------------------------------------------------------------- citing


@pytest.mark.parametrize(
    ("article", "en", "zh"),
    [
        ("11", "Article 11", "第十一条"),
        ("12(1)", "Article 12(1)", "第十二条第（一）项"),
        ("9", "Article 9", "第九条"),
        ("20", "Article 20", "第二十条"),
        ("35(10)", "Article 35(10)", "第三十五条第（十）项"),
        ("annex 4", "Annex, item 4", "附件第4项"),
        ("Civil Code 202", "Civil Code, Article 202", "《民法典》第二百零二条"),
        ("Civil Code 110", "Civil Code, Article 110", "《民法典》第一百一十条"),
        ("100", "Article 100", "第一百条"),
        ("局务会议纪要〔2025〕12号", "局务会议纪要〔2025〕12号", "局务会议纪要〔2025〕12号"),
        ("", "", ""),
    ],
)
def test_articles_are_quoted_as_statutes_write_them(article: str, en: str, zh: str) -> None:
    assert (cited(article).en, cited(article).zh) == (en, zh)


PARTS = {  # who would be refused by the table of rights, in a part that the profile gives them
    "approvers of viewings": (
        '[viewing]\narticle = "16"\n[[viewing.approvers]]\nzh = "甲"\nen = "A"\nrole = "officer"',
        "viewing.approvers",
    ),
    "approvers of releases": (
        '[release]\narticle = "17"\noutside = "approved"\ninternet = "never"\n'
        '[[release.approvers]]\nzh = "甲"\nen = "A"\nrole = "auditor"',
        "release.approvers",
    ),
    "the appraiser": ('[disposal]\narticle = "18"\nappraiser = "section-head"', "disposal.appraiser"),
    "approvers of disposals": (
        '[disposal]\narticle = "18"\nappraiser = "custodian"\n'
        '[[disposal.approvers]]\nzh = "甲"\nen = "A"\nrole = "operator"',
        "disposal.approvers",
    ),
    "the reviewer of an interruption": (
        '[[explanations]]\nid = "gap"\nzh = "中断"\nen = "gap"\narticle = "7"\ncovers = ["interrupted"]\n'
        'written = "always"\nreviewer = "officer"\n'
        '[[explanations.causes]]\nid = "power"\nzh = "停电"\nen = "no power"\narticle = "7"',
        "explanations[1].reviewer",
    ),
}


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_nobody_is_given_a_part_in_which_the_program_would_refuse_them(part: str) -> None:
    more, key = PARTS[part]
    error = refusal(f"{OFFICE}\n{more}\n")
    assert f"{key}: " in error.what.en
    assert "may never do that; who may: " in error.what.en
    assert "不得承担此职责" in error.what.zh
