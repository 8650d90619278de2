"""`disc label` and `disc calibrate`: files for whoever cuts and sticks, pages for CUPS, `[labels]` of strongroom.toml.

What is printed goes to a real CUPS, whose printer is a file.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from labels.kinds import Kind
from ops.cli import disc_label
from ops.cli.common import Place
from ops.config import FILE, read_config
from ops.printing import print_pdf
from ops.wiring import this_person
from tests.labels.discs import FULL, copy_of
from tests.labels.page import sizes, words
from tests.ops.conftest import Program
from tests.servers import Server, free_ports, listens, program
from vault.discs.model import COPIES, DiscCopy, Mark
from vault.errors import BadInput, StrongroomError
from vault.store import Vault


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the queue `biaoqian` of a CUPS on loopback has printed last; `lp` finds it by itself."""
    folder, (port,) = tmp_path_factory.mktemp("cups"), free_ports(1)
    for name in ("root", "cache", "state", "spool", "tmp", "bin/backend"):
        (folder / name).mkdir(parents=True)
    (folder / "files.conf").write_text(
        f"ServerBin {folder}/bin\nServerRoot {folder}/root\nCacheDir {folder}/cache\nStateDir {folder}/state\n"
        f"RequestRoot {folder}/spool\nTempDir {folder}/tmp\nAccessLog {folder}/access\nPageLog {folder}/page\n"
        f"ErrorLog {folder}/error\nServerKeychain {folder}/root\n"
    )
    (folder / "cupsd.conf").write_text(
        f"Listen 127.0.0.1:{port}\nBrowsing No\nWebInterface No\nDefaultAuthType None\n"
        "<Location />\nOrder allow,deny\nAllow all\n</Location>\n"
        "<Policy default>\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n"
    )
    (folder / "root/printers.conf").write_text(
        "<Printer biaoqian>\nDeviceURI paper:/\nState Idle\nAccepting Yes\nShared No\n</Printer>\n"
    )
    backend = folder / "bin/backend/paper"  # without arguments it is asked for the printers it sees
    backend.write_text(f'#!/bin/sh\n[ $# = 0 ] || cat -- "${{6:--}}" > {folder}/printed\n')
    backend.chmod(0o700)  # CUPS runs it as whom it runs as itself
    (folder / "bin/daemon").symlink_to("/usr/lib/cups/daemon")  # CUPS's own helper, which starts it
    (folder / "printed").touch()
    command = [program("cupsd", "cups-daemon"), "-f", "-c", f"{folder}/cupsd.conf", "-s", f"{folder}/files.conf"]
    server = Server(command, lambda: listens(port), folder / "log", {})
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CUPS_SERVER", f"127.0.0.1:{port}")
        server.start()
        yield folder / "printed"
        server.kill()


def arrived(printed: Path) -> bytes:
    """What came out of the printer; it takes its time."""
    for _ in range(200):
        if (data := printed.read_bytes()).rstrip().endswith(b"%%EOF"):
            printed.write_bytes(b"")
            return data
        time.sleep(0.05)
    raise AssertionError("nothing was printed")


@pytest.fixture
def home(run: Program) -> Path:
    """The vault of an office that hands discs in as evidence, with one recording."""
    (run.cwd / "录像.mp4").write_bytes("录像".encode())
    now = datetime.now(UTC).isoformat()
    run("--vault", "库", "init", "--profile", "jiangyuan", "--store", "甲", "--store", "乙", clock=now)
    run("--vault", "库", "ingest", "录像.mp4", "--recorder", "李强", clock=now)
    return run.cwd / "库"


