"""Proofs of a real vault's records, and the judgement of another program on its journal."""

from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.vault.scene import away, flip, root_of, sql, take_in
from tests.vault.test_oracle import Judge
from tests.vault.test_oracle import judge as judge
from vault import acts, corrections
from vault.errors import BadInput, CatalogueBroken, IntegrityBroken, JournalBroken, StoreUnavailable
from vault.proof import check_proof
from vault.proving import proof_files, prove
from vault.store import Vault


@pytest.fixture
def grown(vault: Vault) -> Vault:
    """Two records, much said of the first, over several bundles."""
    one, two = take_in(vault, [b"one"], [b"two"])
    viewed = acts.RecordViewed(at=vault.now(), by="王芳", record=two, how="get", approved_by=("赵局长",), why="查阅")
    vault.commit(lambda _: [viewed] * 280)
    corrections.place_hold(vault, one, "行政复议", "法制科")
    vault.commit(lambda _: [viewed] * 240)
    return vault


ONE = "2026-0000001"


def test_every_entry_about_a_record_is_proven(grown: Vault) -> None:
    proven = prove(grown, ONE)
    assert [(one.seq, one.act) for one in proven] == [(3, "record.stored"), (285, "hold.placed")]
    for one in proven:
        checkpoint = check_proof(one.proof, one.entry, grown.verifier.vkey)
        assert checkpoint.size == 526
        assert getattr(acts.decode(one.entry), "record", None) == ONE


def test_another_program_accepts_the_journal_and_the_proofs_and_nothing_else(
    judge: Judge, grown: Vault, tmp_path: Path
) -> None:
    for store in ("甲", "乙"):
        answer = judge("log", root_of(grown, store) / "journal", grown.verifier.vkey)
        assert answer.stdout.startswith("verified: 526 entries, 4 tiles"), answer.stderr
    entry, proof = tmp_path / "entry", tmp_path / "proof"
    for one in prove(grown, ONE):
        entry.write_bytes(one.entry)
        proof.write_bytes(one.proof)
        answer = judge("proof", proof, entry, grown.verifier.vkey)
        assert answer.stdout.startswith(f"verified: entry {one.seq} of 526"), answer.stderr
        entry.write_bytes(one.entry.replace("李建国".encode(), "张三三".encode()))
        assert judge("proof", proof, entry, grown.verifier.vkey).returncode == 1
    flip(root_of(grown, "甲") / "journal" / "tile" / "entries" / "001", 4_000)
    assert judge("log", root_of(grown, "甲") / "journal", grown.verifier.vkey).returncode == 1


def test_what_goes_beside_an_export(grown: Vault) -> None:
    files = proof_files(grown, [ONE, "2026-0000002"])
    assert files["journal/key.txt"] == grown.verifier.vkey.encode() + b"\n"
    assert {f"journal/{ONE}.3.json", f"journal/{ONE}.3.tlog-proof", f"journal/{ONE}.285.json"} <= set(files)
    assert len(files) == 1 + 2 * (2 + 521)


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/001", "tile/0/000", "tile/1/000.p/2"])
def test_damage_on_one_store_makes_the_other_give_the_proof(grown: Vault, path: str) -> None:
    file = root_of(grown, "甲") / "journal" / path
    bit = 8 * file.read_bytes().find(b"hold.placed") if "entries" in path else 150
    flip(file, bit)
    assert len(prove(grown, ONE)) == 2
    flip(root_of(grown, "乙") / "journal" / path, bit + 2)
    with pytest.raises(IntegrityBroken):
        prove(grown, ONE)


def test_a_store_that_lags_gives_no_proof_and_no_traceback(home: Path, working: Working) -> None:
    """It ended in a ValueError about a tile that cannot be."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as vault:
        with away(vault, "甲"):
            take_in(vault, [b"one"], on=["乙"])
        assert len(prove(vault, ONE)) == 1
        with away(vault, "乙"), pytest.raises(StoreUnavailable, match="lags behind"):
            prove(vault, ONE)


def test_an_entry_that_is_not_about_the_record_is_not_given_for_it(grown: Vault) -> None:
    sql(grown, "UPDATE journal SET record_id = 1 WHERE seq = 100")
    with pytest.raises(CatalogueBroken, match="Entry 100 is not about record 2026-0000001"):
        prove(grown, ONE)


def test_a_record_that_does_not_exist(grown: Vault) -> None:
    with pytest.raises(BadInput, match="2026-0000009"):
        prove(grown, "2026-0000009")


def test_a_proof_is_for_one_entry_one_key_and_one_journal(grown: Vault) -> None:
    first, second = prove(grown, ONE)
    with pytest.raises(JournalBroken):
        check_proof(first.proof, second.entry, grown.verifier.vkey)
    name, key_id, key = grown.verifier.vkey.split("+", 2)
    with pytest.raises((BadInput, JournalBroken)):
        check_proof(first.proof, first.entry, f"{name}x+{key_id}+{key}")
