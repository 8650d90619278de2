"""What an answer of PostgreSQL's means: which of the vault's errors it is (SQLSTATE, PostgreSQL manual, appendix A)."""

from vault.errors import Busy, CatalogueBroken, StoreFull, StoreUnavailable, StrongroomError
from vault.text import Text

# lock_not_available (after lock_timeout), serialization_failure, deadlock_detected, query_canceled (statement_timeout)
_BUSY = ("55P03", "40001", "40P01", "57014")
_FULL = ("53100", "53200")  # disk_full, out_of_memory
_BROKEN = ("42", "3F", "XX", "22", "23")  # no such table or schema, corruption, values and keys that cannot be


def meaning(name: str, error: BaseException | None) -> StrongroomError:
    """The error for people. `name`: the catalogue's. What cannot be told is StoreUnavailable."""
    code: str = getattr(error, "sqlstate", None) or ""
    said = " ".join(str(error).split())
    if code in _BUSY:
        return Busy(Text(en=f"The catalogue {name} is in use ({said}).", zh=f"目录库 {name} 正被使用（{said}）。"))
    if code in _FULL:
        return StoreFull(Text(en=f"No room for the catalogue {name}.", zh=f"目录库 {name} 所在磁盘已满。"))
    if code.startswith(_BROKEN) and code != "42501":  # insufficient_privilege: there, and not for this account
        return CatalogueBroken(Text(en=f"The catalogue {name} failed ({said}).", zh=f"目录库 {name} 出错（{said}）。"))
    return StoreUnavailable(
        Text(en=f"The catalogue {name} cannot be used ({said}).", zh=f"目录库 {name} 无法使用（{said}）。"),
        hint=Text(
            en="Nothing acknowledged is lost. Check the server, and [catalogue] in strongroom.toml; then run the "
            "command again.",
            zh="已确认入库的内容没有丢失。请检查数据库服务器和 strongroom.toml 中的 [catalogue]，然后重新运行。",
        ),
    )
