"""Counts in English, in the vault's words and in those of the program that lies on every disc."""

import pytest

from media.salvage import refusals
from vault import text


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (20_000, "20,000 files")])
def test_one_file_is_no_files(count: int, said: str) -> None:
    assert text.counted(count, "file") == refusals.counted(count, "file") == said
    assert text.counted(count, "entry", "entries") == said.replace("files", "entries").replace("file", "entry")
