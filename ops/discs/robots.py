"""Copies that a publishing robot burns: handed over as jobs, waited for, and read back in a drive like any other disc.

That a robot calls a disc done is not believed. Both copies of a disc carry the same bytes, so whoever takes them out of
the robot says by its label which one lies in a drive: strongroom disc verify DRIVE --mark MARK. Until then every run
asks for it.
"""

from collections.abc import Collection, Mapping, Sequence

from labels.draw import draw_face
from labels.kinds import Kind
from media.robot import Job, Robot, Stage
from ops.discs.entering import fail, finish, leave_untouched
from ops.discs.labelling import copies_of
from ops.discs.paper import label_options, tell_lacking
from ops.discs.workshop import Workshop, medium_of
from ops.labels import LabelsConfig
from ops.language import t
from ops.output import complain, note
from vault import acts
from vault.catalogue import discs, spoiled
from vault.catalogue.discs import Copy
from vault.discs.model import CopyLetter, Mark
from vault.discs.states import State
from vault.discs.stepping import step
from vault.errors import BurnFailed, DriveUnavailable
from vault.outputs import replace_file
from vault.text import Text

_PREFIX = "robot:"  # of a robot's name, where others have a drive's
_TRIES = 2  # blanks that a copy may cost in one run
_NOT_SENT = Text(
    en="the job was not handed over, or was taken back: the blank was not written",
    zh="任务未提交或已撤回，空白光盘未写入",
)


def name_of(robot: Robot) -> str:
    """As it stands in entries, and as drives do."""
    return f"{_PREFIX}{robot.name}"


def is_robots(copy: Copy) -> bool:
    """Whether a robot burns it, or has burnt it."""
    return copy.drive.startswith(_PREFIX)


def settle_jobs(shop: Workshop, number: str, robots: Mapping[str, Robot]) -> set[Mark]:
    """Jobs that were entered and never handed over are as if they were not; the copies of those that were."""
    under_way = set()
    for copy in _copies(shop, number, State.BURNING):
        robot, job = _robot_of(copy, robots), _job_name(shop, copy.mark)
        if robot.knows(job):
            under_way.add(copy.mark)
        else:
            leave_untouched(shop.vault, copy.mark, copy.drive, _NOT_SENT)
    return under_way


def burn_by_robots(
    shop: Workshop,
    number: str,
    letters: Collection[CopyLetter],
    chosen: Robot | None,
    robots: Mapping[str, Robot],
    labels: LabelsConfig,
) -> None:
    """Wait for the jobs that are under way; then, where a robot is chosen, have it burn every copy that waits.

    BurnFailed: it failed twice with a copy. DriveUnavailable: it cannot be used, or did not do it in time.
    """
    failed = None
    for copy in _copies(shop, number, State.BURNING):
        failed = _await(shop, copy.mark, _robot_of(copy, robots), labels) or failed
    for _ in range(_TRIES if chosen is not None else 0):
        assert chosen is not None
        for copy in _waiting(shop, number, letters):
            at, by, mark = shop.now(), shop.by, copy.mark
            step(shop.vault, acts.DiscBurning(at=at, by=by, mark=str(mark), drive=name_of(chosen)))
            failed = _await(shop, mark, chosen, labels) or failed
    if failed is not None and _waiting(shop, number, letters):
        raise failed


def require_read_back(shop: Workshop, number: str, again: str) -> None:
    """DriveUnavailable where a robot's disc still has to be read back: which one, and how. `again`: what goes on."""
    marks = [str(copy.mark) for copy in _copies(shop, number, State.BURNT)]
    if marks:
        raise DriveUnavailable(
            Text(
                en=f"The robot's discs have to be read back: {', '.join(marks)}.",
                zh=f"机器人刻录的光盘须回读核验：{'、'.join(marks)}。",
            ),
            hint=Text(
                en="Put each into a drive and say which it is: strongroom disc verify /dev/sr0 --mark "
                f"{marks[0]}\n  Then: {again}\n  If one is lost: add --lost {marks[0]}",
                zh="请逐张放入光驱并指明编号：strongroom disc verify /dev/sr0 --mark "
                f"{marks[0]}\n  然后运行：{again}\n  如已无法找回，请加 --lost {marks[0]}",
            ),
        )


def _await(shop: Workshop, mark: Mark, robot: Robot, labels: LabelsConfig) -> BurnFailed | None:
    """Hand one over, or go on waiting for it; why it failed, where it did."""
    job = _job(shop, mark, labels)

    def say(stage: Stage) -> None:
        if stage is Stage.WAITING:
            note(t(f"{mark}: handed to {robot.name}", f"{mark}：已提交 {robot.name}"))
        elif stage is Stage.TAKEN:
            note(t(f"{mark}: {robot.name} is at it", f"{mark}：{robot.name} 正在制作"))

    try:
        robot.burn(job, say)
    except BurnFailed as error:
        complain(error)
        fail(shop.vault, mark, name_of(robot), error.what)
        return error
    except DriveUnavailable:
        if not robot.knows(job.name):  # it was taken back
            leave_untouched(shop.vault, mark, name_of(robot), _NOT_SENT)
        raise
    finally:
        job.label.unlink(missing_ok=True)
    finish(shop.vault, mark, name_of(robot))
    return None


def _job(shop: Workshop, mark: Mark, labels: LabelsConfig) -> Job:
    (copy,) = copies_of(shop.vault, str(mark))
    tell_lacking([copy], shop.vault.profile)  # before it is printed
    label = shop.folder / f"{mark}.png"
    replace_file(label, draw_face(copy, shop.vault.profile, label_options(Kind.DISC, "", 1, labels)))
    with shop.vault.database.reading() as connection:
        medium = medium_of(discs.find_set(connection, mark.disc_set))
    image = shop.image(mark.disc_set, mark.disc, mark.generation)
    return Job(_job_name(shop, mark), image, label, mark.volume_id, medium)


def _job_name(shop: Workshop, mark: Mark) -> str:
    """One of its own for each attempt that may have cost a blank."""
    with shop.vault.database.reading() as connection:
        return f"{mark}-{spoiled.newest(connection, mark).number + 1}"


def _robot_of(copy: Copy, robots: Mapping[str, Robot]) -> Robot:
    name = copy.drive.removeprefix(_PREFIX)
    if name not in robots:
        raise DriveUnavailable(
            Text(
                en=f"Disc {copy.mark} is at robot {name}, which strongroom.toml does not name any more.",
                zh=f"光盘 {copy.mark} 由机器人 {name} 制作，但 strongroom.toml 中已无该机器人。",
            ),
            hint=Text(
                en=f"Name it again, or write the disc off: strongroom disc run --lost {copy.mark}",
                zh=f"请恢复其配置，或将该盘作废：strongroom disc run --lost {copy.mark}",
            ),
        )
    return robots[name]


def _copies(shop: Workshop, number: str, state: State) -> Sequence[Copy]:
    """Of robots."""
    with shop.vault.database.reading() as connection:
        return [copy for copy in discs.copies(connection, number) if copy.state is state and is_robots(copy)]


def _waiting(shop: Workshop, number: str, letters: Collection[CopyLetter]) -> Sequence[Copy]:
    with shop.vault.database.reading() as connection:
        found = discs.copies(connection, number)
    return [copy for copy in found if copy.state is State.BLANK and copy.mark.copy in letters]
