"""`strongroom store probe`: what a store's place promises, tried there; before it is attached, or at any time."""

from collections.abc import Sequence

import click

from ops.cli.common import Place, as_json, local
from ops.language import said, t
from ops.output import json_line, line, note
from ops.stores import configured_store, probe_store
from ops.words import ANSWERS
from vault.catalogue.promised import last_findings
from vault.errors import BadInput
from vault.membership import is_attached, note_probe
from vault.presence import flaw
from vault.promises import QUESTIONS, Finding, lacking, meaning, require_needed
from vault.text import Text


@click.command(
    help=t(
        "Try on scratch files what a store's place promises; nothing else there is touched.",
        "用临时文件检测存储位置的各项能力，不触及其他内容。",
    )
)
@click.argument("name", metavar=t("NAME", "名称"))
@click.option("--last", is_flag=True, help=t("what was found last, without asking the place", "显示上次结果，不再检测"))
@as_json
@click.pass_obj
def probe(place: Place, name: str, last: bool, as_json: bool) -> None:
    """0 if it is fit for evidence, 4 if it is not; of a store that has joined also 3 or 5, as `store status`."""
    configured = configured_store(place.home, name)
    with place.open() as vault:
        if last:
            with vault.database.reading() as connection:
                promised = last_findings(connection, name)
            if promised is None:
                raise _never_probed(name)
            note(t("Found at ", "检测时间：") + local(promised.found_at, vault.profile))
            _tell(promised.findings, as_json)
            return
        findings = probe_store(place.home, configured, vault.setting.vault_id)
        _tell(findings, as_json)
        wrong = flaw(vault, name) if is_attached(vault, name) else None  # before an entry there mends a part of it
        note_probe(vault, name, findings)
    require_needed(name, findings)
    if wrong is not None:
        raise wrong


def _never_probed(name: str) -> BadInput:
    return BadInput(
        Text(en=f"Nothing is known of store {name}.", zh=f"尚无存储 {name} 的检测结果。"),
        hint=Text(en=f"strongroom store probe {name}", zh=f"请运行：strongroom store probe {name}"),
    )


def _tell(findings: Sequence[Finding], as_json: bool) -> None:
    for finding in findings:
        means = meaning(finding)
        if as_json:
            told = {"finding": finding.name, "answer": finding.answer, "value": finding.value, "means": means}
            json_line(told)
            continue
        label = said(QUESTIONS[finding.name].label)
        line(
            t(
                f"{said(ANSWERS[finding.answer])}  {label}: {said(means)}",
                f"{said(ANSWERS[finding.answer])}  {label}：{said(means)}",
            )
        )


def tell_lacking(name: str, findings: Sequence[Finding]) -> None:
    """In one line what a person should know; nothing where nothing is lacking."""
    if not (lacks := lacking(findings)):
        return
    en = "; ".join(f"{QUESTIONS[one.name].label.en} ({ANSWERS[one.answer].en})" for one in lacks)
    zh = "；".join(f"{QUESTIONS[one.name].label.zh}（{ANSWERS[one.answer].zh}）" for one in lacks)
    note(
        t(
            f"Store {name} does not promise: {en}. What that means: strongroom store probe {name}",
            f"存储 {name} 未能保证：{zh}。详情：strongroom store probe {name}",
        )
    )
