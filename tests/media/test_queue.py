"""Which copy is burnt next, in which drive, on which blank."""

from media.queue import Blank, Burn, choose
from vault.discs.model import Mark


def mark(disc: int, copy: str) -> Mark:
    return Mark.parse(f"2026-0001-{disc}{copy}")


A1, B1, A2, B2 = mark(1, "A"), mark(1, "B"), mark(2, "A"), mark(2, "B")
LEFT, RIGHT = Blank("左", "甲"), Blank("右", "乙")


def test_nothing_to_do() -> None:
    assert choose([], [LEFT], []) is None
    assert choose([A1], [], []) is None


def test_what_waits_longest_comes_first() -> None:
    assert choose([A1, B1, A2], [LEFT, RIGHT], []) == Burn(A1, LEFT)


def test_the_second_copy_goes_to_the_other_drive() -> None:
    burns = [Burn(A1, Blank("左"))]
    assert choose([B1], [Blank("左"), Blank("右")], burns) == Burn(B1, Blank("右"))


def test_the_second_copy_goes_on_a_blank_of_another_batch_first_of_all() -> None:
    burns = [Burn(A1, LEFT)]
    assert choose([B1], [Blank("右", "甲"), Blank("左", "乙")], burns) == Burn(B1, Blank("左", "乙"))


def test_batches_that_nobody_named_are_not_taken_for_one() -> None:
    assert choose([B1], [Blank("左"), RIGHT], [Burn(A1, Blank("右"))]) == Burn(B1, Blank("左"))


def test_another_disc_comes_before_a_copy_that_would_share() -> None:
    assert choose([B1, A2], [LEFT], [Burn(A1, LEFT)]) == Burn(A2, LEFT)


def test_with_one_drive_and_one_batch_copies_share() -> None:
    assert choose([B1], [LEFT], [Burn(A1, LEFT)]) == Burn(B1, LEFT)


def test_a_copy_that_failed_goes_to_another_drive_and_its_sister_is_left_alone() -> None:
    burns = [Burn(A1, LEFT, failed=True), Burn(B1, Blank("中", "丙"))]
    assert choose([A1], [LEFT, RIGHT], burns) == Burn(A1, RIGHT)


def test_what_failed_is_no_sister() -> None:
    """Its disc is shredded: the other copy has nothing in common with it."""
    assert choose([B1], [LEFT, RIGHT], [Burn(A1, LEFT, failed=True)]) == Burn(B1, LEFT)


def test_the_next_generation_does_not_lie_on_the_batch_of_the_sister_either() -> None:
    again = Mark.parse("2026-0001-1A2")
    assert choose([again], [LEFT, RIGHT], [Burn(B1, LEFT)]) == Burn(again, RIGHT)


def test_a_whole_set_on_two_drives() -> None:
    waiting, burns = [A1, B1, A2, B2], list[Burn]()
    while waiting:
        for blanks in ([LEFT, RIGHT], [RIGHT]):
            burn = choose(waiting, blanks, burns)
            assert burn is not None
            waiting.remove(burn.mark)
            burns.append(burn)
    assert [(str(burn.mark), burn.blank.drive) for burn in burns] == [
        ("2026-0001-1A", "左"),
        ("2026-0001-1B", "右"),
        ("2026-0001-2A", "左"),
        ("2026-0001-2B", "右"),
    ]
