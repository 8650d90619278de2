"""What the environment says in place of strongroom.toml: where things lie on this machine, and how hard it may work.

    STRONGROOM__DISCS__WORK=/scratch/discs
    STRONGROOM__SCRUB__WINDOW=20:00-06:00
    STRONGROOM__STORE__NAS__LOCATION=/mnt/nas/strongroom      the store that is named nas

What the office decided (OFFICES: how many copies, on what kind of store, for how long) stands in the file alone: a
variable that somebody forgot would otherwise lower what is promised, and nobody who reads the file would know. See
docs/decisions/0034-environment-and-credentials.md.
"""

import tomllib
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from vault.errors import BadInput
from vault.text import Text

_BEGINS = "STRONGROOM__"
OFFICES = frozenset(
    {"format", "vault", "catalogue", "copies", "age", "pin", "disposal", "inspection", "watch", "workers"}
)
"""Tables that the environment cannot say anything of: with a catalogue each, two machines would part the journal; and
whose word counts of what was read is for the office to say."""
MACHINES = frozenset({"location", "secret", "retries", "bandwidth"})
"""Keys of a store that it can."""


def overridden(raw: Mapping[str, Any], environ: Mapping[str, str], config: type[msgspec.Struct]) -> dict[str, Any]:
    """The file with what the environment says in its place; it is to be a `config`. BadInput names a variable that
    cannot be meant.
    """
    made = dict(raw)
    for variable, (table, *places, name) in _variables(raw, environ).items():
        value = _value(environ[variable], _kind(config, table, name))
        if places:
            stores = list(made[table])
            stores[places[0]] = {**stores[places[0]], name: value}
            made[table] = stores
        elif isinstance(made.setdefault(table, {}), dict):  # what is no table is said to be none
            made[table] = {**made[table], name: value}
    return made


def variable_of(key: str, raw: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The variable that says a key, as `store[1].location`; "" where none does."""
    try:
        spelled = {_spelled(parts): variable for variable, parts in _variables(raw, environ).items()}
    except BadInput:
        return ""
    for said, variable in spelled.items():
        if key == said or key.startswith(f"{said}[") or (said.startswith(f"{key}.") and key not in raw):
            return variable
    return ""


def _spelled(parts: tuple[Any, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def _variables(raw: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, tuple[Any, ...]]:
    """Which key each variable means."""
    return {name: _meant(name, raw) for name in sorted(environ) if name.startswith(_BEGINS)}


def _meant(variable: str, raw: Mapping[str, Any]) -> tuple[Any, ...]:
    """(table, key), or ("store", its place, key)."""
    table, *rest = variable.removeprefix(_BEGINS).lower().split("__")
    if table in OFFICES:
        raise _refused(
            variable,
            Text(
                en=f"what the office decided ({table}) stands in strongroom.toml alone",
                zh=f"单位的决定（{table}）只能写在 strongroom.toml 中",
            ),
        )
    if table != "store" and len(rest) == 1:
        return table, rest[0]
    stores = raw.get("store")
    if table == "store" and len(rest) == 2 and rest[1] in MACHINES and isinstance(stores, list):
        for place, store in enumerate(stores):
            if isinstance(store, dict) and str(store.get("name", "")).lower() == rest[0]:
                return "store", place, rest[1]
        raise _refused(variable, Text(en=f"there is no store {rest[0]!r}", zh=f"没有名为 {rest[0]!r} 的存储"))
    known = ", ".join(sorted(MACHINES))
    raise _refused(
        variable,
        Text(
            en=f"write STRONGROOM__TABLE__KEY, or STRONGROOM__STORE__NAME__KEY with one of: {known}",
            zh=f"请写作 STRONGROOM__表__项，或 STRONGROOM__STORE__存储名__项（项可用：{known}）",
        ),
    )


def _kind(config: type[msgspec.Struct], table: str, name: str) -> Any:
    """What a key of a table is to be; text where there is no such key, which is then said of it."""
    tables = {field.name: field.type for field in msgspec.structs.fields(config)}
    found = tables.get(table)
    inner = get_args(found)[0] if get_args(found) else found
    if not (isinstance(inner, type) and issubclass(inner, msgspec.Struct)):
        return str
    return {field.name: field.type for field in msgspec.structs.fields(inner)}.get(name, str)


def _value(text: str, kind: Any) -> Any:
    """A text as it is; all else as TOML has it."""
    if kind is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # of the wrong kind, which is then said of it


def _refused(variable: str, what: Text) -> BadInput:
    hint = Text(en="Nothing was done. Unset that variable.", zh="未作任何操作。请取消该环境变量。")
    return BadInput(Text(en=f"{variable}: {what.en}.", zh=f"{variable}：{what.zh}。"), hint)
