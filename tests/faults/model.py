"""What a store may have by now, as far as its answers told: the judge of tests/faults/operations.py.

Of each name all states are kept that it can be in. An act that was acknowledged leaves one; an act whose outcome was
not heard adds one; an answer rules out those that it contradicts. An answer that contradicts all of them is wrong.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from vault.digest import Digest


class Wrong(AssertionError):
    """A store gave an answer that cannot be right."""


class _Rot:
    """Bytes that are not known and not right."""

    def __repr__(self) -> str:
        return "ROT"


ROT: Final = _Rot()
State = bytes | _Rot | None  # None: absent


def short(state: State) -> str:
    return f"{len(state)} bytes" if isinstance(state, bytes) else repr(state)


class Names(dict[str, set[State]]):
    """Names, each with the states that it can be in."""

    def rule(self, name: str, what: str, fits: Callable[[State], bool]) -> None:
        """An answer about a name: only states that it fits remain. Wrong if none does."""
        left = {state for state in self[name] if fits(state)}
        if not left:
            raise Wrong(f"{name[-20:]}: {what}, but it can only be: {', '.join(map(short, self[name]))}")
        self[name] = left

    def done(self, name: str, state: State) -> None:
        """An act was acknowledged."""
        self[name] = {state}

    def done_all(self, answers: Iterable[tuple[str, str, Callable[[State], bool], State]]) -> None:
        """Many acts at once: name, what was said, what fits that, what it is now. Wrong only when all are noted."""
        wrong: Wrong | None = None
        for name, what, fits, state in answers:
            try:
                self.rule(name, what, fits)
            except Wrong as error:
                wrong = wrong or error
            self.done(name, state)
        if wrong is not None:
            raise wrong

    def unheard(self, name: str, state: State) -> None:
        """An act may have taken place."""
        self[name] = self[name] | {state}

    def lied(self, name: str, *good: State) -> None:
        """Nothing is known any more."""
        self[name] = {None, ROT, *good}

    def rule_listing(self, what: str, listed: Sequence[str], asked: Iterable[str]) -> None:
        """A listing, which was to have those of `asked` that are there."""
        asked = set(asked)
        if list(listed) != sorted(set(listed)):
            raise Wrong(f"{what}: not ascending, or one of them twice")
        if strangers := set(listed) - asked:
            raise Wrong(f"{what}: has {sorted(strangers)[0]}")
        for name in asked:
            present = name in set(listed)
            said = f"{what} {'has' if present else 'lacks'} it"
            self.rule(name, said, lambda state, present=present: (state is not None) == present)  # type: ignore[misc]


class Contents:
    """What objects there are to try with, by their addresses."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        self.of: dict[str, bytes] = {Digest.of(data).hex: data for data in contents}
        self.digests: dict[str, Digest] = {name: Digest.parse(name) for name in self.of}

    def reads_as(self, name: str, start: int, got: bytes, *, sealed: bool) -> Callable[[State], bool]:
        """Whether a state would read so. What does not unseal reads as anything."""

        def fits(state: State) -> bool:
            if state is None:
                return False
            if state == self.of[name]:
                return got == self.of[name][start:]
            return isinstance(state, _Rot) or sealed or got == state[start:]

        return fits
