"""The archive as a whole: what program keeps it, how much there is, and when something last happened."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

from prometheus_client.core import Metric

from ops.metrics.families import gauge, gauges, moment
from vault.catalogue.figures import Figures
from vault.profile import Profile
from vault.store import Vault


@cache
def _program() -> str:
    """This program's version; looked up once, for that means to read a file."""
    return version("strongroom")


def archive(vault: Vault, profile: Profile, counted: Figures) -> Iterator[Metric]:
    """Records, objects, journal."""
    build = [_program()], 1
    yield gauges("build_info", "1; the program that tells this.", ["version"], [build])
    adopted = [vault.setting.vault_id, profile.id, str(profile.version)], 1
    yield gauges("vault_info", "1; the vault, and its profile.", ["vault", "profile", "profile_version"], [adopted])
    told = moment(vault.setting.clock())
    yield gauge("collected_timestamp_seconds", "When these figures were collected, by this machine's clock.", told)
    records = (
        ((retention_class or "unset", standing), count)
        for (retention_class, standing), count in sorted(counted.records.items())
    )
    yield gauges("records", "Records kept.", ["retention_class", "standing"], records)
    yield gauge("objects", "Objects named by records.", counted.objects)
    yield gauge("object_bytes", "Bytes of those objects, once.", counted.bytes)
    yield gauge("journal_entries", "Entries of the journal.", counted.entries)
    yield gauge("journal_last_entry_timestamp_seconds", "When the last act was.", moment(counted.last_act))
    began = "When the catalogue began: with the vault, or anew with its last rebuild, which forgets what was read when."
    yield gauge("catalogue_begun_timestamp_seconds", began, moment(counted.begun))
    saved = "When key and configuration were last backed up."
    yield gauge("backup_last_success_timestamp_seconds", saved, moment(counted.backed_up))
