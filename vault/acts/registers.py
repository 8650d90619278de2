"""What goes out about records, their content excepted."""

from datetime import date

from vault.acts.act import Act


class RegisterIssued(Act, tag="register.issued", frozen=True, kw_only=True):
    """A register was about to leave the vault as a file. `rows`: entries in it; `section` empty: all of them.

    `first` absent: from the vault's beginning. `disposal`: the list that it is of, if it is of one.
    """

    register: str
    first: date | None = None
    last: date
    section: str = ""
    disposal: str = ""
    rows: int
    sha256: str  # of the file
