"""Printing through CUPS, the printing system of Debian, UOS, Kylin and their like."""

import subprocess

from vault.errors import BadInput, StrongroomError
from vault.text import Text

_PATIENCE = 60  # seconds; lp only hands the pages over


def print_pdf(pdf: bytes, queue: str, title: str) -> str:
    """Hand the pages to a queue, at their own size; CUPS's word on it, such as "request id is labels-7 (1 file(s))".

    BadInput: there is no `lp`. StrongroomError: CUPS refuses them, or does not answer.
    """
    command = ["lp", "-d", queue, "-t", title, "-o", "print-scaling=none", "-"]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, check=False, timeout=_PATIENCE)
    except FileNotFoundError:
        raise BadInput(
            Text(en="This machine cannot print: there is no lp.", zh="本机无法打印：没有 lp 命令。"),
            hint=Text(en="Install it: apt-get install cups-client", zh="请安装：apt-get install cups-client"),
        ) from None
    except subprocess.TimeoutExpired as error:
        raise _refused(queue, f"no answer in {_PATIENCE} s") from error
    if done.returncode:
        raise _refused(queue, done.stderr.decode(errors="replace").strip())
    return done.stdout.decode(errors="replace").strip()


def _refused(queue: str, why: str) -> StrongroomError:
    return StrongroomError(
        Text(en=f"The queue {queue} takes no pages: {why}", zh=f"打印队列 {queue} 未接受打印：{why}"),
        hint=Text(en="The queues there are: lpstat -e", zh="查看可用队列：lpstat -e"),
    )
