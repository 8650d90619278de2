"""The whole story, as a newcomer runs it: it ends well, in either language, and what it promises is there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.cli.demo import _MARK

PROGRAM = [sys.executable, "-m", "ops.cli"]
HEADINGS = {
    "zh": [
        "建立档案库",
        "入库",
        "补全",
        "检索当事人",
        "任何人不得调取",
        "修复",
        "到期计算",
        "重建",
        "证明",
        "光盘映像",
        "健康指标",
    ],
    "en": [
        *("A vault with two stores", "Recordings come in", "completed now", "Find a party", "Nobody sees content"),
        *("healed from the other", "Due under their classes", "bring it back", "Proofs", "A disc image", "Health"),
    ],
}
LIMIT = 30.0  # seconds: the half minute that README promises


def demo(folder: Path, language: str, program: Sequence[str | Path] = PROGRAM) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"STRONGROOM_LANG": language}
    command = [*program, "demo", folder]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, env=env, check=False)


@pytest.mark.sqlite("the demonstration loses its file")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_story(tmp_path: Path, language: str, installed: Path) -> None:
    """In Chinese by the program as it is installed from its wheel, where no checkout is."""
    began, used = time.perf_counter(), os.times()
    done = demo(tmp_path / "演示", language, PROGRAM if language == "en" else [installed / "strongroom"])
    spent = os.times()
    took = time.perf_counter() - began
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    worked = spent.children_user + spent.children_system - used.children_user - used.children_system
    assert min(took, worked) < LIMIT, f"{took:.1f} s, of which {worked:.1f} s at work"
    for heading in HEADINGS[language]:
        assert heading in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

    root = tmp_path / "演示"
    assert {path.suffix for path in (root / "discs").iterdir()} == {".iso", ".pdf", ".png"}
    assert len(list((root / "discs").glob("*.iso"))) == 1, "an image for both copies"
    for path in (root / "discs").glob("*.pdf"):
        assert str(path) in done.stdout
        assert path.read_bytes().startswith(b"%PDF")
    for path in (root / "discs").glob("*.png"):
        assert str(path) in done.stdout
        assert path.read_bytes().startswith(b"\x89PNG")
    assert (root / "copy.mp4").read_bytes() in [path.read_bytes() for path in (root / "recordings").glob("*.mp4")]
    assert list((root / "proof").glob("*.tlog-proof"))

    for words, code in ((["fsck"], 0), (["find", "王芳", "--json"], 0), (["quarantine", "--json"], 0)):
        after = subprocess.run(
            [*PROGRAM, "--vault", str(root / "vault"), *words], capture_output=True, text=True, check=False
        )
        assert after.returncode == code, after
        assert all(json.loads(line) for line in after.stdout.splitlines())


def test_a_folder_that_is_no_former_demonstration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "重要.docx").write_text("不能删", encoding="utf-8")
    done = demo(tmp_path, "zh")
    assert done.returncode == 2
    assert "不是以往的演示文件夹，未作改动" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["重要.docx"]
    assert not (tmp_path / _MARK).exists()
