"""Lines that break while copies are moved: `tier run` and `store drain` lose the server they bring copies to.

A vault with two disks, and a store behind a proxy that hangs up once so many bytes have gone to the server. The judge
looks past the program, at the server's own files and at the disks': every object must lie whole in two places at every
moment, and nothing on the server may have an object's name and other bytes. Once the line is mended, asking again must
end with every copy where it belongs.
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from ops.config import FILE, StoreConfig
from ops.wiring import init_vault, open_vault
from tests.faults.lines import WORKING, Server, intake
from tests.proxy import Proxy
from vault.catalogue.plans import plan_all, plan_due
from vault.errors import StrongroomError
from vault.fsck import Count, fsck
from vault.membership import attach, set_standing
from vault.moving import Mover, moving
from vault.scrub import Budget

How = Literal["tier", "drain"]
DISKS = ("甲", "丙")
AGES = """
[[age]]
from_days = 0
tiers = ["hot"]

[[age]]
from_days = 90
tiers = ["hot", "cold"]
"""


def _later() -> datetime:
    return WORKING.clock() + timedelta(days=100)


LATER = replace(WORKING, clock=_later)


@dataclass(frozen=True)
class Cut:
    """One trial: what is done, and after how many bytes towards the server the line breaks (None: not at all)."""

    how: How
    after: int | None


def template(folder: Path, source: Path) -> Path:
    """A vault with two disks, and the source in it, if there is one."""
    home = folder / "库"
    init_vault(home, "", "dengzhou", tuple(StoreConfig(name=n, kind="disk", location=n) for n in DISKS), WORKING)
    if source.exists():
        with open_vault(home, WORKING) as vault:
            list(intake(vault, source))
    return home


def count_bytes(server: Server, home: Path, scratch: Path, how: How) -> int:
    """How many go to the server when nothing is cut."""
    with _trial(server, home, scratch) as (proxy, place, _):
        _prepare(place, how)
        before = proxy.sent
        _move(place, how)
        return proxy.sent - before


def cut(server: Server, home: Path, scratch: Path, what: Cut) -> list[str]:
    """One trial; what is wrong afterwards."""
    with _trial(server, home, scratch) as (proxy, place, name):
        _prepare(place, what.how)
        if what.after is not None:
            proxy.cut_after(what.after)
        try:
            _move(place, what.how)
        except StrongroomError as error:
            if error.exit_code != 5:
                return [f"ended with {error.exit_code}: {error}"]
        problems = _judge(server, place, name)
        proxy.mend()
        _move(place, what.how)
        return problems + _judge(server, place, name) + _placed(server, place, name, what.how)


@contextmanager
def _trial(server: Server, home: Path, scratch: Path) -> Iterator[tuple[Proxy, Path, str]]:
    """The vault with the server's store attached, through a line of its own; removed afterwards."""
    name = f"m-{secrets.token_hex(6)}"
    place = scratch / name
    shutil.copytree(home, place)
    server.begin(name)
    with Proxy(server.port) as proxy:
        (place / "乙.secret").write_text(server.secret, encoding="utf-8")
        (place / "乙.secret").chmod(0o600)
        with (place / FILE).open("a", encoding="utf-8") as file:
            file.write(f'\n[[store]]\nname = "乙"\nkind = "{server.kind}"\nsecret = "乙.secret"\ntier = "cold"\n')
            file.write(f'location = "{server.location(proxy.port, name)}"\n')
        text = (place / FILE).read_text(encoding="utf-8")
        (place / FILE).write_text(text.replace("minimum = 2", "minimum = 2\nwanted = 2"), encoding="utf-8")
        yield proxy, place, name
    shutil.rmtree(place)


def _prepare(place: Path, how: How) -> None:
    if how == "tier":
        with (place / FILE).open("a", encoding="utf-8") as file:
            file.write(AGES)
    with open_vault(place, LATER) as vault:
        attach(vault, "乙", "remote", "乙", list)
        if how == "drain":
            set_standing(vault, "甲", "emptying", "换盘")


def _move(place: Path, how: How) -> None:
    with open_vault(place, LATER) as vault, moving(vault):
        rules = vault.setting.rules
        plan_all(vault.database, rules, vault.now(), only_if_stale=True)
        plan_due(vault.database, rules, vault.now())
        mover = Mover(vault, Budget(), int)
        mover.bring(list(vault.stores))
        mover.let_go(list(vault.stores))


def _disks(place: Path) -> Mapping[str, list[str]]:
    """Whole copies on the disks: digest -> where."""
    found: dict[str, list[str]] = {}
    for disk in DISKS:
        for path in (place / disk / "objects").rglob("*"):
            if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name:
                found.setdefault(path.name, []).append(disk)
    return found


def _objects(place: Path) -> list[str]:
    with open_vault(place, LATER) as vault, vault.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT lower(hex(sha256)) FROM object")]


def _judge(server: Server, place: Path, name: str) -> list[str]:
    problems: list[str] = []
    copies = {digest: list(where) for digest, where in _disks(place).items()}
    for object_, data in server.objects(name):
        if hashlib.sha256(data).hexdigest() != object_:
            problems.append(f"{object_[:12]} has {len(data)} bytes on the server that are not it")
        else:
            copies.setdefault(object_, []).append("乙")
    for digest in _objects(place):
        if len(copies.get(digest, [])) < 2:
            problems.append(f"{digest[:12]} has copies on {copies.get(digest)} only")
    return problems


def _placed(server: Server, place: Path, name: str, how: How) -> list[str]:
    """All is where it belongs: one copy on the server, one on a disk, and nothing to do."""
    problems: list[str] = []
    there = {object_ for object_, _ in server.objects(name)}
    disks = _disks(place)
    for digest in _objects(place):
        if digest not in there or len(disks.get(digest, [])) != 1 or (how == "drain" and disks[digest] != ["丙"]):
            problems.append(f"{digest[:12]} lies on {disks.get(digest)}, on the server: {digest in there}")
    with open_vault(place, LATER) as vault:
        problems += [f"fsck: {finding.text}" for finding in fsck(vault, Count())]
    return problems
