"""`strongroom demo`: the whole story on sample recordings, told by the very commands that an office would type."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import click

from ops.language import t
from ops.samples import Samples, make_samples
from vault.clock import wall_clock
from vault.errors import BadInput, StrongroomError
from vault.text import Text

_MARK = ".strongroom-demo"  # only a folder with this file in it is cleared


@click.command(help=t("The whole story on sample recordings.", "在示例录像上完整演示。"))
@click.argument(
    "folder",
    metavar=t("[FOLDER]", "[文件夹]"),
    type=click.Path(file_okay=False, path_type=Path),
    default="strongroom-demo",
)
def demo(folder: Path) -> None:
    """Makes FOLDER anew: samples, a vault with two stores, disc images and labels."""
    root = folder.absolute()
    _clear(root)
    samples = make_samples(root / "recordings", wall_clock())
    story = _Story(root, root / "vault")
    _tell(story, samples)
    click.echo()
    click.secho(t("Look at:", "请查看："), bold=True)
    for path in sorted((root / "discs").glob("*.p*")):
        click.echo(f"  {path}")
    click.echo(t(f"  the vault: {story.vault}", f"  档案库：{story.vault}"))


def _clear(root: Path) -> None:
    if root.exists() and not (root / _MARK).exists() and any(root.iterdir()):
        raise BadInput(
            Text(
                en=f"{root} is not a former demonstration; nothing was changed.",
                zh=f"{root} 不是以往的演示文件夹，未作改动。",
            ),
            hint=Text(en="Name a new folder: strongroom demo FOLDER", zh="请指定新文件夹：strongroom demo 文件夹"),
        )
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    (root / _MARK).touch()


def _tell(story: "_Story", samples: Samples) -> None:
    story.part(t("A vault with two stores", "建立档案库：两个存储"))
    story.run("init", "--profile", "dengzhou")

    story.part(t("Recordings come in: video, audio, photos, a collector's ZIP", "入库：视频、录音、照片、采集站压缩包"))
    story.run("ingest", str(samples.folder), "--sheet", str(samples.sheet))

    story.part(t("One lacks its section: kept and safe, and completed now", "一条缺少科室：已妥善保存，现予补全"))
    story.run("quarantine")
    story.run("complete", story.first("quarantine"), "--section", "监督检查科", "--why", "科室补录")

    story.part(t("Find a party by a name of two characters", "按两个字的姓名检索当事人"))
    story.run("find", samples.party)
    found = story.first("find", samples.party)
    story.run("show", found)

    story.part(t("Nobody sees content without consent and a register entry", "未经同意并登记，任何人不得调取"))
    story.run("get", found, str(story.root / "copy.mp4"), "--file", "1", expect=4)
    consent = ("--approved-by", "王局长（主管领导）", "--why", "案件审理需要")
    story.run("get", found, str(story.root / "copy.mp4"), "--file", "1", *consent)

    _tell_of_damage(story)
    _tell_of_terms(story, found)
    _tell_of_rebuilding(story)

    story.part(t("Proofs that need no vault", "脱离档案库即可核验的证明"))
    story.run("journal", "verify")
    story.run("prove", found, str(story.root / "proof"))

    story.part(t("A disc image with labels for two copies", "光盘映像与一式两份标签"))
    discs = ("--to", str(story.root / "discs"), "--producer", "张建国", "--medium", "practice")
    story.run("disc", "build", found, *discs, *consent)

    story.part(t("Health, for Prometheus", "健康指标（Prometheus）"))
    story.run("metrics", show=8)


def _tell_of_damage(story: "_Story") -> None:
    story.part(
        t(
            "A bit rots on one store, a file is lost: found, and healed from the other",
            "一个存储上一位翻转、一个文件丢失：查出并用另一存储修复",
        )
    )
    _damage(story.vault / "store-a")
    story.run("fsck", expect=3)
    story.run("scrub")
    story.run("fsck")


def _tell_of_terms(story: "_Story", found: str) -> None:
    day, case = wall_clock(), story.fact(found, "case_number")
    story.part(
        t("Due under their classes: the case decides for some, nothing expires for others", "到期计算：随案件、随情形")
    )
    story.run("case", "open", case, "--on", str(day.date() - timedelta(days=1)))
    story.run("case", "close", case, "--keep", "24-months", "--on", str(day.date()), "--why", "结案")
    story.run("retention", "due", "--on", str(day.date() + timedelta(days=370)))
    story.run("retention", "due", "--on", str(day.date() + timedelta(days=735)))
    story.run("retention", "explain", found)


def _tell_of_rebuilding(story: "_Story") -> None:
    story.part(t("The catalogue is lost: the stores alone bring it back", "目录库丢失：仅凭存储重建"))
    before = story.output("find", "--all", "--json")
    (story.vault / "catalogue.db").unlink()
    story.run("rebuild")
    same = story.output("find", "--all", "--json") == before
    if not same:
        raise StrongroomError(Text(en="The rebuilt catalogue differs.", zh="重建后的目录库与之前不一致。"))
    click.echo(t("Every record, fact and date is as before.", "全部记录、信息和日期与重建前一致。"))
    click.echo(
        t(
            "Nothing expires until a manager has looked at it; none is enrolled here:",
            "须经管理人员核对方可恢复到期计算，此处尚未登记人员：",
        )
    )
    story.run("retention", "release", "--why", "已核对重建结果", expect=4)


def _damage(store: Path) -> None:
    """Flip one bit of the largest object and lose the smallest one, behind the vault's back."""
    objects = sorted(
        (path for path in (store / "objects").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size
    )
    rotten, lost = objects[-1], objects[0]
    data = bytearray(rotten.read_bytes())
    data[len(data) // 2] ^= 1
    rotten.chmod(0o640)
    rotten.write_bytes(data)
    lost.unlink()


@dataclass(slots=True)
class _Story:
    """Runs the commands of a story and shows them; stops where one ends otherwise than it must."""

    root: Path
    vault: Path
    parts: int = field(default=0)

    def part(self, title: str) -> None:
        self.parts += 1
        click.echo()
        click.secho(f"{self.parts}. {title}", bold=True)

    def run(self, *words: str, expect: int = 0, show: int | None = None) -> None:
        """A command with its output, or the first `show` lines that are no comments."""
        click.secho("$ strongroom " + shlex.join(words), fg="cyan")
        done = self._call(words, capture=show is not None)
        if show is not None:
            lines = [text for text in done.stdout.splitlines() if not text.startswith("#")]
            click.echo("\n".join([*lines[:show], f"… ({len(lines)})"]))
        if done.returncode != expect:
            raise StrongroomError(
                Text(
                    en=f"The demonstration went wrong: exit {done.returncode} where {expect} was expected.",
                    zh=f"演示出错：退出码为 {done.returncode}，应为 {expect}。",
                )
            )
        if expect:
            click.echo(t(f"(exit code {expect}, as it must be)", f"（退出码 {expect}，正应如此）"))

    def first(self, *words: str) -> str:
        """The number of the first record that a command lists."""
        return self.output(*words).split()[0]

    def fact(self, number: str, name: str) -> str:
        """One fact of a record."""
        import json

        facts: dict[str, str] = json.loads(self.output("show", number, "--json"))["facts"]
        return facts[name]

    def output(self, *words: str) -> str:
        """What a command prints, not shown."""
        return self._call(words, capture=True).stdout

    def _call(self, words: Sequence[str], capture: bool) -> subprocess.CompletedProcess[str]:
        sys.stdout.flush()
        command = [sys.executable, "-m", "ops.cli", "--vault", str(self.vault), *words]
        return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE if capture else None)
