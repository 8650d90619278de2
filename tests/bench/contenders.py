"""Who is measured: Strongroom, the copying tools of every system, and the peers people archive with.

Each is told to do its usual job with its usual settings, as its manual says; making an empty repository is not timed
for anybody. Strongroom's run is what an office does: `ingest` of a folder into a vault with one store, everything
durable, journal and catalogue included. Who flushes what it wrote was looked up with strace: rsync --fsync, dd
conv=fsync, restic and borg do; cp, rclone, bagit and git-annex (whose objects are not synced) get a syncfs.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora import files_below
from timing import BenchFailed, Contender, run_plainly

STRONGROOM = str(Path(sys.executable).with_name("strongroom"))
BAGIT = str(Path(sys.executable).with_name("bagit.py"))
# What records are filed under and looked for by.
SECTIONS = ("综合执法科", "财政监督科", "会计管理科")
COMMON = "现场检查"
PARTY = "王芳"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one contender works: it is emptied before each run and after it.

    Where many small files were written they are put `aside` until the benchmark ends. For up to five minutes ext4
    steps over every inode that was deleted, one by one, which would charge each run for the files of the one before.
    """

    folder: Path
    aside: Path | None = None

    def empty(self) -> None:
        self.remove()
        self.folder.mkdir(parents=True)

    def remove(self) -> None:
        """git-annex takes the right to write from its folders; a person removing them gives it back."""
        if not self.folder.exists():
            return
        if self.aside is not None:
            self.aside.mkdir(exist_ok=True)
            self.folder.rename(self.aside / str(len(list(self.aside.iterdir()))))
            return
        for root, folders, _ in os.walk(self.folder):
            for name in folders:
                os.chmod(os.path.join(root, name), 0o755)
        shutil.rmtree(self.folder)


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """A vault with one store, new for each run."""

    place: Place

    @property
    def home(self) -> Path:
        return self.place.folder / "vault"

    @property
    def store(self) -> Path:
        return self.place.folder / "store"

    @property
    def objects(self) -> Path:
        return self.store / "objects"

    def renew(self) -> None:
        self.place.empty()
        run_plainly([STRONGROOM, "--vault", str(self.home), "init", "--store", str(self.store)])

    def command(self, *words: str) -> list[str]:
        return [STRONGROOM, "--vault", str(self.home), *words]

    def require_objects(self, count: int) -> None:
        """No figure for an intake that did not bring everything in."""
        found = sum(1 for _ in files_below(self.objects))
        if found != count:
            raise BenchFailed(f"{self.objects} has {found} objects, not {count}")


def strongroom(
    vault: VaultPlace, sources: Sequence[Path], count: int, *, keep: bool = False, options: tuple[str, ...] = ()
) -> Contender:
    """`ingest`; `count` objects must lie in the store afterwards. `keep`: somebody reads them next."""

    def after() -> None:
        vault.require_objects(count)
        if not keep:
            vault.place.remove()

    return Contender(
        name="strongroom",
        steps=[vault.command("ingest", *map(str, sources), "--section", SECTIONS[0], *options)],
        before=vault.renew,
        after=after,
    )


def cp(place: Place, source: Path) -> Contender:
    target = place.folder / "copy"
    return Contender(
        name="cp -r + sync",
        steps=[["cp", "-r", str(source), str(target)]],
        before=place.empty,
        after=place.remove,
        sync=place.folder,
    )


def dd(place: Place, source: Path) -> Contender:
    """Each file with O_DIRECT and an fsync at its end: the disk's own speed, without a hash."""
    each = (
        f"cd {shlex.quote(str(source))} && find . -type f | while read -r f; do "
        f'mkdir -p {shlex.quote(str(place.folder))}/"$(dirname "$f")" && '
        f'dd if="$f" of={shlex.quote(str(place.folder))}/"$f" bs=4M oflag=direct conv=fsync status=none || exit 1; done'
    )
    return Contender(name="dd O_DIRECT + fsync", steps=[["sh", "-c", each]], before=place.empty, after=place.remove)


def rsync(place: Place, source: Path) -> Contender:
    return Contender(
        name="rsync --fsync",
        steps=[["rsync", "--archive", "--fsync", f"{source}/", f"{place.folder / 'copy'}/"]],
        before=place.empty,
        after=place.remove,
    )


def scrub(vault: VaultPlace) -> Contender:
    return Contender(name="strongroom scrub", steps=[vault.command("scrub", "--workers", "2")])


def openssl(objects: Iterable[str]) -> Contender:
    return Contender(name="openssl dgst -sha256", steps=[["openssl", "dgst", "-sha256", *objects]])


# The peers. Their settings and caches live below their own folder, not in the person's home.


def _homes(place: Place) -> dict[str, str]:
    home = str(place.folder / "home")
    return {"HOME": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home, "BORG_BASE_DIR": home}


def _peer(
    name: str, place: Place, steps: list[list[str]], setup: Callable[[], None], *, sync: bool, **environment: str
) -> Contender:
    def before() -> None:
        place.empty()
        (place.folder / "home").mkdir()
        setup()

    return Contender(
        name=name,
        steps=steps,
        before=before,
        after=place.remove,
        sync=place.folder if sync else None,
        environment=_homes(place) | environment,
    )


def restic(place: Place, source: Path) -> Contender:
    repository = ["restic", "--quiet", "--repo", str(place.folder / "repository")]
    word = {"RESTIC_PASSWORD": "bench"}
    return _peer(
        "restic",
        place,
        [[*repository, "backup", str(source)]],
        lambda: run_plainly([*repository, "init"], **_homes(place), **word),
        sync=False,
        **word,
    )


def borg(place: Place, source: Path) -> Contender:
    repository = str(place.folder / "repository")
    return _peer(
        "borg",
        place,
        [["borg", "create", f"{repository}::bench", str(source)]],
        lambda: run_plainly(["borg", "init", "-e", "none", repository], **_homes(place)),
        sync=False,
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes",
    )


def git_annex(place: Place, source: Path) -> Contender:
    repository = place.folder / "repository"

    def setup() -> None:
        homes = _homes(place)
        inside = ["git", "-C", str(repository)]
        run_plainly(["git", "init", "--quiet", str(repository)], **homes)
        for key, value in (("user.name", "bench"), ("user.email", "bench@localhost")):
            run_plainly([*inside, "config", key, value], **homes)
        run_plainly([*inside, "annex", "init", "--quiet"], **homes)

    return _peer(
        "git-annex",
        place,
        [["git", "-C", str(repository), "annex", "import", "--quiet", "--duplicate", str(source)]],
        setup,
        sync=True,
    )


def rclone(place: Place, source: Path) -> Contender:
    return _peer(
        "rclone", place, [["rclone", "copy", str(source), str(place.folder / "copy")]], lambda: None, sync=True
    )


def bagit(place: Place, source: Path) -> Contender:
    """A bag is made in place, so of a copy."""
    bag = str(place.folder / "bag")
    make = [sys.executable, BAGIT, "--quiet", "--sha256", "--processes", "2", bag]
    return _peer("cp + bagit", place, [["cp", "-r", str(source), bag], make], lambda: None, sync=True)


PEERS = (restic, borg, git_annex, rclone, bagit)
