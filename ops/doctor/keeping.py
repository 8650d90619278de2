"""The vault itself: what is said of it, its catalogue, its stores, its clock."""

from collections.abc import Iterator

from ops.asking import Asked
from ops.config import FILE
from ops.doctor.model import Found, Patient, because, not_checked, ok, warning, wrong
from ops.wiring import require_profile_adopted
from vault.catalogue.schema import HEAD
from vault.clock import HOW_TO_GO_ON
from vault.errors import Refused
from vault.placement import Doors
from vault.sizes import size
from vault.text import Text
from vault.timekeeping import hear

_SECONDS = 20.0  # for looking through the catalogue


def configuration(patient: Patient) -> Iterator[Found]:
    """Whether it can be used; what is wrong in it, one by one: `strongroom config check`."""
    if patient.config is None:
        assert patient.config_error is not None
        yield because(patient.config_error)
        return
    stores = len(patient.config.store)
    yield ok(Text(en=f"{patient.home / FILE}: {stores} stores", zh=f"{patient.home / FILE}：{stores} 个存储"))


def opening(patient: Patient) -> Iterator[Found]:
    """Key, profile and catalogue, as every command needs them."""
    patient.require_config()
    if patient.vault is None:
        assert patient.vault_error is not None
        yield because(patient.vault_error)
        return
    yield ok(Text(en=patient.vault.setting.vault_id, zh=patient.vault.setting.vault_id))


def catalogue(patient: Patient) -> Iterator[Found]:
    """Its schema, and the database's own look at it. What its rows say, `fsck` holds against the journal."""
    database = patient.require_vault().database
    found = database.look_through(_SECONDS)
    said = f"{size(database.size())}, schema {HEAD}", f"{size(database.size())}，结构 {HEAD}"
    if found is None:
        yield not_checked(
            Text(
                en=f"{said[0]}; not looked through within {_SECONDS:.0f} s", zh=f"{said[1]}；{_SECONDS:.0f} 秒内未查完"
            )
        )
    elif found:
        name = database.name
        yield wrong(Text(en=f"{name} is damaged: {found}", zh=f"{name} 已损坏：{found}"), _REBUILD, 3)
    else:
        yield ok(Text(en=f"{said[0]}, whole", zh=f"{said[1]}，完整"))


_REBUILD = Text(en="strongroom rebuild", zh="strongroom rebuild")


def profile(patient: Patient) -> Iterator[Found]:
    """Whether strongroom.toml names the one in force."""
    vault = patient.require_vault()
    try:
        require_profile_adopted(vault, patient.require_config())
    except Refused as error:
        yield because(error)
        return
    adopted = vault.profile
    yield ok(Text(en=f"{adopted.id}, version {adopted.version}", zh=f"{adopted.id}，第{adopted.version}版"))


def stores(patient: Patient) -> Iterator[Found]:
    """Whether each answers, is the vault's, agrees with the journal, and takes what is written."""
    patient.require_vault()
    for one in patient.stores:
        yield _store(one)
    joined = {one.name for one in patient.stores}
    for store in patient.require_config().store:
        if store.name not in joined:
            what = Text(en=f"{store.name} has not joined yet", zh=f"{store.name} 尚未接入")
            command = f"strongroom store attach {store.name}"
            yield warning(what, Text(en=command, zh=command))


def _store(one: Asked) -> Found:
    if one.room.trouble is not None:
        return because(one.room.trouble)
    if one.fault is not None:
        return because(one.fault)
    if one.room.shut is not None:
        return because(one.room.shut)
    free = size(one.room.free) if one.room.free is not None else "?"
    reads = Text(en="", zh="") if one.room.site.doors is not Doors.CLOSED else Text(en=", read-only", zh="，只读")
    return ok(Text(en=f"{one.name}: {free} free{reads.en}", zh=f"{one.name}：剩余 {free}{reads.zh}"))


def clock(patient: Patient) -> Iterator[Found]:
    """Whether anything may expire by it."""
    verdict = hear(patient.require_vault())
    if verdict.paused is not None:
        yield wrong(verdict.paused, HOW_TO_GO_ON)
        return
    said = [one for one in verdict.witnesses if one.says is not None]
    yield ok(Text(en=f"agrees with {len(said)} others", zh=f"与其他 {len(said)} 处时间一致"))
