"""Completeness: Dengzhou's annex, case by case from the golden table."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vault.completeness import Announced, Demand, Missing, Recorded, Shown, check, matters_in
from vault.profile import FileKind, load_profile

TABLE = tomllib.loads((Path(__file__).parent / "completeness_cases.toml").read_text(encoding="utf-8"))
TYPES = {
    "v": Shown("video/mp4", sound=True),
    "s": Shown("video/mp4", sound=False),
    "u": Shown("video/mp4"),
    "p": Shown("image/jpeg"),
    "a": Shown("audio/mpeg"),
    "d": Shown("application/pdf"),
    "?": Shown(""),
}


def day(text: str) -> date | None:
    return date.fromisoformat(f"2026-{text}") if text else None


def annex() -> Any:
    listed = load_profile("dengzhou").recordings
    assert listed is not None
    return listed.items


@pytest.mark.parametrize("row", TABLE["case"], ids=lambda row: row["why"])
def test_case(row: dict[str, Any]) -> None:
    assert set(row) <= {
        *("why", "records", "missing", "announced", "named"),
        *("expect", "unlisted", "without_matter"),
    }
    recorded = []
    for place, (matter, on, files) in enumerate(row.get("records", ())):
        kinds, _, mark = files.partition(" ")
        types = tuple(TYPES[kind] for kind in kinds)
        recorded.append(Recorded(f"R{place}", matter, day(on), types, mark == "gap", mark == "torn"))
    missing = [Missing(f"E{n}", matter, day(on), ok) for n, (matter, on, ok) in enumerate(row.get("missing", ()))]
    coming = [
        Announced(f"A{n}", matter, day(on), over) for n, (matter, on, over) in enumerate(row.get("announced", ()))
    ]
    found = check(annex(), recorded, missing, coming, row.get("named", ()))
    told = [[one.item.id, f"{one.day:%m-%d}" if one.day else "", one.standing.value] for one in found.found]
    assert told == row["expect"]
    assert list(found.unlisted) == row.get("unlisted", [])
    assert len(found.without_matter) == row.get("without_matter", 0)


def test_the_table_knows_every_item_and_every_standing() -> None:
    expected = [one for row in TABLE["case"] for one in row["expect"]]
    assert {item for item, _, _ in expected} == {item.id for item in annex()}
    assert {standing for _, _, standing in expected} == {one.value for one in Demand}
    assert len({row["why"] for row in TABLE["case"]}) == len(TABLE["case"]) >= 40


def test_what_was_found_instead_is_told() -> None:
    files = tuple(TYPES[kind] for kind in "vv?ssu")
    (one,) = check(annex(), [Recorded("2026-0000001", "电话举报", None, files)]).found
    assert (one.standing, one.kinds, one.unknown) == (Demand.UNCLEAR, ((FileKind.VIDEO, 2),), 1)
    assert (one.silent, one.unheard) == (2, 1)
    assert one.records == ("2026-0000001",)


def test_matters_are_parted_as_people_part_them() -> None:
    assert matters_in("现场检查、抽样取证； 听证/公告送达, ") == ("现场检查", "抽样取证", "听证", "公告送达")
    assert matters_in(" 、 ") == ()
