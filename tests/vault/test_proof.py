"""Proofs: those made from tiles are the definition's, and whatever is changed in one is rejected."""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import tlog
from vault.errors import BadInput, BlobMissing, JournalBroken
from vault.note import Checkpoint, Signer, sign_checkpoint
from vault.proof import (
    Proof,
    check_proof,
    consistency_proof,
    format_proof,
    inclusion_proof,
    parse_proof,
    verify_consistency,
    verify_inclusion,
)
from vault.text import Text

ORIGIN = "dengzhou.example/journal"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
VKEY = SIGNER.verifier.vkey


def entry(index: int) -> bytes:
    return f'{{"act":"hold.placed","by":"李建国","record":"2026-{index:06d}","why":"行政诉讼"}}'.encode()


LEAVES = [tlog.leaf_hash(entry(index)) for index in range(520)]


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


@cache
def mth(start: int, end: int) -> bytes:
    """RFC 6962 section 2.1."""
    if end - start <= 1:
        return LEAVES[start] if start < end else sha256(b"").digest()
    k = split(end - start)
    return sha256(b"\x01" + mth(start, start + k) + mth(start + k, end)).digest()


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]), RFC 6962 section 2.1.1."""
    n = end - start
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, b: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b), RFC 6962 section 2.1.2."""
    n = end - start
    if m == n:
        return [] if b else [mth(start, end)]
    k = split(n)
    if m <= k:
        return [*subproof(m, start, start + k, b), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


@cache
def tiles(size: int) -> Callable[[str], bytes]:
    files = dict(tlog.grow(tlog.Edge(), LEAVES[:size]).files)

    def read(path: str) -> bytes:
        if path not in files:
            raise BlobMissing(Text(en=f"no {path}", zh=f"没有 {path}"))
        return files[path]

    return read


def flipped(data: bytes, bit: int) -> bytes:
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def accepted(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except JournalBroken:
        return False
    return True


def test_every_inclusion_proof_to_size_130_and_around_the_tiles_is_the_definitions_and_verifies():
    for size in (*range(1, 131), *range(254, 259), 300):
        for index in range(size):
            proof = inclusion_proof(index, size, tiles(size))
            assert proof == path(index, 0, size)
            verify_inclusion(LEAVES[index], index, size, proof, mth(0, size))


def test_every_consistency_proof_to_size_130_and_around_the_tiles_is_the_definitions_and_verifies():
    sizes = [*range(131), *range(253, 260), 300, 511, 512, 513, 520]
    for new in sizes:
        for old in (size for size in sizes if size <= new):
            proof = consistency_proof(old, new, tiles(new))
            assert proof == (subproof(old, 0, new, True) if old else [])
            verify_consistency(old, mth(0, old), new, mth(0, new), proof)


def test_proofs_for_a_size_that_has_passed_come_from_the_newer_tiles():
    for size in (1, 7, 255, 256, 257, 500):
        assert inclusion_proof(size // 2, size, tiles(520)) == path(size // 2, 0, size)
        assert consistency_proof(size // 2 + 1, size, tiles(520)) == subproof(size // 2 + 1, 0, size, True)


@pytest.mark.parametrize(
    ("index", "size"), [(0, 1), (0, 2), (4, 5), (2, 7), (6, 7), (255, 256), (256, 257), (100, 300)]
)
def test_every_wrong_input_to_verify_inclusion_is_rejected(index, size):
    leaf, proof, root = LEAVES[index], path(index, 0, size), mth(0, size)
    assert accepted(verify_inclusion, leaf, index, size, proof, root)
    wrong = [
        (leaf, index, size, [*proof, root], root),
        (leaf, index, size, [leaf, *proof], root),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
        (leaf, index, 0, proof, root),
        (leaf[:31], index, size, proof, root),
        (leaf, index, size, proof, root[:31]),
        (leaf, index, size, [*proof, b""], root),
    ]
    wrong += [(leaf, other, size, proof, root) for other in range(size + 3) if other != index]
    wrong += [(flipped(leaf, bit), index, size, proof, root) for bit in range(256)]
    wrong += [(leaf, index, size, proof, flipped(root, bit)) for bit in range(256)]
    for at, one in enumerate(proof):
        wrong += [(leaf, index, size, proof[:at] + proof[at + 1 :], root)]
        wrong += [(leaf, index, size, [*proof[:at], one[:31], *proof[at + 1 :]], root)]
        wrong += [(leaf, index, size, [*proof[:at], flipped(one, b), *proof[at + 1 :]], root) for b in range(256)]
    assert [arguments for arguments in wrong if accepted(verify_inclusion, *arguments)] == []


def test_a_proof_may_not_be_higher_than_its_tree():
    """Else the last entry of two would pass for the first of one, under the root of both."""
    verify_inclusion(LEAVES[1], 1, 2, [LEAVES[0]], mth(0, 2))
    with pytest.raises(JournalBroken):
        verify_inclusion(LEAVES[1], 0, 1, [LEAVES[0]], mth(0, 2))
    with pytest.raises(JournalBroken):
        verify_inclusion(LEAVES[3], 1, 2, path(3, 0, 4), mth(0, 4))


def test_the_border_between_two_hashes_may_not_be_moved():
    """Left and right are hashed as one string: 31 + 33 bytes of them would lead to the same root."""
    leaf, proof, root = LEAVES[4], path(4, 0, 7), mth(0, 7)
    moved = [leaf[31:] + proof[0], *proof[1:]]
    assert tlog.node_hash(leaf[:31], moved[0]) == tlog.node_hash(leaf, proof[0])
    with pytest.raises(JournalBroken):
        verify_inclusion(leaf[:31], 4, 7, moved, root)
    old, new, hashes = mth(0, 3), mth(0, 7), subproof(3, 0, 7, True)
    cut = [hashes[0][:31], hashes[0][31:] + hashes[1], *hashes[2:]]
    with pytest.raises(JournalBroken):
        verify_consistency(3, old, 7, new, cut)


def test_an_inclusion_proof_alone_does_not_bind_the_size():
    """Why `check_proof` exists: the same proof and root pass under other sizes, so the size must be a signed one."""
    proof, root = path(2, 0, 7), mth(0, 7)
    passing = [size for size in range(3, 40) if accepted(verify_inclusion, LEAVES[2], 2, size, proof, root)]
    assert passing == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("old", "new"), [(1, 2), (2, 5), (3, 7), (4, 8), (6, 8), (7, 7), (0, 3), (255, 257), (256, 300)]
)
def test_every_wrong_input_to_verify_consistency_is_rejected(old, new):
    proof = subproof(old, 0, new, True) if old else []
    before, after = mth(0, old), mth(0, new)
    assert accepted(verify_consistency, old, before, new, after, proof)
    wrong = [
        (old, before, new, after, [*proof, after]),
        (old, before, new, after, [before, *proof]),
        (new, after, old, before, proof) if old != new else (-1, before, new, after, proof),
        (old, before[:31], new, after, proof),
        (old, before, new, after[:31], proof),
        (old, before, new, after, [*proof, b""]),
    ]
    wrong += [(old, flipped(before, bit), new, after, proof) for bit in range(256)]
    if old:  # nothing is said of what follows an empty journal
        wrong += [(old, before, new, flipped(after, bit), proof) for bit in range(256)]
    for at, one in enumerate(proof):
        wrong += [(old, before, new, after, proof[:at] + proof[at + 1 :])]
        wrong += [(old, before, new, after, [*proof[:at], flipped(one, b), *proof[at + 1 :]]) for b in range(256)]
    assert [arguments for arguments in wrong if accepted(verify_consistency, *arguments)] == []


def test_a_changed_history_has_no_consistency_proof():
    other = [tlog.leaf_hash(b"forged"), *LEAVES[1:300]]
    files = dict(tlog.grow(tlog.Edge(), other).files)
    for old in (1, 5, 128, 256, 299):
        proof = consistency_proof(old, 300, files.__getitem__)
        with pytest.raises(JournalBroken, match="history was changed"):
            verify_consistency(old, mth(0, old), 300, tlog.Edge().append(other)[0].root(), proof)


def test_what_cannot_be_asked_is_a_mistake_of_the_caller():
    for index, size in [(-1, 5), (5, 5), (0, 0)]:
        with pytest.raises(ValueError, match="no entry"):
            inclusion_proof(index, size, tiles(5))
    for old, new in [(-1, 5), (6, 5)]:
        with pytest.raises(ValueError, match="does not grow"):
            consistency_proof(old, new, tiles(5))


def make(index: int, size: int) -> bytes:
    note = sign_checkpoint(ORIGIN, size, mth(0, size), SIGNER)
    return format_proof(index, inclusion_proof(index, size, tiles(size)), note)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (3, 5), (256, 257), (299, 300)])
def test_a_proof_file_is_checked_with_the_key_and_the_entry_alone(index, size):
    data = make(index, size)
    lines = data.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {index}"]
    assert lines[2 : lines.index("")] == [b64encode(one).decode() for one in path(index, 0, size)]
    assert check_proof(data, entry(index), VKEY) == Checkpoint(ORIGIN, size, mth(0, size))
    with pytest.raises(JournalBroken, match=f"entry {index}"):
        check_proof(data, entry(index) + b" ", VKEY)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (3, 5)])
