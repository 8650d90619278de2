"""At the end of a command that gives a store copies or changes how long they are kept: their locks follow at once."""

from ops.language import said, t
from ops.output import note, progress
from vault.errors import StoreUnavailable
from vault.locksync import sync
from vault.store import Vault


def settle(vault: Vault, *, quiet: bool = False) -> None:
    """Set what locks are due. What the command did is done in any case; locks that cannot be set stay due."""
    try:
        with progress(None, quiet, t(" locks", " 个锁定")) as tick:
            reports = sync(vault, tick)
    except StoreUnavailable as error:
        note(t(f"Locks were not set: {error.what.en}", f"未能设置锁定：{error.what.zh}"))
        note(_LATER)
        return
    for report in reports:
        if report.left or report.missing or report.trouble is not None:
            why = f"\n  {said(report.trouble.what)}" if report.trouble is not None else ""
            note(t(f"{report.store}: not every lock was set.{why}", f"{report.store}：部分锁定未能设置。{why}"))
            note(_LATER)


_LATER = t("  They stay due: strongroom lock sync", "  这些锁定仍待设置：strongroom lock sync")
