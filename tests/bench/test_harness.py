"""The benchmark's own machinery: that it runs from end to end on tiny corpora, and cannot show a false figure."""

import ctypes
import importlib
import mmap
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
PYTHON = sys.executable

Part = Callable[[str], ModuleType]


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Part:
    """A file of the benchmark by its name: they import one another as `./bench` starts them, out of one folder."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder that is on a disk even where /tmp is memory."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder)


def test_the_quick_benchmarks_run_from_end_to_end_and_leave_nothing(tmp_path: Path) -> None:
    expected = {
        "own": ("ingest V", "scrub V", "ingest P", "ingest S", "S in one ZIP", "50 records", "--version"),
        "find": ("find 王芳", "find --party 王芳", "retention due"),
        "retention": ("due, the first page", "count by class", "decide of 1,000", "1,000 scrapes", "`retention count`"),
        "drill": ("drill of 300 records", "memory, drill"),
        "discs": ("image of V", "image of S", "image of L", "check of V", "memory, image of V"),
    }
    with ThreadPoolExecutor() as side_by_side:  # nothing is measured here
        ended = side_by_side.map(lambda what: _quick(what, tmp_path), expected)
    for what, done in zip(expected, ended, strict=True):
        assert done.returncode == 0, done.stderr
        assert [row for row in expected[what] if row not in done.stdout] == []
        assert "met" not in done.stdout, "tiny corpora must not judge limits"
        assert done.stdout in (tmp_path / f"{what}.md").read_text(encoding="utf-8")
        assert not (tmp_path / what).exists()


def _quick(what: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [PYTHON, str(HERE), what, "--quick", "--dir", str(folder / what), "--report", str(folder / f"{what}.md")]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_corpus_is_the_same_each_time_incompressible_and_without_twins(part: Part, tmp_path: Path) -> None:
    corpora = part("corpora")
    corpus = corpora.Corpus("S", 300, 4_096)
    for name in ("a", "b"):
        corpora.make(tmp_path / name, corpus)
    once, again = ([Path(path).read_bytes() for path in corpora.files_below(tmp_path / name)] for name in ("a", "b"))
    assert once == again
    assert len(set(once)) == 300
    assert {len(data) for data in once} == {4_096}
    assert len(zlib.compress(b"".join(once))) > corpus.bytes


def test_every_run_begins_without_the_sources_in_the_page_cache(part: Part, on_disk: Path) -> None:
    source = on_disk / "视频.mp4"
    source.write_bytes(b"\1" * (1 << 20))
    assert _pages_in_memory(source) == 256
    part("timing").settle(on_disk)
    assert _pages_in_memory(source) == 0


def _pages_in_memory(path: Path) -> int:
    """mincore(2)."""
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        first = ctypes.c_char.from_buffer(mapped)
        answer = (ctypes.c_ubyte * (len(mapped) // mmap.PAGESIZE))()
        assert ctypes.CDLL(None).mincore(ctypes.c_void_p(ctypes.addressof(first)), len(mapped), answer) == 0
        del first
        return sum(page & 1 for page in answer)


def test_a_contender_that_fails_gives_no_figure(part: Part) -> None:
    timing = part("timing")
    failing = timing.Contender(name="坏", steps=[[PYTHON, "-c", "import sys; sys.exit('磁盘已满')"]])
    with pytest.raises(timing.BenchFailed, match="磁盘已满"):
        timing.run(failing)


def test_memory_is_that_of_the_process_measured() -> None:
    asked = """
import sys
import timing
words = [sys.executable, "-c", "bytearray(b'1') * (200 << 20)"]
print(timing.run(timing.Contender(name="大", steps=[words])).memory >> 20)
"""
    # Out of a process of its own, since a child's figure begins at its parent's peak, and pytest's may be higher.
    said = subprocess.run([PYTHON, "-c", asked], cwd=HERE, capture_output=True, text=True, check=True)
    assert 200 <= int(said.stdout) < 230


def test_an_intake_that_lost_a_file_gives_no_figure(part: Part, tmp_path: Path) -> None:
    contenders = part("contenders")
    vault = contenders.VaultPlace(contenders.Place(tmp_path))
    for name in ("a", "b"):
        (vault.objects / "ab").mkdir(parents=True, exist_ok=True)
        (vault.objects / "ab" / name).touch()
    vault.require_objects(2)
    with pytest.raises(part("timing").BenchFailed, match="2 objects, not 3"):
        vault.require_objects(3)


def test_a_missed_limit_is_said(part: Part) -> None:
    figure, row = part("timing").Figure, part("report").Row
    own, other = figure((4.0, 6.0, 5.0)), figure((8.0, 6.0, 10.0))
    assert row(what="V", own=own, other=other, limit=0.5).verdict == "met"  # ratios 0.5, 1.0, 0.5
    assert row(what="V", own=own, other=other, limit=0.49).verdict == "**NOT met**"
    assert row(what="V", own=own, other=own, limit=1.0, below=True).verdict == "**NOT met**"
    assert row(what="V", own=own, limit=4.9).verdict == "**NOT met**"
    assert row(what="V", own=own).verdict == ""


def test_a_run_replaces_its_own_part_of_the_document_only(part: Part, tmp_path: Path) -> None:
    report = part("report")
    document = tmp_path / "benchmarks.md"
    report.write(document, "own", "旧数据")
    report.write(document, "find", "检索")
    document.write_text(document.read_text(encoding="utf-8") + "\n手写说明\n", encoding="utf-8")
    report.write(document, "own", "新数据")
    text = document.read_text(encoding="utf-8")
    assert text.startswith(report.HEAD)
    assert "旧数据" not in text
    assert text.index("新数据") < text.index("检索") < text.index("手写说明")
