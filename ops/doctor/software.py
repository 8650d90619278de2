"""What is installed: the program, its packages, and what of the system's it needs."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from labels.fonts import FontsMissing, font_directory
from ops.config import Config
from ops.doctor.model import Found, Patient, because, ok, warning, wrong
from vault.errors import StrongroomError
from vault.text import Text

_PATIENCE = 10.0  # seconds for a tool to say its version
_REQUIREMENT = re.compile(r"([\w.-]+)([^;\[]*)$")
_BOUND = re.compile(r"(>=|<)([0-9.]+)")


def program(_patient: Patient) -> Iterator[Found]:
    """Which one, under which Python."""
    mine, python = version("strongroom"), ".".join(map(str, sys.version_info[:3]))
    yield ok(Text(en=f"Strongroom {mine}, Python {python}", zh=f"Strongroom {mine}，运行于 Python {python}"))


def packages(_patient: Patient) -> Iterator[Found]:
    """Each that the program names is there, in a version that it was tried with."""
    needed = [one for one in requires("strongroom") or () if "extra ==" not in one]
    bad = False
    for one in needed:
        found = _REQUIREMENT.match(one)
        assert found is not None
        name, bounds = found[1], found[2].strip()
        remedy = Text(en=f"pip install '{name}{bounds}'", zh=f"pip install '{name}{bounds}'")
        try:
            there = version(name)
        except PackageNotFoundError:
            bad = True
            yield wrong(Text(en=f"{name} is missing", zh=f"缺少 {name}"), remedy)
            continue
        if not within(there, bounds):
            bad = True
            en, zh = f"{name} is {there}, not {bounds}", f"{name} 为 {there}，应为 {bounds}"
            yield wrong(Text(en=en, zh=zh), remedy)
    if not bad:
        yield ok(Text(en=f"{len(needed)}, in versions that were tried", zh=f"{len(needed)} 个，版本均在支持范围内"))


def within(there: str, bounds: str) -> bool:
    """Whether a version lies within bounds such as ">=1.16,<2", the only ones that pyproject.toml has."""
    has = _numbers(there)
    return all(
        has >= _numbers(limit) if sign == ">=" else has < _numbers(limit) for sign, limit in _BOUND.findall(bounds)
    )


def _numbers(said: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", said.split("+")[0])[:4])


def libraries(_patient: Patient) -> Iterator[Found]:
    """Those that a package only has the door to."""
    from pymediainfo import MediaInfo

    from vault.intake.archive_reader import require_library

    try:
        require_library()
        yield ok(Text(en="libarchive", zh="libarchive"))
    except StrongroomError as error:
        yield because(error)
    if MediaInfo.can_parse():
        yield ok(Text(en="libmediainfo", zh="libmediainfo"))
    else:
        yield wrong(
            Text(
                en="libmediainfo cannot be loaded: no facts are read from video",
                zh="无法加载 libmediainfo，不能从视频读取信息",
            ),
            Text(en="apt-get install libmediainfo0v5", zh="apt-get install libmediainfo0v5"),
        )


def _burns(config: Config) -> bool:
    return bool(config.discs.drives)


def _makes_discs(config: Config) -> bool:
    return bool(config.discs.drives or config.discs.robot)


def _prints(config: Config) -> bool:
    return bool(config.labels.queue)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of the system. `needed`: whether strongroom.toml asks for what it does; `ask`: how it says its version
    (empty: it does not); `least`: from which on it will do.
    """

    name: str
    package: str
    does: Text
    needed: Callable[[Config], bool]
    ask: tuple[str, ...] = ()
    least: str = ""


_IMAGES = Text(en="disc build, disc run, disc salvage", zh="制作和抢救光盘 disc build、disc run、disc salvage")
_DRIVES = Text(en="disc run, disc drives", zh="刻录光盘 disc run、disc drives")

TOOLS = (
    Tool("7z", "p7zip-full", _IMAGES, _makes_discs, ("i",)),
    Tool("dvdisaster", "dvdisaster", _IMAGES, _makes_discs, ("--version",), "0.79"),
    Tool("xorriso", "xorriso", _DRIVES, _burns, ("-version",), "1.5"),
    Tool("setpriv", "util-linux", _DRIVES, _burns),
    Tool("lp", "cups-client", Text(en="disc label --print", zh="打印标签 disc label --print"), _prints),
)


def tools(patient: Patient) -> Iterator[Found]:
    """What is missing is wrong where strongroom.toml asks for what it does, and else to be known."""
    for tool in TOOLS:
        remedy = Text(en=f"apt-get install {tool.package}", zh=f"apt-get install {tool.package}")
        path = shutil.which(tool.name) or shutil.which(tool.name, path="/usr/sbin:/sbin")
        if path is None:
            what = Text(
                en=f"{tool.name} is missing: no {tool.does.en}", zh=f"缺少 {tool.name}，无法使用：{tool.does.zh}"
            )
            needed = patient.config is not None and tool.needed(patient.config)
            yield wrong(what, remedy) if needed else warning(what, remedy)
            continue
        said = _version_of(path, tool.ask) if tool.ask else ""
        if tool.least and not within(said, f">={tool.least}"):
            old = said or "?"
            what = Text(
                en=f"{tool.name} is {old}; {tool.least} is needed", zh=f"{tool.name} 为 {old}，至少需要 {tool.least}"
            )
            yield warning(what, remedy)
            continue
        yield ok(Text(en=f"{tool.name} {said}".rstrip(), zh=f"{tool.name} {said}".rstrip()))


def _version_of(path: str, ask: tuple[str, ...]) -> str:
    """The first thing like a version in what it says; "" where it says none."""
    try:
        done = subprocess.run(
            [path, *ask], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    found = re.search(rb"\d+\.\d+(?:\.\d+)*", done.stdout + done.stderr)
    return found[0].decode() if found else ""


def fonts(_patient: Patient) -> Iterator[Found]:
    """Those of labels and registers."""
    try:
        yield ok(Text(en=f"Noto CJK in {font_directory()}", zh=f"Noto CJK，位于 {font_directory()}"))
    except FontsMissing as error:
        yield because(error)
