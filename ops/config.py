"""strongroom.toml: what an office says of its vault. Read strictly; an error names the file and the key."""

import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from backends.registry import STORES
from ops.catalogueconfig import CatalogueConfig, require_sound_catalogue
from ops.discsconfig import DiscsConfig, require_sound_discs
from ops.hours import are_hours
from ops.inspectionconfig import InspectionConfig, require_sound_inspection
from ops.labels import LabelsConfig
from ops.misread import mistakes, require_read, wrong, wrong_at
from ops.overrides import overridden
from ops.servingconfig import JobsConfig, ServeConfig, require_sound_serving
from ops.watchconfig import WatchConfig, require_sound_watch
from ops.workersconfig import WorkersConfig, require_sound_workers
from vault.catalogue.sites import Rules
from vault.causes import cause
from vault.disposal.rules import GRACE
from vault.errors import BadInput, NewerFormat, NotAVault
from vault.layout import FORMAT
from vault.placement import AgeRule, Doors, Pin, Policy, Site, Tier, domains
from vault.ports import LockMode
from vault.sizes import read_days, read_size, read_speed
from vault.terms import RetentionClass
from vault.text import Text

FILE = "strongroom.toml"
_NAME = re.compile(r"[\w.-]{1,64}")
_MOST_RETRIES = 20
_MOST_GRACE = 60  # days: an approval has to outlast it (vault/disposal/rules.py)
UNFINISHED = "strongroom.toml.unfinished"  # that of an `init` which has not come to its end


class StoreConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One store. `location`, where it is a folder, and `secret`, a file, may be relative to the vault's folder.

    `recipients`: age keys for which all that goes there is sealed. `lock`: compliance or governance, where the store is
    to lock its copies for as long as they are to be kept. `tier`, `domain`, `cleared` and `limit` ("500 GB") are
    vault.placement.Site's. `retries`: how often a place behind a network is asked again (None: as the program thinks
    best). `bandwidth`: as "20 MB/s"; "": all there is. `scrub`: as ScrubConfig.every, for this store.
    """

    name: str
    kind: str
    location: str
    secret: str = ""
    recipients: tuple[str, ...] = ()
    lock: LockMode | None = None
    tier: Tier = Tier.HOT
    domain: str = ""
    cleared: tuple[str, ...] = ()
    limit: str = ""
    retries: int | None = None
    bandwidth: str = ""
    read_only: bool = False
    scrub: str = ""

    @property
    def site(self) -> Site:
        """What placement knows of it."""
        return Site(
            name=self.name,
            tier=self.tier,
            domain=self.domain,
            cleared=frozenset(self.cleared),
            limit=read_size(self.limit) if self.limit else 0,
            doors=Doors.CLOSED if self.read_only else Doors.OPEN,
        )


class CopiesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many copies, counted by failure domain: durable before a success is reported; in the end (0: everywhere)."""

    minimum: int = 2
    wanted: int = 0


class AgeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """vault.placement.AgeRule."""

    from_days: int
    tiers: tuple[Tier, ...]
    classes: tuple[RetentionClass, ...] = ()


class PinConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """vault.placement.Pin."""

    stores: tuple[str, ...]
    case: str = ""
    confidentiality: str = ""


class VaultConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose vault this is and which regulation it follows: a shipped profile's name, or the path of a TOML file."""

    id: str
    office: str
    profile: str


class MovingConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When copies may be moved between stores: "20:00-06:00", on the office's clock; empty: at any time. `bandwidth`:
    how fast, as "20 MB/s", all stores together; "": as fast as it goes.
    """

    window: str = ""
    bandwidth: str = ""

    @property
    def rate(self) -> int | None:
        """Bytes a second."""
        return read_speed(self.bandwidth) if self.bandwidth else None


class DisposalConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days destruction can still be stopped after the second supervisor has signed."""

    grace_days: int = GRACE.days


class ScrubConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often each copy is to be read again ("90 days"; "": by hand alone), and what `scrub --due` may take for it:
    so much a run ("200 GB"), in these hours ("20:00-06:00").
    """

    every: str = ""
    budget: str = ""
    window: str = ""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    vault: VaultConfig
    catalogue: CatalogueConfig = CatalogueConfig()
    copies: CopiesConfig = CopiesConfig()
    store: tuple[StoreConfig, ...]
    age: tuple[AgeConfig, ...] = ()
    pin: tuple[PinConfig, ...] = ()
    moving: MovingConfig = MovingConfig()
    disposal: DisposalConfig = DisposalConfig()
    scrub: ScrubConfig = ScrubConfig()
    discs: DiscsConfig = DiscsConfig()
    labels: LabelsConfig = LabelsConfig()
    inspection: InspectionConfig = InspectionConfig()
    watch: tuple[WatchConfig, ...] = ()
    workers: WorkersConfig = WorkersConfig()
    serve: ServeConfig = ServeConfig()
    jobs: JobsConfig = JobsConfig()

    @property
    def every(self) -> dict[str, timedelta]:
        """How often the copies on each store are to be read again, where that is said."""
        said = {store.name: store.scrub or self.scrub.every for store in self.store}
        return {name: read_days(text) for name, text in said.items() if text}

    @property
    def rules(self) -> Rules:
        """Where copies belong."""
        ages = tuple(
            AgeRule(from_days=age.from_days, tiers=age.tiers, classes=frozenset(age.classes)) for age in self.age
        )
        pins = tuple(Pin(stores=p.stores, case=p.case, confidentiality=p.confidentiality) for p in self.pin)
        policy = Policy(minimum=self.copies.minimum, wanted=self.copies.wanted, ages=ages, pins=pins)
        return Rules(policy, tuple(store.site for store in self.store))


def read_config(
    home: Path, file: str = FILE, environ: Mapping[str, str] = os.environ, unused: Collection[str] = ()
) -> Config:
    """The configuration of the vault in a folder, with what the environment says in its place (ops/overrides.py).
    `unused`: tables whose mistakes must not stop whoever asks; they are as if they were not there.

    NotAVault, NewerFormat or BadInput.
    """
    config, wrongs = examined(home, file, environ, unused)
    if config is None or wrongs:
        raise wrongs[0]
    return config


def examined(
    home: Path, file: str = FILE, environ: Mapping[str, str] = os.environ, unused: Collection[str] = ()
) -> tuple[Config | None, list[BadInput]]:
    """The configuration, if it can be understood at all, and everything that is wrong in it. Raises as `read_config`
    where it is not there, is no TOML or a newer program's.
    """
    path = home / file
    said = overridden(parsed(path), environ, Config)
    raw = {table: value for table, value in said.items() if table not in unused}
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        found = [wrong_at(path, one.key, one.what) for one in mistakes(raw, Config)]
        return None, found or [wrong(path, Text(en=str(error), zh=str(error)))]
    return config, list(unsound(config, path))


def parsed(path: Path) -> dict[str, Any]:
    """The file as it stands there. NotAVault, NewerFormat or BadInput."""
    home = path.parent
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotAVault(Text(en=f"There is no vault in {home}.", zh=f"{home} 中没有档案库。")) from None
    except OSError as error:
        why = cause(error)
        raise wrong(path, Text(en=f"cannot be read: {why.en}", zh=f"无法读取：{why.zh}")) from error
    except UnicodeDecodeError as error:
        raise wrong(path, Text(en="not UTF-8", zh="不是 UTF-8 编码")) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        place = f"（第 {at[1]} 行）" if at else ""
        raise wrong(path, Text(en=f"not TOML: {error}", zh=f"不是有效的 TOML{place}")) from error
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise NewerFormat(
            Text(
                en=f"{path}: format {raw['format']} is newer than {FORMAT}.",
                zh=f"{path}：格式 {raw['format']} 比本程序支持的 {FORMAT} 新。",
            )
        )
    return raw


def require_sound(config: Config, path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    for error in unsound(config, path):
        raise error


def unsound(config: Config, path: Path) -> Iterator[BadInput]:
    """The same of every part: the first mistake of each."""
    parts: tuple[Callable[[], None], ...] = (
        lambda: _require_sound_stores(config, path),
        lambda: _require_sound_copies(config, path),
        lambda: _require_sound_ages(config, path),
        lambda: _require_sound_pins(config, path),
        lambda: _require_sound_hours(config, path),
        lambda: _require_sound_grace(config, path),
        lambda: require_sound_catalogue(config.catalogue, path),
        lambda: require_sound_discs(config.discs, path),
        lambda: require_sound_inspection(config.inspection, path),
        lambda: require_sound_watch(config.watch, path),
        lambda: require_sound_workers(config.workers, path),
        lambda: require_sound_serving(config.serve, config.jobs, path),
        lambda: config.labels.require_sound(path),
    )
    if config.format != FORMAT:
        yield wrong_at(path, "format", Text(en=f"must be {FORMAT}", zh=f"应为 {FORMAT}"))
    for require in parts:
        try:
            require()
        except BadInput as error:
            yield error


def _require_sound_stores(config: Config, path: Path) -> None:
    names = [store.name for store in config.store]
    for n, name in enumerate(names):
        if not _NAME.fullmatch(name):
            known = Text(en="use letters, digits, '.', '_' and '-'", zh="请使用文字、数字、“.”、“_”和“-”")
            what = Text(en=f"{name!r}; {known.en}", zh=f"{name!r}；{known.zh}")
            raise wrong_at(path, f"store[{n}].name", what)
        if name in names[:n]:
            raise wrong_at(path, f"store[{n}].name", Text(en="two stores have one name", zh="两个存储同名"))
    places = [_place(path.parent, store) for store in config.store]
    for n, place in enumerate(places):
        if place in places[:n]:
            raise wrong_at(
                path,
                f"store[{n}].location",
                Text(
                    en="two stores have one; the second copy would be no copy",
                    zh="两个存储位于同一位置，第二个副本等于没有",
                ),
            )
    for n, store in enumerate(config.store):
        _require_sound_line(store, n, path)


def _require_sound_copies(config: Config, path: Path) -> None:
    minimum = config.copies.minimum
    apart = len(domains([store.site for store in config.store if not store.read_only]))
    wanted = config.copies.wanted
    if minimum < 1 or (wanted and wanted < minimum):
        key, least = ("minimum", 1) if minimum < 1 else ("wanted", minimum)
        raise wrong_at(path, f"copies.{key}", Text(en=f"at least {least}", zh=f"至少为 {least}"))
    for key, copies in (("minimum", minimum), ("wanted", wanted or minimum)):
        if copies > apart:
            raise wrong_at(
                path,
                f"copies.{key}",
                Text(
                    en=f"{copies}, but {apart} stores take writes and do not fail together",
                    zh=f"{copies}，但可写且互不连带失效的存储只有 {apart} 个",
                ),
            )


def _require_sound_ages(config: Config, path: Path) -> None:
    tiers = {store.tier for store in config.store}
    seen: set[tuple[int, tuple[RetentionClass, ...]]] = set()
    for n, age in enumerate(config.age):
        if age.from_days < 0:
            raise wrong_at(path, f"age[{n}].from_days", Text(en="at least 0", zh="至少为 0"))
        if (age.from_days, age.classes) in seen:
            what = Text(en=f"{age.from_days} stands twice", zh=f"{age.from_days} 出现两次")
            raise wrong_at(path, f"age[{n}].from_days", what)
        seen.add((age.from_days, age.classes))
        for tier in set(age.tiers) - tiers:
            raise wrong_at(path, f"age[{n}].tiers", Text(en=f"no store is {tier}", zh=f"没有 {tier} 层级的存储"))


def _require_sound_pins(config: Config, path: Path) -> None:
    names = {store.name for store in config.store}
    for n, pin in enumerate(config.pin):
        for name in set(pin.stores) - names:
            raise wrong_at(path, f"pin[{n}].stores", Text(en=f"there is no store {name!r}", zh=f"没有存储 {name!r}"))
        if not pin.case and not pin.confidentiality:
            what = Text(en="name a case or a confidentiality", zh="请指明 case 或 confidentiality")
            raise wrong_at(path, f"pin[{n}]", what)


def _require_sound_hours(config: Config, path: Path) -> None:
    for part, hours in (("moving", config.moving.window), ("scrub", config.scrub.window)):
        if hours and not are_hours(hours):
            raise wrong_at(path, f"{part}.window", Text(en="write 20:00-06:00", zh="请写作 20:00-06:00"))
    require_read("moving.bandwidth", config.moving.bandwidth, read_speed, path)
    require_read("scrub.every", config.scrub.every, read_days, path)
    require_read("scrub.budget", config.scrub.budget, read_size, path)


def _require_sound_grace(config: Config, path: Path) -> None:
    if not 1 <= config.disposal.grace_days <= _MOST_GRACE:
        days = f"1 … {_MOST_GRACE}"
        raise wrong_at(path, "disposal.grace_days", Text(en=days, zh=f"应为 {days}"))


def _place(home: Path, store: StoreConfig) -> str:
    """Where it is, by one name; without a look at what may hang."""
    kind = STORES.get(store.kind)
    follow = os.path.abspath if kind is not None and kind.may_hang else os.path.realpath
    return follow(home / store.location)


def _require_sound_line(store: StoreConfig, place: int, path: Path) -> None:
    """What is said of one store in words that a type does not check."""
    if store.retries is not None and not 0 <= store.retries <= _MOST_RETRIES:
        en, zh = f"{store.retries}, but 0 … {_MOST_RETRIES} make sense", f"{store.retries}，应为 0 … {_MOST_RETRIES}"
        raise wrong_at(path, f"store[{place}].retries", Text(en=en, zh=zh))
    spelt: tuple[tuple[str, str, Callable[[str], object]], ...] = (
        ("limit", store.limit, read_size),
        ("bandwidth", store.bandwidth, read_speed),
        ("scrub", store.scrub, read_days),
    )
    for key, text, read in spelt:
        require_read(f"store[{place}].{key}", text, read, path)
