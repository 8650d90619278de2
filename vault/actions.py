"""What somebody can do that a rule speaks of; who may is in vault/rights.py."""

from enum import StrEnum

from vault.text import Text


class Action(StrEnum):
    """What somebody can do that a rule speaks of."""

    INGEST = "record.ingest"
    SOURCE_RELEASE = "source.release"
    FACTS_READ = "facts.read"
    FACTS_CORRECT = "facts.correct"
    FLAG = "record.flag"
    GAP_EXPLAIN = "gap.explain"
    GAP_REVIEW = "gap.review"
    CLASS_RAISE = "class.raise"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    CASE_OPEN = "case.open"
    CASE_CLOSE = "case.close"
    CASE_REOPEN = "case.reopen"
    VIEWING_REQUEST = "viewing.request"
    VIEWING_APPROVE = "viewing.approve"
    CONTENT_VIEW = "content.view"
    CONTENT_EXPORT = "content.export"
    DISC_BUILD = "disc.build"
    DISC_SHELVE = "disc.shelve"
    DISC_LEND = "disc.lend"
    DISC_INSPECT = "disc.inspect"
    DISC_COUNT = "disc.count"
    DISC_SHRED = "disc.shred"
    DISPOSAL_PROPOSE = "disposal.propose"
    DISPOSAL_APPRAISE = "disposal.appraise"
    DISPOSAL_APPROVE = "disposal.approve"
    DISPOSAL_SUPERVISE = "disposal.supervise"
    DISPOSAL_STOP = "disposal.stop"
    DISPOSAL_RUN = "disposal.run"
    DISC_DESTRUCTION_CONFIRM = "disposal.confirm-disc"
    EXPIRY_RELEASE = "expiry.release"
    PROFILE_ADOPT = "profile.adopt"
    PERSON_ENROL = "person.enrol"
    STAND_IN = "person.stand-in"
    STORE_MANAGE = "store.manage"
    COPIES_MOVE = "copies.move"
    COPIES_SCRUB = "copies.scrub"
    ORPHANS_SWEEP = "orphans.sweep"
    LOCKS_SYNC = "locks.sync"
    CATALOGUE_REBUILD = "catalogue.rebuild"
    BACKUP_MAKE = "backup.make"
    REGISTERS_READ = "registers.read"
    JOURNAL_AUDIT = "journal.audit"

    @property
    def label(self) -> Text:
        return _LABELS[self]


SEEING = {
    "get": Action.CONTENT_VIEW,
    "open": Action.CONTENT_VIEW,
    "export": Action.CONTENT_EXPORT,
    "disc": Action.DISC_BUILD,
    "loan": Action.DISC_LEND,
}  # how content leaves (vault.acts.RecordViewed) -> what that is

_LABELS = {
    Action.INGEST: Text(en="take recordings in", zh="办理入库"),
    Action.SOURCE_RELEASE: Text(en="remove source files", zh="删除来源文件"),
    Action.FACTS_READ: Text(en="read the facts of records", zh="查看记录信息"),
    Action.FACTS_CORRECT: Text(en="complete or correct facts", zh="补全或更正信息"),
    Action.FLAG: Text(en="flag circumstances", zh="标注特殊情形"),
    Action.GAP_EXPLAIN: Text(en="explain gaps and late intake", zh="说明中断、迟入库原因"),
    Action.GAP_REVIEW: Text(en="review the explanation of a gap", zh="审核中断说明"),
    Action.CLASS_RAISE: Text(en="raise a class", zh="提升保存期限"),
    Action.HOLD_PLACE: Text(en="place a hold", zh="设置暂缓处置"),
    Action.HOLD_RELEASE: Text(en="release a hold", zh="解除暂缓处置"),
    Action.CASE_OPEN: Text(en="open a case", zh="办理立案登记"),
    Action.CASE_CLOSE: Text(en="close a case", zh="办理结案登记"),
    Action.CASE_REOPEN: Text(en="reopen a case", zh="恢复办理案件"),
    Action.VIEWING_REQUEST: Text(en="ask for a viewing", zh="申请查阅"),
    Action.VIEWING_APPROVE: Text(en="approve a viewing", zh="审批查阅"),
    Action.CONTENT_VIEW: Text(en="view content", zh="查阅内容"),
    Action.CONTENT_EXPORT: Text(en="export content", zh="导出内容"),
    Action.DISC_BUILD: Text(en="build a disc set", zh="制作光盘组"),
    Action.DISC_SHELVE: Text(en="put discs on the shelf", zh="光盘上架"),
    Action.DISC_LEND: Text(en="lend discs", zh="借出光盘"),
    Action.DISC_INSPECT: Text(en="inspect discs", zh="检查光盘"),
    Action.DISC_COUNT: Text(en="take stock of discs", zh="盘点光盘"),
    Action.DISC_SHRED: Text(en="shred discs that are of no use any more", zh="粉碎已不再使用的光盘"),
    Action.DISPOSAL_PROPOSE: Text(en="propose a disposal", zh="提出处置"),
    Action.DISPOSAL_APPRAISE: Text(en="appraise for disposal", zh="办理处置鉴定"),
    Action.DISPOSAL_APPROVE: Text(en="approve a disposal", zh="审批处置"),
    Action.DISPOSAL_SUPERVISE: Text(en="supervise a destruction", zh="监督销毁"),
    Action.DISPOSAL_STOP: Text(en="stop a disposal", zh="中止处置"),
    Action.DISPOSAL_RUN: Text(en="carry out a disposal", zh="执行处置"),
    Action.DISC_DESTRUCTION_CONFIRM: Text(en="confirm that a disc is destroyed", zh="确认光盘已销毁"),
    Action.EXPIRY_RELEASE: Text(en="let expiry go on after a rebuild", zh="在重建后恢复到期计算"),
    Action.PROFILE_ADOPT: Text(en="adopt a profile", zh="启用制度配置"),
    Action.PERSON_ENROL: Text(en="enrol people and give them roles", zh="登记人员并授予角色"),
    Action.STAND_IN: Text(en="act under another's name", zh="以他人名义操作"),
    Action.STORE_MANAGE: Text(en="manage the stores", zh="管理存储"),
    Action.COPIES_MOVE: Text(en="bring and move copies", zh="补齐或迁移副本"),
    Action.COPIES_SCRUB: Text(en="scrub and heal copies", zh="回读校验并修复副本"),
    Action.ORPHANS_SWEEP: Text(en="sweep objects without a record", zh="清理无记录的对象"),
    Action.LOCKS_SYNC: Text(en="set locks", zh="设置锁定"),
    Action.CATALOGUE_REBUILD: Text(en="rebuild the catalogue", zh="重建目录库"),
    Action.BACKUP_MAKE: Text(en="back up the key and the configuration", zh="备份密钥和配置"),
    Action.REGISTERS_READ: Text(en="read the registers", zh="查看登记簿"),
    Action.JOURNAL_AUDIT: Text(en="audit the journal", zh="审计日志"),
}
