"""What an operating system's error means for a store: full, read-only, or not to be reached. Never "absent"."""

import errno

from vault.causes import cause
from vault.errors import StoreFull, StoreNoAccess, StoreReadOnly, StoreUnavailable
from vault.text import Text

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOGIN = Text(en="its server refuses the login", zh="服务器拒绝登录")
_WHERE = Text(
    en="Put the login right: the user stands in `location`, password or keys in the file that `secret` names, both "
    "below the store in strongroom.toml. Nothing is lost.",
    zh="请改正登录信息：用户名在 strongroom.toml 该存储的 location 中，密码或密钥在 secret 所指的文件中。"
    "内容没有丢失。",
)


class LoginRefused(PermissionError):
    """A place that is there and lets us not in, is another one, or has what no key of ours opens: `what` it is, and
    what to do.
    """

    def __init__(self, what: Text = _LOGIN, hint: Text = _WHERE) -> None:
        super().__init__(errno.EACCES, what.en)
        self.what = what
        self.hint = hint


class PlaceMissing(FileNotFoundError):
    """A server is there, and the folder that is to be the store is not. `place`: as the configuration names it."""

    def __init__(self, place: str) -> None:
        super().__init__(errno.ENOENT, "no such folder", place)
        self.what = Text(en=f"there is no folder {place} on its server", zh=f"其服务器上没有文件夹 {place}")
        self.hint = Text(
            en="Make that folder on the server, or put `location` right in strongroom.toml, then run this again.",
            zh="请在服务器上新建该文件夹，或改正 strongroom.toml 中的 location，然后重新运行。",
        )


def store_error(store: str, error: OSError) -> StoreUnavailable:
    """The vault's error for an OSError on a store."""
    if isinstance(error, LoginRefused):
        what = Text(en=f"Store {store}: {error.what.en}.", zh=f"存储 {store}：{error.what.zh}。")
        return StoreNoAccess(what, error.hint)
    if isinstance(error, PlaceMissing):
        what = Text(en=f"Store {store}: {error.what.en}.", zh=f"存储 {store}：{error.what.zh}。")
        return StoreUnavailable(what, error.hint)
    where = f": {error.filename}" if error.filename else ""
    en, zh = cause(error).en + where, cause(error).zh + where
    if error.errno in FULL:
        return StoreFull(Text(en=f"Store {store} is full ({en}).", zh=f"存储 {store} 已满（{zh}）。"))
    if error.errno in _READ_ONLY:
        return StoreReadOnly(
            Text(en=f"Store {store} does not permit this ({en}).", zh=f"存储 {store} 不允许此操作（{zh}）。")
        )
    return StoreUnavailable(Text(en=f"Store {store} failed ({en}).", zh=f"存储 {store} 出错（{zh}）。"))
