"""Names are kept to the byte, and no name can break a message."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.intake.names import Name, name_in_archive, name_of, name_on_disk, shown


@given(st.binary(min_size=1, max_size=255))
def test_every_name_gives_its_bytes_back_and_is_valid_text(raw: bytes) -> None:
    for name in (name_of(raw), name_in_archive(raw)):
        assert name.as_bytes == raw
        name.text.encode()


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
def test_names_in_utf8_stay_as_they_are(text: str) -> None:
    assert name_of(text.encode()) == Name(text)


@given(st.text())
def test_what_is_shown_is_one_line_without_anything_invisible(text: str) -> None:
    said = shown(text)
    said.encode()
    assert len(said.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for c in said)


def test_composed_and_decomposed_twins_stay_two_names() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "é.mp4"), unicodedata.normalize("NFD", "é.mp4")
    assert name_of(composed.encode()).text != name_of(decomposed.encode()).text


def test_stray_bytes_are_written_out_and_kept_in_hexadecimal() -> None:
    assert name_of(b"\xff\xfe.mp4") == Name(r"\xff\xfe.mp4", "fffe2e6d7034")
    assert name_on_disk(os.fsdecode(b"\xff\xfe.mp4")) == name_of(b"\xff\xfe.mp4")


def test_a_name_from_chinese_windows_is_read_and_its_bytes_kept() -> None:
    raw = "现场录像一.mp4".encode("gbk")
    assert name_in_archive(raw) == Name("现场录像一.mp4", raw.hex())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("现场录像.mp4", "现场录像.mp4"),
        ("a\nb", r"a\nb"),
        ("a\x1b[31m", r"a\x1b[31m"),
        ("a\u202e4pm.exe", r"a\u202e4pm.exe"),
        ("a\u2028b", r"a\u2028b"),
        (os.fsdecode(b"\xff.mp4"), r"\xff.mp4"),
    ],
)
def test_shown(name: str, said: str) -> None:
    assert shown(name) == said
