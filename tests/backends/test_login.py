"""Servers that are there and let us not in: told as what it is, with where the login is written."""

from pathlib import Path

import pytest

from backends.registry import STORES, Opening, Secret
from tests import servers
from vault.digest import Digest
from vault.errors import StoreNoAccess
from vault.ports import Store

OTHER_HOST = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIHzn1m6JqUeVyP7yQ8v0fA0Y4XW1bQ2zGm0yCkqQm5T"


def opened(kind: str, location: str, secret: dict[str, str]) -> Store:
    return STORES[kind].open(
        Opening(name="远程", location=location, vault_id="0123456789abcdef", secret=Secret(values=secret), retries=2)
    )


def refusal(store: Store) -> StoreNoAccess:
    """What is said to whoever asks for an object."""
    try:
        with pytest.raises(StoreNoAccess) as caught:
            store.stat(Digest.of(b""))
        return caught.value
    finally:
        store.close()


@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
def test_a_bucket_with_another_key(s3_server: servers.S3Server, wrong: str) -> None:
    """It was "does not permit this", and to bring the store back."""
    secret = {"access_key": s3_server.access_key, "secret_key": s3_server.secret_key} | {wrong: "0123456789abcdef"}
    error = refusal(opened("s3", f"{s3_server.url}/{s3_server.bucket}/x", secret))
    assert error.what.en == "Store 远程: its server refuses the login."
    assert "`secret` names" in error.hint.en
    assert "secret 所指的文件" in error.hint.zh


def test_a_share_with_another_password(share: servers.Share) -> None:
    error = refusal(opened("smb", share.url, {"password": "错误的密码"}))
    assert error.what.zh == "存储 远程：服务器拒绝登录。"


@pytest.mark.parametrize(
    ("spoilt", "en"),
    {
        "password": "Store 远程: its server refuses the login.",
        "host_key": "Store 远程: its server has another host key than host_key says.",
        "no key": "Store 远程: private_key is no private key that opens without a password.",
        "lost": "Store 远程: private_key: no such file or folder.",
    }.items(),
)
def test_an_sftp_server_and_its_keys(sftp_server: servers.SftpServer, tmp_path: Path, spoilt: str, en: str) -> None:
    """A key file that was lost was told as a store that is not mounted."""
    (tmp_path / "no key").write_text("钥匙", encoding="utf-8")
    good = {"private_key": str(sftp_server.private_key), "host_key": sftp_server.host_key}
    secret = {
        "password": {"password": "错误的密码", "host_key": sftp_server.host_key},
        "host_key": good | {"host_key": OTHER_HOST},
        "no key": good | {"private_key": str(tmp_path / "no key")},
        "lost": good | {"private_key": str(tmp_path / "lost")},
    }[spoilt]
    error = refusal(opened("sftp", f"{sftp_server.url}/x", secret))
    assert error.what.en == en
    assert "strongroom.toml" in error.hint.en
