"""`strongroom drill`: a rebuild rehearsed from one store, while work goes on."""

from pathlib import Path

import click

from ops.cli.common import Place, as_json
from ops.language import said, t
from ops.output import complain, json_line, line, note, progress, size
from vault import drill as rehearsal


@click.command(help=t("Rehearse a rebuild from one store.", "恢复演练：只用一个存储试做重建并核对。"))
@click.option("--store", "name", help=t("which [default: the one not tried for longest]", "存储 [默认：最久未演练的]"))
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=rehearsal.SAMPLE,
    show_default=True,
    metavar=t("NUMBER", "个数"),
    help=t("how many objects to read back", "抽取回读的对象数"),
)
@click.option(
    "--scratch",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=t("where there is room for a second catalogue [default: the vault's folder]", "临时目录库的位置 [默认：库内]"),
)
@as_json
@click.pass_obj
def drill(place: Place, name: str | None, sample: int, folder: Path | None, as_json: bool) -> int:
    """0: that store alone would do; 3: it would not, or there was nothing to look at; 5: it did not tell everything."""
    with place.open() as vault:
        if name is not None and name not in vault.stores:
            raise click.BadParameter(t(f"there is no store {name}", f"没有存储 {name}"))
        with progress(None, quiet=as_json, unit="") as tick:
            report = rehearsal.drill(vault, name, sample, folder.absolute() if folder else None, tick)
    if as_json:
        json_line(
            {
                "store": report.store,
                "entries": report.entries,
                "rows": report.rows,
                "objects": report.objects,
                "bytes": report.bytes,
                "failed": report.failed,
                "skipped": report.skipped,
                "passed": report.passed,
                "faults": report.faults,
            }
        )
    else:
        _tell(report)
    if report.failed:
        return 3
    if report.skipped:
        return 5
    return 0 if report.passed else 3


def _tell(report: rehearsal.Report) -> None:
    line(
        t(
            f"{report.store}: {report.entries} entries replayed, {report.rows} catalogue rows compared, "
            f"{report.objects} objects read ({size(report.bytes)}); {report.failed} failed, {report.skipped} skipped",
            f"{report.store}：重放日志 {report.entries} 条，核对目录库 {report.rows} 行，"
            f"回读对象 {report.objects} 个（{size(report.bytes)}）；不符 {report.failed}，跳过 {report.skipped}",
        )
    )
    for text in report.faults:
        note(f"  {said(text)}")
    if report.failed > len(report.faults):
        further = report.failed - len(report.faults)
        note(t(f"  and {further} more", f"  另有 {further} 处"))
    if report.trouble is not None:
        complain(report.trouble)
    if report.failed:
        store = report.store
        note(
            t(
                f"  Look into it: strongroom fsck; then: strongroom scrub --store {store}",
                f"  请用 strongroom fsck 查明，再运行 strongroom scrub --store {store}",
            )
        )
    elif not report.passed and not report.skipped:
        note(
            t(
                "  There was nothing to compare or to read: that shows nothing.",
                "  没有可核对或可回读的内容，演练不能说明问题。",
            )
        )
