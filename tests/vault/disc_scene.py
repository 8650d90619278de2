"""Disc sets on their way: what tests of the shelf share. No drive is needed for what the journal says of discs."""

from collections.abc import Callable, Sequence
from datetime import date

from vault import acts
from vault.catalogue import discs, queries
from vault.catalogue.inscribed import inscription
from vault.digest import Digest
from vault.discs.finishing import cancel
from vault.discs.imagefiles import lay
from vault.discs.model import COPIES, DiscSet, Mark
from vault.discs.sets import Wish, plan_set
from vault.discs.states import NOT_BURNT, State
from vault.discs.stepping import replace, step
from vault.discs.superseding import supersede
from vault.store import Vault

WHERE = "档案室甲柜3层"
ISO, IMAGE = Digest.of("映像".encode()).hex, Digest.of("映像与纠错".encode()).hex


def plan(vault: Vault, *disc: Sequence[str], replaces: str = "") -> DiscSet:
    """A set with these records on each of its discs."""
    wish = Wish(producer="张建国", activity="占道经营案", medium="dvd+r", spare=20, discs=disc, replaces=replaces)
    return plan_set(vault, wish)


def image(
    vault: Vault, number: str, disc: int = 1, generation: int = 1, sha256: str = IMAGE, size: int = 1_200
) -> None:
    """Made and checked."""
    now, by = vault.now(), vault.setting.person
    with vault.database.reading() as connection:
        records = queries.get_records(connection, list(discs.records_on(connection, number, disc)))
        said = inscription(connection, vault.profile, records)
    step(
        vault,
        acts.DiscImaged(
            at=now,
            by=by,
            disc_set=number,
            disc=disc,
            generation=generation,
            iso=ISO,
            iso_size=1_000,
            image=sha256,
            image_size=size,
            inscription=said,
        ),
    )
    readers = ("libarchive", "7z")
    step(vault, acts.DiscChecked(at=now, by=by, disc_set=number, disc=disc, generation=generation, readers=readers))


def begin(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscBurning(at=vault.now(), by=vault.setting.person, mark=mark, drive="/dev/sr0")


def fail(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscBurnFailed(at=vault.now(), by=vault.setting.person, mark=mark, drive="/dev/sr0", why="写入错误")


def finish(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscBurnt(at=vault.now(), by=vault.setting.person, mark=mark, drive="/dev/sr0", blank="VERBAT/I60")


def verify(mark: str, vault: Vault, sha256: str = IMAGE) -> acts.AnyCopyStep:
    return acts.DiscVerified(at=vault.now(), by=vault.setting.person, mark=mark, drive="/dev/sr0", image=sha256)


def label(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscLabelled(at=vault.now(), by=vault.setting.person, mark=mark, labels=("face", "sleeve"))


def shelve(mark: str, vault: Vault, location: str = WHERE) -> acts.AnyCopyStep:
    return acts.DiscShelved(at=vault.now(), by=vault.setting.person, mark=mark, location=location)


def loan(mark: str, vault: Vault, until: date = date(2027, 1, 10)) -> acts.AnyCopyStep:
    return acts.DiscLoaned(at=vault.now(), by=vault.setting.person, mark=mark, to="王芳", until=until, why="庭审")


def bring_back(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscReturned(at=vault.now(), by=vault.setting.person, mark=mark, location=WHERE)


def inspect(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscInspected(
        at=vault.now(),
        by=vault.setting.person,
        mark=mark,
        drive="/dev/sr0",
        speeds=(9_000, 12_000),
        retries=3,
        unreadable=0,
        level=1,
    )


def spoil(mark: str, vault: Vault) -> acts.AnyCopyStep:
    return acts.DiscDegraded(at=vault.now(), by=vault.setting.person, mark=mark, why="划伤")


WAY: Sequence[tuple[State, Callable[[str, Vault], acts.AnyCopyStep]]] = (
    (State.BURNING, begin),
    (State.BURNT, finish),
    (State.VERIFIED, verify),
    (State.LABELLED, label),
    (State.SHELVED, shelve),
)


def bring(vault: Vault, mark: str, to: State = State.SHELVED) -> None:
    """A copy from where it stands as far as that."""
    named = Mark.parse(mark)
    if state_of(vault, mark) in NOT_BURNT - {State.BLANK}:
        image(vault, named.disc_set, named.disc, named.generation)
    states = [state for state, _ in WAY]
    here = state_of(vault, mark)
    begun = states.index(here) + 1 if here in states else 0
    for state, act in WAY[begun:]:
        step(vault, act(mark, vault))
        if state is to:
            return


def keep(vault: Vault, number: str, letters: Sequence[str] = COPIES) -> None:
    """These copies of every disc of a set, onto the shelf."""
    with vault.database.reading() as connection:
        marks = [str(copy.mark) for copy in discs.copies(connection, number) if copy.mark.copy in letters]
    for mark in marks:
        bring(vault, mark)


def state_of(vault: Vault, mark: str) -> State:
    with vault.database.reading() as connection:
        return discs.find_copy(connection, Mark.parse(mark)).state


def degrade(vault: Vault, mark: str) -> None:
    step(vault, spoil(mark, vault))


def shred(vault: Vault, mark: str, *, degraded: bool = False) -> None:
    if degraded:
        degrade(vault, mark)
    step(vault, acts.DiscShredded(at=vault.now(), by=vault.setting.person, mark=mark, why="已粉碎"))


def fill_shelf(vault: Vault, one: str, two: str, three: str) -> None:
    """Every step that the table has, on the discs of two sets."""
    first = plan(vault, [one, two], [two]).number
    keep(vault, first)
    third = plan(vault, [three]).number
    image(vault, third)
    moved = plan(vault, [three], replaces=third).number
    keep(vault, moved)
    supersede(vault, moved)
    a, b = f"{first}-1A", f"{first}-1B"
    for act in (loan, bring_back, inspect, shelve, label):
        step(vault, act(a, vault))
    degrade(vault, b)
    successor = str(replace(vault, Mark.parse(b), "划伤"))
    image(vault, first, 1, 2)
    for act in (begin, fail, begin, finish, fail, begin, finish, verify, label, shelve, loan):
        step(vault, act(successor, vault))
    given_up = plan(vault, [three]).number
    lay(vault, given_up, 1, 1, vault.setting.home / "discs" / "映像.iso")
    image(vault, given_up)
    cancel(vault, given_up, "误建")
    counted = (acts.OddDisc(mark=b, finding="retired"), acts.OddDisc(mark="2020-0001-1A", finding="unknown"))
    act = acts.DiscsCounted(at=vault.now(), by=vault.setting.person, location=WHERE, scanned=3, odd=counted)
    vault.commit(lambda _: [act])
