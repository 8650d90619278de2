"""Registers and reports (登记簿、统计表) as an office hands them in: one small file each, and the table of them.

model.py says what a register is. Those in MAKERS are of a period, and read the catalogue by index and in pages;
disposal.py has those that are of one list. issuing.py lets a register go out.
"""

from vault.registers.completeness import COMPLETENESS
from vault.registers.holds import HOLDS
from vault.registers.intake import INTAKE
from vault.registers.late import LATE
from vault.registers.model import Maker
from vault.registers.monthly import MONTHLY
from vault.registers.viewing import VIEWING

MAKERS: dict[str, Maker] = {maker.form.kind: maker for maker in (INTAKE, LATE, COMPLETENESS, VIEWING, HOLDS, MONTHLY)}
