"""Discs to be labelled, with the names that an office's would have: usual ones, the longest, the rarest."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from vault.digest import Digest
from vault.discs.model import CopyLetter, DiscCopy, DiscSet, Inscription, Statement
from vault.text import Text

SET = DiscSet(
    number="2026-0001",
    records=("2026-0000001", "2026-0000002", "2026-0000007"),
    unit="邓州市财政局",
    producer="王芳",
    produced_at=datetime(2026, 7, 14, 7, 4, 5, tzinfo=UTC),  # 15:04 in Beijing
    activity="某采购代理机构违规收费现场检查",
    discs=3,
    medium=Text(en="DVD+R", zh="DVD+R"),
    inscription=Inscription(kept=Text(en="permanent", zh="长期保存")),
)


def saying(disc_set: DiscSet, **said: Any) -> DiscSet:
    """With that on its label, of the set and of its records."""
    of_records = {name: said.pop(name) for name in Inscription.__struct_fields__ if name in said}
    return replace(disc_set, **said, inscription=msgspec.structs.replace(disc_set.inscription, **of_records))


FULL = saying(
    SET,
    confidentiality="内部",
    section="政府采购监督管理科",
    case_number="邓财罚字〔2026〕第0012号",
    party="河南某招标代理有限公司",
)
_TITLE = "邓州市财政局对某建设工程招标代理有限公司涉嫌违反《中华人民共和国政府采购法》的现场检查、"
LONGEST = saying(
    FULL,
    number="9999-9999",
    records=tuple(f"2026-{n:07d}" for n in range(1, 400)),
    unit="邓州市财政局财政监督检查执法大队第三中队（会计监督科、政府采购监督管理科联合检查组）",
    producer="王芳、李强、张三、李四、欧阳𬭎、㛃䶮、赵六、孙七、周八、吴九",
    activity=(_TITLE * 8)[:300],
    discs=120,
    medium=Text(en="M-Disc", zh="M-Disc（100 GB，按 BD-R XL）"),
    confidentiality="工作秘密（含个人隐私、商业秘密）",
    case_number="邓财监罚告字〔2026〕第000000012号之一",
    party="中国某某国际工程建设项目招标代理集团（河南）股份有限公司邓州市第二分公司、买买提·吐尔逊",
)
RAREST = saying(FULL, activity="㛃䶮𬭎𠅤𰻞 " * 12, producer="㛃䶮𬭎𠅤𰻞", party="𰻞𠅤", unit="𠮷田㐂县㛃䶮局")
ONE_RUN = saying(FULL, activity="W" * 120, unit="M" * 40, party="W" * 30, producer="W" * 24, section="W" * 20)
LATER = saying(  # of a later generation: both times at their longest
    LONGEST,
    produced_at=datetime(2036, 12, 31, 2, tzinfo=UTC),
    first_produced_at=datetime(2026, 12, 30, 2, tzinfo=UTC),
    kept=Text(en="at the longest: permanent", zh="最长：长期保存"),
)
NAMES = {"usual": SET, "later": LATER, "full": FULL, "longest": LONGEST, "rarest": RAREST, "one-run": ONE_RUN}

CHECKPOINT = (
    "dengzhou.example/strongroom\n1284\nq0Yf3sJXb0e8h5xL8vW1h5G6sM0wq3N2vK1bJx4Yd7E=\n\n"
    "— dengzhou.example/strongroom " + "Az08" * 24 + "\n"
)
IMAGE = Digest.of(b"image")
STATEMENT = Statement(maker="李强", extractor="张建国", extracted_at=datetime(2026, 7, 15, 1, 30, tzinfo=UTC))


def copy_of(disc_set: DiscSet, letter: CopyLetter = "A", generation: int = 1) -> DiscCopy:
    """The last disc of the set, whose number is the longest."""
    return DiscCopy(disc_set, disc_set.discs, letter, IMAGE, CHECKPOINT, generation)
