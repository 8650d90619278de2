"""`strongroom person`: who may act in the vault, and in which roles."""

from collections.abc import Callable
from typing import Any

import click

from ops.cli.choosing import word_option
from ops.cli.common import Command, Place, as_json
from ops.cli.speaking import Reason
from ops.columns import columns, padded
from ops.language import said, t
from ops.output import json_line, line, note
from vault import enrolling
from vault.actions import Action
from vault.catalogue import people
from vault.people import LABELS, Person, Role
from vault.rights import ALLOWED, NOT_BY_OPERATORS, NOT_IN_SETUP, entitled
from vault.store import Vault
from vault.text import Text

_login = click.argument("login", metavar=t("LOGIN", "登录名"), type=Reason())
_why = click.option("--why", type=Reason(), required=True, help=t("the reason, for the journal", "事由，记入日志"))


def _roles(*, required: bool) -> Callable[[Command], Command]:
    about = t("what they are there for; repeat it", "角色；可重复")
    return word_option(
        "--role", "roles", words=LABELS, help=about, metavar=t("ROLE", "角色"), multiple=True, required=required
    )


@click.group(help=t("The people of the office, and their roles.", "本单位人员及其角色。"))
def person() -> None:
    """People."""


@person.command(help=t("Let somebody act in the vault.", "登记人员。"))
@_login
@click.option("--name", type=Reason(), required=True, help=t("as registers have it", "姓名"))
@_roles(required=True)
@click.option("--section", default="", help=t("their section", "所属科室"))
@as_json
@click.pass_obj
def add(place: Place, login: str, name: str, roles: tuple[Role, ...], section: str, as_json: bool) -> None:
    """The login is the operating system's."""
    with place.open() as vault:
        _tell_entered(vault, enrolling.enrol(vault, login, name, roles, section), as_json)


@person.command(help=t("Give somebody other roles; what is not said stays.", "变更角色或信息；未写明的保持不变。"))
@_login
@click.option("--name", type=Reason(), help=t("as registers have it", "姓名"))
@_roles(required=False)
@click.option("--section", help=t("their section", "所属科室"))
@_why
@as_json
@click.pass_obj
def change(
    place: Place, login: str, name: str | None, roles: tuple[Role, ...], section: str | None, why: str, as_json: bool
) -> None:
    """Roles given here take the place of all they had."""
    with place.open() as vault:
        _tell_entered(vault, enrolling.change(vault, login, name, roles, section, why), as_json)


@person.command(help=t("Somebody acts here no more.", "注销人员。"))
@_login
@_why
@click.pass_obj
def leave(place: Place, login: str, why: str) -> None:
    """What they did stays under their name."""
    with place.open() as vault:
        enrolling.leave(vault, login, why)
    line(t(f"{login} acts here no more.", f"{login} 已注销。"))


@person.command("list", help=t("Who is enrolled.", "已登记的人员。"))
@as_json
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """By login."""
    with place.open() as vault, vault.database.reading() as connection:
        enrolled = people.enrolled(connection)
    for one in enrolled:
        _tell(one, as_json)
    if not enrolled and not as_json:
        note(t("Nobody is enrolled yet.", "尚未登记人员。"))


@person.command(help=t("Who may do what.", "各角色的权限。"))
@word_option("--role", words=LABELS, metavar=t("ROLE", "角色"), help=t("what that one may do", "仅列该角色的权限"))
@as_json
def rights(role: Role | None, as_json: bool) -> None:
    """The table that every command asks, the same for every office."""
    actions = [action for action in Action if role is None or role in ALLOWED[action]]
    width = max(columns(said(action.label)) for action in Action)
    for action in actions:
        if as_json:
            json_line(_right(action))
        else:
            line(f"{padded(said(action.label), width)}  {said(entitled(action))}")
    if not as_json:
        note(said(_BESIDES))


def _right(action: Action) -> dict[str, Any]:
    return {
        "action": action.value,
        "label": action.label,
        "roles": [role.value for role in Role if role in ALLOWED[action]],
        "not_by_operators": action in NOT_BY_OPERATORS,
        "people_needed": action in NOT_IN_SETUP,
    }


_BESIDES = Text(
    en="Besides: nobody approves what they asked for, or decides on what they did; nor does who goes by their name. "
    "An operator sees neither content nor facts, and decides nothing, whatever other roles they have. "
    "While nobody is enrolled, everything goes but what cannot be undone.",
    zh="另：任何人不得审批自己的申请，涉及本人的事项应当回避，同名者一并回避；运维人员不得接触内容和记录信息，"
    "也不得参与处置和审批，兼任其他角色亦然；尚未登记人员时，除不可撤销的操作外均可办理。",
)


def _tell_entered(vault: Vault, one: Person, as_json: bool) -> None:
    """Who was enrolled or changed; and who else is called so: papers and messages then tell them apart by login."""
    _tell(one, as_json)
    with vault.database.reading() as connection:
        others = people.namesakes(connection, one.login, one.name)
    if others:
        logins = t(", ", "、").join(others)
        note(
            t(
                f"{one.name} is also the name of {logins}: papers and messages name the logins with it, and none of "
                "them takes a part that another may not.",
                f"另有同名人员：{logins}。文书和提示中将在姓名后注明登录名；须由不同人员办理的事项，同名者一并回避。",
            )
        )


def _tell(one: Person, as_json: bool) -> None:
    roles = [role for role in Role if role in one.roles]
    if as_json:
        json_line(
            {"login": one.login, "name": one.name, "roles": [role.value for role in roles], "section": one.section}
        )
        return
    named = t(", ", "、").join(said(role.label) for role in roles)
    line("  ".join(part for part in (one.login, one.name, named, one.section) if part))
