"""Checkpoints: what was signed opens, and nothing else does."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import BadInput, JournalBroken
from vault.note import Checkpoint, Signer, Verifier, open_checkpoint, sign_checkpoint
from vault.tlog import EMPTY_ROOT

ORIGIN = "dengzhou.example/执法音像档案"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("nanyang.example/witness", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
ROOT = bytes(range(100, 132))
GOOD = sign_checkpoint(ORIGIN, 70_000, ROOT, SIGNER)


def signature_line(text: bytes, signer: Signer = SIGNER) -> bytes:
    made = b64encode(signer.verifier.key_id + signer.private_key.sign(text)).decode()
    return f"— {signer.name} {made}\n".encode()


def signed(text: str, *signers: Signer) -> bytes:
    """A note with good signatures over any text whatever."""
    return text.encode() + b"\n" + b"".join(signature_line(text.encode(), one) for one in signers or (SIGNER,))


def test_a_checkpoint_opens_with_the_key_that_signed_it():
    assert open_checkpoint(GOOD, SIGNER.verifier) == Checkpoint(ORIGIN, 70_000, ROOT)
    assert signed(f"{ORIGIN}\n70000\n{b64encode(ROOT).decode()}\n") == GOOD
    empty = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, SIGNER)
    assert open_checkpoint(empty, SIGNER.verifier).size == 0


def test_the_verifier_key_of_the_standards_own_example():
    """golang.org/x/mod/sumdb/note's documentation: PeterNeumann and the note that he signed."""
    verifier = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert verifier.vkey == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    made = b64decode(signature)
    assert made[:4] == verifier.key_id
    assert verifier.verifies(made[4:], text.encode())
    assert not verifier.verifies(made[4:], text.encode() + b" ")


def test_every_flipped_bit_of_a_checkpoint_is_rejected():
    for bit in range(len(GOOD) * 8):
        damaged = bytearray(GOOD)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(JournalBroken):
            open_checkpoint(bytes(damaged), SIGNER.verifier)


def test_a_checkpoint_cut_anywhere_or_extended_is_rejected():
    for end in range(len(GOOD)):
        with pytest.raises(JournalBroken):
            open_checkpoint(GOOD[:end], SIGNER.verifier)
    for more in (b"\n", b" ", b"\0", "王".encode(), GOOD, b"\n\n", b"\x80"):
        with pytest.raises(JournalBroken):
            open_checkpoint(GOOD + more, SIGNER.verifier)
        with pytest.raises(JournalBroken):
            open_checkpoint(more + GOOD, SIGNER.verifier)


B64 = b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n070000\n{B64}\n",
        f"{ORIGIN}\n+70000\n{B64}\n",
        f"{ORIGIN}\n-1\n{B64}\n",
        f"{ORIGIN}\n 70000\n{B64}\n",
        f"{ORIGIN}\n70_000\n{B64}\n",
        f"{ORIGIN}\n７００００\n{B64}\n",
        f"{ORIGIN}\n0x10\n{B64}\n",
        f"{ORIGIN}\n\n{B64}\n",
        f"{ORIGIN}\n9223372036854775808\n{B64}\n",
        f"{ORIGIN}\n0\n{B64}\n",
        f"{ORIGIN}\n70000\n{B64[:-1]}\n",
        f"{ORIGIN}\n70000\n{B64[:-2]}{chr(ord(B64[-2]) + 1)}=\n",
        f"{ORIGIN}\n70000\n {B64}\n",
        f"{ORIGIN}\n70000\n{B64} \n",
        f"{ORIGIN}\n70000\n{b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n70000\n{b64encode(ROOT + bytes(1)).decode()}\n",
        f"{ORIGIN}\n70000\n{B64.replace('=', '')}\n",
        f"{ORIGIN}\n70000\n",
        f"{ORIGIN}\n",
        "\n",
        f"{ORIGIN}\n70000\n{B64}\n\nmore\n",
        f"{ORIGIN}\n70000\n{B64}\n\n",
        f"\n{ORIGIN}\n70000\n{B64}\n",
        f"dengzhou.example/other\n70000\n{B64}\n",
        f"{ORIGIN} \n70000\n{B64}\n",
        f"{ORIGIN}\u2028\n70000\n{B64}\n",
        f"{ORIGIN}\r\n70000\r\n{B64}\r\n",
        f"{ORIGIN}\n70000\n{B64}\nline\twith a tab\n",
    ],
)
def test_a_good_signature_does_not_make_bad_text_a_checkpoint(text):
    with pytest.raises(JournalBroken):
        open_checkpoint(signed(text), SIGNER.verifier)


