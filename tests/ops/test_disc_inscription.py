"""What labels and slips say of the very disc: its records, its parties, its term, its time; what fonts do not have."""

import json
from pathlib import Path

import pytest

from tests.labels.page import words
from tests.ops.conftest import Program
from tests.ops.test_discs import opened
from tests.vault.disc_scene import bring, degrade, image
from vault.discs.model import Mark
from vault.discs.sets import Wish, plan_set
from vault.discs.states import State
from vault.discs.stepping import replace

NUMBERS = [f"2031-{n:07}" for n in range(1, 6)]
SET = "2031-0001"
PARTIES = ("王芳", "李伟", "𠮷田", "王芳", "😀公司")


@pytest.fixture
def run(run: Program) -> Program:
    """In a vault whose set has two discs: records 1 to 4 on the first, 4 (the rest of it) and 5 on the second."""
    run("--vault", "库", "init", "--profile", "dengzhou", "--store", "甲", "--store", "乙")
    for n, party in enumerate(PARTIES):
        (run.cwd / f"{n}.mp4").write_bytes(f"录像{n}".encode() * 9_000)
        facts = ("--section", "执法一中队", "--party", party, "--place", "人民路", "--recorder", f"录制人{n}")
        run("--vault", "库", "ingest", f"{n}.mp4", *facts)
    run("--vault", "库", "flag", NUMBERS[0], "objection", "--why", "当事人表示要投诉")
    with opened(run) as vault:
        discs = [NUMBERS[:4], NUMBERS[3:]]
        wish = Wish(producer="张建国", activity="占道经营案", medium="practice", spare=20, discs=discs)
        assert plan_set(vault, wish).number == SET
        for disc in (1, 2):
            image(vault, SET, disc)
    return run


def labelled(run: Program, which: str, kind: str) -> str:
    run("--vault", "库", "disc", "label", which, "--type", kind, "--to", "标签")
    ending = "" if kind == "disc" else f".{kind}"
    return words((run.cwd / "标签" / f"{which}{ending}.pdf").read_bytes())


def test_a_slip_vouches_for_what_is_on_its_disc(run: Program) -> None:
    first, second = labelled(run, f"{SET}-1A", "slip"), labelled(run, f"{SET}-2B", "slip")
    assert "记录编号2031-0000001、2031-0000002、2031-0000003、2031-0000004（部分）保管" in first
    assert "记录编号2031-0000004（部分）、2031-0000005保管" in second
    assert "制作人录制人0、录制人1、录制人2、录制人3提取人" in first
    assert "制作人录制人3、录制人4提取人" in second
    both = labelled(run, SET, "slip")
    assert both.count("2031-0000002") == both.count("录制人4提取人") == 2  # for copy A and copy B


def test_labels_name_or_count_the_parties_and_say_the_longest_term_of_their_own_disc(run: Program) -> None:
    first, second = labelled(run, f"{SET}-1A", "sleeve"), labelled(run, f"{SET}-2A", "sleeve")
    assert "当事人王芳等3人" in first
    assert "保管期限最长：长期保存" in first
    assert "当事人王芳、〔U+1F600〕公司" in second
    assert "长期" not in second


def test_a_later_generation_bears_its_own_time_and_the_first_ones_day(run: Program) -> None:
    mark = f"{SET}-1A"
    with opened(run) as vault:
        bring(vault, mark, State.SHELVED)
    run.calls = 300 * 24 * 60  # minutes
    with opened(run) as vault:
        degrade(vault, mark)
        assert str(replace(vault, Mark.parse(mark), "划伤")) == f"{mark}2"
        now = vault.now().astimezone(vault.profile.zone)
        image(vault, SET, 1, 2)
    text = labelled(run, f"{mark}2", "disc")
    assert f"制作时间{now.year}年{now.month}月{now.day}日{now:%H:%M}（首次2031年3月3日）" in text
    assert "首次" not in labelled(run, f"{SET}-1B", "disc")


def test_characters_that_no_font_has_are_told(run: Program) -> None:
    done = run("--vault", "库", "disc", "label", SET, "--to", "标签")
    assert done.err == "The fonts do not have 😀 U+1F600 (party): the label shows 〔U+1F600〕.\n"
    done = run("--vault", "库", "disc", "label", f"{SET}-2A", "--to", "标签", language="zh")
    assert done.err == "“当事人”中的 😀 U+1F600 不在字库中，标签上印为〔U+1F600〕。\n"
    (row,) = run("--vault", "库", "disc", "label", f"{SET}-2A", "--to", "标签", "--json").lines
    assert row["lacking"] == [{"field": {"en": "party", "zh": "当事人"}, "characters": ["U+1F600"]}]
    assert run("--vault", "库", "disc", "label", f"{SET}-1A", "--to", "标签").err == ""


def test_build_and_run_tell_of_such_characters_too(run: Program) -> None:
    made = ("--medium", "practice", "--activity", "占道经营案", "--approved-by", "王局长", "--why", "投诉")
    done = run("--vault", "库", "disc", "build", NUMBERS[4], *made, "--to", "光盘", "--json")
    (row,) = done.lines
    assert row["lacking"] == [{"field": {"en": "party", "zh": "当事人"}, "characters": ["U+1F600"]}]
    assert "(party): the label shows 〔U+1F600〕" in done.err
    said = json.loads(_disc_json(Path(run.cwd / row["images"][0])))
    assert said["generation"] == 1
    drives = []
    for name in ("左", "右"):
        (run.cwd / name).write_bytes(b"")
        drives += ["--drive", f"stdio:{run.cwd / name}"]
    words_ = ("--set", row["disc_set"], *drives, "--to", "标签", "--no-wait", "--json")
    done = run("--vault", "库", "disc", "run", *words_)
    assert [copy["lacking"] for copy in done.lines] == [row["lacking"]] * 2
    assert "(party): the label shows 〔U+1F600〕" in done.err


def _disc_json(image_: Path) -> bytes:
    data = image_.read_bytes()
    start = data.index(b'{\n  "format": "strongroom-disc')
    return data[start : data.index(b"\n}\n", start) + 3]


def test_labels_say_what_their_disc_holds_and_what_was_changed_since(run: Program) -> None:
    assert "当事人王芳等3人" in labelled(run, f"{SET}-1A", "sleeve")
    run("--vault", "库", "complete", NUMBERS[0], "--party", "赵敏", "--why", "更正")
    told = run("--vault", "库", "disc", "label", f"{SET}-1B", "--type", "sleeve", "--to", "标签").err
    assert f"{SET}-1: {NUMBERS[0]} changed since the image was made." in told
    assert f"strongroom disc replace {SET}-1A" in told
    page = words((run.cwd / "标签" / f"{SET}-1B.sleeve.pdf").read_bytes())
    assert "当事人王芳等3人" in page
    assert "赵敏" not in page
    assert "changed since" not in run("--vault", "库", "disc", "label", f"{SET}-2A", "--to", "标签").err
