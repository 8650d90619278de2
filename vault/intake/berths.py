"""Which stores an activity lands on: placement's choice among those that answer when the intake begins, and whose
limits leave room for it. What an archive's members come to is known only once they are read: a limit that is reached
holds there too, and one that is not is passed by that archive at most.

What an intake need not wait for (far tiers, a store that is away) is owed afterwards, by the plan that is made when the
record is filed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from vault.catalogue.sites import Limits
from vault.errors import Refused, StoreUnavailable
from vault.intake.activities import Activity
from vault.placement import Site, Subject, at_intake, place
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
        self._limits = Limits()
        with vault.database.reading() as connection:
            self._limits.begin(connection, self._sites, {}, {})
        self._chosen: dict[tuple[str, str, tuple[str, ...]], tuple[str, ...]] = {}

    def of(self, activity: Activity) -> tuple[str, ...]:
        """Its stores; all its files land together.

        Refused where too few may ever hold it, StoreUnavailable where too few do now.
        """
        facts = activity.said.facts
        size = sum(item.size or 0 for item in activity.items)
        short = tuple(self._limits.short_of(size))
        about = facts.confidentiality, facts.case_number, short
        if about not in self._chosen:
            chosen = self._choose(activity, self._limits.open_to(self._sites, size), short)
            if self._policy.wanted:  # they are spread
                self._limits.take(size, chosen)
                return chosen
            self._chosen[about] = chosen  # the same for all of that kind
        self._limits.take(size, self._chosen[about])
        return self._chosen[about]

    def _choose(self, activity: Activity, sites: Mapping[str, Site], short: Sequence[str]) -> tuple[str, ...]:
        facts = activity.said.facts
        subject = Subject(
            stored_at=self._now,
            confidentiality=facts.confidentiality,
            cases=(facts.case_number,) if facts.case_number else (),
            key=activity.where.encode(),
        )
        placement = place(subject, list(sites.values()), self._policy, self._now)
        chosen = at_intake(placement, sites, self._policy)
        if not self._vault.enough(chosen):
            raise self._too_few(activity.where, chosen, short)
        return chosen

    def _too_few(self, where: str, chosen: tuple[str, ...], short: Sequence[str]) -> Refused | StoreUnavailable:
        if self.away:
            return too_few(self.away)
        if short:
            en, zh = ", ".join(short), "、".join(short)
            return Refused(
                Text(
                    en=f"{where}: it does not fit within the limit of {en}, and the other stores are too few.",
                    zh=f"{where}：超出存储 {zh} 的 limit，其余存储数量不足。",
                ),
                hint=Text(
                    en="Raise `limit` in strongroom.toml, or attach another store: strongroom store attach NAME",
                    zh="请在 strongroom.toml 中调高 limit，或另接入存储：strongroom store attach 名称",
                ),
            )
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
