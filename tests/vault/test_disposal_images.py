"""Images that were built for discs, when a record on them is destroyed: nothing of it is left, or somebody is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vault.disc_scene import begin, fail, image, keep, plan, state_of
from tests.vault.disposal_scene import (
    CUSTODIAN,
    OPERATOR,
    OTHER_CUSTODIAN,
    SUPERVISORS,
    THREE,
    TWO,
    Office,
    assert_rebuilt_alike,
)
from tests.vault.scene import rows_of
from tests.vault.test_disposal_papers import Paper
from vault.catalogue import discs
from vault.catalogue.waiting import waiting
from vault.digest import Digest
from vault.discs import imagefiles as files
from vault.discs.finishing import cancel, require_whole
from vault.discs.model import ImageFile, Mark
from vault.discs.states import State
from vault.discs.stepping import replace, step
from vault.disposal.register import certificate, require_done
from vault.disposal.rules import State as Stands
from vault.errors import BadInput, Refused
from vault.store import Vault

SET = "2027-0001"
NAME = f"{SET}-1.iso/1"
BYTES = "映像与纠错".encode() * 1_000
A = f"{SET}-1A"


def built(vault: Vault, folder: Path, *records: str) -> Path:
    """A set with its image in a folder, and nothing burnt."""
    number = plan(vault, records).number
    path = folder / f"{number}-1.iso"
    files.lay(vault, number, 1, 1, path)
    path.write_bytes(BYTES)
    image(vault, number, sha256=Digest.of(BYTES).hex, size=len(BYTES))
    return path


@pytest.fixture
def path(office: Office, tmp_path: Path) -> Path:
    """Where the image of TWO lies."""
    folder = tmp_path / "映像"
    folder.mkdir()
    with office.by(CUSTODIAN) as vault:
        return built(vault, folder, TWO)


def open_tasks(office: Office, number: str) -> list[str]:
    return [task.disc for task in office.standing(number).discs if task.open]


def test_an_image_that_was_never_burnt_goes_with_its_record(office: Office, path: Path) -> None:
    beside = path.with_name("别的.iso")
    beside.write_bytes(BYTES)
    number = office.agreed(TWO)
    ran = office.run(number)
    assert (ran.state, ran.images) == (Stands.CLOSED, {})
    assert not path.exists()
    assert beside.exists()
    with office.by(OPERATOR) as vault:
        with vault.database.reading() as connection:
            done = certificate(connection, number)
            (task,) = done.discs
            assert task.erased_at is not None
            assert task.where.endswith(f":{path}")
            require_done(done)
        acts_ = [row[0] for row in rows_of(vault, "SELECT act FROM journal ORDER BY seq")]
        assert acts_.index("destruction.begun") < acts_.index("disc.image-erasing") < acts_.index("disc.image-erased")
        assert_rebuilt_alike(vault)


def moved(path: Path) -> None:
    path.rename(path.with_name("移走.iso"))


def foreign(path: Path) -> None:
    path.write_bytes("另一文件".encode())


def linked(path: Path) -> None:
    path.with_name("另名.iso").hardlink_to(path)


def folder_gone(path: Path) -> None:
    path.parent.rename(path.parent.with_name("拔出"))


def symlink(path: Path) -> None:
    path.rename(path.with_name("真身.iso"))
    path.symlink_to(path.with_name("真身.iso"))


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.mark.parametrize(
    ("happens", "why", "seen"),
    [
        (moved, "nothing of that name lies there, and it may have been moved", True),
        (folder_gone, "nothing of that name lies there, and it may have been moved", True),
        (foreign, "what lies there is not that image", False),
        (linked, "it has another name as well (a hard link)", False),
        (symlink, "it is a symbolic link", False),
    ],
)
def test_what_cannot_be_erased_waits_for_two_people(
    office: Office, path: Path, happens: Callable[[Path], None], why: str, seen: bool
) -> None:
    """Nobody is believed to have seen it destroyed while a file of its name lies there; and nothing else is touched."""
    happens(path)
    before = read(path)
    number = office.agreed(TWO)
    ran = office.run(number)
    where = f"image {NAME} ({files.MACHINE}:{path})"
    assert (ran.state, ran.images[NAME].en) == (Stands.DESTROYING, f"{where}: {why}")
    assert read(path) == before
    row = Paper(office, "register", number).entries[0]
    assert row["outcome"].en == "destroyed on the stores; 1 image to be destroyed"
    with pytest.raises(Refused, match=f"still to be destroyed: {NAME} "):
        Paper(office, "certificate", number)
    if not seen:
        with pytest.raises(Refused, match=f"Image {NAME} still lies there"):
            office.confirm(number, NAME, OTHER_CUSTODIAN, "已删除")
        path.unlink()
    assert office.confirm(number, NAME, OTHER_CUSTODIAN, "已删除") is Stands.DESTROYING
    assert office.confirm(number, NAME, SUPERVISORS[0], "已删除") is Stands.CLOSED
    found = {row["place"].zh: row["found"].zh for row in Paper(office, "certificate", number).entries[-1:]}
    assert list(found) == [f"映像 {NAME}（{files.MACHINE}:{path}）"]
    assert "已销毁（已删除），确认人：" in found[f"映像 {NAME}（{files.MACHINE}:{path}）"]
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_an_image_on_another_machine_waits_and_comes_back(
    office: Office, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the same name and the same bytes here is another one."""
    number, machine = office.agreed(TWO), files.MACHINE
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(files, "MACHINE", "另机")
        assert office.run(number).images[NAME].zh.endswith(f"在另一台计算机上：{machine}")
        assert path.exists()
    assert office.run(number).state is Stands.CLOSED
    assert not path.exists()


