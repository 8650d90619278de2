"""What is typed and what is answered, word for word: one file of transcripts/ for each topic.

    # a comment; in front of a command it says what must hold, or what once went wrong
    $ strongroom --vault 库 find 王芳     a command; any other is given to sh, in the same folder
    > a line of standard output           … in it stands for anything, alone on the line for any lines
    ! a line of standard error
    ? 4                                   the exit code, if it is not 0

`CLOCK=2031-03-03T02:00:00+00:00` before a command sets what its clock shows (`UP=…`: what it would show if nobody had
set it), `LANGUAGE=zh` what it speaks, anything else its environment. {cwd} is the folder. Everything that is not
expected fails: a line more, a line less.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.catalogues import CHOSEN
from tests.ops.conftest import Program

PROFILES = Path(str(resources.files("vault"))) / "profiles"
FOLDER = Path(__file__).parent / "transcripts"


@dataclass
class Step:
    """One command with what must come of it; `line` in its file, from 1."""

    line: int
    command: str
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        mark, _, rest = line.partition(" ")
        match mark:
            case "#" | "":
                assert not rest or mark
            case "$":
                found.append(Step(number, rest))
            case ">":
                found[-1].out.append(rest)
            case "!":
                found[-1].err.append(rest)
            case "?":
                found[-1].code = int(rest)
            case _:
                raise AssertionError(f"line {number}: {line!r}")
    return found


def pattern(expected: list[str], cwd: Path) -> re.Pattern[str]:
    """`…` within a line is anything in it; alone on a line, any lines."""
    parts = []
    for line in expected:
        if line == "…":
            parts.append("(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(part) for part in line.replace("{cwd}", str(cwd)).split("…")) + "\n")
    return re.compile("".join(parts))


def perform(step: Step, run: Program) -> tuple[int, str, str]:
    environment = os.environ | {"PROFILES": str(PROFILES)}

    def shell(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command], cwd=run.cwd, env=environment, capture_output=True, text=True, check=False
        )

    typed = re.fullmatch(r"((?:[A-Z_]+=\S+ )*)strongroom( .*)?", step.command)
    if typed is None:
        done = shell(step.command)
        return done.returncode, done.stdout, done.stderr
    settings = dict(setting.split("=", 1) for setting in typed[1].split())
    words = shell(f"printf '%s\\0' {typed[2] or ''}").stdout.split("\0")[:-1]
    clock, up, language = (settings.pop(name, None) for name in ("CLOCK", "UP", "LANGUAGE"))
    called = run(*words, expect=None, clock=clock, up=up, language=language, env={"STRONGROOM_VAULT": "库"} | settings)
    return called.code, called.out, called.err


def compare(step: Step, run: Program) -> None:
    code, out, err = perform(step, run)
    said = f"line {step.line}: $ {step.command}\n" + "".join(f"> {line}\n" for line in out.splitlines())
    said += "".join(f"! {line}\n" for line in err.splitlines()) + f"? {code}"
    assert "Traceback" not in err, said
    assert code == step.code, said
    assert pattern(step.out, run.cwd).fullmatch(out), said
    assert pattern(step.err, run.cwd).fullmatch(err), said


def transcripts() -> Iterator[ParameterSet]:
    spoils = pytest.mark.sqlite("all of it is about a file that is removed, spoiled, put back")
    for path in sorted(FOLDER.glob("*.txt")):
        yield pytest.param(path, id=path.stem, marks=[spoils] if path.stem == "rebuild" else [])


def names_the_file(step: Step) -> bool:
    return any("catalogue.db" in line for line in (step.command, *step.out, *step.err))


@pytest.mark.parametrize("path", list(transcripts()))
def test_transcript(path: Path, run: Program) -> None:
    """On PostgreSQL without the few commands of the others that name the catalogue's file."""
    typed = steps(path.read_text(encoding="utf-8"))
    if CHOSEN == "postgresql":
        typed = [step for step in typed if not names_the_file(step)]
    assert any("strongroom" in step.command for step in typed)
    for step in typed:
        compare(step, run)


def test_a_transcript_notices_what_it_does_not_expect(run: Program) -> None:
    """The judge must be able to condemn: a line more, a line less, another word, another exit code."""
    for text in (
        "$ echo 王芳\n",
        "$ echo 王芳\n> 王芳\n> 李伟\n",
        "$ echo 王芳\n> 王方\n",
        "$ echo 王芳\n> 王芳\n? 1\n",
        "$ echo 王芳 >&2\n> 王芳\n",
        "$ printf 'a\\nb\\n'\n> …\n> c\n",
    ):
        (step,) = steps(text)
        with pytest.raises(AssertionError):
            compare(step, run)
    (step,) = steps("$ printf 'a\\n王芳 b\\nc\\n'; exit 3\n> …\n> 王… b\n> c\n? 3\n")
    compare(step, run)
