"""A key as digits: what was typed is the key, or it is told where the mistake is."""

import random

import pytest

from vault.errors import BadInput
from vault.typedkey import HEADING, TypedKey, read_typed

KEY = TypedKey("609e4c8f7e33b27f", random.Random(7).randbytes(32))


def typed(groups: list[str], vault: str = KEY.vault_id) -> str:
    return f"{vault}\n{' '.join(groups)}"


def refused(text: str) -> str:
    with pytest.raises(BadInput) as error:
        read_typed(text)
    assert not [group for group in KEY.groups if group in error.value.what.en + error.value.what.zh]
    return error.value.what.en


@pytest.mark.parametrize("seed", range(20))
def test_what_is_printed_is_what_is_read(seed: int) -> None:
    key = TypedKey(f"{seed:016x}", random.Random(seed).randbytes(32))
    assert read_typed(key.text) == key
    assert [len(line.split(" ")) for line in key.lines] == [6, 6, 6]
    assert all(len(group) == 6 for group in key.groups)


@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32])
def test_the_smallest_and_the_largest(key: bytes) -> None:
    assert read_typed(TypedKey("00", key).text).key == key


def test_people_type_as_they_like() -> None:
    wide = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})  # as a Chinese keyboard has them
    for text in (
        KEY.text,
        "\n".join([KEY.vault_id, *(line.replace(" ", "-") for line in KEY.lines)]),
        "\n".join([KEY.vault_id, *(line.replace(" ", "") for line in KEY.lines)]),
        "\r\n\r\n" + KEY.text.replace("\n", "\r\n") + "\r\n\r\n",
        KEY.text.removeprefix(HEADING + "\n"),
        KEY.text.lower(),
        KEY.text.replace(" ", "-").replace("STRONGROOM-KEY-1\n", "").translate(wide),
        "\n".join([KEY.vault_id.translate(wide), *(line.replace(" ", "\u3000") for line in KEY.lines)]),
        "\n".join([KEY.vault_id, *KEY.groups]),
    ):
        assert read_typed(text) == KEY


def test_every_wrong_digit_is_told_with_its_place() -> None:
    groups = list(KEY.groups)
    for place, group in enumerate(groups):
        for at in range(6):
            for digit in set("0123456789") - {group[at]}:
                wrong = [*groups[:place], group[:at] + digit + group[at + 1 :], *groups[place + 1 :]]
                assert f"group {place % 6 + 1} in line {place // 6 + 1}" in refused(typed(wrong))


def test_two_digits_that_changed_places_are_told() -> None:
    groups = list(KEY.groups)
    for place, group in enumerate(groups):
        for at in range(5):
            if group[at] == group[at + 1]:
                continue
            turned = group[:at] + group[at + 1] + group[at] + group[at + 2 :]
            wrong = [*groups[:place], turned, *groups[place + 1 :]]
            assert f"group {place % 6 + 1} in line {place // 6 + 1}" in refused(typed(wrong))


def test_groups_that_changed_places_and_another_vaults_sheet_are_told() -> None:
    groups = list(KEY.groups)
    for one in range(len(groups)):
        for other in range(one):
            if groups[one] != groups[other]:
                turned = list(groups)
                turned[one], turned[other] = groups[other], groups[one]
                assert "stands in another's place" in refused(typed(turned))
    assert "the vault's id in the first line is wrong" in refused(typed(groups, "609e4c8f7e33b27e"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing was typed"),
        (KEY.vault_id, "only digits"),
        (KEY.text.replace("0", "O"), "only digits"),
        (KEY.text[:-1], "107 digits"),
        (KEY.text[:-7], "102 digits"),
        (KEY.text + " 000000", "114 digits"),
        (KEY.text.replace(KEY.lines[0], KEY.lines[0][1:]), "group 1 in line 1"),
    ],
)
def test_what_is_missing_or_too_much(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_typed(text)
