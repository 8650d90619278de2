"""`strongroom get` and `export`: content leaves the vault, approved, registered first, and proven while it is read."""

import shutil
import sys
from functools import partial, wraps
from pathlib import Path
from typing import Any, cast

import click

from ops.attached import reading_discs
from ops.cli.common import Command, Place, as_json
from ops.language import t
from ops.output import Tick, json_line, line, progress
from vault.bag import lay_bag
from vault.bagfile import BagInfo
from vault.bagfolder import write_bag
from vault.catalogue import queries
from vault.errors import BadInput
from vault.outputs import partial_name, publish_file, refuse_existing, sync, writing_to
from vault.profile.known import in_words
from vault.proving import proof_files
from vault.records import Record, RecordFile
from vault.store import Vault
from vault.text import Text
from vault.verified import VerifiedStream
from vault.viewing import Grounds, register_viewing, require_viewing


def on_grounds(command: Command) -> Command:
    """The options that say on what somebody may see content; the command gets them as `grounds`."""

    @wraps(command)
    def called(*given: Any, approved_by: tuple[str, ...], why: str, request: str, **options: Any) -> Any:
        return command(*given, grounds=Grounds(approved_by, why, request), **options)

    for option in (
        click.option("--request", default="", help=t("the viewing that was approved", "已批准的查阅申请编号")),
        click.option("--why", default="", help=t("the reason, for the register", "查阅事由，记入登记")),
        click.option(
            "--approved-by",
            multiple=True,
            help=t("who agreed, while nobody is enrolled; one for each", "同意查阅的人（未登记人员时），每人一次"),
        ),
    ):
        called = option(called)
    return cast(Command, called)


no_wait = click.option(
    "--no-wait", is_flag=True, help=t("do not wait for a disc to be inserted: exit 5", "不等待放入光盘，直接退出（5）")
)


@click.command(help=t("Fetch one file of a record.", "调取一条记录中的一个文件。"))
@click.argument("number", metavar=t("NUMBER", "编号"))
@click.argument(
    "target", metavar=t("TARGET", "目标文件"), type=click.Path(dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--file", "wanted", help=t("which: its name or its place from 1", "文件名或序号（从 1 起）"))
@no_wait
@on_grounds
@as_json
@click.pass_obj
def get(
    place: Place,
    number: str,
    target: Path,
    wanted: str | None,
    no_wait: bool,
    grounds: Grounds,
    as_json: bool,
) -> None:
    """Write it to TARGET; `-` is standard output, which is good only if the exit code is 0."""
    if as_json and str(target) == "-":
        raise click.UsageError(
            t("With - the content is the output: leave --json away.", "用 - 时输出即内容，请去掉 --json。")
        )
    with place.open() as vault, reading_discs(vault, waiting=not no_wait):
        require_viewing(vault, [number], "get", grounds)
        with vault.database.reading() as connection:
            file = _choose(queries.kept_record(connection, number), wanted)
        with vault.open_file(file):
            pass  # a disc that nobody inserts is no viewing
        if str(target) == "-":
            register_viewing(vault, [number], "get", grounds, file)
            with VerifiedStream(file, vault.open_file) as stream:
                shutil.copyfileobj(stream, sys.stdout.buffer)
            return
        refuse_existing(target, file.size)
        register_viewing(vault, [number], "get", grounds, file)
        with progress(file.size, quiet=as_json) as tick:
            _write(vault, file, target, tick)
    if as_json:
        json_line({"record": number, "file": target, "name": file.name, "sha256": file.sha256, "size": file.size})
        return
    line(f"{target}  {file.sha256}")


def _write(vault: Vault, file: RecordFile, target: Path, tick: Tick) -> None:
    partial = partial_name(target)
    try:
        with VerifiedStream(file, vault.open_file) as stream, writing_to(target), open(partial, "xb") as out:
            while block := stream.read():
                out.write(block)
                tick(len(block))
        with writing_to(target):
            sync(partial)
        publish_file(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _choose(record: Record, wanted: str | None) -> RecordFile:
    if wanted is None and len(record.files) == 1:
        return record.files[0]
    named = [file for file in record.files if file.name == wanted]
    if not named and wanted is not None and wanted.isdecimal() and 1 <= int(wanted) <= len(record.files):
        named = [record.files[int(wanted) - 1]]
    if len(named) == 1:
        return named[0]
    what = Text(
        en=f"Record {record.number} has {len(record.files)} files; say which with --file.",
        zh=f"记录 {record.number} 有 {len(record.files)} 个文件，请用 --file 指明。",
    )
    if named:
        what = Text(
            en=f"{len(named)} files of record {record.number} are called {wanted}; give the file's number.",
            zh=f"记录 {record.number} 中有 {len(named)} 个文件名为 {wanted}，请改用文件序号。",
        )
    elif wanted is not None:
        what = Text(
            en=f"Record {record.number} has no file {wanted}; its files are numbered 1 to {len(record.files)}.",
            zh=f"记录 {record.number} 中没有文件 {wanted}，文件序号为 1 至 {len(record.files)}。",
        )
    raise BadInput(
        what,
        hint=Text(en=f"strongroom show {record.number}", zh=f"strongroom show {record.number}"),
    )


@click.command(help=t("Put records into a BagIt bag (RFC 8493).", "将记录导出为 BagIt 包（RFC 8493）。"))
@click.argument("folder", metavar=t("FOLDER", "文件夹"), type=click.Path(path_type=Path))
@click.argument("numbers", metavar=t("NUMBER...", "编号..."), nargs=-1, required=True)
@no_wait
@on_grounds
@as_json
@click.pass_obj
def export(
    place: Place, folder: Path, numbers: tuple[str, ...], no_wait: bool, grounds: Grounds, as_json: bool
) -> None:
    """Facts, files, journal proofs; complete under its name, or not there."""
    with place.open() as vault, reading_discs(vault, waiting=not no_wait):
        require_viewing(vault, numbers, "export", grounds)
        with vault.database.reading() as connection:
            records = list(queries.kept_records(connection, dict.fromkeys(numbers)))
        now = vault.now()
        info = BagInfo(
            organization=vault.setting.office,
            bagged_on=now.astimezone(vault.profile.zone).date(),
            identifier=records[0].number if len(records) == 1 else folder.name,
            zone=vault.profile.zone,
            words=partial(in_words, vault.profile),
        )
        refuse_existing(folder, sum(file.size for record in records for file in record.files))
        register_viewing(vault, [record.number for record in records], "export", grounds)
        layout = lay_bag(records, info, proof_files(vault, [record.number for record in records]))
        with progress(layout.size, quiet=as_json) as tick:
            write_bag(folder, layout, vault.open_file, tick)
    if as_json:
        json_line({"folder": folder, "records": len(records), "files": len(layout.payload), "bytes": layout.size})
    else:
        line(t(f"{folder}: {len(layout.payload)} files", f"{folder}：{len(layout.payload)} 个文件"))