def label(home: Path, *arguments: str) -> Result:
    """`disc label` over the discs of a set that carries the vault's one record."""

    def copies_of(vault: Vault, which: str) -> list[DiscCopy]:
        made = replace(FULL, records=(f"{vault.now().year}-0000001",))
        with suppress(BadInput):
            return [copy_of(made, Mark.parse(which).copy)]
        return [copy_of(made, letter) for letter in COPIES]

    place, words = Place(str(home), "", clock_is_right=True), [*arguments, "--to", str(home.parent)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(disc_label, "copies_of", copies_of)
        patched.setattr(disc_label, "tell_changed", lambda *_: None)  # the journal has no such discs
        return CliRunner().invoke(disc_label.label, words, obj=place, catch_exceptions=False)


def test_a_set_is_labelled_on_one_sheet_with_a_picture_of_each(home: Path) -> None:
    for kind in Kind:
        done = label(home, "2026-0001", "--type", kind.value, "--json")
        assert done.exit_code == 0, done.output
        ending = "" if kind is Kind.DISC else f".{kind}"
        names = [f"2026-0001{ending}.pdf", f"2026-0001-3A{ending}.png", f"2026-0001-3B{ending}.png"]
        assert json.loads(done.output) == {"labels": [str(home.parent / name) for name in names], "lacking": []}
        assert (home.parent / names[0]).read_bytes().startswith(b"%PDF")
        assert (home.parent / names[2]).read_bytes().startswith(b"\x89PNG")


def test_a_slip_says_who_recorded_and_who_takes_out_and_when(home: Path, run: Program) -> None:
    now = datetime.now(UTC).isoformat()
    run("--vault", "库", "person", "add", this_person(home), "--name", "张建国", "--role", "operator", clock=now)
    label(home, "2026-0001-3A", "--type", "slip")
    text = words((home.parent / "2026-0001-3A.slip.pdf").read_bytes())
    assert "制作人李强提取人张建国" in text
    assert f"提取时间{datetime.now(UTC).astimezone(ZoneInfo('Asia/Shanghai')):%Y年}" in text
    said = ("--maker", "张三", "--extractor", "王芳", "--extracted-at", "2026-07-15 09:30")
    label(home, "2026-0001-3A", "--type", "slip", *said)
    text = words((home.parent / "2026-0001-3A.slip.pdf").read_bytes())
    assert "制作人张三提取人王芳提取时间2026年7月15日09:30" in text


def test_the_office_says_once_on_what_it_prints_and_by_how_much_the_printer_is_off(home: Path, run: Program) -> None:
    straight = home.parent / "straight.pdf"
    label(home, "2026-0001")
    (home.parent / "2026-0001.pdf").rename(straight)
    with open(home / FILE, "a", encoding="utf-8") as config:
        config.write('\n[labels]\nsheet = "L6015"\nright = 1.5\ndown = -2\n')
    label(home, "2026-0001")
    assert (home.parent / "2026-0001.pdf").read_bytes() != straight.read_bytes()
    run("--vault", "库", "disc", "calibrate", "--to", "校准")
    text = words((run.cwd / "校准/calibration-L6015.pdf").read_bytes())
    assert "right=+1.5mm·down=-2.0mm" in text
    assert run("--vault", "库", "disc", "calibrate", "--sheet", "A4", "--json").lines == [
        {"labels": ["calibration-A4.pdf"]}
    ]


def test_what_no_printer_could_mean_is_said_with_the_key(home: Path) -> None:
    good = (home / FILE).read_text("utf-8")
    for said in ('sheet = "L1"', "right = 16", "down = nan", "gone = 1"):
        (home / FILE).write_text(f"{good}\n[labels]\n{said}\n", "utf-8")
        with pytest.raises(BadInput, match=f"labels.{said.partition(' ')[0]}"):
            read_config(home)


def test_labels_go_to_a_queue_of_cups(home: Path, printed: Path) -> None:
    done = label(home, "2026-0001", "--print", "--queue", "biaoqian")
    assert "request id is biaoqian-" in done.stderr
    assert arrived(printed) == (home.parent / "2026-0001.pdf").read_bytes()


def test_the_calibration_page_goes_to_the_queue_of_the_configuration(home: Path, run: Program, printed: Path) -> None:
    with open(home / FILE, "a", encoding="utf-8") as config:
        config.write('\n[labels]\nqueue = "biaoqian"\n')
    server = os.environ["CUPS_SERVER"]
    run("--vault", "库", "disc", "calibrate", "--print", env={"CUPS_SERVER": server})
    assert sizes(arrived(printed)) == [(210.0, 297.0)]


def test_a_queue_that_is_not_there_is_said(printed: Path) -> None:
    with pytest.raises(StrongroomError, match="The queue 没有 takes no pages"):
        print_pdf(b"%PDF-1.7\n%%EOF\n", "没有", "2026-0001.pdf")


def test_printing_without_a_queue_or_without_cups_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = label(home, "2026-0001", "--print")
    assert done.exit_code == 2
    assert "On which printer?" in done.stderr or "打印队列" in done.stderr
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(BadInput, match="there is no lp") as caught:
        print_pdf(b"", "biaoqian", "")
    assert "cups-client" in caught.value.hint.zh
