"""A sample of the broken lines; `./campaign lines` breaks them at 200 places each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import lines, moves


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lines.make_source(tmp_path_factory.mktemp("source") / "录像")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lines.template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module", params=lines.KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lines.Server]:
    with lines.running(request.param, tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.mark.parametrize("minimum", [1, 2])
def test_an_intake_whose_line_breaks(
    server: lines.Server, home: Path, source: Path, tmp_path: Path, minimum: int
) -> None:
    whole = lines.count_bytes(server, home, source, tmp_path)
    assert whole > 20 << 20
    for share in (0.0001, 0.01, 0.5, 0.97):
        found = lines.cut(server, home, source, tmp_path, lines.Cut(int(whole * share), minimum))
        assert found == [], f"cut after {int(whole * share)} of {whole} bytes"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = lines.make_source(tmp_path_factory.mktemp("filled") / "录像", large=(3 << 20,))
    return moves.template(tmp_path_factory.mktemp("filled-template"), source)


@pytest.mark.parametrize("how", ["tier", "drain"])
def test_a_move_whose_line_breaks(server: lines.Server, filled: Path, tmp_path: Path, how: moves.How) -> None:
    whole = moves.count_bytes(server, filled, tmp_path, how)
    assert whole > 3 << 20
    for share in (0.0002, 0.3, 0.98):
        found = moves.cut(server, filled, tmp_path, moves.Cut(how, int(whole * share)))
        assert found == [], f"cut after {int(whole * share)} of {whole} bytes"
