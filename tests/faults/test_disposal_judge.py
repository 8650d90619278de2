"""A judge that never objected has shown nothing: one rule at a time is taken out, and what it stood against is done."""

import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

import msgspec
import pytest

from tests.faults.disposals import Disposals
from vault.catalogue import signatures
from vault.catalogue.projection import disposal as projection
from vault.disposal import destruction, frozen, rules
from vault.profile import Profile
from vault.retention import Decision, Holding, State, decide
from vault.rights import Reason

Rule = Callable[[pytest.MonkeyPatch], None]


def _decided(patch: pytest.MonkeyPatch, otherwise: Callable[[Holding, Profile, datetime], Decision]) -> None:
    """Records are decided on in another way when it comes to their destruction."""
    for module in (frozen, destruction):
        patch.setattr(module, "decide", otherwise)


def _holds(patch: pytest.MonkeyPatch) -> None:
    _decided(patch, lambda holding, profile, now: decide(replace(holding, holds=()), profile, now))


def _terms(patch: pytest.MonkeyPatch) -> None:
    """Neither is a record's term over at the last moment, nor is it what was agreed to."""
    _decided(patch, lambda *given: msgspec.structs.replace(decide(*given), state=State.DUE))
    patch.setattr(frozen, "changed", lambda listed, now: None)


def _lost_signatures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signatures, "OPEN", frozenset())


def _adoptions(patch: pytest.MonkeyPatch) -> None:
    for module in [module for name, module in sys.modules.items() if name.startswith("vault.")]:
        if hasattr(module, "overtaken"):
            patch.setattr(module, "overtaken", lambda under, in_force: None)


def _digests(patch: pytest.MonkeyPatch) -> None:
    """A change takes back nothing, and what is signed is not that very list."""
    signed = property(lambda self: frozenset(one.by for one in self.signatures if one.stands))
    patch.setattr(projection, "_void", lambda connection, disposal: None)
    patch.setattr(rules.Disposal, "supervised_by", signed)
    patch.setattr(rules, "may_use", lambda *given: rules.Ruling())


def _grace(patch: pytest.MonkeyPatch) -> None:
    def approved(disposal: rules.Disposal, now: datetime, zone: tzinfo) -> Iterator[Reason]:
        if disposal.approval is not None:
            yield from rules.may_use(disposal.approval, disposal.sha256, now, zone).reasons

    patch.setattr(rules, "_not_yet", approved)


def _clocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(destruction, "trusted_now", lambda vault: vault.now())


def _parts(patch: pytest.MonkeyPatch) -> None:
    def none(had: object, action: object, by: str, namesakes: Collection[str]) -> Iterator[Any]:
        yield from ()

    patch.setattr(rules, "other_parts", none)


@pytest.mark.parametrize(
    ("rule", "at_last", "said"),
    [
        (_holds, "hold", "was destroyed under a hold"),
        (_terms, "flag", "was destroyed though it was to be kept"),
        (_lost_signatures, "hands", "destroyed with the signature of one who had left or changed roles: chenjing"),
        (_adoptions, "adopt", "destroyed after another profile was adopted"),
        (_digests, "edit", "destroyed without an approval after the last change"),
        (_grace, "at once", "destroyed before its grace period was over"),
        (_clocks, "no grace", "destroyed before its grace period was over"),
        (_parts, "leader's", "destroyed though somebody had two parts in it: wangju"),
        (_parts, "supervisor's", "destroyed though somebody had two parts in it: chenjing"),
    ],
)
def test_what_a_rule_stands_against_is_named_once_it_is_taken_out(
    monkeypatch: pytest.MonkeyPatch, rule: Rule, at_last: str, said: str
) -> None:
    for without in (False, True):
        if without:
            rule(monkeypatch)
        random = Disposals()
        random.begin(thorough=False)
        try:
            if without:
                with pytest.raises(AssertionError, match=said):
                    random.ended(at_last, None)
            else:
                random.ended(at_last, None)
        finally:
            random.teardown()
        assert [words for words in random.judge.found if said in words] == random.judge.found
        assert bool(random.judge.found) is without
