"""`strongroom backup`, `restore`: what no store has, saved elsewhere and brought back."""

import shlex
import sys
from pathlib import Path

import click

from ops.cli.common import Place, as_json
from ops.language import t
from ops.output import json_line, line, note
from vault.outputs import reading_from

_MOST_TYPED = 4096  # characters
_Path = click.Path(path_type=Path)


@click.command(
    help=t("Save the key and the configuration: what no store has.", "备份密钥和配置（存储上没有的全部内容）。")
)
@click.argument("to", metavar=t("[FILE|FOLDER]", "[文件|文件夹]"), type=_Path, required=False)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="AGE1…",
    help=t("seal it for this age key; repeat it", "用该 age 公钥加密；可重复"),
)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=t("FILE.pdf", "文件.pdf"),
    help=t("draw the recovery sheet: the key on paper", "生成密钥恢复单（纸质备份）"),
)
@as_json
@click.pass_obj
def backup(place: Place, to: Path | None, recipients: tuple[str, ...], sheet: Path | None, as_json: bool) -> None:
    """All that a store needs beside it to bring the vault back."""
    if to is None and sheet is None:
        raise click.UsageError(
            t("Say where to: a file, a folder, or --sheet FILE.pdf.", "请指明文件、文件夹或 --sheet。")
        )
    if recipients and to is None:
        raise click.UsageError(
            t("A sheet is not sealed: --recipient is for a file.", "恢复单不加密，--recipient 仅用于文件。")
        )
    from ops.backup.making import back_up, print_sheet

    with place.open() as vault:
        made = [back_up(vault, to, recipients)] if to is not None else []
        made += [print_sheet(vault, sheet)] if sheet is not None else []
    for one in made:
        if as_json:
            json_line({"file": one.file, "sha256": one.sha256, "files": one.files})
            continue
        line(f"{one.file}  sha256 {one.sha256}")
        for name in one.files:
            line(f"  {name}")
    if not as_json:
        _warn(sealed=bool(recipients) and sheet is None)


def _warn(*, sealed: bool) -> None:
    if sealed:
        note(t("Keep the age key apart from it, and from this machine.", "请将 age 私钥与备份、与本机分开保管。"))
    else:
        note(
            t(
                "Whoever has it can sign in this vault's name: keep it locked away, and not beside a store.",
                "持有者可冒用本库名义签署日志：请锁存，勿与存储放在一处。",
            )
        )


@click.command(help=t("Bring key and configuration back into an empty folder.", "将密钥和配置恢复到空文件夹。"))
@click.argument("source", metavar=t("FILE", "文件"), type=_Path)
@click.argument("target", metavar=t("FOLDER", "文件夹"), type=_Path)
@click.option(
    "--identity", type=_Path, metavar=t("FILE", "文件"), help=t("the age key of a sealed one", "解密用的 age 私钥文件")
)
@click.option(
    "--typed",
    is_flag=True,
    help=t("FILE has the sheet's lines; -: type them", "文件内容为恢复单所载各行；- 表示当场输入"),
)
@as_json
@click.pass_obj
def restore(place: Place, source: Path, target: Path, identity: Path | None, typed: bool, as_json: bool) -> None:
    """All of it or nothing; then the stores bring back the rest."""
    from ops.backup import restoring

    folder = target.absolute()
    if typed:
        from vault.typedkey import read_typed

        key = restoring.restore_key(read_typed(_typed(source)), folder)
        files, elsewhere = [key], {}
    else:
        from ops.backup.package import LARGEST, unpack
        from ops.backup.sealing import is_sealed, unseal

        with reading_from(source), source.open("rb") as stream:
            data = stream.read(LARGEST)
        restored = restoring.restore(unpack(unseal(data, identity) if is_sealed(data) else data), folder)
        files, elsewhere = list(restored.files), dict(restored.elsewhere)
    if as_json:
        json_line({"files": files, "elsewhere": [{"file": at, "was": was} for at, was in elsewhere.items()]})
        return
    for path in files:
        line(str(path))
    _say_what_next(folder, elsewhere)


def _typed(source: Path) -> str:
    if str(source) != "-":
        with reading_from(source):
            return source.read_text(encoding="utf-8", errors="replace")[:_MOST_TYPED]
    if sys.stdin.isatty():
        note(t("Type the sheet's lines; then an empty line.", "请输入恢复单上的各行，最后输入空行："))
    lines: list[str] = []
    while (typed := sys.stdin.readline(_MOST_TYPED)) and (typed.strip() or not lines):
        lines.append(typed)
    return "".join(lines)[:_MOST_TYPED]


def _say_what_next(folder: Path, elsewhere: dict[Path, Path]) -> None:
    for at, was in elsewhere.items():
        note(t(f"It lay elsewhere, put it back: {at} -> {was}", f"原在其他位置，请放回：{at} -> {was}"))
    command = f"strongroom --vault {shlex.quote(str(folder))} rebuild"
    if (folder / "strongroom.toml").exists():
        from ops.config import read_config  # as most commands have it: once they are at work

        url = read_config(folder).catalogue.url
        if url:
            note(
                t(
                    f"The catalogue is on {url}; if it is lost, too: {command}",
                    f"目录库位于 {url}；如也已丢失：{command}",
                )
            )
            return
    else:
        note(
            t(
                "Now write strongroom.toml there, as the sheet has it on its second page.",
                "请在该处按恢复单第二页所载写好 strongroom.toml。",
            )
        )
    if (folder / "catalogue.db").exists():
        return
    note(t(f"Mount the stores, then: {command}", f"请挂载各存储，然后运行：{command}"))
