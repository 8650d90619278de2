"""Fills a new vault with records that were never taken in: `catalogue.py HOME STORE COUNT`.

Every record passes through the journal and the projection exactly as an intake's does (acts in batches, published to
the store); only the objects behind them are not there. What is found in such a vault, and how quickly, is therefore
what an office with so many records would find. The office is invented, its figures plain: one of three sections a
record, COMMON in every record's content, PARTY the party of every five-thousandth; every other record belongs to a
case, which is open. The acts are spread over the 400 days before now, so that of the records without a case those of
the first weeks are due.
"""

import hashlib
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contenders import COMMON, PARTY, SECTIONS

from ops.config import StoreConfig
from ops.wiring import Working, init_vault, open_vault
from vault import acts
from vault.facts import Facts
from vault.records import RecordFile, Standing
from vault.timekeeping import believe

PARTY_EVERY = 5_000
BATCH = 2_000  # acts in one commit: what one checkpoint of the journal takes
DAYS = 400

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉兰红"
_PLACES = ("新华路", "人民路", "交通路", "文化路", "古城路", "湍河路", "北京大道", "团结西路")
_CAUSES = ("会计账簿登记不实", "挪用专项资金", "违规发放补贴", "虚列支出", "账外设账", "票据使用不规范")


def fill(home: Path, store: Path, count: int, end: datetime) -> None:
    """Make a vault in `home` with one store and `count` records, the last of them stored at `end`."""
    start = end - timedelta(days=DAYS)
    # The journal begins before this program was made, so somebody has to vouch for the clock.
    working = Working(person="性能测试", clock_vouched=True, clock=lambda: start)
    init_vault(home, "", "dengzhou", (StoreConfig(name="a", kind="disk", location=str(store)),), working)
    acts_of = records(count, start, end)
    with open_vault(home, working) as vault:
        while batch := [act for _, act in zip(range(BATCH), acts_of, strict=False)]:
            vault.commit(lambda _, batch=batch: batch)  # type: ignore[misc]
    with open_vault(home, Working(person="性能测试")) as vault:
        believe(vault)  # the machine has not been running since the beginning of that journal


def records(count: int, start: datetime, end: datetime) -> Iterator[acts.RecordStored]:
    chance = random.Random(2026)
    for serial in range(1, count + 1):
        at = (start + (end - start) * (serial / count)).replace(microsecond=0)
        began = at - timedelta(hours=chance.randrange(2, 20))
        section = SECTIONS[serial % 3]
        place, cause = chance.choice(_PLACES), chance.choice(_CAUSES)
        yield acts.RecordStored(
            at=at,
            by="王建国",
            record=f"{at.year}-{serial:07d}",
            facts=Facts(
                case_number=f"邓财罚〔{at.year}〕{serial // 4}号" if serial % 2 else "",
                case_name=f"{cause}案",
                party=_party(serial, chance),
                section=section,
                officers=(_name(chance), _name(chance)),
                recorder=_name(chance),
                device_number=f"DSJ-{chance.randrange(400):04}",
                place=f"邓州市{place}{chance.randrange(1, 300)}号",
                cause=cause,
                content=f"{section}在{place}{COMMON}，当事人在场",
                recorded_at=began,
                activity_ended_at=began + timedelta(minutes=40),
            ),
            origins={"section": "sheet", "party": "sheet"},
            files=(
                RecordFile(
                    sha256=hashlib.sha256(str(serial).encode()).hexdigest(),
                    size=300_000_000,
                    name=f"DSJ_{began:%Y%m%d_%H%M%S}_{serial:07}.mp4",
                    media_type="video/mp4",
                    recorded_at=began,
                    duration_ms=2_400_000,
                ),
            ),
            stores=("a",),
            standing=Standing.KEPT,
        )


def _party(serial: int, chance: random.Random) -> str:
    return PARTY if serial % PARTY_EVERY == 1 else _name(chance, rare=False)


def _name(chance: random.Random, *, rare: bool = True) -> str:
    """A person: a surname and one or two characters, all of them frequent."""
    name = chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, chance.choice((1, 2, 2))))
    return name if rare or name != PARTY else name + "芳"


if __name__ == "__main__":
    now = datetime.now(UTC).replace(microsecond=0)
    fill(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), now)
