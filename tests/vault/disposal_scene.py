"""An office that disposes of records: its people by login, and what each of them does."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from ops.configwriting import name_profile
from ops.wiring import Working, open_vault
from tests.conftest import SettableClock, machine_beside
from tests.vault.scene import export, noise, place_of
from vault import acts, adoption
from vault.catalogue import disposals
from vault.clock import Machine
from vault.disposal import agreeing, appraisal, destruction, discs
from vault.disposal.rules import State
from vault.enrolling import enrol
from vault.people import Role
from vault.profile import Profile
from vault.rebuild import rebuild
from vault.store import Vault

CUSTODIAN, OTHER_CUSTODIAN = "zhangjianguo", "lina"
LEADER, SUPERVISORS, OPERATOR = "wangju", ("chenjing", "zhaoxd"), "yunwei"
PEOPLE = {
    LEADER: ("王建军", (Role.PRINCIPAL_LEADER, Role.SUPERVISING_LEADER)),
    CUSTODIAN: ("张建国", (Role.CUSTODIAN,)),
    OTHER_CUSTODIAN: ("李娜", (Role.CUSTODIAN,)),
    SUPERVISORS[0]: ("陈静", (Role.DESTRUCTION_SUPERVISOR,)),
    SUPERVISORS[1]: ("赵晓东", (Role.DESTRUCTION_SUPERVISOR,)),
    OPERATOR: ("周运维", (Role.OPERATOR,)),
}
WHY = "保存期满，无继续保存价值"
GRACE = timedelta(days=7)


class Office:
    """A vault in a folder, opened anew by whoever acts."""

    def __init__(self, home: Path, clock: SettableClock, machine: Machine | None = None) -> None:
        self.home = home
        self.clock = clock
        self.machine = machine or machine_beside(clock)
        self.vouched = False  # somebody says that the clock is right

    @contextmanager
    def by(self, login: str) -> Iterator[Vault]:
        working = Working(person=login, clock=self.clock, clock_vouched=self.vouched, machine=self.machine)
        with open_vault(self.home, working) as vault:
            yield vault

    def enrol(self) -> None:
        for login, (name, roles) in PEOPLE.items():
            with self.by(OPERATOR if login == LEADER else LEADER) as vault:
                enrol(vault, login, name, roles, "")

    # what people do

    def listed(self, *records: str, fate: acts.Fate = "dispose", by: str = CUSTODIAN, until: date | None = None) -> str:
        """A list with these records, or with all that are due."""
        with self.by(by) as vault:
            chosen = records or tuple(appraisal.all_due(vault, ()))
            number = appraisal.open_list(vault, "年度鉴定")
            self._appraise(vault, number, chosen, fate, until)
        return number

    def appraise(
        self, number: str, *records: str, fate: acts.Fate = "dispose", by: str = CUSTODIAN, until: date | None = None
    ) -> None:
        with self.by(by) as vault:
            self._appraise(vault, number, records, fate, until)

    @staticmethod
    def _appraise(vault: Vault, number: str, records: Collection[str], fate: acts.Fate, until: date | None) -> None:
        said = [acts.Appraisal(record=record, fate=fate, why=WHY, until=until) for record in records]
        appraisal.appraise(vault, number, said)

    def submit(self, number: str, by: str = CUSTODIAN) -> str:
        with self.by(by) as vault:
            return appraisal.submit(vault, number)

    def approve(self, number: str, by: str = LEADER, sha256: str | None = None) -> None:
        with self.by(by) as vault:
            agreeing.approve(vault, number, sha256 or self.digest(vault, number))

    def supervise(self, number: str, by: str, sha256: str | None = None) -> int:
        with self.by(by) as vault:
            return agreeing.supervise(vault, number, sha256 or self.digest(vault, number))

    def stop(self, number: str, by: str = LEADER) -> None:
        with self.by(by) as vault:
            agreeing.stop(vault, number, "发现仍有利用价值")

    def run(self, number: str, by: str = OPERATOR) -> destruction.Ran:
        with self.by(by) as vault:
            return destruction.run(vault, number)

    def confirm(self, number: str, disc: str, by: str, how: str = "已粉碎") -> State:
        with self.by(by) as vault:
            return discs.confirm(vault, number, disc, how)

    def adopt(self, profile: Profile, by: str = LEADER) -> Sequence[str]:
        """A profile of the name of one that comes with the program; the lists that have to be submitted anew."""
        with self.by(by) as vault:
            lists = adoption.adopt(vault, profile, "局务会议纪要")
        name_profile(self.home, profile.id)
        return lists.submit_anew

    # shortcuts

    def agreed(self, *records: str) -> str:
        """A list that may be run: approved, signed twice, its grace period over."""
        number = self.listed(*records)
        self.submit(number)
        self.approve(number)
        for login in SUPERVISORS:
            self.supervise(number, login)
        self.clock.advance(days=GRACE.days)
        return number

    def standing(self, number: str) -> disposals.Standing:
        with self.by(OPERATOR) as vault, vault.database.reading() as connection:
            return disposals.standing(connection, number)

    @staticmethod
    def digest(vault: Vault, number: str) -> str:
        with vault.database.reading() as connection:
            return disposals.get(connection, number).sha256


# the vault that tests begin with

NAMES = ("甲", "乙", "丙")
CONTENTS = [noise(2_000 + number, number) for number in range(8)]


ONE, TWO, THREE, FOUR = (f"2026-{n:07d}" for n in range(1, 5))


def there(vault: Vault, data: bytes) -> set[str]:
    return {name for name in vault.stores if place_of(vault, name, data).exists()}


def assert_rebuilt_alike(vault: Vault) -> None:
    """What a rebuild makes of the journal is what the vault works with, but for the rebuild itself."""
    before = export(vault)
    rebuild(vault, None)
    after = export(vault)
    for table in before:
        if table not in ("meta", "journal"):
            assert after[table] == before[table], table
