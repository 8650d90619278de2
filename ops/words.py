"""What people read where programs read identifiers: states, kinds and acts, in the words of docs/principles.md.

`--json` gives the identifiers themselves. tests/ops/test_words.py holds these tables to the code's.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vault.clock import Word
from vault.locking import Verdict
from vault.promises import Answer
from vault.retention import State
from vault.text import Text

if TYPE_CHECKING:  # fsck brings half the vault with it, and `find` has half a second
    from vault.fsck import Kind

STATES: Mapping[State, Text] = {
    State.QUARANTINED: Text(en="in quarantine", zh="待补全"),
    State.HELD: Text(en="on hold", zh="暂缓处置"),
    State.PERMANENT: Text(en="permanent", zh="长期保存"),
    State.WAITING_FOR_CASE: Text(en="waits for its case", zh="案件未结"),
    State.UNSET: Text(en="to be settled by a person", zh="待人工确定"),
    State.PAUSED: Text(en="paused", zh="暂停计算到期"),
    State.DUE: Text(en="due for review", zh="到期待审查"),
    State.RUNNING: Text(en="within its term", zh="保存期内"),
}

COPIES: Mapping[str, Text] = {
    "good": Text(en="good", zh="完好"),
    "owed": Text(en="owed", zh="待补"),
    "damaged": Text(en="damaged", zh="损坏"),
    "leaving": Text(en="to leave", zh="待迁出"),
    "removing": Text(en="leaving", zh="迁出中"),
}

DOORS: Mapping[str, Text] = {
    "open": Text(en="open", zh="正常接收"),
    "suspected": Text(en="suspected", zh="存疑"),
    "emptying": Text(en="being emptied", zh="清空中"),
}

CLOCKS: Mapping[Word, Text] = {  # this machine's clock, against another
    Word.RIGHT: Text(en="agrees", zh="一致"),
    Word.AHEAD: Text(en="this clock is ahead", zh="本机偏快"),
    Word.BEHIND: Text(en="this clock is behind", zh="本机偏慢"),
    Word.NOTHING: Text(en="cannot tell", zh="无法判断"),
}

ANSWERS: Mapping[Answer, Text] = {
    "yes": Text(en="yes", zh="是"),
    "no": Text(en="no", zh="否"),
    "unknown": Text(en="cannot tell", zh="无法判断"),
    "not-applicable": Text(en="does not apply", zh="不适用"),
}

FINDINGS: Mapping["Kind", Text] = {
    "object": Text(en="corrupt", zh="损坏"),
    "missing": Text(en="missing", zh="缺失"),
    "journal": Text(en="journal", zh="日志"),
    "catalogue": Text(en="catalogue", zh="目录库"),
    "marker": Text(en="marker", zh="标记"),
    "readme": Text(en="README", zh="说明文件"),
    "orphan": Text(en="no record", zh="无记录"),
    "owed": Text(en="owed", zh="待补副本"),
    "behind": Text(en="behind", zh="日志落后"),
    "pending": Text(en="pending", zh="待发布"),
    "unavailable": Text(en="no answer", zh="无应答"),
}

ACTS: Mapping[str, Text] = {
    "vault.created": Text(en="vault created", zh="建库"),
    "store.attached": Text(en="store attached", zh="接入存储"),
    "store.detached": Text(en="store detached", zh="撤出存储"),
    "store.standing": Text(en="store's standing changed", zh="变更存储状态"),
    "store.probed": Text(en="store probed", zh="检测存储"),
    "record.stored": Text(en="taken in", zh="入库"),
    "record.seen-again": Text(en="came in once more", zh="再次送来"),
    "record.corrected": Text(en="facts completed or corrected", zh="补全或更正信息"),
    "class.assigned": Text(en="class assigned", zh="指定保存期限"),
    "case.filed": Text(en="case filed", zh="案件登记"),
    "hold.placed": Text(en="hold placed", zh="暂缓处置"),
    "hold.released": Text(en="hold released", zh="解除暂缓处置"),
    "record.viewed": Text(en="content handed out", zh="调取"),
    "source.released": Text(en="source removed", zh="删除来源文件"),
    "copy.damaged": Text(en="copy found damaged", zh="发现副本损坏"),
    "copy.healed": Text(en="copy healed", zh="修复副本"),
    "copies.made": Text(en="copies brought", zh="补入副本"),
    "copies.removed": Text(en="copies let go", zh="移除多余副本"),
    "journal.healed": Text(en="journal healed", zh="修复日志"),
    "scrub.done": Text(en="scrub done", zh="完成回读校验"),
    "objects.locked": Text(en="copies locked", zh="锁定副本"),
    "orphan.swept": Text(en="object without record removed", zh="清理无记录的对象"),
    "disc.built": Text(en="disc set built", zh="制作光盘组"),
    "catalogue.rebuilt": Text(en="catalogue rebuilt", zh="重建目录库"),
    "expiry.released": Text(en="expiry released", zh="恢复到期计算"),
    "clock.vouched": Text(en="clock vouched for", zh="确认系统时间"),
}

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.AS_WANTED: Text(en="as it should be", zh="一致"),
    Verdict.LONGER: Text(en="longer", zh="长于所需"),
    Verdict.TOO_SHORT: Text(en="too short", zh="不足"),
    Verdict.NOT_LOCKED: Text(en="not locked", zh="未锁定"),
    Verdict.MISSING: Text(en="missing", zh="缺失"),
    Verdict.CANNOT_TELL: Text(en="cannot tell", zh="无法判断"),
}