def test_every_flipped_bit_of_a_proof_file_is_rejected(index, size):
    data = make(index, size)
    for bit in range(len(data) * 8):
        with pytest.raises(JournalBroken):
            check_proof(flipped(data, bit), entry(index), VKEY)


def test_every_flipped_bit_of_the_proven_entry_is_rejected():
    data = make(3, 5)
    for bit in range(len(entry(3)) * 8):
        with pytest.raises(JournalBroken):
            check_proof(data, flipped(entry(3), bit), VKEY)


def test_a_proof_cut_anywhere_or_extended_is_rejected():
    data = make(3, 5)
    for end in range(len(data)):
        with pytest.raises(JournalBroken):
            check_proof(data[:end], entry(3), VKEY)
    for damaged in (data + b"\n", b"\n" + data, data + data, data + bytes(2 << 20)):
        with pytest.raises(JournalBroken):
            check_proof(damaged, entry(3), VKEY)


def test_a_proof_under_another_checkpoint_is_rejected():
    proof = parse_proof(make(3, 5))
    for size in (4, 6, 7, 8, 300):
        note = sign_checkpoint(ORIGIN, size, mth(0, size), SIGNER)
        with pytest.raises(JournalBroken):
            check_proof(format_proof(3, proof.hashes, note), entry(3), VKEY)
    unsigned_size = sign_checkpoint(ORIGIN, 6, mth(0, 5), Signer(ORIGIN, Ed25519PrivateKey.generate()))
    with pytest.raises(JournalBroken, match="good signature"):
        check_proof(format_proof(3, proof.hashes, unsigned_size), entry(3), VKEY)


