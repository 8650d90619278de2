"""Content leaves with the consent that the profile demands, and after it was entered; otherwise not at all."""

from pathlib import Path

import msgspec
import pytest

from tests.vault.scene import take_in
from vault import acts
from vault.catalogue import queries
from vault.errors import BadInput, Refused, StoreUnavailable
from vault.journal import read_bundle
from vault.profile import Profile, load_profile
from vault.store import Vault
from vault.text import Text
from vault.viewing import Grounds, Purpose, register_viewing, request_viewing, require_approval

DENGZHOU = load_profile("dengzhou")
NOBODY = msgspec.structs.replace(DENGZHOU, viewing=None)


def two() -> Profile:
    """A regulation that asks two people."""
    assert DENGZHOU.viewing is not None
    (leader,) = DENGZHOU.viewing.approvers
    second = msgspec.structs.replace(leader, zh="分管领导", en="leader in charge")
    viewing = msgspec.structs.replace(DENGZHOU.viewing, approvers=(leader, second))
    return msgspec.structs.replace(DENGZHOU, viewing=viewing)


@pytest.mark.parametrize(
    ("profile", "approved_by", "why", "says"),
    [
        (DENGZHOU, [], "", "supervising leader (Article 13)"),
        (DENGZHOU, [], "案件审理", "supervising leader"),
        (DENGZHOU, ["", " \u3000"], "案件审理", "supervising leader"),
        (DENGZHOU, ["王局长"], " ", "needs a reason"),
        (two(), ["王局长"], "案件审理", "supervising leader, leader in charge"),
        (two(), ["王局长", "王局长 "], "案件审理", "supervising leader, leader in charge"),
        (NOBODY, ["王局长"], "案件审理", "nobody may view"),
    ],
)
def test_refused(profile: Profile, approved_by: list[str], why: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        require_approval(profile, approved_by, why)
    assert says in caught.value.what.en
    assert caught.value.exit_code == 4
    assert isinstance(caught.value.hint, Text)
    assert caught.value.hint.zh


def test_permitted() -> None:
    require_approval(DENGZHOU, ["王局长"], "案件审理")
    require_approval(two(), ["王局长", "李副局长"], "案件审理")


def test_the_register_is_on_the_stores_before_anything_leaves(vault: Vault) -> None:
    numbers = take_in(vault, ["录像".encode()], ["照片".encode()])
    register_viewing(vault, numbers, "export", Grounds(("王局长",), "移送法院"))
    for store in vault.stores.values():
        with vault.database.reading() as connection:
            count: int = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
        entered = [acts.decode(entry) for entry in read_bundle(store, 0, count)][-2:]
        assert all(isinstance(act, acts.RecordViewed) for act in entered)
        assert [(act.record, act.how, act.approved_by, act.why) for act in entered] == [  # type: ignore[union-attr]
            (number, "export", ("王局长",), "移送法院") for number in numbers
        ]
    with vault.database.reading() as connection:
        assert [h.act for h in queries.history(connection, numbers[0])] == ["record.stored", "record.viewed"]


def test_a_refusal_enters_nothing(vault: Vault) -> None:
    (number,) = take_in(vault, ["录像".encode()])
    with pytest.raises(Refused):
        register_viewing(vault, [number], "get", Grounds())
    with pytest.raises(BadInput):
        register_viewing(vault, [number], "get", Grounds(("王局长",), "长" * 30_000))
    with vault.database.reading() as connection:
        assert [h.act for h in queries.history(connection, number)] == ["record.stored"]


def test_with_too_few_stores_for_the_register_nothing_leaves(home: Path, vault: Vault) -> None:
    (number,) = take_in(vault, ["录像".encode()])
    (home / "乙").rename(home / "别处")
    with pytest.raises(StoreUnavailable):
        register_viewing(vault, [number], "get", Grounds(("王局长",), "案件审理"))


def test_without_people_there_is_nobody_to_ask(vault: Vault) -> None:
    (number,) = take_in(vault, ["录像".encode()])
    with pytest.raises(Refused, match="Nobody is enrolled who could agree"):
        request_viewing(vault, [number], Purpose.VIEW, "案件审理")
