"""strongroom.toml: what an office says of its vault. Read strictly; an error names the file and the key."""

import os
import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from backends.registry import STORES
from ops.discsconfig import DiscsConfig, require_sound_discs
from ops.hours import are_hours
from ops.inspectionconfig import InspectionConfig, require_sound_inspection
from ops.labels import LabelsConfig
from ops.misread import explained, wrong
from vault.catalogue.sites import Rules
from vault.causes import cause
from vault.disposal.rules import GRACE
from vault.errors import BadInput, NewerFormat, NotAVault
from vault.layout import FORMAT
from vault.outputs import replace_file, sync, writing_to
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
    """When copies may be moved between stores: "20:00-06:00", on the office's clock; empty: at any time."""

    window: str = ""


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


def read_config(home: Path, file: str = FILE) -> Config:
    """The configuration of the vault in a folder. NotAVault, NewerFormat or BadInput."""
    path = home / file
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
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise explained(path, error, raw, Config) from error
    require_sound(config, path)
    return config


def require_sound(config: Config, path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    if config.format != FORMAT:
        raise wrong(path, Text(en=f"format: must be {FORMAT}", zh=f"format：应为 {FORMAT}"))
    names = [store.name for store in config.store]
    for name in names:
        if not _NAME.fullmatch(name):
            known = Text(en="use letters, digits, '.', '_' and '-'", zh="请使用文字、数字、“.”、“_”和“-”")
            raise wrong(path, Text(en=f"store.name: {name!r}; {known.en}", zh=f"store.name：{name!r}；{known.zh}"))
    if len(set(names)) < len(names):
        raise wrong(path, Text(en="store.name: two stores have one name", zh="store.name：两个存储同名"))
    places = [_place(path.parent, store) for store in config.store]
    if len(set(places)) < len(places):
        raise wrong(
            path,
            Text(
                en="store.location: two stores have one; the second copy would be no copy",
                zh="store.location：两个存储位于同一位置，第二个副本等于没有",
            ),
        )
    for store in config.store:
        _require_sound_line(store, path)
    minimum = config.copies.minimum
    apart = len(domains([store.site for store in config.store if not store.read_only]))
    wanted = config.copies.wanted
    if minimum < 1 or (wanted and wanted < minimum):
        key, least = ("minimum", 1) if minimum < 1 else ("wanted", minimum)
        raise wrong(path, Text(en=f"copies.{key}: at least {least}", zh=f"copies.{key}：至少为 {least}"))
    tiers = {store.tier for store in config.store}
    seen: set[tuple[int, tuple[RetentionClass, ...]]] = set()
    for age in config.age:
        if age.from_days < 0:
            raise wrong(path, Text(en="age.from_days: at least 0", zh="age.from_days：至少为 0"))
        if (age.from_days, age.classes) in seen:
            what = f"age.from_days: {age.from_days} stands twice"
            raise wrong(path, Text(en=what, zh=f"age.from_days：{age.from_days} 出现两次"))
        seen.add((age.from_days, age.classes))
        for tier in set(age.tiers) - tiers:
            raise wrong(path, Text(en=f"age.tiers: no store is {tier}", zh=f"age.tiers：没有 {tier} 层级的存储"))
    for key, copies in (("minimum", minimum), ("wanted", wanted or minimum)):
        if copies > apart:
            raise wrong(
                path,
                Text(
                    en=f"copies.{key}: {copies}, but {apart} stores take writes and do not fail together",
                    zh=f"copies.{key}：{copies}，但可写且互不连带失效的存储只有 {apart} 个",
                ),
            )
    for part, hours in (("moving", config.moving.window), ("scrub", config.scrub.window)):
        if hours and not are_hours(hours):
            raise wrong(path, Text(en=f"{part}.window: write 20:00-06:00", zh=f"{part}.window：请写作 20:00-06:00"))
    _require_read(Text(en="scrub.every", zh="scrub.every"), config.scrub.every, read_days, path)
    require_sound_discs(config.discs, path)
    require_sound_inspection(config.inspection, path)
    _require_read(Text(en="scrub.budget", zh="scrub.budget"), config.scrub.budget, read_size, path)
    if not 1 <= config.disposal.grace_days <= _MOST_GRACE:
        days = f"1 … {_MOST_GRACE}"
        raise wrong(path, Text(en=f"disposal.grace_days: {days}", zh=f"disposal.grace_days：应为 {days}"))
    config.labels.require_sound(path)
    for pin in config.pin:
        for name in set(pin.stores) - set(names):
            raise wrong(path, Text(en=f"pin.stores: there is no store {name!r}", zh=f"pin.stores：没有存储 {name!r}"))
        if not pin.case and not pin.confidentiality:
            raise wrong(
                path, Text(en="pin: name a case or a confidentiality", zh="pin：请指明 case 或 confidentiality")
            )


def _place(home: Path, store: StoreConfig) -> str:
    """Where it is, by one name; without a look at what may hang."""
    kind = STORES.get(store.kind)
    follow = os.path.abspath if kind is not None and kind.may_hang else os.path.realpath
    return follow(home / store.location)


def _require_sound_line(store: StoreConfig, path: Path) -> None:
    """What is said of one store in words that a type does not check."""
    if store.retries is not None and not 0 <= store.retries <= _MOST_RETRIES:
        what = f"store {store.name}: retries: {store.retries}, but 0 … {_MOST_RETRIES} make sense"
        raise wrong(path, Text(en=what, zh=f"存储 {store.name}：retries：{store.retries}，应为 0 … {_MOST_RETRIES}"))
    spelt: tuple[tuple[str, str, Callable[[str], object]], ...] = (
        ("limit", store.limit, read_size),
        ("bandwidth", store.bandwidth, read_speed),
        ("scrub", store.scrub, read_days),
    )
    for key, text, read in spelt:
        _require_read(Text(en=f"store {store.name}: {key}", zh=f"存储 {store.name}：{key}"), text, read, path)


def _require_read(key: Text, text: str, read: Callable[[str], object], path: Path) -> None:
    """BadInput where a text that is there cannot be read."""
    try:
        if text:
            read(text)
    except BadInput as error:
        en, zh = error.what.en.rstrip("."), error.what.zh.rstrip("。")
        raise wrong(path, Text(en=f"{key.en}: {en}", zh=f"{key.zh}：{zh}")) from error


def write_config(home: Path, config: Config, file: str = FILE) -> None:
    """Write a new configuration, durably; people edit it afterwards."""
    lines = [
        "# Strongroom · 执法音像档案库",
        f"format = {config.format}",
        "",
        "[vault]",
        f"id = {_quoted(config.vault.id)}",
        f"office = {_quoted(config.vault.office)}",
        f"profile = {_quoted(config.vault.profile)}  # the office's regulation · 所执行的制度",
        "",
        "[copies]",
        f"minimum = {config.copies.minimum}  # durable before a success is reported · 确认入库前至少写妥的副本数",
    ]
    for store in config.store:
        lines += [
            "",
            "[[store]]",
            f"name = {_quoted(store.name)}",
            f"kind = {_quoted(store.kind)}",
            f"location = {_quoted(store.location)}",
            *([f"secret = {_quoted(store.secret)}"] if store.secret else []),
            *([f"recipients = [{', '.join(map(_quoted, store.recipients))}]"] if store.recipients else []),
            *([f"lock = {_quoted(store.lock.value)}"] if store.lock else []),
            *([f"retries = {store.retries}"] if store.retries is not None else []),
            *([f"bandwidth = {_quoted(store.bandwidth)}"] if store.bandwidth else []),
            *(["read_only = true"] if store.read_only else []),
        ]
    replace_file(home / file, ("\n".join(lines) + "\n").encode())


def name_profile(home: Path, profile: str) -> None:
    """Put the name of the profile that was adopted into the configuration; everything else in it stays as it is.

    BadInput where that cannot be done by changing one line.
    """
    before = read_config(home)
    text = (home / FILE).read_text(encoding="utf-8")
    changed = re.sub(
        r"""^(\s*profile\s*=\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""",
        lambda found: found[1] + _quoted(profile),
        text,
        count=1,
        flags=re.MULTILINE,
    )
    wanted = replace(before, vault=replace(before.vault, profile=profile))
    try:
        done = msgspec.convert(tomllib.loads(changed), Config) == wanted
    except (tomllib.TOMLDecodeError, msgspec.ValidationError):
        done = False
    if not done:
        line = f"profile = {_quoted(profile)}"
        raise wrong(home / FILE, Text(en=f"write {line} into it", zh=f"请在其中写入 {line}"))
    replace_file(home / FILE, changed.encode())


def _quoted(text: str) -> str:
    """A JSON string is a TOML string, but for the one control character that JSON lets stand (TOML 1.0, String)."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def finish_config(home: Path) -> None:
    """Give the unfinished configuration its name, durably: from now on there is a vault."""
    with writing_to(home / FILE):
        os.replace(home / UNFINISHED, home / FILE)
        sync(home)
