"""Who enrols whom: people come, get other roles, leave; each an act of the journal.

Whoever began the vault enrols the first ones, until there is a principal leader; from then on principal leaders do.
Nobody gives roles to themselves, so the last principal leader stays until another one is there. Only who began the
vault may enter themselves, and only as its operator, which lets them see and approve nothing.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from vault import acts
from vault.authority import Action, Bar, Barred, Reason, Ruling, at_the_door, refuse
from vault.catalogue import people, schema
from vault.errors import BadInput
from vault.people import Person, Role
from vault.plain import require_plain
from vault.rights import may
from vault.store import Vault
from vault.text import Text


def enrol(vault: Vault, login: str, name: str, roles: Collection[Role], section: str) -> Person:
    """Somebody may act from now on. Refused where that login is enrolled already."""
    person = _person(login, name, roles, section)
    _require_entitled(vault, person)
    act = acts.PersonEnrolled(
        at=vault.now(), by=vault.setting.person, login=login, name=name, roles=_listed(person), section=section
    )

    def draft(connection: Connection) -> Sequence[acts.AnyAct]:
        if people.find(connection, login) is not None:
            raise Barred(
                Reason(
                    Bar.ALREADY,
                    Text(en=f"{login} is enrolled already.", zh=f"{login} 已登记。"),
                    hint=Text(en=f"strongroom person change {login} …", zh=f"请用 strongroom person change {login} …"),
                )
            )
        return [act]

    with at_the_door(vault, Action.PERSON_ENROL, login):
        vault.commit(draft)
    return person


def change(
    vault: Vault, login: str, name: str | None, roles: Collection[Role], section: str | None, why: str
) -> Person:
    """Somebody as they stand from now on; what is None, and roles where none are given, stays as it was."""
    before = _require_enrolled(vault, login)
    person = _person(
        login,
        before.name if name is None else name,
        roles or before.roles,
        before.section if section is None else section,
    )
    _require_entitled(vault, person)
    act = acts.PersonChanged(
        at=vault.now(),
        by=vault.setting.person,
        login=login,
        name=person.name,
        roles=_listed(person),
        section=person.section,
        why=why,
    )
    vault.commit(lambda _: [act])
    return person


def leave(vault: Vault, login: str, why: str) -> None:
    """Somebody acts here no more; what they did stays under their name."""
    _require_enrolled(vault, login)
    _require_entitled(vault, login)
    act = acts.PersonLeft(at=vault.now(), by=vault.setting.person, login=login, why=why)
    vault.commit(lambda _: [act])


def _person(login: str, name: str, roles: Collection[Role], section: str) -> Person:
    if not login.strip() or not name.strip() or not roles:
        raise BadInput(
            Text(
                en="A person needs a login, a name and at least one role.",
                zh="须有登录名、姓名和至少一个角色。",
            )
        )
    require_plain(Text(en="login", zh="登录名"), login)
    require_plain(Text(en="name", zh="姓名"), name)
    require_plain(Text(en="section", zh="科室"), section)
    return Person(login, name, frozenset(roles), section)


def _listed(person: Person) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in person.roles)


def may_enrol(
    at_work: Person | None, login: str, subject: Person | str, *, leaders: Collection[str], founder: str
) -> Ruling:
    """Whether whoever is at work (`at_work`, under `login`) may say that of `subject`: a person as they are to be, or
    the login of one who is to leave. `leaders`: logins of the principal leaders; `founder`: who began the vault."""
    of = subject if isinstance(subject, str) else subject.login
    name = at_work.called if at_work is not None else login
    if leaders:
        reasons = may(at_work, Action.PERSON_ENROL).reasons
        return Ruling((*reasons, _own(name, last={*leaders} == {of})) if of == login else reasons)
    if login != founder:
        return Ruling((Reason(Bar.FOUNDER, _founder_only(name, founder)),))
    if of == founder and isinstance(subject, Person) and subject.roles != {Role.OPERATOR}:
        return Ruling((Reason(Bar.OWN, _only_as_operator(name)),))
    return Ruling()


def _own(name: str, *, last: bool) -> Reason:
    """Nobody enters, changes or removes themselves. `last`: nor is there another principal leader who could."""
    if last:
        return Reason(
            Bar.OWN,
            Text(
                en=f"{name} is the only principal leader, and nobody changes or removes their own entry.",
                zh=f"{name} 是唯一的主要领导，而任何人不得变更或注销本人的登记。",
            ),
            Text(
                en="First enrol another principal leader, who then does it: "
                "strongroom person add LOGIN --name … --role principal-leader",
                zh="请先登记另一名主要领导，再由其办理：strongroom person add 登录名 --name … --role 主要领导",
            ),
        )
    return Reason(
        Bar.OWN,
        Text(
            en=f"{name} may not do that: nobody makes, changes or removes their own entry.",
            zh=f"{name} 无权办理：任何人不得登记、变更或注销本人。",
        ),
        Text(
            en="A principal leader other than them does it: strongroom person list",
            zh="请由本人以外的主要领导办理：strongroom person list",
        ),
    )


def _founder_only(name: str, founder: str) -> Text:
    return Text(
        en=f"{name} may not enrol people: only {founder}, who began the vault, until there is a principal leader.",
        zh=f"{name} 无权登记人员：登记主要领导之前，只能由建库人 {founder} 登记。",
    )


def _only_as_operator(name: str) -> Text:
    return Text(
        en=f"{name} began the vault and may enter themselves as its operator, as nothing else.",
        zh=f"建库人 {name} 只能将本人登记为运维人员，不得登记为其他角色。",
    )


def _require_entitled(vault: Vault, subject: Person | str) -> None:
    login = vault.setting.person
    with vault.database.reading() as connection:
        leaders = [one.login for one in people.enrolled(connection) if Role.PRINCIPAL_LEADER in one.roles]
        founder = connection.execute(select(schema.journal.c.by).where(schema.journal.c.seq == 0)).scalar_one()
        ruling = may_enrol(people.at_work(connection, login), login, subject, leaders=leaders, founder=founder)
    if not ruling.allowed:
        of = subject if isinstance(subject, str) else subject.login
        refuse(vault, Action.PERSON_ENROL, ruling, of)


def _require_enrolled(vault: Vault, login: str) -> Person:
    with vault.database.reading() as connection:
        person = people.find(connection, login)
    if person is None:
        raise BadInput(
            Text(en=f"Nobody is enrolled as {login}.", zh=f"没有登录名为 {login} 的登记人员。"),
            hint=Text(en="strongroom person list", zh="strongroom person list"),
        )
    return person
