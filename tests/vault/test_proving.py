"""Proofs of a real vault's records, and the judgement of another program on its journal."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ops.wiring import Working, open_vault
from tests.vault.scene import away, flip, root_of, sql, take_in
from tests.vault.test_oracle import Judge
from tests.vault.test_oracle import judge as judge
from vault import acts, corrections
from vault.errors import BadInput, CatalogueBroken, IntegrityBroken, JournalBroken, StoreUnavailable
from vault.ports import Store
from vault.proof import check_proof
from vault.prooflines import decode_line
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


ONE, TWO = "2026-0000001", "2026-0000002"


def test_every_entry_about_a_record_is_proven(grown: Vault) -> None:
    proven = list(prove(grown, [ONE]))
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
    for one in prove(grown, [ONE]):
        entry.write_bytes(one.entry)
        proof.write_bytes(one.proof)
        answer = judge("proof", proof, entry, grown.verifier.vkey)
        assert answer.stdout.startswith(f"verified: entry {one.seq} of 526"), answer.stderr
        entry.write_bytes(one.entry.replace("李建国".encode(), "张三三".encode()))
        assert judge("proof", proof, entry, grown.verifier.vkey).returncode == 1
    flip(root_of(grown, "甲") / "journal" / "tile" / "entries" / "001", 4_000)
    assert judge("log", root_of(grown, "甲") / "journal", grown.verifier.vkey).returncode == 1


def test_what_goes_beside_an_export(grown: Vault) -> None:
    one, two = list(prove(grown, [ONE])), list(prove(grown, [TWO]))
    files = proof_files(grown, [ONE, TWO])
    assert list(files) == ["journal/key.txt", "journal/proofs-0001.jsonl"]
    assert files["journal/key.txt"] == grown.verifier.vkey.encode() + b"\n"
    lines = files["journal/proofs-0001.jsonl"].splitlines()
    assert [decode_line(line) for line in lines] == one + two
    assert len(lines) == 2 + 521
    first = json.loads(lines[0])
    assert list(first) == ["record", "seq", "act", "entry", "proof"]
    assert (first["record"], first["seq"], first["act"]) == (ONE, 3, "record.stored")
    assert (first["entry"].encode(), first["proof"].encode()) == (one[0].entry, one[0].proof)
    assert "李建国" in lines[0].decode()  # as a person reads it


def test_a_thousand_lines_a_file(grown: Vault) -> None:
    viewed = acts.RecordViewed(at=grown.now(), by="王芳", record=ONE, how="get", approved_by=("赵局长",), why="查阅")
    grown.commit(lambda _: [viewed] * 1_000)
    files = proof_files(grown, [ONE, TWO])
    counts = [len(text.splitlines()) for name, text in files.items() if name != "journal/key.txt"]
    assert counts == [1_000, 523]
    assert list(files)[-1] == "journal/proofs-0002.jsonl"


def test_a_bundle_and_a_tile_are_read_once_for_all_records(grown: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    store = grown.stores["甲"]
    read: Counter[str] = Counter()
    whole = type(store).read_file

    def counted(self: Store, path: str) -> bytes:
        read[path] += 1
        return whole(self, path)

    monkeypatch.setattr(type(store), "read_file", counted)
    assert len(list(prove(grown, [ONE, TWO]))) == 523
    assert {"journal/checkpoint", "journal/tile/entries/000", "journal/tile/0/000"} < set(read)
    assert set(read.values()) == {1}


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/001", "tile/0/000", "tile/1/000.p/2"])
def test_damage_on_one_store_makes_the_other_give_the_proof(grown: Vault, path: str) -> None:
    file = root_of(grown, "甲") / "journal" / path
    bit = 8 * file.read_bytes().find(b"hold.placed") if "entries" in path else 150
    flip(file, bit)
    assert len(list(prove(grown, [ONE]))) == 2
    flip(root_of(grown, "乙") / "journal" / path, bit + 2)
    with pytest.raises(IntegrityBroken):
        list(prove(grown, [ONE]))


def test_a_store_that_lags_gives_no_proof_and_no_traceback(home: Path, working: Working) -> None:
    """It ended in a ValueError about a tile that cannot be."""
    config = home / "strongroom.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("minimum = 2", "minimum = 1"), encoding="utf-8")
    with open_vault(home, working) as vault:
        with away(vault, "甲"):
            take_in(vault, [b"one"], on=["乙"])
        assert len(list(prove(vault, [ONE]))) == 1
        with away(vault, "乙"), pytest.raises(StoreUnavailable, match="lags behind"):
            list(prove(vault, [ONE]))


def test_an_entry_that_is_not_about_the_record_is_not_given_for_it(grown: Vault) -> None:
    sql(grown, "UPDATE journal SET record_id = 1 WHERE seq = 100")
    with pytest.raises(CatalogueBroken, match="Entry 100 is not about record 2026-0000001"):
        list(prove(grown, [ONE]))


def test_a_record_that_does_not_exist(grown: Vault) -> None:
    with pytest.raises(BadInput, match="2026-0000009"):
        list(prove(grown, [ONE, "2026-0000009"]))


def test_a_proof_is_for_one_entry_one_key_and_one_journal(grown: Vault) -> None:
    first, second = prove(grown, [ONE])
    with pytest.raises(JournalBroken):
        check_proof(first.proof, second.entry, grown.verifier.vkey)
    name, key_id, key = grown.verifier.vkey.split("+", 2)
    with pytest.raises((BadInput, JournalBroken)):
        check_proof(first.proof, first.entry, f"{name}x+{key_id}+{key}")
