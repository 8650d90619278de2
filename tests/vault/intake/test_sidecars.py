"""Sidecars: which file they speak of, and what they say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vault.errors import BadInput, SourceUnreadable
from vault.facts import Facts
from vault.intake.sidecars import LARGEST, Sidecars, sidecars_beside
from vault.profile import load_profile

DENGZHOU = load_profile("dengzhou")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def beside(path: Path) -> Facts | None:
    return Sidecars(DENGZHOU, NOW).facts(sidecars_beside(path))


def test_json_with_chinese_and_english_names(tmp_path: Path) -> None:
    (tmp_path / "1.mp4.facts.json").write_text(
        '\ufeff{"案件名称": "邓州某公司行政检查", "party": "王芳", "执法人员": ["李强", "张伟"], '
        '"记录时间": "2026-03-01 09:30", "特殊情形": "objection"}',
        encoding="utf-8",
    )
    assert beside(tmp_path / "1.mp4") == Facts(
        case_name="邓州某公司行政检查",
        party="王芳",
        officers=("李强", "张伟"),
        recorded_at=datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        circumstances=("objection",),
    )
    assert beside(tmp_path / "2.mp4") is None


def test_toml_with_its_own_times(tmp_path: Path) -> None:
    (tmp_path / "1.facts.toml").write_text(
        '"当事人" = "王芳"\nrecorded_at = 2026-03-01 09:30:15\nrecorded_until = 2026-03-01T02:00:00Z\n',
        encoding="utf-8",
    )
    assert beside(tmp_path / "1.wav") == Facts(
        party="王芳",
        recorded_at=datetime(2026, 3, 1, 1, 30, 15, tzinfo=UTC),
        recorded_until=datetime(2026, 3, 1, 2, tzinfo=UTC),
    )


def test_the_more_particular_one_wins_fact_by_fact(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(
        '{"section": "财政监督科", "place": "局机关", "party": "甲"}', encoding="utf-8"
    )
    (tmp_path / "1.facts.json").write_text('{"place": "现场", "party": "乙"}', encoding="utf-8")
    (tmp_path / "1.mp4.facts.json").write_text('{"party": "王芳"}', encoding="utf-8")
    assert beside(tmp_path / "1.mp4") == Facts(section="财政监督科", place="现场", party="王芳")
    assert beside(tmp_path / "1.wav") == Facts(section="财政监督科", place="现场", party="乙")
    assert beside(tmp_path / "2.wav") == Facts(section="财政监督科", place="局机关", party="甲")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ('{"备注": "x"}', "'备注': no such fact"),
        ('{"party": "甲", "当事人": "乙"}', "'当事人': the fact is given twice"),
        ('{"party": "甲", "party": "乙"}', "'party': the fact is given twice"),
        ('{"party": 7}', "'party': write the value as text"),
        ('{"party": ["甲"]}', "'party': write the value as text"),
        ('{"officers": [1]}', "'officers': write the value as text"),
        ('{"recorded_at": "2026-03-01"}', "'recorded_at': recorded at: '2026-03-01' is a date without a time"),
        ('{"party": "甲\\u0000"}', "'party'.*U\\+0000"),
        ('["party"]', "must hold names and values"),
        ('{"party": ', "cannot be understood"),
        ("[" * 200_000, "cannot be understood"),
        ("", "cannot be understood"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, written: str, why: str) -> None:
    (tmp_path / "1.mp4.facts.json").write_text(written, encoding="utf-8")
    with pytest.raises(BadInput, match=why) as refused:
        beside(tmp_path / "1.mp4")
    assert "1.mp4.facts.json" in refused.value.what.zh


def test_a_toml_date_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.toml").write_text("recorded_at = 2026-03-01\n", encoding="utf-8")
    with pytest.raises(BadInput, match="date without a time"):
        beside(tmp_path / "1.mp4")


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_bytes('{"party": "王芳"}'.encode("gbk"))
    with pytest.raises(BadInput, match="UTF-8"):
        beside(tmp_path / "1.mp4")


def test_two_for_the_same_are_refused(tmp_path: Path) -> None:
    for ending in ("json", "toml"):
        (tmp_path / f"1.facts.{ending}").write_text('{"party": "甲"}' if ending == "json" else 'party = "甲"')
    with pytest.raises(BadInput, match="keep one"):
        beside(tmp_path / "1.mp4")


def test_a_sidecar_that_is_a_link_or_far_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.facts.json").symlink_to("/etc/passwd")
    with pytest.raises(SourceUnreadable, match="symbolic link"):
        beside(tmp_path / "1.mp4")
    (tmp_path / "2.facts.json").write_bytes(b" " * (LARGEST + 1))
    with pytest.raises(SourceUnreadable, match="larger"):
        beside(tmp_path / "2.mp4")


def test_a_folders_sidecar_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"party": "王芳"}', encoding="utf-8")
    reader, paths = Sidecars(DENGZHOU, NOW), sidecars_beside(tmp_path / "1.mp4")
    assert reader.facts(paths) == Facts(party="王芳")
    (tmp_path / "facts.json").unlink()
    assert reader.facts(paths) == Facts(party="王芳")
    assert reader.facts(()) is None


def test_the_profiles_words_are_taken_and_others_named_with_the_file(tmp_path: Path) -> None:
    words = "管理相对人对现场执法办案有异议，可能投诉、上访"
    (tmp_path / "1.mp4.facts.json").write_text(f'{{"特殊情形": "{words}"}}', encoding="utf-8")
    (tmp_path / "2.mp4.facts.json").write_text(f'{{"circumstances": ["{words}", "obstruction"]}}', encoding="utf-8")
    (tmp_path / "3.mp4.facts.json").write_text('{"特殊情形": "好奇"}', encoding="utf-8")
    assert beside(tmp_path / "1.mp4") == Facts(circumstances=("objection",))
    assert beside(tmp_path / "2.mp4") == Facts(circumstances=("objection", "obstruction"))
    with pytest.raises(BadInput, match=r"3\.mp4\.facts\.json, '特殊情形': .* no circumstance '好奇'"):
        beside(tmp_path / "3.mp4")