def test_extra_data_is_carried_and_not_believed():
    proof = parse_proof(make(3, 5))
    data = format_proof(3, proof.hashes, proof.checkpoint, "见附页".encode())
    assert data.split(b"\n")[1] == b"extra " + b64encode("见附页".encode())
    assert parse_proof(data) == Proof(3, proof.hashes, proof.checkpoint, "见附页".encode())
    assert check_proof(data, entry(3), VKEY).size == 5


HASH = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "head",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex",
        "c2sp.org/tlog-proof@v1\nindex ",
        "c2sp.org/tlog-proof@v1\nindex 00",
        "c2sp.org/tlog-proof@v1\nindex -1",
        "c2sp.org/tlog-proof@v1\nindex 1 ",
        "c2sp.org/tlog-proof@v1\nindex 9223372036854775808",
        "c2sp.org/tlog-proof@v1\nextra \nindex 0",
        "c2sp.org/tlog-proof@v1\nextra !!!!\nindex 0",
        "c2sp.org/tlog-proof@v1\nextra QQ==",
        "c2sp.org/tlog-proof@v1\nextra QQ==\nextra QQ==\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra QQ==",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + HASH[:-1],
        "c2sp.org/tlog-proof@v1\nindex 0\n" + HASH[:-2] + "B=",
        "c2sp.org/tlog-proof@v1\nindex 0\n " + HASH,
        "c2sp.org/tlog-proof@v1\nindex 0\nQQ==",
        "c2sp.org/tlog-proof@v1\r\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex ０",
        "\ufeffc2sp.org/tlog-proof@v1\nindex 0",
    ],
)
def test_what_is_not_spelled_as_a_proof_is_none(head):
    with pytest.raises(JournalBroken, match="not a proof"):
        parse_proof(head.encode() + b"\n\n" + sign_checkpoint(ORIGIN, 1, mth(0, 1), SIGNER))


def test_a_key_that_cannot_be_read_is_not_a_broken_journal():
    with pytest.raises(BadInput, match="verifier key"):
        check_proof(make(3, 5), entry(3), "not a key")
