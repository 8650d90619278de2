"""Files for people: all or nothing, never over something that is there unless it is derived."""

from pathlib import Path

import pytest

from vault.errors import BadInput, TargetProblem
from vault.outputs import partial_name, publish_file, publish_folder, refuse_existing, replace_file


def test_a_derived_file_is_replaced_whole(tmp_path: Path) -> None:
    for data in (b"old label", b"new"):
        replace_file(tmp_path / "2026-0001-1A.pdf", data)
    assert (tmp_path / "2026-0001-1A.pdf").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_derived_file_without_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(TargetProblem, match="no such file"):
        replace_file(tmp_path / "no" / "label.pdf", b"x")


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    partial, target = partial_name(tmp_path / "光盘.iso"), tmp_path / "光盘.iso"
    partial.write_bytes(b"new")
    target.write_bytes(b"mine")
    with pytest.raises(BadInput, match="exists already"):
        publish_file(partial, target)
    assert target.read_bytes() == b"mine"
    folder = tmp_path / "导出"
    folder.mkdir()
    with pytest.raises(BadInput, match="exists already"):
        publish_folder(partial, folder)


def test_what_certainly_does_not_fit_is_refused_before_a_byte_is_written(tmp_path: Path) -> None:
    with pytest.raises(TargetProblem, match="bytes are needed"):
        refuse_existing(tmp_path / "光盘.iso", 1 << 60)
    assert list(tmp_path.iterdir()) == []
