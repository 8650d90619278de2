"""`strongroom journal` and `prove`: the signed list of every act, and proofs that need no vault."""

import sys
from pathlib import Path

import click

from ops.cli.common import Place, as_json, local
from ops.language import said, t
from ops.output import json_line, line, note
from vault import journalcheck
from vault.authority import Action, require
from vault.catalogue import people
from vault.catalogue.people import Refusal
from vault.outputs import replace_file, writing_to
from vault.profile import Profile
from vault.proving import prove as prove_record


@click.group(help=t("The signed list of every act.", "签名日志。"))
def journal() -> None:
    """The journal."""


@journal.command(help=t("Prove every file of the journal on every store.", "逐一验证各存储上的日志文件。"))
@as_json
@click.pass_obj
def verify(place: Place, as_json: bool) -> int:
    """0: all agree with the signature; 3: something does not; 5: a store did not answer."""
    with place.open() as vault:
        stores = list(vault.stores.values())
        with vault.journal.still():
            agreed = journalcheck.agree(stores, vault.verifier)
        journalcheck.require_one_history(agreed, stores)
        checked = damaged = 0
        skipped = len(agreed.unknown)
        for file in journalcheck.check_journal(stores, agreed):
            checked += len(stores) - len(file.unknown)
            damaged += len(file.damaged)
            for name in file.damaged:
                if as_json:
                    json_line({"store": name, "path": file.path, "damaged": True}, "file")
                else:
                    line(t(f"damaged  {name}: {file.path}", f"损坏  {name}：{file.path}"))
    size = agreed.checkpoint.size
    if as_json:
        json_line({"entries": size, "checked": checked, "damaged": damaged, "skipped": skipped}, "sum")
    else:
        note(
            t(
                f"{size} entries, {checked} files checked, {damaged} damaged, {skipped} stores skipped.",
                f"{size} 条日志，已检查 {checked} 个文件，损坏 {damaged}，跳过 {skipped} 个存储。",
            )
        )
    if damaged or not checked:
        return 3
    return 5 if skipped else 0


@journal.command(help=t("Print the signed checkpoint and the key.", "输出签名检查点和公钥。"))
@click.pass_obj
def checkpoint(place: Place) -> None:
    """The note as it lies on the stores (C2SP tlog-checkpoint); the verifier key goes to standard error."""
    with place.open() as vault:
        agreed = journalcheck.agree(list(vault.stores.values()), vault.verifier)
        sys.stdout.buffer.write(agreed.signed)
        note(vault.verifier.vkey)


@journal.command(help=t("What people were refused, the newest first.", "被拒绝的操作，最新在前。"))
@as_json
@click.pass_obj
def refusals(place: Place, as_json: bool) -> None:
    """For who audits; every refusal is in the journal."""
    with place.open() as vault:
        require(vault, Action.JOURNAL_AUDIT)
        with vault.database.reading() as connection:
            for one in people.refusals(connection):
                _tell_refusal(one, vault.profile, as_json)


def _tell_refusal(one: Refusal, profile: Profile, as_json: bool) -> None:
    if as_json:
        json_line(
            {"at": one.at, "by": one.by, "via": one.via, "action": one.action, "about": one.about, "why": one.why}
        )
        return
    who = f"{one.by} ({one.via})" if one.via else one.by
    line("  ".join(part for part in (local(one.at, profile), who, said(Action(one.action).label), one.about) if part))


@click.command(help=t("Write proofs that a record is in the journal.", "生成记录已载入日志的证明。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@click.argument(
    "folder", metavar=t("[FOLDER]", "[文件夹]"), type=click.Path(file_okay=False, path_type=Path), default="."
)
@as_json
@click.pass_obj
def prove(place: Place, number: str, folder: Path, as_json: bool) -> None:
    """For each entry about it NUMBER.SEQ.json and NUMBER.SEQ.tlog-proof; the key is printed."""
    with place.open_to_read() as vault:
        proven = list(prove_record(vault, [number]))
        with writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for one in proven:
            entry, proof = (folder / f"{number}.{one.seq}{ending}" for ending in (".json", ".tlog-proof"))
            replace_file(entry, one.entry)
            replace_file(proof, one.proof)
            if as_json:
                json_line({"entry": entry, "proof": proof, "act": one.act, "key": vault.verifier.vkey})
            else:
                line(f"{one.act}  {entry}  {proof}")
        note(vault.verifier.vkey)