def test_more_lines_and_signatures_of_others_are_allowed():
    text = f"{ORIGIN}\n70000\n{B64}\n邓州市\nanother line\n"
    expected = Checkpoint(ORIGIN, 70_000, ROOT)
    assert open_checkpoint(signed(text), SIGNER.verifier) == expected
    assert open_checkpoint(signed(text, OTHER, SIGNER, OTHER), SIGNER.verifier) == expected
    same_name = Signer(ORIGIN, OTHER.private_key)
    assert open_checkpoint(signed(text, same_name, SIGNER), SIGNER.verifier) == expected
    assert open_checkpoint(signed(text, *[OTHER] * 99, SIGNER), SIGNER.verifier) == expected
    with pytest.raises(JournalBroken, match="too many"):
        open_checkpoint(signed(text, *[OTHER] * 100, SIGNER), SIGNER.verifier)


def test_a_checkpoint_without_our_good_signature_is_rejected():
    text = f"{ORIGIN}\n70000\n{B64}\n"
    for signers in ((OTHER,), (Signer(ORIGIN, OTHER.private_key),), (Signer("a.example/b", SIGNER.private_key),)):
        with pytest.raises(JournalBroken, match="good signature"):
            open_checkpoint(signed(text, *signers), SIGNER.verifier)
    false = signature_line(b"something else")
    for lines in (false, signature_line(text.encode()) + false, false + signature_line(text.encode())):
        with pytest.raises(JournalBroken, match="good signature"):
            open_checkpoint(text.encode() + b"\n" + lines, SIGNER.verifier)


@pytest.mark.parametrize(
    "line",
    [
        "- a.example/b AAAAAAA=",
        "—a.example/b AAAAAAA=",
        "—  AAAAAAA=",
        "— a.example/b",
        "— a.example/b ",
        "— a.example/b  AAAAAAA=",
        "— a.example/b AAAAAAA= ",
        "— a.example/b AAAAAAA",
        "— a.example/b AAAAAAB=",
        "— a.example/b AAAAAA==",
        "— a.example/b AAAA_AA=",
        "— a+b AAAAAAA=",
        "— a\u3000b AAAAAAA=",
        "",
    ],
)
def test_a_malformed_line_among_the_signatures_spoils_the_note(line):
    with pytest.raises(JournalBroken, match="not well-formed"):
        open_checkpoint(GOOD + line.encode() + b"\n", SIGNER.verifier)


def test_a_flood_is_not_read():
    with pytest.raises(JournalBroken, match="too long"):
        open_checkpoint(signed(f"{ORIGIN}\n70000\n{B64}\n" + "x" * (1 << 20) + "\n"), SIGNER.verifier)


def test_a_verifier_key_has_one_spelling():
    vkey = SIGNER.verifier.vkey
    assert Verifier.parse(vkey) == SIGNER.verifier
    name, key_id, key = vkey.split("+", 2)
    wrong_type = b64encode(b"\x02" + SIGNER.verifier.public_key).decode()
    bad = [
        "",
        name,
        f"{name}+{key_id}",
        f"{name}+{key_id}+",
        f"{name}+{key_id}+{key}x",
        f"{name}+{key_id}+{wrong_type}",
    ]
    bad += [f"{name}x+{key_id}+{key}", f" {vkey}", f"{vkey}\n", f"{name}+0{key_id}+{key}", f"{name}+00000000+{key}"]
    bad += [f"+{key_id}+{key}", f"a b+{key_id}+{key}", "\ud800" + vkey]
    if key_id.upper() != key_id:
        bad.append(f"{name}+{key_id.upper()}+{key}")
    for text in bad:
        with pytest.raises(BadInput, match="verifier key"):
            Verifier.parse(text)


def test_nothing_is_signed_that_would_not_open():
    for origin, size, root in [("x.example/y", 1, ROOT), (ORIGIN, -1, ROOT), (ORIGIN, 1 << 63, ROOT), (ORIGIN, 1, b"")]:
        with pytest.raises(ValueError, match="a checkpoint has"):
            sign_checkpoint(origin, size, root, SIGNER)
    for name in ("", "a b", "a+b", "a\nb", "a\x7f\u2029b"):
        with pytest.raises(ValueError, match="a verifier is"):
            sign_checkpoint(name, 1, ROOT, Signer(name, SIGNER.private_key))


def test_a_signer_does_not_show_its_key():
    seed = SIGNER.private_key.private_bytes_raw()
    assert seed.hex() not in repr(SIGNER)
    assert repr(seed) not in repr(SIGNER)
