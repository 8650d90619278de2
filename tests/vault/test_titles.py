"""What papers and labels call a record."""

import pytest

from vault.facts import Facts
from vault.profile import load_profile
from vault.text import Text
from vault.titles import title_of

DENGZHOU = load_profile("dengzhou")


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        (Facts(case_name="hearing", matter="hearing"), "hearing"),  # a name is the office's own
        (Facts(matter="hearing", content="第一次"), Text(en="hearing", zh="听证")),
        (Facts(matter="听证"), Text(en="hearing", zh="听证")),
        (Facts(matter="日常检查"), "日常检查"),
        (Facts(matter="日常检查、sampling"), Text(en="日常检查, taking samples", zh="日常检查、抽样取证")),
        (Facts(matter="complaint"), Text(en="“complaint”", zh="「complaint」")),  # of another profile
        (Facts(content="第一次"), "第一次"),
        (Facts(party="王芳"), ""),
    ],
)
def test_a_record_is_called_by_words(facts: Facts, title: str | Text) -> None:
    assert title_of(facts, DENGZHOU) == title