def test_an_image_while_discs_are_made_in_its_folder_waits(office: Office, path: Path) -> None:
    number = office.agreed(TWO)
    with files.alone_in(path.parent):
        assert "Another command makes discs" in office.run(number).images[NAME].en
    assert office.run(number).state is Stands.CLOSED


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_was_killed_beside_the_deletion_is_gone_on_with(
    office: Office, path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    number = office.agreed(TWO)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*((Path, "unlink") if when == "before" else (files, "_say_gone")), killed)
        with pytest.raises(KeyboardInterrupt):
            office.run(number)
    assert path.exists() is (when == "before")
    assert open_tasks(office, number) == [NAME]
    assert office.run(number).state is Stands.CLOSED
    assert not path.exists()
    with office.by(OPERATOR) as vault:
        assert rows_of(vault, "SELECT count(*) FROM journal WHERE act = 'disc.image-erased'") == [(1,)]
        assert_rebuilt_alike(vault)


def test_what_came_under_its_name_after_a_killed_run_is_left(
    office: Office, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is an empty mount point taken for the folder in which it was."""
    number = office.agreed(TWO)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            office.run(number)
    path.parent.rename(path.parent.with_name("介质"))
    path.parent.mkdir()
    assert "may have been moved" in office.run(number).images[NAME].en
    foreign(path)
    assert "not that image" in office.run(number).images[NAME].en
    assert path.exists()


def test_every_place_of_an_image_is_asked_for_and_erased_ones_are_not(office: Office, path: Path) -> None:
    other = path.with_name("第二处") / path.name
    other.parent.mkdir()
    with office.by(CUSTODIAN) as vault:
        files.lay(vault, SET, 1, 1, path)  # once more: nothing new
        files.lay(vault, SET, 1, 1, other)
        other.write_bytes(BYTES)
        files.shred(vault, ImageFile(SET, 1, 1, 1), "不再需要")
        assert not path.exists()
        with pytest.raises(Refused, match="is gone"):
            files.shred(vault, ImageFile(SET, 1, 1, 1), "不再需要")
        with pytest.raises(BadInput, match="There is no image"):
            files.shred(vault, ImageFile(SET, 1, 1, 3), "不再需要")
    number = office.agreed(TWO)
    moved(other)
    office.run(number)
    assert open_tasks(office, number) == [f"{SET}-1.iso/2"]
    with office.by(CUSTODIAN) as vault, pytest.raises(Refused, match=f"waits for image {SET}-1.iso/2"):
        files.shred(vault, ImageFile(SET, 1, 1, 2), "不再需要")


def test_an_older_image_of_the_same_disc_is_erased_as_well(office: Office, path: Path) -> None:
    with office.by(CUSTODIAN) as vault:
        image(vault, SET, sha256=Digest.of(b"later").hex)
    number = office.agreed(TWO)
    assert office.run(number).state is Stands.CLOSED
    assert not path.exists()


# sets that are not finished any more


def test_nothing_more_is_made_of_a_set_with_a_destroyed_record(office: Office, tmp_path: Path) -> None:
    with office.by(CUSTODIAN) as vault:
        path = built(vault, tmp_path, TWO, THREE)
    number = office.agreed(TWO)
    assert office.run(number).state is Stands.CLOSED
    assert not path.exists()  # though it carries a record that stays: the stores have that
    with office.by(CUSTODIAN) as vault:
        with vault.database.reading() as connection, pytest.raises(Refused, match=TWO) as refused:
            require_whole(connection, SET)
        assert f"strongroom disc plan --replaces {SET}" in refused.value.hint.en
        assert f"strongroom disc cancel {SET}" in refused.value.hint.zh
        with pytest.raises(Refused, match=TWO):
            files.lay(vault, SET, 1, 1, path)
        with pytest.raises(Refused, match=TWO):
            step(vault, begin(A, vault))
        with vault.database.reading() as connection:
            counts = waiting(connection, vault.now(), vault.profile.zone)
        assert (counts.begun, counts.stopped) == (0, 1)
        cancel(vault, SET, "含已销毁记录")
        with vault.database.reading() as connection:
            assert waiting(connection, vault.now(), vault.profile.zone).stopped == 0
            with pytest.raises(Refused, match="was cancelled"):
                require_whole(connection, SET)
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_no_copy_is_begun_in_the_place_of_one_whose_set_has_a_destroyed_record(office: Office) -> None:
    """Not even of another disc: the images of a set are made of all its records."""
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO], [THREE]).number)
    office.run(office.agreed(TWO))
    with office.by(CUSTODIAN) as vault, pytest.raises(Refused, match=f"have been destroyed: {TWO}"):
        replace(vault, Mark.parse(f"{SET}-2A"), "划伤")


def test_a_set_is_cancelled_while_nothing_of_it_carries_records(office: Office, tmp_path: Path) -> None:
    with office.by(CUSTODIAN) as vault:
        built(vault, tmp_path, TWO)
        step(vault, begin(A, vault))
        with pytest.raises(Refused, match=f"{A} being burnt") as refused:
            cancel(vault, SET, "误建")
        assert "disc run --lost" in refused.value.hint.en
        step(vault, fail(A, vault))
        cancel(vault, SET, "误建")
        cancel(vault, SET, "误建")  # once more, after a break
        assert rows_of(vault, "SELECT count(*) FROM journal WHERE act = 'disc.cancelled'") == [(1,)]
        assert state_of(vault, A) is State.GIVEN_UP
        second = plan(vault, [THREE]).number
        keep(vault, second)
        with pytest.raises(Refused, match=f"{second}-1A on the shelf"):
            cancel(vault, second, "误建")
    with office.by(OPERATOR) as vault:
        assert_rebuilt_alike(vault)


def test_a_cancelled_set_takes_nobodys_place(office: Office) -> None:
    with office.by(CUSTODIAN) as vault:
        keep(vault, plan(vault, [TWO]).number)
        later = plan(vault, [TWO], replaces=SET).number
        with vault.database.reading() as connection:
            assert discs.successor_of(connection, SET) == later
        cancel(vault, later, "介质有误")
        with vault.database.reading() as connection:
            assert discs.successor_of(connection, SET) is None
