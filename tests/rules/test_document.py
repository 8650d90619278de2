"""docs/regulations.md against the tests and the profiles that it names."""

import re
from pathlib import Path

import pytest

from ops.profiles import rules
from vault.profile import load_profile, shipped_profiles

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/regulations.md").read_text(encoding="utf-8")
ARTICLES = {"dengzhou": 17, "chanhe": 17, "jiangyuan": 23, "wugang": 19, "xinzhou": 24}
WITHOUT = {"jiangyuan": {22}}  # the regulation's own numbering has a gap


def section(name: str) -> str:
    return TEXT.split(f" · {name}\n")[1].split("\n## ")[0]


def table(name: str) -> list[list[str]]:
    lines = [line for line in section(name).splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_article_is_in_the_table(name: str) -> None:
    found: set[int] = set()
    for row in table(name):
        assert len(row) == 4
        for first, last in re.findall(r"(?<!annex )\b(\d+)(?:–(\d+))?", row[0]):
            found.update(range(int(first), int(last or first) + 1))
    assert found >= set(range(1, ARTICLES[name] + 1)) - WITHOUT.get(name, set())
    cited = {int(at[0]) for one in rules(load_profile(name)) if (at := re.match(r"\d+", one.rule.article))}
    assert cited <= found


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_test_that_is_named_exists(name: str) -> None:
    source = (ROOT / f"tests/rules/test_{name}.py").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+?_?)…?`", section(name))
    assert len(named) >= 8
    assert [test for test in named if f"def {test}" not in source] == []


def test_every_path_that_is_named_exists() -> None:
    paths = set(re.findall(r"`((?:tests|vault|ops)/[\w./-]+)(?:::(\w+))?`", TEXT))
    assert len(paths) >= 10
    for path, test in paths:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}" in (ROOT / path).read_text(encoding="utf-8")


NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}


@pytest.mark.parametrize("name", shipped_profiles())
def test_as_many_tests_are_there_as_the_table_says(name: str) -> None:
    source = (ROOT / f"tests/rules/test_{name}.py").read_text(encoding="utf-8")
    told = re.findall(r"`(test_\w+_)…` \((two|three|four|five)\)", section(name))
    assert [(test, number) for test, number in told if source.count(f"def {test}") != NUMBERS[number]] == []


@pytest.mark.parametrize("name", shipped_profiles())
def test_what_something_acts_by_is_not_called_data_alone(name: str) -> None:
    """A part of the profile that any code outside it reads is a rule; but for a list that an office has yet to fill."""
    files = [path for room in ("vault", "ops", "labels", "media") for path in (ROOT / room).rglob("*.py")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in files if "profile" not in path.parts)
    assert "profile.viewing" in read
    for article, _, how, _ in table(name):
        for part in re.findall(r"data `(\w+)", how):
            alone = "rule" not in how and "until the office enters them" not in how
            assert not (alone and re.search(rf"profile\.{part}\b", read)), f"{article}: {part}"
