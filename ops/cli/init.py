"""`strongroom init`: a vault here, with embedded defaults and nothing to start."""

from pathlib import Path
from string import ascii_lowercase

import click

from ops.catalogueconfig import CatalogueConfig
from ops.cli.common import Place, as_json
from ops.cli.speaking import Words
from ops.config import StoreConfig
from ops.language import t
from ops.output import json_line, line, note
from ops.secrets import is_credential
from ops.wiring import init_vault, is_open


@click.command(help=t("Begin a vault: a catalogue and two stores.", "新建档案库：一个目录库和两个存储。"))
@click.option("--office", default="", help=t("the office's name [default: the profile's]", "单位名称 [默认同制度]"))
@click.option(
    "--profile",
    default="dengzhou",
    show_default=True,
    help=t("the office's regulation: a name or a .toml file", "所执行的制度：名称或 .toml 文件"),
)
@click.option(
    "--store",
    "stores",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=t(
        "a folder for copies, on a disk of its own; repeat it [default: two here]",
        "存放副本的文件夹，应各在不同磁盘；可重复 [默认：此处两个]",
    ),
)
@click.option(
    "--catalogue",
    default="",
    help=t(
        "postgresql://USER@HOST/DATABASE [default: a file here]", "postgresql://用户@主机/数据库 [默认：此处的文件]"
    ),
)
@click.option(
    "--catalogue-secret",
    default="",
    help=t("with --catalogue: the file with the password for it", "与 --catalogue 合用：存放其密码的文件"),
)
@as_json
@click.pass_obj
def init(
    place: Place,
    office: str,
    profile: str,
    stores: tuple[Path, ...],
    catalogue: str,
    catalogue_secret: str,
    as_json: bool,
) -> None:
    """Write keys, stores and configuration."""
    if len(stores) > len(ascii_lowercase):
        most = len(ascii_lowercase)
        raise click.BadParameter(t(f"at most {most} stores at a time", f"一次最多 {most} 个存储"))
    locations = [Words().convert(path.absolute(), None, None) for path in stores] or ["store-a", "store-b"]
    configured = tuple(
        StoreConfig(name=name, kind="disk", location=location)
        for name, location in zip(ascii_lowercase, locations, strict=False)
    )
    if profile.endswith(".toml") or "/" in profile:
        profile = str(Path(profile).absolute())
    if catalogue_secret and not is_credential(catalogue_secret):
        catalogue_secret = str(Path(catalogue_secret).absolute())
    server = CatalogueConfig(url=catalogue, secret=catalogue_secret)
    config = init_vault(place.home, office, profile, configured, place.working, server)
    if as_json:
        json_line({"vault": config.vault.id, "home": place.home, "stores": [store.location for store in config.store]})
        return
    line(t(f"Vault {config.vault.id} is ready in {place.home}.", f"档案库 {config.vault.id} 已建立于 {place.home}。"))
    for store in config.store:
        line(t(f"  store {store.name}: {store.location}", f"  存储 {store.name}：{store.location}"))
    if is_open(place.home):
        note(
            t(
                f"Everybody on this machine can read {place.home}, which was there already: chmod o-rx {place.home}",
                f"本机任何人都能读取已有的文件夹 {place.home}，请运行：chmod o-rx {place.home}",
            )
        )
    if len(config.store) == 1:
        note(
            t(
                "There will be one copy of everything: what its disk loses is lost. Better: a second --store.",
                "每份内容只有一个副本，磁盘损坏即会丢失。建议再用 --store 指定另一块磁盘。",
            )
        )
    line(
        t(
            "Keep a copy of journal.key elsewhere: without it nothing new can be signed.",
            "请将 journal.key 另存一份：没有它就无法继续签署日志。",
        )
    )
    line(
        t(
            "Next: strongroom doctor looks at this machine, strongroom ingest FOLDER takes recordings in, "
            "strongroom person add enrols people.",
            "接下来：strongroom doctor 检查本机，strongroom ingest 文件夹 办理入库，strongroom person add 登记人员。",
        )
    )
