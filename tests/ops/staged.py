"""A vault in which something is brought about, what it tells Prometheus meanwhile, and what the rules make of that.

Scrapes are as far apart, by the vault's own clock, as a rule's patience asks for. promtool's time begins at 0, so a
moment is told by its age at the scrape: the rules look at nothing else of it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ops.config import FILE, StoreConfig
from ops.metrics import exposition
from ops.wiring import Working, init_vault, open_vault
from tests.conftest import SettableClock
from tests.ops.test_alerts import RULES, promtool
from vault.store import Vault

Series = Mapping[str, float]

_SCRAPED, _IN_A_FILE = {"job": "strongroom"}, {"job": "node", "vault": "0123456789abcdef"}

_PATIENCE = re.compile(r"- alert: (\w+)\n(?:(?! +- alert:).*\n)*? +for: (\d+)([mhd])\n")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def patience(alerts: Iterable[str]) -> timedelta:
    """For how long the most patient of these rules wants to see its cause."""
    said = {
        name: timedelta(**{_UNITS[unit]: int(count)})
        for name, count, unit in _PATIENCE.findall(RULES.read_text(encoding="utf-8"))
    }
    return max((said[alert] for alert in alerts if alert in said), default=timedelta(minutes=2))


@dataclass
class Scene:
    """The vault, and who looks at it. `every`: how often its copies are to be read again."""

    folder: Path
    clock: SettableClock
    working: Working
    request: pytest.FixtureRequest
    stack: ExitStack
    every: dict[str, timedelta] = field(default_factory=dict)
    told: Callable[[], str] = str  # what a scrape gets

    @property
    def home(self) -> Path:
        return self.folder / "档案库"

    def begin(self, *names: str) -> Vault:
        """A new vault of 邓州 with these stores, or with 甲 and 乙."""
        stores = tuple(StoreConfig(name=name, kind="disk", location=name) for name in names or ("甲", "乙"))
        init_vault(self.home, "", "dengzhou", stores, self.working)
        return self.opened(self.home, self.working)

    def opened(self, home: Path, working: Working) -> Vault:
        """The vault as strongroom.toml has it now: from here on it is this one that is scraped."""
        vault = self.stack.enter_context(open_vault(home, working))
        self.told = lambda: exposition(vault, self.every).decode()
        return vault

    def limit(self, store: str, size: str) -> None:
        """strongroom.toml says how much a store may hold."""
        head, name, rest = (self.home / FILE).read_text(encoding="utf-8").partition(f'name = "{store}"\n')
        (self.home / FILE).write_text(f'{head}{name}limit = "{size}"\n{rest}', encoding="utf-8")

    def scrape(self) -> Series:
        """Every value by its series; of a moment, how long ago it was, negative. Each series as a scrape has it, and as
        a textfile does, which names its vault."""
        now = self.clock().timestamp()
        return {
            f"{sample.name}{json.dumps({**sample.labels, **of}, ensure_ascii=False)}": sample.value
            - (now if sample.name.endswith("_timestamp_seconds") else 0)
            for family in text_string_to_metric_families(self.told())
            for sample in family.samples
            for of in (_SCRAPED, _IN_A_FILE)
        }


def require_firing(alerts: Sequence[str], before: Series, since: Sequence[Series], apart: timedelta, to: Path) -> None:
    """promtool's word: by what was scraped `before` none of them stirs, by what was scraped `since` each one fires;
    of a vault that is scraped, and of one that writes a file."""
    step = round(apart.total_seconds())
    scrapes = (before, *since)
    series = [
        {
            "series": _notation(name),
            "values": " ".join(_value(one, name, place * step) for place, one in enumerate(scrapes)),
        }
        for name in sorted({name for one in scrapes for name in one})
    ]
    asked = [
        {
            "expr": f'(count(ALERTS{{alertname="{alert}",job="{of["job"]}"{state}}}) > bool 0) or vector(0)',
            "eval_time": f"{at * step}s",
            "exp_samples": [{"labels": "{}", "value": fires}],
        }
        for alert in alerts
        for of in (_SCRAPED, _IN_A_FILE)
        for state, at, fires in (("", 0, 0), (',alertstate="firing"', len(since), 1))
    ]
    test = {"interval": f"{step}s", "input_series": series, "promql_expr_test": asked}
    file = {"rule_files": [str(RULES)], "evaluation_interval": f"{step}s", "tests": [test]}
    to.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    promtool("test", "rules", to)


def _notation(series: str) -> str:
    """As PromQL writes it."""
    name, _, labels = series.partition("{")
    pairs = json.loads("{" + labels)
    return (
        name
        + "{"
        + ",".join(f"{label}={json.dumps(value, ensure_ascii=False)}" for label, value in pairs.items())
        + "}"
    )


def _value(scraped: Series, series: str, at: int) -> str:
    """What promtool reads: nothing where there was none."""
    if series not in scraped:
        return "_"
    return f"{scraped[series] + (at if '_timestamp_seconds{' in series else 0):.6f}"
