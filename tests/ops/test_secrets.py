"""Secrets of stores: read strictly, never shown, and one that is no good shuts its own store alone."""

from pathlib import Path

import pyrage
import pytest

from ops.wiring import Working, open_vault
from vault.digest import Digest
from vault.errors import StoreNoAccess, StoreUnavailable
from vault.layout import MARKER
from vault.ports import Locking

S3 = 'kind = "s3"\nlocation = "http://127.0.0.1:9/b"'
SMB = 'kind = "smb"\nlocation = "smb://u@127.0.0.1:9/b"'
SFTP = 'kind = "sftp"\nlocation = "sftp://u@127.0.0.1:9/b"'
SEALED = f'{SMB}\nrecipients = ["{pyrage.x25519.Identity.generate().to_public()}"]'

BAD = {
    "lost": (S3, None, "no such file", "文件或文件夹不存在"),
    "no TOML": (S3, "access_key = streng-geheim", "it is no TOML", "不是有效的 TOML"),
    "no text": (S3, "access_key = 1", "access_key must be text in quotes", "access_key 应为带引号的文字"),
    "half of it": (S3, 'access_key = "AK"', "secret_key is missing", "缺少 secret_key"),
    "misspelt": (
        S3,
        'acces_key = "streng-geheim"\nsecret_key = "SK"',
        "there is no key 'acces_key'; there are: access_key, secret_key, age_identity",
        "没有 'acces_key' 这个项；可用：access_key、secret_key、age_identity",
    ),
    "another kind's": (SMB, 'secret_key = "streng-geheim"', "there are: password, age_identity", "可用：password、"),
    "a folder's": (
        'kind = "disk"\nlocation = "丁"',
        'password = "streng-geheim"',
        "there are: age_identity",
        "可用：age_",
    ),
    "no host key": (SFTP, 'host_key = "AAAA"\npassword = "geheim"', "host_key is no public key", "host_key 不是公钥"),
    "nothing to open seals with": (SEALED, 'password = "p"', "age_identity is missing", "缺少 age_identity"),
    "no key for seals": (
        SEALED,
        'password = "p"\nage_identity = "geheim"',
        "age_identity: a key is",
        "age_identity：密钥",
    ),
    "another's key": (
        SEALED,
        f'password = "p"\nage_identity = "{pyrage.x25519.Identity.generate()}"',
        "age_identity: it opens nothing that is sealed for these recipients",
        "age_identity：打不开为这些 recipients 加密的内容",
    ),
}


def vault_with(home: Path, lines: str, secret: str | None) -> Path:
    """A further store and its secret; returns the secret's path."""
    path = home / "丁.secret"
    if secret is not None:
        path.write_text(secret, encoding="utf-8")
        path.chmod(0o600)
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(f'\n[[store]]\nname = "丁"\nsecret = "丁.secret"\n{lines}\n')
    return path


@pytest.mark.parametrize("what", BAD)
def test_a_secret_that_is_no_good_shuts_its_store_and_says_why(home: Path, working: Working, what: str) -> None:
    lines, secret, en, zh = BAD[what]
    vault_with(home, lines, secret)
    with open_vault(home, working) as vault:
        for name in ("甲", "乙"):
            assert vault.stores[name].read_file(MARKER)
        with pytest.raises(StoreNoAccess) as caught:
            vault.stores["丁"].stat(Digest.of(b""))
    assert caught.value.what.en.startswith("Store 丁: ")
    assert caught.value.what.zh.startswith("存储 丁：")
    assert en in caught.value.what.en
    assert zh in caught.value.what.zh
    assert "geheim" not in str(caught.value)


def test_a_secret_that_others_can_read_is_not_used(home: Path, working: Working) -> None:
    path = vault_with(home, SMB, 'password = "geheim"')
    path.chmod(0o640)
    with open_vault(home, working) as vault, pytest.raises(StoreNoAccess, match="can be read by others") as caught:
        vault.stores["丁"].stat(Digest.of(b""))
    assert caught.value.hint.en == f"chmod 600 {path}"


def test_that_a_store_locks_is_not_forgotten_while_it_is_shut(home: Path, working: Working) -> None:
    """Else all its locks would be due anew, once its secret is back."""
    vault_with(home, f'{S3}\nlock = "compliance"', None)
    with open_vault(home, working) as vault:
        assert isinstance(vault.stores["丁"], Locking)
        assert not isinstance(vault.stores["甲"], Locking)


def test_a_credential_is_what_systemd_hands_over(
    home: Path, working: Working, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mode is systemd's affair: the access of the unit's account looks like a group's."""
    with open(home / "strongroom.toml", "a", encoding="utf-8") as config:
        config.write(f'\n[[store]]\nname = "丁"\nsecret = "credential:nas"\n{SMB}\n')

    def said() -> str:
        with open_vault(home, working) as vault, pytest.raises(StoreUnavailable) as caught:
            vault.stores["丁"].stat(Digest.of(b""))
        return caught.value.what.en

    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert said() == "Store 丁: systemd hands no credentials to this process: credential:nas."
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert said() == f"Store 丁: The secret {tmp_path}/nas: no such file or folder."
    (tmp_path / "nas").write_text('password = "geheim"', encoding="utf-8")
    (tmp_path / "nas").chmod(0o440)
    assert "The secret" not in said()  # it is read, and nobody listens on that port
    text = (home / "strongroom.toml").read_text(encoding="utf-8")
    (home / "strongroom.toml").write_text(text.replace("credential:nas", "credential:../nas"), encoding="utf-8")
    assert said() == "Store 丁: 'credential:../nas' is no name of a credential."
