"""What the reasons of a retention decision say: sentences for people, with {0}, {1} … for values in order of the
call. `rules.py` and `deciding.py` decide; here are their words.
"""

from vault.profile import TermKind
from vault.text import Text

BASE = {
    TermKind.FIXED: Text(en="The regulation's term: {0}, then reviewed.", zh="制度规定的保存期限：{0}，期满后审查。"),
    TermKind.MINIMUM: Text(en="The regulation's term: at least {0}.", zh="制度规定的最低保存期限：{0}。"),
}
NO_CLASS = Text(
    en="The regulation gives no figure: set a class and cite the rule that it follows.",
    zh="制度未规定具体期限：请设定保存期限，并注明所依据的规定。",
)
NO_FIGURE = Text(
    en="The regulation gives no figure; a class was set with its citation.",
    zh="制度未规定具体期限，已另行设定并注明依据。",
)
LATER = Text(
    en="Recorded on {0}, stored on {1}: counted from {2}, the later.", zh="录制于{0}，入库于{1}：自较晚的{2}起算。"
)
AHEAD = Text(
    en="It was recorded, as it says, after it was stored: a clock was ahead. That shortens no term.",
    zh="记录时间晚于入库时间，设备时钟可能有误；保存期限不因此缩短。",
)
STORED = Text(en="Counted from {0}, when it was stored.", zh="自入库之日{0}起算。")
RECORDED = Text(en="Counted from {0}, when it was recorded.", zh="自录制之日{0}起算。")
ENDED = Text(en="Counted from {0}, when the activity ended.", zh="自执法活动结束之日{0}起算。")
CLOSED = Text(en="Counted from {0}, when the last of its cases was closed.", zh="自所属案件全部结案之日{0}起算。")
NOT_KNOWN = Text(
    en="When it was recorded is not known: counted from {0}, when it was stored.",
    zh="录制时间不明：自入库之日{0}起算。",
)
END_NOT_KNOWN = Text(en="When the activity ended is not known.", zh="执法活动结束时间不明。")
FROM_CLOSING = Text(
    en="Counted from the closing of its cases, which are not all closed.", zh="自案件结案起算，所属案件尚未全部结案。"
)
NO_CASE = Text(
    en="Its term follows the case, and no case claims it: file it under a case.",
    zh="保存期限随案件而定，但尚未归入任何案件：请归入案件。",
)
NAME_ALONE = Text(
    en="No case number was given, and none is read from the case's name “{0}”: the case's term is not applied. "
    "Give the number: strongroom complete NUMBER --case-number …",
    zh="未填写案号，也未从案件名称“{0}”中读出案号：未适用该案件的期限。请补充案号："
    "strongroom complete 编号 --case-number …",
)
ENDS = Text(
    en="{0} from {1}: the last day is {2}; the first day is not counted.",
    zh="自{1}起{0}：最后一日为{2}，起算当日不计入。",
)
ASSIGNED = Text(en="{1} assigned the class {0}: {2}", zh="{1}设定保存期限为{0}：{2}")
EXTENDED = Text(en="Appraised by {1} and kept longer, until {0}: {2}", zh="经{1}鉴定，延长保存至{0}：{2}")
CIRCUMSTANCE = Text(en="Circumstance: {0}. The class rises to: {1}.", zh="特殊情形：{0}。保存期限提升为：{1}。")
DISCS = Text(en="Copies on disc to be made: {0}.", zh="应刻录光盘份数：{0}。")
UNKNOWN_CIRCUMSTANCE = Text(
    en="The profile {1} (version {2}) knows no circumstance {0!r}, and a circumstance stays: say what it means in the "
    "profile's next version (strongroom profile adopt).",
    zh="配置 {1}（第{2}版）中没有特殊情形 {0!r}，而特殊情形不得撤销：请在制度配置的新版本中规定其含义"
    "（strongroom profile adopt）。",
)
UNKNOWN_KIND = Text(
    en="The profile {1} (version {2}) knows no kind of record {0!r}: say which of its kinds it is, or with '' that it "
    "is of none (strongroom complete NUMBER --kind …); what was told before stands.",
    zh="配置 {1}（第{2}版）中没有记录类别 {0!r}：请改为现行配置中的类别，或填 '' 表示不属任何类别（strongroom complete "
    "编号 --kind …）；原定期限不变。",
)
KIND = Text(en="Kind of record: {0}.", zh="记录类别：{0}。")
OF_ITS_KIND = Text(
    en="The general rule gives no figure; the one for its kind does.", zh="一般规定未规定具体期限，适用其类别的规定。"
)
FLOOR = Text(
    en="Under {0} it was kept until {1}; what is said or adopted later shortens no term.",
    zh="按 {0} 应保存至{1}；此后的更正、重新结案或制度变更均不缩短保存期限。",
)
FLOOR_CLASS = Text(
    en="Under {0} its class was: {1}; what is said or adopted later shortens no term.",
    zh="按 {0} 保存期限为：{1}；此后的更正、重新结案或变更制度配置均不缩短保存期限。",
)
FLOOR_BY_CASE = Text(
    en="By the file of case {2}, under {0}, it was kept until {1}; what is said or adopted later shortens no term.",
    zh="按案件{2}的案卷期限（当时执行 {0}）应保存至{1}；此后的更正、重新结案或制度变更均不缩短保存期限。",
)
FLOOR_CLASS_BY_CASE = Text(
    en="By the file of case {2}, under {0}, its class was: {1}; what is said or adopted later shortens no term.",
    zh="按案件{2}的案卷期限（当时执行 {0}），保存期限为：{1}；此后的更正、重新结案或变更制度配置均不缩短保存期限。",
)
OPEN = Text(
    en="Case {0} is open, was reopened, or nobody has filed it.", zh="案件{0}未结案，或已重新启动，或尚未登记。"
)
FILE = Text(en="Case {0} was closed on {1}; its file is kept: {2}.", zh="案件{0}已于{1}结案，案卷保存期限：{2}。")
RECORDED_AFTER_CLOSING = Text(
    en="Recorded after the closing: counted from {0}, its own day.",
    zh="该记录形成于结案之后：自其本身之日{0}起算。",
)
STORED_AFTER_CLOSING = Text(
    en="Stored only after the closing, on {0}: counted from that day.",
    zh="该记录于结案之后的{0}方入库：自该日起算。",
)
NO_TERM = Text(
    en="Case {0} was closed on {1}, but how long its file is kept is not set: set the class of the case file.",
    zh="案件{0}已于{1}结案，但未设定案卷保存期限：请设定案卷的保存期限。",
)
LONGEST = Text(en="The longest applies: until {0}.", zh="以最长者为准：至{0}。")
ENDLESS = {  # by vault.retention.State
    "permanent": Text(en="The longest applies: permanent.", zh="以最长者为准：长期保存。"),
    "waiting-for-case": Text(en="No end while a case is open.", zh="案件未全部结案，保存期限不届满。"),
    "unset": Text(en="No end until what is missing is set.", zh="上述事项确定之前，保存期限不届满。"),
}
HELD = Text(en="Hold {0}: {1} ({2}, since {3}).", zh="暂缓处置 {0}：{1}（{2}，自{3}起）。")
QUARANTINED = Text(
    en="In quarantine: facts that the profile requires are missing. Complete them first.",
    zh="待补全：缺少制度要求的信息，请先补全。",
)
REVIEW = {
    TermKind.FIXED: Text(
        en="From {0} it is to be reviewed; nothing is destroyed without that.", zh="自{0}起应当审查；未经审查不得销毁。"
    ),
    TermKind.MINIMUM: Text(
        en="From {0} it may be reviewed; it may also be kept longer.", zh="自{0}起可以审查，也可以继续保存。"
    ),
}
OVER = Text(en="On {0} that day has come.", zh="至{0}，已到期待鉴定。")
