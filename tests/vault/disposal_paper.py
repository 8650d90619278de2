"""Papers of a disposal as they are drawn now, to be compared with what is expected of them."""

from dataclasses import replace
from typing import Any

from tests.vault.disposal_scene import CUSTODIAN, Office
from vault.registers.appraisal import appraisal_of
from vault.registers.certificate import certificate_of
from vault.registers.disposal import register_of
from vault.registers.model import Register, Row, Scope, spelled
from vault.registers.period import Period

DRAWN = {"appraisal": appraisal_of, "register": register_of, "certificate": certificate_of}


class Paper:
    """A paper as it is drawn now: what stands above its rows, and these."""

    def __init__(self, office: Office, kind: str, number: str) -> None:
        with office.by(CUSTODIAN) as vault, vault.database.reading() as connection:
            today = vault.now().date()
            scope = Scope(
                office="邓州市财政局",
                zone=vault.profile.zone,
                period=Period(today, today),
                drawn_at=vault.now(),
                entries=1,
                disposal=number,
            )
            self.register: Register = DRAWN[kind](connection, scope)
            self.drawn: list[Row] = list(self.register.rows)
        self.rows: list[dict[str, Any]] = [spelled(self.register.form, row) for row in self.drawn]
        self.en = " ".join(text.en for text in self.register.preface)
        self.zh = "".join(text.zh for text in self.register.preface)

    def again(self) -> Register:
        """The paper, to be drawn once more."""
        return replace(self.register, rows=iter(self.drawn))

    @property
    def sums(self) -> dict[str, tuple[int, int]]:
        """What is added up, by its label."""
        return {row["label"].en: (row["files"], row["bytes"]) for row in self.rows if "sum" in row}

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if "sum" not in row]
