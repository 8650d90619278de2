"""What the documents say is so: names, tables, links, commands, and the two programs that check without Strongroom."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import typing
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec
import pytest

from backends.registry import STORES
from ops.cli import COMMANDS, cli
from vault import acts, layout, tlog
from vault.facts import FACTS, Facts
from vault.journal import CHECKPOINT
from vault.records import RecordFile

ROOT = Path(__file__).parents[1]
FORMAT = (ROOT / "docs/format.md").read_text(encoding="utf-8")
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
STORE = ROOT / "docs/verify_store.py"
PROOF = ROOT / "docs/verify_proof.py"


def documents() -> list[Path]:
    """Every Markdown file of the repository, not those of the environment."""
    listed = [path for path in ROOT.rglob("*.md") if not str(path.relative_to(ROOT)).startswith(".")]
    assert len(listed) > 10
    return listed


# format.md against the code


def rows(heading: str) -> dict[str, list[str]]:
    """A table's cells by the name in its first column; `heading` begins the table."""
    lines = FORMAT[FORMAT.index(heading) :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([a-z0-9_]+)`", cell)


def fields(struct: type[msgspec.Struct], without: Iterable[str] = ()) -> list[str]:
    return [name for name in struct.__struct_fields__ if name not in without]


def test_every_act_with_every_field_is_in_the_format() -> None:
    written = {tag: names_in(cells[0]) for tag, cells in rows("| act | fields").items()}
    assert written == {
        act.__struct_config__.tag: fields(act, ("at", "by", "via")) for act in typing.get_args(acts.AnyAct)
    }


def test_facts_files_lists_and_marker_are_in_the_format() -> None:
    assert list(rows("| fact | 中文")) == fields(Facts)
    assert {name: cells[0] for name, cells in rows("| fact | 中文").items()} == {f.name: f.label.zh for f in FACTS}
    files, lists = FORMAT.split("One file of a record, in `files`:")[1].split("The entry then\ncarries `file_list`:")
    assert re.findall(r"^\| `(\w+)` \|", files.split("\n\nA list")[0], re.M) == fields(RecordFile)
    assert re.findall(r"^\| `(\w+)` \|", lists.split("\n## ")[0], re.M) == fields(acts.FileList)
    marker = FORMAT.split("## strongroom.json")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", marker, re.M) == fields(layout.Marker)
    assert FORMAT.splitlines()[2].startswith(f"Format {layout.FORMAT}. ")


# the other documents against the code


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    demanded = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    reasons = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| ([^|]+) \|", reasons, re.M)
    named = {name for cell in first_cells for name in re.split(r",\s*", cell)} - {"package", "---"}
    assert named == {re.split(r"[<>=!~ \[;]", one)[0] for one in demanded}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_readme_names_every_command_and_every_kind_of_store(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if not re.search(rf"strongroom {name}\b|`{name}`", text)] == []
    assert [kind for kind in STORES if f"| `{kind}` |" not in text] == []


def typed(code: list[str]) -> Iterator[list[str]]:
    """The words of every `strongroom …` in code; what stands apart behind a command is said about it."""
    for line in "\n".join(code).splitlines():
        if found := re.search(r"(?:^|\$ |/bin/)strongroom ([a-z-].*)", line):
            yield shlex.split(re.split(r" > | && |…| {3,}", found[1])[0])


def mentioned(text: str) -> Iterator[list[str]]:
    """Commands within a document's sentences, where one may stand for itself, without what it is given."""
    yield from typed(re.findall(r"`(strongroom [^`]+)`", text))


def to_type(text: str) -> Iterator[list[str]]:
    """Commands on lines of their own, which people copy."""
    yield from typed(re.findall(r"^```\n(.*?)^```", text, re.M | re.S))


def require_known(words: list[str]) -> None:
    """Every word that is a command or an option must be one."""
    command: click.Command = cli
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            option = next((one for one in command.params if word in one.opts), None)
            assert option is not None or word == "--help", f"{words}: {command.name} has no {word}"
            if isinstance(option, click.Option) and not option.is_flag:
                next(rest, None)  # … stands for any value
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            assert inner is not None, f"{words}: {command.name} has no command {word}"
            command = inner


def require_complete(words: list[str]) -> None:
    """As click reads it: all that the command asks for is there, and nothing else."""
    command: click.Command = cli
    context, rest = click.Context(cli), words
    while True:
        try:
            given, rest, _ = command.make_parser(context).parse_args([*rest])
        except click.UsageError as error:
            raise AssertionError(f"{words}: {error.format_message()}") from error
        lacking = [one.name for one in command.params if one.required and is_missing(one, given)]
        assert not lacking or "--help" in words, f"{words}: lacks {lacking}"
        if not isinstance(command, click.Group) or not rest:
            break
        inner = command.get_command(context, rest[0])
        assert inner is not None, f"{words}: no command {rest[0]}"
        command, context, rest = inner, click.Context(inner, parent=context), rest[1:]
    assert not rest, f"{words}: too much: {rest}"
    assert not isinstance(command, click.Group) or command.invoke_without_command, f"{words}: which command?"


def is_missing(param: click.Parameter, given: dict[str, typing.Any]) -> bool:
    return param.name not in given or param.value_is_missing(given[param.name])


def test_commands_on_lines_of_their_own_run_as_they_stand() -> None:
    """What went wrong once: a runbook's `retention release` lacked --why, and `store probe` the store's name."""
    lines = [words for document in documents() for words in to_type(document.read_text(encoding="utf-8"))]
    assert len(lines) > 150
    for words in lines:
        require_complete(words)
    for wrong in (
        ["retention", "release"],
        ["store", "probe"],
        ["store", "probe", "甲", "乙"],
        ["store"],
        ["scrub", "--store"],
        ["scrub", "--nonsense"],
        ["vanish"],
    ):
        with pytest.raises(AssertionError):
            require_complete(wrong)


def test_every_command_that_a_finding_offers_runs_as_it_stands() -> None:
    """What went wrong once: `retention release` without --why. All are in the source, whatever brings them about."""
    source = (ROOT / "ops/status/findings.py").read_text(encoding="utf-8")
    bases = dict(re.findall(r'^(_[A-Z]+) = "(strongroom [^"]+)"', source, re.M))
    spelled = re.findall(r'"((?:strongroom |\{_[A-Z]+\} )[^"]+)"', source)
    offered = {re.sub(r"\{(\w+)\}|\{one\.name\}", lambda m: bases.get(m[1] or "", "甲"), one) for one in spelled}
    assert len(offered) > 25
    for command in offered:
        require_complete(shlex.split(command)[1:])


def test_commands_that_alerts_and_runbooks_speak_of_need_nothing_more() -> None:
    """In a sentence nothing shows where a command ends: one that has to be given something is put on a line."""
    told = [ROOT / "ops/alerts/strongroom.rules.yml", *(ROOT / "docs/runbooks").glob("*.md")]
    sentences = [re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S) for path in told]
    named = [found.split() for text in sentences for found in re.findall(r"\bstrongroom ((?:[a-z-]+ ?)+)", text)]
    assert len(named) >= 5
    for words in named:
        depth = 2 if isinstance(cli.get_command(click.Context(cli), words[0]), click.Group) else 1
        require_complete(words[:depth])


def test_commands_shown_are_commands_there_are() -> None:
    texts = [document.read_text(encoding="utf-8") for document in documents()]
    shown = [words for text in texts for words in (*to_type(text), *mentioned(text))]
    assert len(shown) > 50
    for words in shown:
        if words[0] not in ("COMMAND", "命令"):
            require_known(words)
    for wrong in (["scrub", "--nonsense"], ["store", "vanish"], ["vanish"], ["--vault", "x", "vanish"]):
        with pytest.raises(AssertionError):
            require_known(wrong)


def test_commands_of_the_regulations_are_commands_there_are() -> None:
    """There they stand without the program's name: every `word word` is one, the rest are names or paths."""
    named = re.findall(r"`((?:[a-z]+ )+[^`]*|ingest)`", (ROOT / "docs/regulations.md").read_text(encoding="utf-8"))
    assert len(named) >= 10
    for command in named:
        require_known(command.removeprefix("strongroom ").split())
    with pytest.raises(AssertionError):
        require_known(["interruption", "explain"])


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
        path, _, anchor = (target[0] or target[1]).partition("#")
        if path.startswith("https://"):
            continue
        linked = document.parent / path if path else document
        assert linked.exists(), f"{document.name}: {path}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_no_character_that_cannot_be_shown(document: Path) -> None:
    text = document.read_bytes().decode("utf-8")
    odd = {
        c for c in text if c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs", "Cf") and c != "\n")
    }
    assert odd == set()


def test_picture_of_a_label_is_small() -> None:
    picture = (ROOT / "docs/images/label.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) < 150_000


# a real vault, read without Strongroom


def strongroom(home: Path, *words: str) -> str:
    command = [sys.executable, "-m", "ops.cli", "--vault", str(home), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of two stores with one record of 300 files (so its list is an object), one of one, and a proof."""
    folder = tmp_path_factory.mktemp("docs")
    many, one = folder / "many", folder / "one"
    for source, count in ((many, 300), (one, 1)):
        source.mkdir()
        for number in range(count):
            (source / f"现场检查照片_第{number:04d}张.txt").write_text(f"{source.name} 王芳 {number}", encoding="utf-8")
    home = folder / "vault"
    strongroom(home, "init", "--office", "邓州市财政局")
    for source in (many, one):
        strongroom(home, "ingest", str(source), "--group", "all", "--section", "监督检查科", "--party", "王芳")
    newest = json.loads(strongroom(home, "find", "--json").splitlines()[0])
    strongroom(home, "prove", newest["number"], str(folder / "proof"))
    return home


@pytest.fixture
def store(vault: Path, tmp_path: Path) -> Path:
    """A store of its own for each test to damage."""
    copied = shutil.copytree(vault / "store-a", tmp_path / "store")
    for path in copied.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copied


def run(program: Path, *words: object, alone: bool = False) -> tuple[int, str]:
    """Exit code and output; `alone`: without any installed package."""
    options = ["-I", "-S"] if alone else ["-I"]
    command = [sys.executable, *options, str(program), *(str(word) for word in words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | {"PYTHONUTF8": "1"})
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def key_of(store: Path) -> str:
    return str(json.loads((store / "strongroom.json").read_bytes())["journal_key"])


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_programs_are_short_and_need_nothing_of_ours() -> None:
    assert len(STORE.read_text(encoding="utf-8").splitlines()) < 120
    for program in (STORE, PROOF):
        assert not re.search(r"(import|from) (vault|ops|backends|media|labels|msgspec)", program.read_text("utf-8"))


def test_a_whole_store_is_checked_without_strongroom(store: Path) -> None:
    code, said = run(STORE, store, key_of(store))
    assert code == 0, said
    assert "checked: 302 good objects, 5 entries" in said
    assert said.count("现场检查照片") == 301
    assert "fault" not in said


def test_without_cryptography_the_signature_is_said_to_be_unchecked(store: Path) -> None:
    code, said = run(STORE, store, alone=True)
    assert code == 5
    assert "unchecked: the checkpoint's signature" in said
    assert "fault" not in said


def bundle(store: Path) -> Path:
    return max((store / "journal/tile/entries/000.p").iterdir(), key=lambda path: int(path.name))


def an_object(store: Path, *, smallest: bool = True) -> Path:
    objects = sorted((p for p in (store / "objects").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    return objects[0] if smallest else objects[-1]


def test_a_damaged_object_is_found(store: Path) -> None:
    damaged = an_object(store)
    flip(damaged)
    code, said = run(STORE, store)
    assert code == 3
    assert f"fault: {damaged} hashes to" in said
    assert f"fault: object {damaged.name} is missing or damaged here" in said


def test_a_lost_object_is_found(store: Path) -> None:
    lost = an_object(store)
    lost.unlink()
    assert run(STORE, store)[0] == 3
    assert f"object {lost.name} is missing" in run(STORE, store)[1]


def test_a_damaged_list_of_files_is_found(store: Path) -> None:
    flip(an_object(store, smallest=False))
    code, said = run(STORE, store)
    assert code == 3
    assert "(their list)" in said


@pytest.mark.parametrize("place", [0, 1, 40, -1], ids=["length", "length's low byte", "entry", "last byte"])
def test_a_changed_journal_is_found(store: Path, place: int) -> None:
    flip(bundle(store), place)
    code, said = run(STORE, store)
    assert code == 3
    assert "do not lead to the root" in said
    assert "#0" not in said  # nothing of a journal that is not proven is shown


def test_a_journal_that_is_gone_is_a_fault_and_a_store_that_is_gone_is_not(store: Path, tmp_path: Path) -> None:
    bundle(store).unlink()
    assert run(STORE, store)[0] == 3
    code, said = run(STORE, tmp_path / "not-mounted")
    assert code == 5
    assert said.startswith("unchecked: ")


def test_another_key_a_false_signature_and_no_signature_are_found(store: Path, tmp_path: Path) -> None:
    strongroom(tmp_path / "other", "init")
    assert run(STORE, store, key_of(tmp_path / "other/store-a"))[0] == 3
    checkpoint = store / CHECKPOINT
    signed = checkpoint.read_bytes()
    flip(checkpoint, signed.rindex(b" ") + 20)
    assert "is not signed by" in run(STORE, store)[1]
    checkpoint.write_bytes(signed[: signed.rindex(b"\n\n") + 2])
    assert "is not signed by" in run(STORE, store)[1]
    for damaged in (b"", b"\0" * 100, signed[:7], signed.split(b"\n")[0] + b"\n"):
        checkpoint.write_bytes(damaged)
        code, said = run(STORE, store)
        assert (code, "fault:" in said) == (3, True)


def test_bundles_beyond_the_first_are_named_as_the_journal_names_them() -> None:
    scope: dict[str, typing.Any] = {"__name__": "verify_store"}
    exec(compile(STORE.read_text(encoding="utf-8"), str(STORE), "exec"), scope)
    for index in (0, 7, 999, 1000, 67_890, 1_234_067, 1_000_000_000):
        assert scope["bundle_path"](index) == f"journal/{tlog.bundle_path(index)}"
    for size in (0, 1, 2, 255, 256, 257, 1000):
        leaves = [b"%d" % n for n in range(size)]
        edge, _ = tlog.Edge().append(tlog.leaf_hash(leaf) for leaf in leaves)
        assert scope["root_of"](iter(leaves)) == edge.root()


def proven(vault: Path) -> tuple[Path, Path]:
    entry = next((vault.parent / "proof").glob("*.json"))
    return entry, entry.with_suffix(".tlog-proof")


def test_a_proof_is_checked_without_strongroom(vault: Path) -> None:
    code, said = run(PROOF, *proven(vault), key_of(vault / "store-b"))
    assert code == 0
    assert re.match(r"proven: entry \d of 5 in strongroom/", said)


def test_a_proof_with_any_bit_changed_proves_nothing(vault: Path, tmp_path: Path) -> None:
    entry, proof = proven(vault)
    key = key_of(vault / "store-b")
    changed = tmp_path / "changed"
    data = proof.read_bytes()
    places = [0, data.index(b"index ") + 6, data.index(b"\n", 40) - 5, data.index(b"\n\n") + 4, len(data) - 9]
    for place in places:
        changed.write_bytes(data)
        flip(changed, place)
        assert run(PROOF, entry, changed, key)[0] == 3, place
    changed.write_bytes(entry.read_bytes().replace("王芳".encode(), "王方".encode()))
    assert run(PROOF, changed, proof, key)[0] == 3


def test_every_line_that_goes_beside_an_export_is_checked_without_strongroom(vault: Path, tmp_path: Path) -> None:
    home, bag = shutil.copytree(vault, tmp_path / "vault"), tmp_path / "包"
    numbers = [json.loads(line)["number"] for line in strongroom(home, "find", "--json").splitlines()]
    strongroom(home, "export", str(bag), *numbers, "--approved-by", "王局长", "--why", "移送")
    exported = bag / "journal/proofs-0001.jsonl"
    key = (exported.parent / "key.txt").read_text(encoding="utf-8").strip()
    assert key == key_of(vault / "store-b")
    lines = exported.read_bytes().splitlines(keepends=True)
    assert run(PROOF, exported, key) == (0, f"proven: {len(lines)} of {len(lines)} lines in {key.split('+')[0]}\n")
    changed = tmp_path / "changed.jsonl"
    for spoilt in (
        lines[1].replace("王局长".encode(), "张局长".encode(), 1),
        lines[1].replace(b'"record":"2026', b'"record":"2025', 1),
        lines[1].replace(b'"seq":', b'"seq":1', 1),
        lines[1].replace(b"\\nindex ", b"\\nindex 1", 1),
        lines[1][:-40] + b"\n",
        b"\0" * 100 + b"\n",
        b"[]\n",
        b"\n",
    ):
        assert spoilt != lines[1]
        changed.write_bytes(b"".join([lines[0], spoilt, *lines[2:]]))
        code, said = run(PROOF, changed, key)
        assert code == 3, spoilt
        assert said.startswith("NOT proven: line 2: ")
        assert f"proven: {len(lines) - 1} of {len(lines)} lines" in said
    changed.write_bytes(b"")
    assert run(PROOF, changed, key)[0] == 3


def test_commands_on_the_stores_own_readme_do_what_they_say(store: Path) -> None:
    """What went wrong once: `cat entries/000*` met a folder, and `strings` cut Chinese names to pieces."""
    lines = (store / "README.txt").read_text(encoding="utf-8").splitlines()
    check = next(line for line in lines if line.strip().startswith("cd objects"))
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("find journal"))
    assert shell(store, check) == (0, "")
    code, said = shell(store, "\n".join(lines[at : at + 2]))
    assert code == 0
    found = [json.loads(line[line.index("{") :]) for line in said.splitlines()]
    assert sorted(act["act"] for act in found) == ["record.stored", "record.stored"]
    assert {act["facts"]["party"] for act in found} == {"王芳"}
    flip(an_object(store))
    assert shell(store, check)[0] == 1


def test_commands_of_the_format_are_those_on_the_store() -> None:
    for line in FORMAT.split("## By hand")[1].split("\n## ")[0].splitlines():
        if line.startswith(("cd objects", "find journal", "    LC_ALL")):
            assert line.strip() in layout.README_TEXT


def shell(folder: Path, commands: str) -> tuple[int, str]:
    done = subprocess.run(["bash", "-c", commands], check=False, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_check_runs_every_folder_of_tests() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    check = (ROOT / "check").read_text(encoding="utf-8")
    lists = [re.search(rf"^{name}=\((.*)\)$", check, re.M) for name in ("in_memory", "on_disk")]
    run = [folder for found in lists if found is not None for folder in found[1].split()]
    having = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(run) == sorted(told["testpaths"]) == sorted(f"tests/{name}" for name in having)
