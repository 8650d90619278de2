"""The command line. One program, nouns and verbs as an archivist says them.

Rules: every command lives in the module that COMMANDS names and is imported only when it is called, so that
`strongroom --version` does not wait for a database (tests/ops/test_start.py). Results go to standard output, all else
to standard error. Exit codes: 0 done, 1 failed, 2 usage, 3 integrity broken, 4 refused by a rule, 5 a store is
unavailable; 130 when stopped by Ctrl-C. A person never sees a traceback.
"""

import gc
import importlib
import io
import os
import signal
import sys
import time
from collections.abc import Callable

import click

from ops.cli.speaking import prepare, speak
from ops.language import t

speak()  # before the first command is declared: click names types as it makes them

# command -> (module, attribute); in the order in which `--help` shows them
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("ops.cli.demo", "demo"),
    "init": ("ops.cli.init", "init"),
    "profile": ("ops.cli.profile", "profile"),
    "ingest": ("ops.cli.ingest", "ingest"),
    "watch": ("ops.cli.watch", "watch"),
    "quarantine": ("ops.cli.quarantine", "quarantine"),
    "complete": ("ops.cli.quarantine", "complete"),
    "find": ("ops.cli.find", "find"),
    "show": ("ops.cli.show", "show"),
    "get": ("ops.cli.get", "get"),
    "export": ("ops.cli.get", "export"),
    "viewing": ("ops.cli.viewing", "viewing"),
    "case": ("ops.cli.cases", "case"),
    "deadline": ("ops.cli.deadline", "deadline"),
    "interruption": ("ops.cli.interruption", "interruption"),
    "flag": ("ops.cli.cases", "flag"),
    "hold": ("ops.cli.cases", "hold"),
    "retention": ("ops.cli.retention", "retention"),
    "disposal": ("ops.cli.disposal", "disposal"),
    "register": ("ops.cli.register", "register"),
    "clock": ("ops.cli.clock", "clock"),
    "lock": ("ops.cli.lock", "lock"),
    "scrub": ("ops.cli.integrity", "scrub"),
    "repair": ("ops.cli.moving", "repair"),
    "rebalance": ("ops.cli.moving", "rebalance"),
    "tier": ("ops.cli.moving", "tier"),
    "fsck": ("ops.cli.integrity", "fsck"),
    "sweep": ("ops.cli.integrity", "sweep"),
    "journal": ("ops.cli.journal", "journal"),
    "prove": ("ops.cli.journal", "prove"),
    "rebuild": ("ops.cli.rebuild", "rebuild"),
    "backup": ("ops.cli.backup", "backup"),
    "restore": ("ops.cli.backup", "restore"),
    "drill": ("ops.cli.drill", "drill"),
    "store": ("ops.cli.store", "store"),
    "disc": ("ops.cli.disc", "disc"),
    "person": ("ops.cli.person", "person"),
    "metrics": ("ops.cli.metrics", "metrics"),
    "serve": ("ops.cli.serve", "serve"),
    "status": ("ops.cli.status", "status"),
    "doctor": ("ops.cli.doctor", "doctor"),
    "config": ("ops.cli.config", "config"),
}


class _Late(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        place = COMMANDS.get(name)
        if place is None:
            return None
        gc.disable()  # imports leave no garbage; what they make stays, and need never be looked through
        command: click.Command = getattr(importlib.import_module(place[0]), place[1])
        gc.freeze()
        gc.enable()
        return prepare(command)


class _Home(click.Option):
    """An option that an environment variable may give, named in errors by the option alone."""

    def get_error_hint(self, _context: click.Context | None) -> str:
        return f"'{self.opts[0]}'"


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"strongroom {version('strongroom')}")
    context.exit()


