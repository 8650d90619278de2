"""The stores that strongroom.toml names: the only place where its words become backends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backends.registry import STORES, Opening, Secret, StoreKind, open_store
from backends.shut import shut_store
from ops.config import FILE, Config, StoreConfig, read_config
from ops.keys import FILE as KEY
from ops.secrets import secret_of
from vault.bandwidth import Bandwidth
from vault.errors import BadInput, BadLocation, BadSecret
from vault.ports import Store
from vault.promises import Finding
from vault.sizes import read_speed
from vault.text import Text


def open_stores(home: Path, config: Config, moving: Bandwidth | None = None) -> tuple[Store, ...]:
    """Every store that strongroom.toml names. `moving`: how fast copies move between them."""
    return tuple(_open_store(home, store, config.vault.id, moving) for store in config.store)


def open_configured(home: Path, config: Config, name: str) -> Store:
    """One of them alone. BadInput where strongroom.toml does not know it."""
    return _open_store(home, _said_of(config, name), config.vault.id, None)


def _open_store(home: Path, store: StoreConfig, vault_id: str, moving: Bandwidth | None) -> Store:
    """One whose secret or location is no good is away; what else is wrong in strongroom.toml is BadInput."""
    try:
        with _named(store):
            return open_store(kind_of(store), _opening(home, store, vault_id, moving))
    except (BadSecret, BadLocation) as error:
        return shut_store(store.name, error, store.lock)


def require_openable(home: Path, config: Config, store: StoreConfig) -> None:
    """BadInput, BadLocation or BadSecret where a store cannot be what strongroom.toml says. It is not asked."""
    with _named(store):
        open_store(kind_of(store), _opening(home, store, config.vault.id)).close()


@contextmanager
def _named(store: StoreConfig) -> Iterator[None]:
    """A secret knows no store, nor does a location."""
    try:
        yield
    except BadLocation as error:
        what = Text(
            en=f"{FILE}: store {store.name}: location: {error.what.en}",
            zh=f"{FILE}：存储 {store.name}：location：{error.what.zh}",
        )
        raise BadLocation(what, error.hint) from error
    except BadSecret as error:
        what = Text(en=f"Store {store.name}: {error.what.en}", zh=f"存储 {store.name}：{error.what.zh}")
        raise BadSecret(what, error.hint) from error


def _opening(home: Path, store: StoreConfig, vault_id: str, moving: Bandwidth | None = None) -> Opening:
    if store.lock is not None and not kind_of(store).locks:
        able = ", ".join(name for name, kind in STORES.items() if kind.locks)
        raise BadInput(
            Text(
                en=f"{home / FILE}: store.lock: {store.name} is of kind {store.kind}, which cannot lock; {able} can.",
                zh=f"{home / FILE}：store.lock：{store.name} 的类型 {store.kind} 不能锁定；可以锁定的类型：{able}。",
            )
        )
    secret = secret_of(home, store.secret, kind_of(store).asks) if store.secret else Secret()
    return Opening(
        name=store.name,
        location=_location(home, store),
        vault_id=vault_id,
        secret=secret,
        scratch=home,
        recipients=store.recipients,
        lock=store.lock,
        retries=store.retries,
        bandwidth=read_speed(store.bandwidth) if store.bandwidth else None,
        moving=moving,
        read_only=store.read_only,
    )


def configured_store(home: Path, name: str) -> StoreConfig:
    """What strongroom.toml says of a store. BadInput where it does not know it."""
    return _said_of(read_config(home), name)


def _said_of(config: Config, name: str) -> StoreConfig:
    for store in config.store:
        if store.name == name:
            return store
    raise BadInput(
        Text(en=f"{FILE} has no store {name!r}.", zh=f"{FILE} 中没有名为 {name!r} 的存储。"),
        hint=Text(
            en=f"Write it there first: [[store]] with name, kind ({', '.join(STORES)}) and location.",
            zh=f"请先写入：[[store]]，含 name、kind（{'、'.join(STORES)}）和 location。",
        ),
    )


def is_mount(home: Path, store: StoreConfig) -> bool:
    """Whether a medium is mounted at a store's very place: what is empty there is that medium."""
    from backends import mounts

    return kind_of(store).is_folder and mounts.is_mount(_location(home, store))


def probe_store(home: Path, store: StoreConfig, vault_id: str) -> list[Finding]:
    """Try what the store's place promises. BadLocation or BadSecret where what is said of it cannot be used,
    StoreUnavailable where it does not answer.
    """
    from backends.probe import probe

    with _named(store):
        opening = _opening(home, store, vault_id)
        opening.require_keys()
        return probe(store.name, kind_of(store).place(opening))


def kind_of(store: StoreConfig) -> StoreKind:
    kind = STORES.get(store.kind)
    if kind is None:
        known = ", ".join(STORES)
        raise BadInput(
            Text(
                en=f"Store {store.name}: there is no kind {store.kind!r}; there are: {known}.",
                zh=f"存储 {store.name}：没有类型 {store.kind!r}；可用：{known}。",
            )
        )
    return kind


def _location(home: Path, store: StoreConfig) -> str:
    return str(home / store.location) if kind_of(store).is_folder else store.location


def _can_be_met(home: Path, store: StoreConfig) -> bool:
    """Whether an intake can come upon it: a folder, and one that answers."""
    kind = kind_of(store)
    if not kind.is_folder or not kind.may_hang:
        return kind.is_folder
    from backends.answering import answers

    return answers(Path(_location(home, store)), home / f"{store.name}.asking")


def own_places(home: Path) -> tuple[Path, ...]:
    """Folders and files that are the vault itself: no intake takes them in."""
    # Whoever asks is an intake, and has these; nobody else needs them.
    from vault import drill, scratch
    from vault.intake import dropped
    from vault.intake.resume import LOCKS
    from vault.locksync import TURNS
    from vault.timekeeping import FILE as CLOCK

    stores = (Path(_location(home, store)) for store in read_config(home).store if _can_be_met(home, store))
    begins = (FILE, KEY, "catalogue", drill.SCRATCH, scratch.PREFIX)
    whole = ("*.asking", CLOCK, "attached-discs", dropped.LOCK, dropped.FILE)
    files = (path for pattern in (*(f"{begin}*" for begin in begins), *whole) for path in home.glob(pattern))
    # Named, not looked for: an intake makes these only after it was told what to leave out.
    turns = ("open", "publish", "intake", TURNS, drill.TURN)
    locks = (home / name for name in (*(f"{turn}.lock" for turn in turns), LOCKS))
    return (*stores, *files, *locks, home / read_config(home).discs.work)
