"""What a place that is to be a store can promise, as findings of a probe: the table of them, and what follows.

A finding is an answer to one question of the table; *cannot tell* is an answer of its own and never counts as yes. A
place that lacks what is needed is no store; what it lacks of the rest is made up for by the kind's own code
(docs/decisions/0019-what-a-place-promises.md) and told to whoever attaches it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from vault.errors import Refused
from vault.text import Text

Answer = Literal["yes", "no", "unknown", "not-applicable"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One answer. `value`: what was measured, in the unit of its question, or the place's own word for it."""

    name: str
    answer: Answer
    value: int | str | None = None


_NO = Text(en="It does not.", zh="不能。")
_UNKNOWN = Text(en="It could not be found out.", zh="未能查明。")
_NO_SUCH_THING = Text(en="This kind of store has no such thing.", zh="此类存储不涉及。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a place, and what each answer means; `{value}` is the finding's.

    `needed`: with the answer no, the place is refused. `wanted`: what is not answered with yes is told.
    """

    label: Text
    yes: Text
    no: Text = _NO
    unknown: Text = _UNKNOWN
    needed: bool = False
    wanted: bool = True


QUESTIONS: Mapping[str, Question] = {
    "mounted": Question(
        label=Text(en="mounted", zh="已挂载"),
        yes=Text(en="It lies on the mount {value}.", zh="位于挂载点 {value}。"),
        no=Text(en="It does not lie on a mount of its own.", zh="不在独立的挂载点上。"),
        needed=True,
    ),
    "elsewhere": Question(
        label=Text(en="on another machine", zh="位于另一台机器"),
        yes=Text(en="It is a share of another machine ({value}).", zh="是另一台机器的共享（{value}）。"),
        no=Text(
            en="{value} is this machine's own: it fails together with what else is here. Its kind is disk.",
            zh="{value} 属于本机，会与本机其他存储一同失效。其类型应为 disk。",
        ),
        unknown=Text(
            en="Whose {value} is could not be found out: if it is this machine's, it fails together with it.",
            zh="未能查明 {value} 属于哪台机器：如属本机，会与本机一同失效。",
        ),
    ),
    "whole": Question(
        label=Text(en="a new file appears whole", zh="新文件整体出现"),
        yes=Text(en="Nobody met a part of a file that was being written.", zh="写入过程中未见到不完整的文件。"),
        no=Text(
            en="Parts of a file show while it is written: after a crash half of it would pass for a copy.",
            zh="写入时可见到不完整的文件：崩溃后半个文件会被当作副本。",
        ),
        needed=True,
    ),
    "kept": Question(
        label=Text(en="what was acknowledged is there", zh="确认过的内容仍在"),
        yes=Text(en="It was read back over another connection, and is the same.", zh="经另一连接读回，内容一致。"),
        no=Text(
            en="What was acknowledged is not there, or is not the same.", zh="确认写入的内容读不到，或内容不一致。"
        ),
        needed=True,
    ),
    "name-once": Question(
        label=Text(en="a taken name is refused", zh="拒绝已占用的名称"),
        yes=Text(
            en="A second file of one name was refused, the first is unchanged.", zh="同名文件被拒绝，原文件未变。"
        ),
        no=Text(en="A second file of one name takes the place of the first.", zh="同名文件会覆盖原文件。"),
        needed=True,
    ),
    "name-once-raced": Question(
        label=Text(en="of two at the same moment one gets a name", zh="同时写入同名文件只有一方成功"),
        yes=Text(
            en="Of two who wrote one name at the same moment one got it.", zh="两方同时写入同名文件，只有一方成功。"
        ),
        no=Text(
            en="Two who wrote one name at the same moment were both told that it is theirs. Let one machine write.",
            zh="两方同时写入同名文件，都被告知成功。请只让一台机器写入。",
        ),
        unknown=Text(
            en="Nothing here settles who of two was first. Let one machine write.",
            zh="该处没有判定先后的机制。请只让一台机器写入。",
        ),
    ),
    "durable": Question(
        label=Text(en="bytes survive a power cut", zh="断电后字节仍在"),
        yes=Text(
            en="It confirms so before a file counts ({value}); that this is true is its word.",
            zh="计入副本前已由其确认（{value}）；是否属实以其承诺为准。",
        ),
        no=Text(en="It cannot be told to make bytes durable ({value}).", zh="无法要求其将字节落盘（{value}）。"),
        unknown=Text(
            en="It gives no promise ({value}). Bytes are read back; count on it for a further copy only.",
            zh="没有承诺（{value}）。字节会读回核对；只可用作额外副本。",
        ),
        needed=True,
    ),
    "names-durable": Question(
        label=Text(en="names survive a power cut", zh="断电后名称仍在"),
        yes=Text(en="It confirms so before a file counts ({value}).", zh="计入副本前已由其确认（{value}）。"),
        no=Text(en="It cannot be told to make names durable ({value}).", zh="无法要求其将名称落盘（{value}）。"),
        unknown=Text(
            en="Nothing confirms it ({value}). A name lost in a power cut there is found by fsck and brought by scrub.",
            zh="没有确认手段（{value}）。断电丢失的名称可由 fsck 发现、由 scrub 补回。",
        ),
    ),
    "range": Question(
        label=Text(en="read from the middle", zh="从中间读取"),
        yes=Text(en="Reading begins where it is told to.", zh="可从指定位置读取。"),
        no=Text(en="Reading from the middle gives other bytes.", zh="从中间读取得到的字节不对。"),
        needed=True,
    ),
    "conditional": Question(
        label=Text(en="refuses by If-None-Match", zh="支持 If-None-Match"),
        yes=Text(en="The server itself refuses a name that is taken.", zh="由服务器拒绝已占用的名称。"),
        no=Text(
            en="The server ignores the condition: names are asked for first, and what was written is read back.",
            zh="服务器忽略该条件：改为先查询名称，写入后读回核对。",
        ),
    ),
    "checked": Question(
        label=Text(en="the server checks SHA-256", zh="服务器核对 SHA-256"),
        yes=Text(
            en="The server refused bytes that did not fit their SHA-256.", zh="服务器拒绝了与 SHA-256 不符的字节。"
        ),
        no=Text(
            en="The server took bytes that did not fit their SHA-256: what was written is read back.",
            zh="服务器收下了与 SHA-256 不符的字节：改为写入后读回核对。",
        ),
    ),
    "versioning": Question(
        label=Text(en="versioning", zh="版本控制"),
        yes=Text(en="Earlier versions are kept by the server.", zh="服务器保留旧版本。"),
        no=Text(en="The server keeps one version of a name.", zh="服务器只保留一个版本。"),
        wanted=False,
    ),
    "lock": Question(
        label=Text(en="Object Lock", zh="对象锁定"),
        yes=Text(en="The bucket has Object Lock ({value}).", zh="存储桶已启用对象锁定（{value}）。"),
        no=Text(
            en="The bucket has no Object Lock: whoever has its key can delete there.",
            zh="存储桶未启用对象锁定：持有密钥者可以删除。",
        ),
        wanted=False,
    ),
    "clock": Question(  # value: seconds by which the place's clock is ahead
        label=Text(en="the clocks agree", zh="时钟一致"),
        yes=Text(en="Its clock is {value} s ahead of this machine's.", zh="其时钟比本机快 {value} 秒。"),
        no=Text(
            en="Its clock is {value} s ahead of this machine's: set the wrong one.",
            zh="其时钟比本机快 {value} 秒：请校准有误的一方。",
        ),
    ),
    "write-rate": Question(  # value: KiB a second
        label=Text(en="writing", zh="写入速度"),
        yes=Text(en="{value} KiB a second, one file at a time.", zh="每秒 {value} KiB（单个文件）。"),
        wanted=False,
    ),
    "read-rate": Question(  # value: KiB a second
        label=Text(en="reading", zh="读取速度"),
        yes=Text(en="{value} KiB a second, one file at a time.", zh="每秒 {value} KiB（单个文件）。"),
        wanted=False,
    ),
}


def meaning(finding: Finding) -> Text:
    """What the answer means, in a sentence."""
    if finding.answer == "not-applicable":
        return _NO_SUCH_THING
    question = QUESTIONS[finding.name]
    said = {"yes": question.yes, "no": question.no, "unknown": question.unknown}[finding.answer]
    return Text(en=said.en.format(value=finding.value), zh=said.zh.format(value=finding.value))


def lacking(findings: Sequence[Finding]) -> list[Finding]:
    """What a person should know that the place does not promise."""
    return [one for one in findings if QUESTIONS[one.name].wanted and one.answer in ("no", "unknown")]


def require_needed(store: str, findings: Sequence[Finding]) -> None:
    """Refused where the place was found not to do what every store must."""
    for finding in findings:
        question = QUESTIONS[finding.name]
        if question.needed and finding.answer == "no":
            why = meaning(finding)
            raise Refused(
                Text(
                    en=f"Store {store} is no place for evidence: {question.label.en}: no. {why.en}",
                    zh=f"存储 {store} 不能存放证据：{question.label.zh}：否。{why.zh}",
                ),
                hint=Text(
                    en="Choose another place, or another kind of store for it. All findings: "
                    f"strongroom store probe {store}",
                    zh=f"请更换位置或改用其他存储类型。全部结果：strongroom store probe {store}",
                ),
            )
