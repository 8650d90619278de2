"""A sample of the broken lines; `./campaign lines` breaks them at 200 places each."""

from pathlib import Path

import pytest

from backends.s3 import PART
from tests.faults import lines, moves


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lines.template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module", params=lines.KINDS)
def server(request: pytest.FixtureRequest) -> lines.Server:
    match request.param:
        case "s3":
            return lines.s3(request.getfixturevalue("s3_server"))
        case "smb":
            return lines.smb(request.getfixturevalue("share"))
        case _:
            return lines.sftp(request.getfixturevalue("sftp_server"))


@pytest.fixture(scope="module")
def source(server: lines.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No larger than it takes several blocks, and for a bucket two parts: the campaign sends more."""
    large = (3 << 20, PART + 100_000) if server.kind == "s3" else (3 << 20,)
    return lines.make_source(tmp_path_factory.mktemp("source") / "录像", large)


@pytest.fixture(scope="module")
def whole(server: lines.Server, home: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bytes that an intake sends."""
    sent = lines.count_bytes(server, home, source, tmp_path_factory.mktemp("counted"))
    assert sent > sum(path.stat().st_size for path in source.iterdir())
    return sent


@pytest.mark.parametrize(("minimum", "part"), [(1, 0.0001), (1, 0.5), (2, 0.97)])
def test_an_intake_whose_line_breaks(
    server: lines.Server, home: Path, source: Path, tmp_path: Path, whole: int, minimum: int, part: float
) -> None:
    assert lines.cut(server, home, source, tmp_path, lines.Cut(int(whole * part), minimum)) == []


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = lines.make_source(tmp_path_factory.mktemp("filled") / "录像", large=[3 << 20])
    return moves.template(tmp_path_factory.mktemp("filled-template"), source)


@pytest.mark.parametrize(("how", "part"), [("tier", 0.98), ("drain", 0.01)])
def test_a_move_whose_line_breaks(
    server: lines.Server, filled: Path, tmp_path: Path, how: moves.How, part: float
) -> None:
    whole = moves.count_bytes(server, filled, tmp_path, how)
    assert whole > 3 << 20
    assert moves.cut(server, filled, tmp_path, moves.Cut(how, int(whole * part))) == []
