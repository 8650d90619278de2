"""What click says by itself, in Chinese; and words that people type, which must be text.

click asks gettext for its messages, and gettext looks for compiled catalogues in folders that environment variables
name. Two dozen messages are not worth a build step: they stand here, and click's modules are given this table's
lookup instead. A message that is not here stays English; tests/ops/test_language.py walks every command's help and
the mistakes that people make.
"""

import click
from click import _textwrap, core, decorators, exceptions, formatting, parser, types

from ops.columns import columns
from ops.language import language, said, t
from vault.plain import invisible, not_plain

_SAYINGS = {
    "Usage:": "用法:",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "Show this message and exit.": "显示本帮助",
    "env var: {var}": "环境变量：{var}",
    "default: {default}": "默认：{default}",
    "required": "必填",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "Error: {message}": "错误：{message}",
    "Try '{command} {option}' for help.": "查看帮助：{command} {option}",
    "Missing command.": "缺少命令。",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Choose from:\n\t{choices}": "可选：\n\t{choices}",
    "Got unexpected extra argument ({args})": "多余的参数（{args}）",
    "Got unexpected extra arguments ({args})": "多余的参数（{args}）",
    "Invalid value: {message}": "无效的值：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值无效：{message}",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "No such option: {name}": "没有选项 {name}。",
    "Did you mean {possibility}?": "是否指 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "（是否指其中之一：{possibilities}？）",
    "(Possible options: {possibilities})": "（可用选项：{possibilities}）",
    "Option {name!r} requires an argument.": "选项 {name!r} 须带一个值。",
    "Option {name!r} does not take a value.": "选项 {name!r} 不带值。",
    "{value!r} is not {choice}.": "{value!r} 不是 {choice}。",
    "{value!r} is not one of {choices}.": "{value!r} 不在可选项 {choices} 之中。",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是有效的{number_type}。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 之内。",
    "{name} {filename!r} does not exist.": "{name} {filename!r} 不存在。",
    "{name} {filename!r} is a file.": "{name} {filename!r} 是文件。",
    "{name} {filename!r} is a directory.": "{name} {filename!r} 是文件夹。",
    "{name} {filename!r} is not readable.": "{name} {filename!r} 不可读。",
    "{name} {filename!r} is not writable.": "{name} {filename!r} 不可写。",
}


def _said(message: str) -> str:
    return _SAYINGS.get(message, message)


def _counted(one: str, many: str, count: int) -> str:
    return _said(one if count == 1 else many)


def speak() -> None:
    """Let click say everything in the language of whoever is at the terminal."""
    _textwrap.TextWrapper.wordsep_re = _textwrap.TextWrapper.wordsep_simple_re  # --by-tier, legal-office: not torn
    if language() != "zh":
        return
    vars(formatting)["term_len"] = columns
    for module in (core, decorators, exceptions, formatting, parser, types):
        vars(module).update(_=_said, ngettext=_counted)
    types.STRING.name = "文字"
    types.IntParamType.name = types.IntRange.name = "整数"
    types.FloatParamType.name = types.FloatRange.name = "数字"


class Words(click.ParamType[str]):
    """What a person types, as text. Bytes that are no UTF-8 could be kept in no entry and found by no search; what is
    invisible would deceive whoever reads it (vault/plain.py)."""

    name = t("text", "文字")
    plain = True

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail(
                t(
                    f"{text!a} is no valid text; check the terminal's character set (UTF-8)",
                    f"{text!a} 不是有效的文字，请检查终端的字符编码（UTF-8）",
                ),
                param,
                ctx,
            )
        if self.plain and (code := invisible(text.strip())):
            self.fail(said(not_plain(code)), param, ctx)
        return text


class FactWords(Words):
    """A fact: whether it is plain is asked where it is understood, as of those in sheets."""

    plain = False


class Reason(Words):
    """Words that somebody will ask for: they may not be empty."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value, param, ctx).strip()
        if not text:
            self.fail(t("say something", "不能为空"), param, ctx)
        return text


def prepare(command: click.Command) -> click.Command:
    """A command as people see it: its usage line in their language, its words checked to be text."""
    command.options_metavar = t("[OPTIONS]", "[选项]")
    for parameter in command.params:
        if parameter.type is click.STRING:
            parameter.type = Words()
    if isinstance(command, click.Group):
        command.subcommand_metavar = t("COMMAND [ARGS]...", "命令 [参数]...")
        for one in command.commands.values():
            prepare(one)
    return command
