"""`[catalogue]` of strongroom.toml: the server that has the catalogue, where it is no file of the vault's folder."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from ops.misread import wrong_at
from ops.secrets import secret_of
from vault.catalogue.opening import Server
from vault.errors import BadSecret
from vault.text import Text

_SCHEME = "postgresql"
_DATABASE = re.compile(r"/[^/?#]+")
_SECRET = frozenset({"password", "sslpassword"})  # what libpq would take from the end of the URL


class CatalogueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url`: postgresql://USER@HOST[:PORT]/DATABASE; empty: a SQLite file. `secret`: a file with the password for it,
    relative to the vault's folder, or a credential, as of a store (ops/secrets.py).
    """

    url: str = ""
    secret: str = ""

    def server(self, home: Path) -> Server | None:
        """BadSecret where the password cannot be read."""
        if not self.url:
            return None
        try:
            secret = secret_of(home, self.secret, ("password",)).values if self.secret else {}
        except BadSecret as error:
            what = Text(en=f"The catalogue: {error.what.en}", zh=f"目录库：{error.what.zh}")
            raise BadSecret(what, _HINT if error.hint is BadSecret.hint else error.hint) from error
        return Server(self.url, secret.get("password", ""))


_HINT = Text(
    en="Put the secret file right that strongroom.toml names below [catalogue], then run the command again.",
    zh="请改正 strongroom.toml 中 [catalogue] 所用的密钥文件，然后重新运行。",
)


def require_sound_catalogue(catalogue: CatalogueConfig, path: Path) -> None:
    """BadInput where it cannot be used; `path` is the file that says it."""
    if not catalogue.url:
        if catalogue.secret:
            raise wrong_at(path, "catalogue.secret", Text(en="without a url", zh="缺少 url"))
        return
    try:
        parts = urlsplit(catalogue.url)
        sound = parts.scheme == _SCHEME and parts.port != 0 and _DATABASE.fullmatch(parts.path)
    except ValueError:  # no port, no host
        sound = None
    if not sound:
        known = f"{_SCHEME}://USER@HOST/DATABASE"
        raise wrong_at(path, "catalogue.url", Text(en=f"write {known}", zh=f"请写作 {known}"))
    if parts.password is not None or _SECRET & set(parse_qs(parts.query, keep_blank_values=True)):
        raise wrong_at(
            path,
            "catalogue.url",
            Text(
                en="the password belongs into the file that catalogue.secret names",
                zh="密码请写入 catalogue.secret 所指的文件",
            ),
        )
