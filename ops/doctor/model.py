"""What a check is given, and what it may say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ops.asking import Asked
from ops.config import Config
from vault.errors import StrongroomError
from vault.store import Vault
from vault.text import Text


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_CHECKED = "not-checked"

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS = {
    Outcome.OK: Text(en="ok", zh="正常"),
    Outcome.WARNING: Text(en="warning", zh="注意"),
    Outcome.WRONG: Text(en="wrong", zh="异常"),
    Outcome.NOT_CHECKED: Text(en="not checked", zh="未检查"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One line. `remedy`: what to do about it. `code`: the exit code that something wrong stands for."""

    outcome: Outcome
    what: Text
    remedy: Text | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation. `config` and `vault` are None where they could not be opened, for the reason beside them."""

    home: Path
    config: Config | None
    config_error: StrongroomError | None
    vault: Vault | None
    vault_error: StrongroomError | None
    stores: tuple[Asked, ...] = ()

    def require_config(self) -> Config:
        """What cannot be checked without it raises why."""
        if self.config is None:
            assert self.config_error is not None
            raise self.config_error
        return self.config

    def require_vault(self) -> Vault:
        """The same of the vault."""
        if self.vault is None:
            error = self.vault_error or self.config_error
            assert error is not None
            raise error
        return self.vault


Check = Callable[[Patient], Iterator[Found]]


def ok(what: Text) -> Found:
    return Found(Outcome.OK, what)


def warning(what: Text, remedy: Text | None = None) -> Found:
    return Found(Outcome.WARNING, what, remedy)


def wrong(what: Text, remedy: Text | None = None, code: int = 1) -> Found:
    return Found(Outcome.WRONG, what, remedy, code)


def not_checked(what: Text) -> Found:
    return Found(Outcome.NOT_CHECKED, what)


def because(error: StrongroomError) -> Found:
    """What an error says, as something that is wrong."""
    return wrong(error.what, error.hint if error.hint.en else None, error.exit_code)
