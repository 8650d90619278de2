"""`strongroom doctor`: the whole installation, check by check. A check is added to the table below and nowhere else.

A check that cannot be made says so; it is never called ok. What it raises on purpose, and what the operating system
refuses it, is why it could not be made.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops.asking import Asked, ask_stores
from ops.config import Config, read_config
from ops.doctor import dropping, equipment, flushing, folder, keeping, machine, software
from ops.doctor.model import Check, Found, Patient, not_checked
from ops.wiring import Working, unasked_vault
from vault.catalogue.figures import figures
from vault.causes import cause
from vault.errors import StrongroomError
from vault.store import Vault
from vault.terms import local_day
from vault.text import Text

CHECKS: Mapping[str, tuple[Text, Check]] = {
    "program": (Text(en="program", zh="程序"), software.program),
    "packages": (Text(en="Python packages", zh="Python 软件包"), software.packages),
    "libraries": (Text(en="libraries", zh="系统库"), software.libraries),
    "tools": (Text(en="tools", zh="工具程序"), software.tools),
    "fonts": (Text(en="fonts", zh="字体"), software.fonts),
    "locale": (Text(en="characters", zh="字符编码"), machine.characters),
    "umask": (Text(en="umask", zh="文件权限掩码"), machine.umask),
    "zone": (Text(en="time zone", zh="时区"), machine.zone),
    "ntp": (Text(en="time server", zh="时间服务器"), machine.ntp),
    "config": (Text(en="strongroom.toml", zh="strongroom.toml"), keeping.configuration),
    "opening": (Text(en="opening the vault", zh="打开档案库"), keeping.opening),
    "secrets": (Text(en="keys and secrets", zh="密钥与口令文件"), folder.secrets),
    "folder": (Text(en="the vault's folder", zh="档案库文件夹"), folder.own),
    "room": (Text(en="room there", zh="文件夹空间"), folder.room),
    "flush": (Text(en="flushing", zh="写盘"), flushing.flushing),
    "catalogue": (Text(en="catalogue", zh="目录库"), keeping.catalogue),
    "profile": (Text(en="profile", zh="制度配置"), keeping.profile),
    "stores": (Text(en="stores", zh="存储"), keeping.stores),
    "apart": (Text(en="stores apart", zh="存储独立性"), folder.apart),
    "drop": (Text(en="drop folders", zh="投放文件夹"), dropping.drop_folders),
    "clock": (Text(en="clock", zh="时钟"), keeping.clock),
    "drives": (Text(en="disc drives", zh="光驱"), equipment.drives),
    "robots": (Text(en="disc robots", zh="光盘机器人"), equipment.robots),
    "workers": (Text(en="workers", zh="工作节点"), equipment.workers),
    "printer": (Text(en="label printer", zh="标签打印机"), equipment.printer),
}


def examine(patient: Patient, names: Collection[str]) -> Iterator[tuple[str, Text, Found]]:
    """What these checks found, or, where none is named, all: each one's name, its label, a finding."""
    for name, (label, check) in CHECKS.items():
        if names and name not in names:
            continue
        for found in _made(check, patient):
            yield name, label, found


def _made(check: Check, patient: Patient) -> Iterator[Found]:
    try:
        yield from check(patient)
    except StrongroomError as error:
        yield not_checked(error.what)
    except OSError as error:
        why = cause(error)
        where = f"{error.filename}: " if error.filename else ""
        yield not_checked(Text(en=f"{where}{why.en}", zh=f"{where}{why.zh}"))


@contextmanager
def admitted(home: Path, working: Working) -> Iterator[Patient]:
    """The installation, as far as it can be opened; every store asked, none waited for."""
    with ExitStack() as opened:
        config, config_error = _config(home)
        vault: Vault | None = None
        vault_error: StrongroomError | None = None
        asked: tuple[Asked, ...] = ()
        if config is not None:
            try:
                there = opened.enter_context(unasked_vault(home, working))
                asked = _asked(there)
                vault = there
            except StrongroomError as error:
                vault_error = error
        yield Patient(home, config, config_error, vault, vault_error, asked)


def _asked(vault: Vault) -> tuple[Asked, ...]:
    with vault.database.reading() as connection:
        counted = figures(connection, local_day(vault.setting.clock(), vault.profile.zone)).stores
    return ask_stores(vault, {one.name: one for one in counted})


def _config(home: Path) -> tuple[Config | None, StrongroomError | None]:
    try:
        return read_config(home), None
    except StrongroomError as error:
        return None, error
