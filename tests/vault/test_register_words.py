"""No paper prints an identifier where the profile has words: every one of every profile, and of one that is gone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from labels.wording import Languages, cell_words
from tests.vault.scene import NOW, apply, stored
from tests.vault.test_registers import scope
from vault import acts
from vault.facts import Facts
from vault.people import Role
from vault.profile import Method, Profile, load_profile, shipped_profiles
from vault.profile.parts import ids
from vault.records import Standing
from vault.registers import MAKERS
from vault.registers.appraisal import appraisal_of
from vault.registers.certificate import certificate_of
from vault.registers.disposal import register_of
from vault.store import Vault
from vault.terms import RetentionClass

DISPOSAL = "D2028-0001"
OF_A_LIST = {"appraisal": appraisal_of, "register": register_of, "certificate": certificate_of}


def keys_of(profile: Profile) -> set[str]:
    """What the profile's rules are called by, and what papers could print of the program's own."""
    own = (one.value for words in (RetentionClass, Role, Method) for one in words)
    return {*_ids(msgspec.to_builtins(profile)), *own}


def _ids(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "id")
        part = list(part.values())
    if isinstance(part, list | tuple):
        for one in part:
            yield from _ids(one)


def happened(profile: Profile) -> Iterator[acts.AnyAct]:
    """Records of every matter, of every kind, under every circumstance and exception, late and put right, seen, held,
    listed; explanations of every cause."""
    within = profile.intake.stored_within
    exceptions = tuple(ids(within.exceptions)) if within is not None else ()
    circumstances, kinds = tuple(ids(profile.circumstances)), ids(profile.kinds) or [""]
    matters = (ids(profile.recordings.items) if profile.recordings is not None else []) or ["检查"]
    for number in range(1, max(len(kinds), len(matters)) + 1):
        record = f"2026-{number:07d}"
        said = Facts(
            kind=kinds[number % len(kinds)],
            case_number=f"邓财监〔2026〕{number}号",
            section="会计科",
            matter=f"{matters[number % len(matters)]}、谈话",
            recorded_at=NOW - timedelta(days=9),
            activity_ended_at=NOW - timedelta(days=9),
            circumstances=circumstances,
        )
        yield stored(number, said)
        back = Facts(exceptions=exceptions, returned_at=NOW - timedelta(days=8))
        yield acts.RecordCorrected(at=NOW, by="王芳", record=record, facts=back, standing=Standing.KEPT, why="更正")
        yield acts.RecordViewed(at=NOW, by="王芳", record=record, how="get", approved_by=("赵局长",), why="复议")
        yield acts.HoldPlaced(at=NOW, by="王芳", hold=f"H{number:05d}", record=record, why="诉讼", authority="法院")
    for number, cause in enumerate(cause.id for rule in profile.explanations for cause in rule.causes):
        missing = Facts(case_number="邓财监〔2026〕1号", matter=matters[0], activity_ended_at=NOW)
        yield acts.RecordingMissing(
            at=NOW, by="王芳", explanation=f"E{number + 1:05d}", facts=missing, cause=cause, why="暴雨停电"
        )
    yield acts.DisposalOpened(at=NOW, by="王芳", disposal=DISPOSAL)
    listed = acts.Listed(
        record="2026-0000001",
        fate="dispose",
        why="期满",
        said=acts.AsListed(
            facts=Facts(matter=matters[-1], circumstances=circumstances), retention_class=RetentionClass.ONE_YEAR
        ),
    )
    yield acts.RecordsAppraised(at=NOW, by="王芳", disposal=DISPOSAL, appraised=(listed,))
    yield acts.DisposalStopped(at=NOW, by="王芳", disposal=DISPOSAL, why="复核")


def written(vault: Vault, profile: Profile, languages: Languages) -> dict[str, str]:
    """All that stands in the rows and above them, by the kind of paper."""
    with vault.database.reading() as connection:
        drawn = {kind: maker.draw(connection, profile, scope()) for kind, maker in MAKERS.items()}
        if profile.recordings is None or not profile.recordings.items:
            del drawn["completeness"]  # it is refused without a list
        of_list = replace(scope(), disposal=DISPOSAL)
        drawn |= {kind: draw(connection, of_list) for kind, draw in OF_A_LIST.items()}
        said = {}
        for kind, register in drawn.items():
            cells = [
                cell_words(cell, column, register.scope.zone, languages)
                for row in register.rows
                for cell, column in zip(row.cells, register.form.columns, strict=True)
            ]
            assert cells, kind
            said[kind] = "\n".join([*(text.said("zh") for text in register.preface), *cells])
        return said


def bare(keys: set[str], said: str) -> list[str]:
    """The identifiers that stand in a text, without marks around them."""
    return sorted(key for key in keys if re.search(rf"(?<![a-z0-9「-]){re.escape(key)}(?![a-z0-9」-])", said))


def test_a_bare_identifier_is_found() -> None:
    assert bare({"1-year", "service"}, "案件service、1-year") == ["1-year", "service"]
    assert bare({"1-year", "service"}, "「1-year」；service-by-notice") == []


@pytest.mark.parametrize("name", shipped_profiles())
def test_no_chinese_paper_prints_an_identifier(vault: Vault, name: str) -> None:
    profile = load_profile(name)
    with vault.database.writing() as connection:
        apply(connection, profile, *happened(profile))
    found = {kind: bare(keys_of(profile), said) for kind, said in written(vault, profile, "zh").items()}
    assert not {kind: words for kind, words in found.items() if words}


def test_what_the_list_calls_a_matter_is_printed_in_the_papers_language(vault: Vault) -> None:
    profile = load_profile("jiangyuan")
    assert profile.recordings is not None
    service = next(item for item in profile.recordings.items if item.id == "service")
    with vault.database.writing() as connection:
        apply(connection, profile, *happened(profile))
    for kind in ("intake", "late", "viewing", "appraisal", "register", "certificate"):
        zh, en = (written(vault, profile, language)[kind] for language in ("zh", "en"))
        either = profile.recordings.items[-1] if kind in OF_A_LIST else service
        assert either.zh in zh, kind
        assert either.en in en, kind
    assert profile.intake.stored_within is not None
    waits = profile.intake.stored_within.exceptions
    assert f"延时情形：—→{'、'.join(one.zh for one in waits)}" in written(vault, profile, "zh")["late"]
    assert f"exceptions: — → {', '.join(one.en for one in waits)}" in written(vault, profile, "en")["late"]


def test_an_identifier_of_a_profile_that_is_gone_stands_between_marks(vault: Vault) -> None:
    was, now = load_profile("jiangyuan"), load_profile("xinzhou")
    with vault.database.writing() as connection:
        apply(connection, was, *happened(was))
    said = written(vault, now, "zh")
    assert not {kind: words for kind, text in said.items() if (words := bare(keys_of(was), text))}
    assert "「service」、谈话" in said["intake"]
    assert "延时情形：—→「continuous」、「off-site」、「remote」" in said["late"]
