"""What a set's labels say of all its records: never less than one of them asks for."""

from datetime import date

import msgspec
import pytest

from vault.discs.inscription import highest, longest, together
from vault.discs.inscription import kept as term_of
from vault.profile import TermKind
from vault.retention import Decision, State
from vault.terms import RetentionClass as Class


def kept(retention_class: Class | None, last_day: date | None = None, state: State = State.RUNNING) -> Decision:
    return Decision(state, retention_class, TermKind.MINIMUM, last_day, None, ())


YEAR = kept(Class.ONE_YEAR, date(2032, 3, 3))
HALF = kept(Class.SIX_MONTHS, date(2032, 9, 30))  # of a record that came much later
LONG = kept(Class.PERMANENT, state=State.PERMANENT)
CASE = kept(Class.CASE_LIFETIME, state=State.WAITING_FOR_CASE)
CLOSED = kept(Class.CASE_LIFETIME, date(2032, 1, 1))
OF_A_YEAR = msgspec.structs.replace(CLOSED, of_file=(Class.ONE_YEAR,))
UNSET = kept(None, state=State.UNSET)
HELD = kept(Class.SIX_MONTHS, date(2099, 1, 1), State.HELD)
FROM_CLOSING = kept(Class.TWENTY_FOUR_MONTHS, state=State.WAITING_FOR_CASE)


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([YEAR], Class.ONE_YEAR),
        ([YEAR, HALF], Class.SIX_MONTHS),  # ends are compared, not classes
        ([YEAR, HALF, LONG], Class.PERMANENT),
        ([LONG, UNSET], Class.PERMANENT),
        ([YEAR, CASE], Class.CASE_LIFETIME),  # what has no end outlasts every end
        ([YEAR, CLOSED], Class.ONE_YEAR),
        ([YEAR, HELD], Class.SIX_MONTHS),
        ([YEAR, UNSET], None),  # 瀍河 15: nobody has said how long
        ([CASE, FROM_CLOSING], None),
        ([], None),
    ],
)
def test_the_class_on_a_label_is_the_one_that_ends_last(decisions: list[Decision], said: Class | None) -> None:
    assert longest(decisions) is said
    assert longest(reversed(decisions)) is said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], ""),
        (["", " "], ""),
        (["秘密", "绝密", "机密"], "绝密"),
        (["机密★10年", "秘密★长期", "机密★10年"], "机密★10年"),
        (["机密★10年", "机密★20年"], "机密★10年、机密★20年"),
        (["内部", "秘密"], "内部、秘密"),  # nobody can say which of them is the higher
        (["工作秘密", "商业秘密"], "工作秘密、商业秘密"),
        (["公开", "内部"], "内部"),
        (["公开"], "公开"),
    ],
)
def test_the_confidentiality_on_a_label_hides_none_that_counts(words: list[str], said: str) -> None:
    assert highest(words) == said


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([LONG, LONG], "长期保存"),
        ([LONG, CASE], "最长：长期保存"),  # not all of it is kept that long
        ([CASE, CASE], "与案卷相同"),
        ([OF_A_YEAR, CLOSED], "与案卷相同"),  # for how long that is, papers say: a label has no room
        ([YEAR, UNSET], ""),
        ([LONG, UNSET], "最长：长期保存"),
        ([], ""),
    ],
)
def test_the_class_says_where_records_differ(decisions: list[Decision], said: str) -> None:
    assert term_of(decisions).zh == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], ""),
        (["", "王芳", " "], "王芳"),
        (["王芳", "李伟", "王芳"], "王芳、李伟"),
        (["王芳", "李伟", "𠮷田", ""], "王芳等 3 人"),
    ],
)
def test_several_values_are_named_or_counted_and_never_left_out(words: list[str], said: str) -> None:
    assert together(words, "人") == said
