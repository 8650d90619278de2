"""Which stores an activity lands on: placement's choice among those that answer when the intake begins.

What an intake need not wait for (far tiers, a store that is away) is owed afterwards, by the plan that is made when the
record is filed.
"""

from datetime import datetime

from vault.errors import Refused, StoreUnavailable
from vault.intake.activities import Activity
from vault.placement import Subject, at_intake, place
from vault.store import Vault
from vault.text import Text
from vault.toofew import too_few


class Berths:
    """The choice for one run. `away`: stores that do not answer, and why."""

    def __init__(self, vault: Vault, now: datetime) -> None:
        self._vault = vault
        self._policy = vault.setting.rules.policy
        self._now = now
        self.away: dict[str, StoreUnavailable] = vault.away()
        self._sites = vault.sites(self.away)
        self._chosen: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, activity: Activity) -> tuple[str, ...]:
        """Its stores; all its files land together.

        Refused where too few may ever hold it, StoreUnavailable where too few do now.
        """
        facts = activity.said.facts
        about = facts.confidentiality, facts.case_number
        if about in self._chosen:
            return self._chosen[about]
        subject = Subject(
            stored_at=self._now,
            confidentiality=facts.confidentiality,
            cases=(facts.case_number,) if facts.case_number else (),
            key=activity.where.encode(),
        )
        placement = place(subject, list(self._sites.values()), self._policy, self._now)
        chosen = at_intake(placement, self._sites, self._policy)
        if not self._vault.enough(chosen):
            raise self._too_few(activity.where, chosen)
        if not self._policy.wanted:  # the same for all of that kind; else they are spread
            self._chosen[about] = chosen
        return chosen

    def _too_few(self, where: str, chosen: tuple[str, ...]) -> Refused | StoreUnavailable:
        if self.away:
            return too_few(self.away)
        these = ", ".join(chosen)
        return Refused(
            Text(
                en=f"{where}: stores that may take it: {these or 'none'}; copies demanded: {self._policy.minimum}.",
                zh=f"{where}：可存放的存储：{these or '无'}；要求的副本数：{self._policy.minimum}。",
            ),
            hint=Text(
                en="See `cleared`, `limit` and `domain` in strongroom.toml, and: strongroom store status",
                zh="请检查 strongroom.toml 中的 cleared、limit、domain，并运行：strongroom store status",
            ),
        )
