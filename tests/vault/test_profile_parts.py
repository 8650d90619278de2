"""Every part of a profile: the template says them all, and what is wrong in any is named by file, line and key."""

import tomllib
from importlib import resources

import msgspec
import pytest

from ops.profiles import left_open, rules
from vault.errors import BadInput
from vault.profile import (
    FileKind,
    LabelField,
    Method,
    NamedRule,
    Profile,
    RegisterField,
    Role,
    Secret,
    StatementField,
    file_kinds,
    load_profile,
    parse_profile,
    shipped_profiles,
)

TEMPLATE = (resources.files("vault") / "profile" / "template.toml").read_text(encoding="utf-8")


def test_the_template_is_a_profile_and_says_every_key_there_is() -> None:
    """A key that the template does not explain is one that nobody will find."""
    profile = parse_profile(TEMPLATE, "template.toml")
    assert profile.version == 1
    unexplained = {key for key in _keys(Profile) if key not in TEMPLATE}
    assert unexplained == set()


def _keys(part: type[msgspec.Struct]) -> set[str]:
    found = set()
    for field in msgspec.structs.fields(part):
        found.add(field.encode_name)
        for inner in _structs(field.type):
            found |= _keys(inner)
    return found


def _structs(kind: object) -> list[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [kind]
    return [found for inner in getattr(kind, "__args__", ()) for found in _structs(inner)]


@pytest.mark.parametrize("words", [Role, Method, Secret, LabelField, StatementField, RegisterField, FileKind], ids=str)
def test_the_template_names_every_word_that_may_be_chosen(words: type[Role]) -> None:
    assert [word.value for word in words if word.value not in TEMPLATE] == []


# what is wrong: (what stands in the template, what somebody writes, where the line is found, the key)
WRONG = {
    "hours and a day": (
        'hours = 24\ncounted_from = "activity_ended_at"',
        'same_day = true\nhours = 24\ncounted_from = "activity_ended_at"',
        "same_day = true\nhours",
        "intake.stored_within.hours",
    ),
    "neither hours nor a day": (
        'hours = 24\ncounted_from = "activity_ended_at"',
        'counted_from = "activity_ended_at"',
        "[intake.stored_within]",
        "intake.stored_within",
    ),
    "a moment that is none": ('"activity_ended_at" #', '"whenever" #', 'counted_from = "whenever"', "counted_from"),
    "a kind of file": ('of = ["photo"]', 'of = ["film"]', 'of = ["film"]', "intake.required[2].of[1]"),
    "a kind of record that is not there": (
        'except_kinds = ["routine-patrol"]',
        'except_kinds = ["patrol"]',
        "[[intake.required]]",
        "intake.required",
    ),
    "an exception without return": (
        'counted_from = "returned_at"',
        'counted_from = "recorded_at"',
        'counted_from = "recorded_at"',
        "intake.stored_within.exceptions[1].counted_from",
    ),
    "a kind without its base": ("[kinds.base]\n", "[kinds.basis]\n", "[kinds.basis]", "kinds[1].basis"),
    "a medium": ('media = ["disc"]', 'media = ["tape"]', 'media = ["tape"]', "circumstances[1].media[1]"),
    "a method": ('"photo-and-video" #', '"photos" #', 'method = "photos"', "recordings.items[1].method"),
    "an explanation without causes": (
        '[[explanations.causes]]\nid = "weather"\nzh = "天气等自然原因"\nen = "natural causes such as the weather"\n'
        'article = "16(1)"\n',
        "",
        "[[explanations]]",
        "explanations[1].causes",
    ),
    "a cause without an article": ('article = "16(1)"\n', "", "[[explanations.causes]]", "causes[1].article"),
    "what is covered": ('"interrupted", "not', '"broken", "not', "covers = ", "explanations[1].covers[1]"),
    "a role": (
        'role = "supervising-leader"\nzh = "主管领导"\nen = "supervising leader"\n\n[release]',
        'role = "boss"\nzh = "主管领导"\nen = "supervising leader"\n\n[release]',
        'role = "boss"',
        "viewing.approvers[1].role",
    ),
    "who may see it outside": ('outside = "approved"', 'outside = "perhaps"', "outside", "release.outside"),
    "a secret": ('of = ["state-secret"', 'of = ["open-secret"', 'of = ["open-secret"', "classified.of[1]"),
    "a statement's field": ('field = "extractor"', 'field = "colour"', 'field = "colour"', "statement[1].field"),
    "one supervisor": ("supervisors = 2", "supervisors = 1", "supervisors = 1", "disposal.supervisors"),
    "an appraiser who is none": ('appraiser = "custodian"', 'appraiser = "王芳"', "appraiser", "disposal.appraiser"),
    "hours of a check": ('duty = "check"', 'duty = "check"\nhours = 24', 'duty = "check"\nhours', "devices[2].hours"),
    "no review a year": ("times_a_year = 1", "times_a_year = 0", "times_a_year = 0", "supervision[1].times_a_year"),
    "a misspelt key": ("prevented = true", "prevent = true", "prevent = true", "forbidden[1].prevent"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_is_named_by_file_line_and_key(wrong: str) -> None:
    good, bad, where, key = WRONG[wrong]
    assert TEMPLATE.count(good) >= 1
    source = TEMPLATE.replace(good, bad, 1)
    with pytest.raises(BadInput) as caught:
        parse_profile(source, "本局.toml")
    # The line on which the value begins, or the table that it is missing from.
    assert key in caught.value.what.en
    assert key in caught.value.what.zh
    lines = source.split("\n")
    told = int(caught.value.what.en.removeprefix("本局.toml, line ").partition(":")[0])
    first = source[: source.index(where)].count("\n") + 1
    assert abs(told - first) <= 1 or lines[told - 1].strip("[]").startswith(where.strip("[]")), (told, first)


@pytest.mark.parametrize(
    "where", ["kinds", "circumstances", "explanations", "supervision", "forbidden", "disc_label"], ids=str
)
def test_a_twin_in_any_list_is_refused(where: str) -> None:
    tables = tomllib.loads(TEMPLATE)
    tables[where] = tables[where] * 2
    with pytest.raises(msgspec.ValidationError, match="stands here twice"):
        msgspec.convert(tables, Profile)


def test_what_a_file_shows() -> None:
    assert file_kinds("image/jpeg") == {FileKind.PHOTO}
    assert file_kinds("video/mp4") == {FileKind.VIDEO}
    assert file_kinds("audio/mp4") == {FileKind.AUDIO}
    assert file_kinds("application/pdf") == frozenset()
    assert file_kinds("") == frozenset(FileKind)  # cannot tell: every rule that might apply does


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_rule_of_a_shipped_profile_is_shown_with_its_article(name: str) -> None:
    profile = load_profile(name)
    shown = list(rules(profile))
    assert len({one.key for one in shown}) == len(shown) >= 30
    assert all(one.row["article"] for one in shown)
    assert {one.rule.zh for one in shown if isinstance(one.rule, NamedRule)} >= {c.zh for c in profile.forbidden}


@pytest.mark.parametrize("name", shipped_profiles())
def test_how_many_supervise_a_destruction_is_shown_though_it_is_the_default(name: str) -> None:
    (disposal,) = (one for one in rules(load_profile(name)) if one.key == "disposal")
    assert "supervisors: 2" in disposal.text.en
    assert "supervisors：2" in disposal.text.zh


def test_what_is_left_open_is_told() -> None:
    told = {name: [text.en.split()[0] for text in left_open(load_profile(name))] for name in shipped_profiles()}
    assert told == {
        "dengzhou": [],
        "chanhe": ["base", "recordings"],
        "jiangyuan": [],
        "wugang": ["viewing", "recordings"],
        "xinzhou": ["base", "viewing", "release", "recordings"],
    }
