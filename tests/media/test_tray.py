"""A tray that is out is seen, and left out."""

import fcntl
from pathlib import Path

import pytest

from media.drives.tray import is_out


@pytest.mark.parametrize(("answer", "out"), [(1, False), (2, True), (3, False), (4, False)])
def test_what_the_kernel_says_of_a_tray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int, out: bool
) -> None:
    """CDS_NO_DISC, CDS_TRAY_OPEN, CDS_DRIVE_NOT_READY, CDS_DISC_OK of linux/cdrom.h."""
    asked: list[int] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda descriptor, request, slot: asked.append(request) or answer)
    (tmp_path / "sr0").touch()
    assert is_out(str(tmp_path / "sr0")) is out
    assert asked == [0x5326]


def test_what_has_no_tray(tmp_path: Path) -> None:
    (tmp_path / "disc").touch()
    assert not is_out(str(tmp_path / "disc"))
    assert not is_out("/dev/sr77")
    assert not is_out("stdio:/dev/loop0")