@click.group(
    cls=_Late,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=t(
        "An evidence archive: recordings kept provably, for as long as the rules say.",
        "执法音像档案库：按制度规定的期限，可证明地保存执法音像记录。",
    ),
)
@click.option(
    "--vault",
    "home",
    type=click.Path(file_okay=False),
    default=".",
    cls=_Home,
    envvar="STRONGROOM_VAULT",
    show_envvar=True,
    help=t("the vault's folder [default: here]", "档案库所在文件夹 [默认：当前文件夹]"),
)
@click.option("--by", "person", default="", help=t("who is at work [default: the login]", "操作人 [默认：登录名]"))
@click.option(
    "--clock-is-right", is_flag=True, help=t("vouch for a clock that looks wrong", "确认看似有误的系统时间是正确的")
)
@click.option(
    "--log",
    metavar=t("FILE", "文件"),
    cls=_Home,
    envvar="STRONGROOM_LOG",
    show_envvar=True,
    help=t("append events to a file, or - for standard error", "将事件追加到文件；- 表示标准错误输出"),
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help=t("show the version", "显示版本"),
)
@click.pass_context
def cli(context: click.Context, home: str, person: str, clock_is_right: bool, log: str | None) -> None:
    """Remember where the vault is and who is at work; commands open it when they need it."""
    from ops.cli.common import Place

    context.obj = Place(home, person, clock_is_right)
    if log and context.invoked_subcommand:
        _logged(log, context.invoked_subcommand)


def _logged(target: str, command: str) -> None:
    """Log the command, from its beginning to its end; no word of it that somebody typed."""
    from ops import logs

    logs.begin(target)
    logs.log("command.begun", command=command)
    began = time.monotonic()

    def ended(code: int) -> None:
        seconds = round(time.monotonic() - began, 3)
        logs.log("command.ended", level="warning" if code else "info", command=command, exit=code, seconds=seconds)

    _at_the_end.append(ended)


prepare(cli)


_at_the_end: list[Callable[[int], None]] = []  # told how a command ended


def main() -> None:
    """The program's entry."""
    try:
        _run()
    except SystemExit as end:
        for tell in _at_the_end:
            tell(end.code if isinstance(end.code, int) else 0)
        raise


def _run() -> None:
    """Run a command, and turn whatever ends it into a message and an exit code."""
    gc.set_threshold(50_000)  # records and imports hold no cycles worth looking for every 700 objects
    # SIGTERM is an order to stop like Ctrl-C: what is in hand is dropped, what was reported is safe.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal in GBK lacks characters that names have
    try:
        outcome = cli.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(outcome if isinstance(outcome, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            t(
                "Stopped. What was reported is safe; run the same command again to go on.",
                "已停止。已报告的内容均已安全入库；重新运行同一命令即可继续。",
            ),
            err=True,
        )
        sys.exit(130)
    except BrokenPipeError:
        _drop_output()  # the reader has seen enough
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # the last resort: a message instead of a traceback
        sys.exit(_failed(error))


def _drop_output() -> None:
    """What still waits to be written cannot be: the interpreter must not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(error: Exception) -> int:
    from ops.language import said
    from ops.output import complain, note
    from vault.causes import cause
    from vault.errors import StrongroomError

    if _at_the_end:
        from ops.logs import log_failure

        log_failure(error)
    if isinstance(error, StrongroomError):
        complain(error)
        return error.exit_code
    if os.environ.get("STRONGROOM_TRACEBACK"):
        raise error
    if isinstance(error, OSError):  # standard output is full, or a file of the vault's folder cannot be used
        where = f"{error.filename}: " if error.filename else ""
        note(f"strongroom: {where}{said(cause(error))}")
        _drop_output()
        return 1
    note(
        t(
            f"strongroom: {type(error).__name__}: {error}\n"
            "  This is a fault of the program. STRONGROOM_TRACEBACK=1 shows where; nothing reported is lost.",
            f"strongroom：{type(error).__name__}：{error}\n"
            "  这是程序故障。设置 STRONGROOM_TRACEBACK=1 可显示位置；已报告的内容没有丢失。",
        )
    )
    return 1
