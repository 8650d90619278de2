"""What people read where programs read identifiers: states, kinds and acts, in the words of docs/principles.md.

`--json` gives the identifiers themselves. tests/ops/test_words.py holds these tables to the code's.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vault.adoption import Effect
from vault.approvals import Stage
from vault.catalogue.timeliness import Lateness
from vault.clock import Word
from vault.deadlines import Timeliness
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
    "doomed": Text(en="to be destroyed", zh="待销毁"),
    "owed": Text(en="owed", zh="待补副本"),
    "behind": Text(en="behind", zh="日志落后"),
    "pending": Text(en="pending", zh="待发布"),
    "foreign": Text(en="another vault", zh="另一档案库"),
    "unavailable": Text(en="no answer", zh="无应答"),
}

_SCRUB = Text(
    en="strongroom scrub: heals copies, journal and marker from other stores",
    zh="strongroom scrub：用其他存储上的内容修复副本、日志和标记",
)
REMEDIES: Mapping["Kind", Text] = {  # what is behind or pending comes with the next act
    "object": _SCRUB,
    "missing": _SCRUB,
    "journal": _SCRUB,
    "marker": _SCRUB,
    "readme": _SCRUB,
    "owed": Text(en="strongroom repair: brings copies that are owed", zh="strongroom repair：补齐所欠副本"),
    "catalogue": Text(
        en="strongroom rebuild: makes the catalogue anew from the stores",
        zh="strongroom rebuild：用存储上的日志重建目录库",
    ),
    "doomed": Text(en="strongroom disposal run: goes on destroying", zh="strongroom disposal run：继续销毁"),
    "orphan": Text(
        en="strongroom sweep: removes objects that no record names", zh="strongroom sweep：清理不属于任何记录的对象"
    ),
    "foreign": Text(
        en="the wrong disk is there: mount the right one, then strongroom fsck again; nothing is to be healed",
        zh="此处挂载的是其他档案库的磁盘：请挂载正确的磁盘后重新运行 strongroom fsck；无需修复",
    ),
    "unavailable": Text(
        en="strongroom store status: says which store does not answer, and why",
        zh="strongroom store status：查看哪个存储没有应答及其原因",
    ),
}

ACTS: Mapping[str, Text] = {
    "vault.created": Text(en="vault created", zh="建库"),
    "vault.succeeded": Text(en="took over a lost vault", zh="接续已丢失的档案库"),
    "entry.taken-over": Text(en="entry taken over", zh="接收原日志条目"),
    "store.attached": Text(en="store attached", zh="接入存储"),
    "store.detached": Text(en="store detached", zh="撤出存储"),
    "store.standing": Text(en="store's standing changed", zh="变更存储状态"),
    "store.probed": Text(en="store probed", zh="检测存储"),
    "record.stored": Text(en="taken in", zh="入库"),
    "record.seen-again": Text(en="came in once more", zh="再次送来"),
    "claim.withdrawn": Text(en="claim of a case taken back", zh="撤销误归入案件"),
    "record.corrected": Text(en="facts completed or corrected", zh="补全或更正信息"),
    "class.assigned": Text(en="class assigned", zh="指定保存期限"),
    "case.filed": Text(en="case filed", zh="案件登记"),
    "hold.placed": Text(en="hold placed", zh="暂缓处置"),
    "hold.released": Text(en="hold released", zh="解除暂缓处置"),
    "record.viewed": Text(en="content handed out", zh="调取"),
    "register.issued": Text(en="register handed out", zh="出具登记簿或报表"),
    "source.released": Text(en="source removed", zh="删除来源文件"),
    "copy.damaged": Text(en="copy found damaged", zh="发现副本损坏"),
    "copy.healed": Text(en="copy healed", zh="修复副本"),
    "copies.made": Text(en="copies brought", zh="补入副本"),
    "copies.removed": Text(en="copies let go", zh="移除多余副本"),
    "journal.healed": Text(en="journal healed", zh="修复日志"),
    "scrub.done": Text(en="scrub done", zh="完成回读校验"),
    "objects.locked": Text(en="copies locked", zh="锁定副本"),
    "orphan.swept": Text(en="object without record removed", zh="清理无记录的对象"),
    "disc.planned": Text(en="disc set planned", zh="规划光盘组"),
    "disc.allotted": Text(en="records allotted to a disc", zh="分配光盘内容"),
    "disc.imaged": Text(en="disc image made", zh="生成光盘映像"),
    "disc.checked": Text(en="disc image checked", zh="检查光盘映像"),
    "disc.burning": Text(en="burning begun", zh="开始刻录"),
    "disc.burn-failed": Text(en="burning failed, blank written off", zh="刻录失败，作废空白盘"),
    "disc.burnt": Text(en="burnt", zh="刻录完成"),
    "disc.verified": Text(en="disc verified", zh="核验光盘"),
    "disc.entered": Text(en="disc burnt elsewhere verified and entered", zh="外部刻录，核验登记"),
    "disc.labelled": Text(en="disc labelled", zh="贴光盘标签"),
    "disc.shelved": Text(en="disc put on the shelf", zh="光盘上架"),
    "disc.loaned": Text(en="disc lent", zh="借出光盘"),
    "disc.returned": Text(en="disc brought back", zh="归还光盘"),
    "disc.inspected": Text(en="disc inspected", zh="检测光盘"),
    "disc.degraded": Text(en="disc called degraded", zh="登记光盘劣化"),
    "disc.replaced": Text(en="disc replaced", zh="替换光盘"),
    "disc.superseded": Text(en="superseded by a set", zh="由新光盘组取代"),
    "disc.shredded": Text(en="disc shredded", zh="粉碎光盘"),
    "disc.image-laid": Text(en="place of a disc image noted", zh="登记光盘映像存放位置"),
    "disc.image-erasing": Text(en="disc image about to be erased", zh="准备删除光盘映像"),
    "disc.image-erased": Text(en="disc image erased", zh="删除光盘映像"),
    "disc.cancelled": Text(en="disc set cancelled", zh="取消光盘组"),
    "disc.spoiled-shredded": Text(en="written-off disc shredded", zh="粉碎作废光盘"),
    "discs.counted": Text(en="stocktake of discs", zh="盘点光盘"),
    "activity.announced": Text(en="activity announced", zh="登记待入库活动"),
    "activity.closed": Text(en="activity closed", zh="注销待入库活动"),
    "late.explained": Text(en="lateness explained", zh="说明逾期入库原因"),
    "interruption.explained": Text(en="interruption explained", zh="说明记录中断原因"),
    "recording.missing": Text(en="missing recording explained", zh="说明未记录原因"),
    "explanation.reviewed": Text(en="explanation reviewed", zh="审核说明"),
    "disposal.opened": Text(en="disposal opened", zh="提出处置"),
    "records.appraised": Text(en="records appraised", zh="鉴定记录"),
    "disposal.submitted": Text(en="disposal submitted", zh="处置报批"),
    "disposal.supervised": Text(en="disposal signed by a supervisor", zh="监销签字"),
    "disposal.stopped": Text(en="disposal stopped", zh="中止处置"),
    "records.spared": Text(en="records spared from destruction", zh="记录免予销毁"),
    "destruction.begun": Text(en="destruction begun", zh="开始销毁"),
    "copies.destroyed": Text(en="copies destroyed", zh="销毁副本"),
    "copies.left": Text(en="copies found after destruction", zh="销毁后发现残留副本"),
    "destruction.proven": Text(en="destruction proven", zh="销毁核验"),
    "disc.destroyed": Text(en="disc destroyed", zh="光盘销毁确认"),
    "disposal.closed": Text(en="disposal closed", zh="处置办结"),
    "backup.made": Text(en="key and configuration backed up", zh="备份密钥和配置"),
    "restore.drilled": Text(en="restore drilled", zh="恢复演练"),
    "catalogue.rebuilt": Text(en="catalogue rebuilt", zh="重建目录库"),
    "person.enrolled": Text(en="person enrolled", zh="登记人员"),
    "person.changed": Text(en="person's roles changed", zh="变更人员角色"),
    "person.left": Text(en="person left", zh="注销人员"),
    "action.refused": Text(en="refused", zh="拒绝操作"),
    "approval.asked": Text(en="approval asked for", zh="提出申请"),
    "approval.given": Text(en="approval given", zh="审批同意"),
    "approval.declined": Text(en="approval declined", zh="审批不同意"),
    "approval.used": Text(en="approval used", zh="使用批准"),
    "profile.adopted": Text(en="profile adopted", zh="变更制度配置"),
    "expiry.released": Text(en="expiry released", zh="恢复到期计算"),
    "clock.vouched": Text(en="clock vouched for", zh="确认系统时间"),
}

EFFECTS: Mapping[Effect, Text] = {
    Effect.SAME: Text(en="as before", zh="不变"),
    Effect.LATER: Text(en="later", zh="延后"),
    Effect.SPARED: Text(en="keeps its old end: the new profile's is earlier", zh="维持原期限（新制度较短）"),
    Effect.GAINS: Text(en="gets an end", zh="新增到期日"),
    Effect.LOSES: Text(en="has no end any more", zh="不再有到期日"),
}

STAGES: Mapping[Stage, Text] = {
    Stage.OPEN: Text(en="waits", zh="待审批"),
    Stage.APPROVED: Text(en="approved", zh="已批准"),
    Stage.EXPIRED: Text(en="expired", zh="已失效"),
    Stage.DECLINED: Text(en="declined", zh="不同意"),
    Stage.USED: Text(en="used", zh="已使用"),
}

TIMELINESS: Mapping[Timeliness, Text] = {
    Timeliness.IN_TIME: Text(en="in time", zh="按时入库"),
    Timeliness.LATE: Text(en="late", zh="逾期入库"),
    Timeliness.UNCLEAR: Text(en="cannot tell", zh="待查明"),
    Timeliness.UPCOMING: Text(en="to come", zh="待入库"),
    Timeliness.MISSED: Text(en="overdue", zh="逾期未入库"),
}

AHEAD = Text(en="recorded, as it says, after it was stored: a clock was ahead", zh="记录时间晚于入库时间，设备时钟存疑")
LATENESS: Mapping[Lateness, Text] = {
    "late": Text(en="late", zh="逾期入库"),
    "explained": Text(en="late, explained", zh="逾期入库，已说明"),
    "unclear": Text(en="cannot tell", zh="待查明"),
}

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.AS_WANTED: Text(en="as it should be", zh="一致"),
    Verdict.LONGER: Text(en="longer", zh="长于所需"),
    Verdict.TOO_SHORT: Text(en="too short", zh="不足"),
    Verdict.NOT_LOCKED: Text(en="not locked", zh="未锁定"),
    Verdict.MISSING: Text(en="missing", zh="缺失"),
    Verdict.CANNOT_TELL: Text(en="cannot tell", zh="无法判断"),
}
