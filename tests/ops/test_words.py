"""Every identifier that a person can meet has its words in both languages."""

import typing

from ops import words
from ops.serving.loop import Result
from vault import acts, fsck
from vault.adoption import Effect
from vault.approvals import Stage
from vault.catalogue.timeliness import LATENESS
from vault.clock import Word
from vault.completeness import Demand
from vault.deadlines import Timeliness
from vault.discs.states import State as Disc
from vault.discs.states import Step
from vault.discs.stocktake import Finding
from vault.locking import Verdict
from vault.promises import Answer
from vault.registers.outcomes import OUTCOMES
from vault.retention import State
from vault.viewing import LABELS, Purpose


def test_every_identifier_has_words_and_no_word_is_left_over() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.STAGES) == set(Stage)
    assert set(LABELS) == set(Purpose)
    assert set(words.VERDICTS) == set(Verdict)
    assert set(words.TIMELINESS) == set(Timeliness)
    assert set(words.LATENESS) == set(LATENESS)
    assert set(words.EFFECTS) == set(Effect)
    assert set(words.CLOCKS) == set(Word)
    assert set(words.FINDINGS) == set(typing.get_args(fsck.Kind))
    assert set(words.REMEDIES) == set(typing.get_args(fsck.Kind)) - {"behind", "pending"}
    assert set(words.ACTS) == {act.__struct_config__.tag for act in typing.get_args(acts.AnyAct)}
    assert set(words.COPIES) == {"good", "owed", "damaged", "leaving", "removing"}  # vault/catalogue/copies.py
    assert set(words.ANSWERS) == set(typing.get_args(Answer))
    assert set(words.DOORS) == set(typing.get_args(typing.get_type_hints(acts.StoreStanding)["standing"]))


def test_words_are_chinese_and_english_and_tell_things_apart() -> None:
    for table in (
        *(words.STATES, words.FINDINGS, words.ACTS, words.COPIES),
        *(words.DOORS, words.ANSWERS, words.VERDICTS, words.STAGES, LABELS),
        *({one: one.label for one in kind} for kind in (Disc, Step, Finding, Result)),
        *(words.TIMELINESS, words.LATENESS, words.EFFECTS, {one: one.label for one in Demand}, OUTCOMES, words.CLOCKS),
    ):
        texts = list(table.values())
        assert all(text.en.isascii() and text.en and "\u4e00" <= text.zh[0] <= "\u9fff" for text in texts)
        assert len({text.en for text in texts}) == len({text.zh for text in texts}) == len(texts)
