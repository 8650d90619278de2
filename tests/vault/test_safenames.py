"""Names for every file system: safe, unique, readable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.safenames import FolderNames

FORBIDDEN = set('<>:"/\\|?*%\r\n\t\0')


def claim_all(originals: list[str]) -> list[str]:
    names = FolderNames()
    return [names.claim(original) for original in originals]


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("现场录像.mp4", "现场录像.mp4"),
        ("2026:07:14 15:04.mp4", "2026：07：14 15：04.mp4"),
        ("../../etc/passwd", "..／..／etc／passwd"),
        ("完成度100%.txt", "完成度100％.txt"),
        ("换行\n与回车\r.mp4", "换行_与回车_.mp4"),
        ("反向\u202e4pm.exe", "反向_4pm.exe"),
        ("末尾点空格. ", "末尾点空格__"),
        ("..", "__"),
        ("", "_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1 .mp4", "_COM1 .mp4"),
        ("COMPANY.mp4", "COMPANY.mp4"),
        ("录像\\xff.mp4", "录像＼xff.mp4"),  # as intake writes a name that is no UTF-8
        ("e\u0301.txt", "é.txt"),
        ("㛃䶮𬭎𠅤𰻞.mp4", "㛃䶮𬭎𠅤𰻞.mp4"),
    ],
)
def test_a_name_becomes_safe_and_stays_readable(original: str, expected: str) -> None:
    assert claim_all([original]) == [expected]


def test_twins_by_case_form_and_repetition_get_numbers() -> None:
    assert claim_all(["王芳.mp4", "王芳.MP4", "é.txt", "e\u0301.txt", "录音.wav", "录音.wav", "录音.wav"]) == [
        "王芳.mp4",
        "王芳~2.MP4",
        "é.txt",
        "é~2.txt",
        "录音.wav",
        "录音~2.wav",
        "录音~3.wav",
    ]


def test_names_that_udf_would_write_with_the_same_bytes_are_kept_apart() -> None:
    assert claim_all(["ab", "慢"]) == ["ab", "慢~2"]  # both are the bytes 61 62


def test_eighty_chinese_characters_are_kept_whole() -> None:
    name = "关于" * 40 + ".mp4"
    assert claim_all([name]) == [name]


def test_long_names_that_differ_at_their_ends_stay_apart_and_keep_their_extension() -> None:
    names = claim_all(["录" * 200 + "甲.mp4", "录" * 200 + "乙.mp4", "a" * 255, "é" * 200 + ".mp4", "录" * 60_000])
    assert len(set(names)) == 5
    assert names[0].startswith("录" * 70)
    assert names[0].endswith(".mp4")
    assert all(len(name.encode()) <= 255 for name in names)


def test_ten_thousand_twins_do_not_cost_their_square() -> None:
    assert claim_all(["IMG_0001.JPG"] * 10_000)[-1] == "IMG_0001~10000.JPG"


@given(st.lists(st.text(max_size=300), max_size=8))
def test_every_name_fits_linux_windows_and_udf(originals: list[str]) -> None:
    names = claim_all(originals)
    for name in names:
        assert name not in ("", ".", "..")
        assert not FORBIDDEN & set(name)
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
        assert not name[-1].isspace()
        assert name[-1] != "."
        assert len(name.encode()) <= 255
        assert len(name) <= 253 if max(name) <= "\xff" else len(name.encode("utf-16-be")) // 2 <= 126
        assert name == unicodedata.normalize("NFC", name)
    assert len({name.casefold() for name in names}) == len(names)
