"""`[serve]` and `[jobs.…]` of strongroom.toml: where figures are told and to whom, and when a service does what."""

import re
from pathlib import Path

import msgspec

from ops.hours import is_hour
from ops.misread import require_read, wrong_at
from ops.serving.schedules import Every, Schedule, daily, read_cron
from ops.workersconfig import is_here
from vault.sizes import read_interval
from vault.text import Text

_LISTEN = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+)):([0-9]{1,5})", re.IGNORECASE)


class JobConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a job is done: `every` "10 minutes"; `at` "02:30", each day; `cron` "30 2 * * 1", both on the office's
    clock; none of them: as ops/serving/jobs.py has it. `enabled = false`: never.
    """

    enabled: bool = True
    every: str = ""
    at: str = ""
    cron: str = ""

    @property
    def schedule(self) -> Schedule | None:
        """None where nothing is said."""
        if self.every:
            return Every(read_interval(self.every))
        if self.at:
            return daily(self.at)
        return read_cron(self.cron) if self.cron else None


class JobsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The jobs by name, as in ops/serving/jobs.py."""

    watch: JobConfig = JobConfig()
    publish: JobConfig = JobConfig()
    repair: JobConfig = JobConfig()
    locks: JobConfig = JobConfig()
    tier: JobConfig = JobConfig()
    scrub: JobConfig = JobConfig()
    fsck: JobConfig = JobConfig()
    drill: JobConfig = JobConfig()
    due: JobConfig = JobConfig()
    inspections: JobConfig = JobConfig()
    textfile: JobConfig = JobConfig()


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`listen`: host and port of /metrics, /healthz and /readyz ("": nowhere). `token_file`: one line that whoever
    asks for /metrics has to bring; `certificate` and `key`: PEM files, for TLS; `client_ca`: whose certificates are let
    in. `textfile`: where figures are put for node_exporter. Files may be relative to the vault's folder.
    """

    listen: str = "127.0.0.1:9750"
    token_file: str = ""
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    textfile: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of a `listen` that is sound."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def require_sound_serving(serve: ServeConfig, jobs: JobsConfig, path: Path) -> None:
    """BadInput where the parts do not fit together; `path` is the file that says them."""
    if serve.listen:
        found = _LISTEN.fullmatch(serve.listen)
        if found is None or not 1 <= int(found[3]) <= 65_535:
            raise wrong_at(path, "serve.listen", Text(en="write 127.0.0.1:9750", zh="请写作 127.0.0.1:9750"))
    if bool(serve.certificate) != bool(serve.key):
        raise wrong_at(path, "serve", Text(en="certificate and key go together", zh="certificate 与 key 须同时填写"))
    if serve.client_ca and not serve.certificate:
        raise wrong_at(path, "serve.client_ca", Text(en="needs certificate and key", zh="须同时填写证书与 key"))
    guarded = serve.certificate and (serve.token_file or serve.client_ca)
    if serve.listen and not guarded and not is_here(serve.place[0]):
        raise wrong_at(
            path,
            "serve.listen",
            Text(
                en="others reach that address; it needs certificate and key, and token_file or client_ca",
                zh="该地址可从外部访问，须填写 certificate 和 key，并填写 token_file 或 client_ca",
            ),
        )
    for name in jobs.__struct_fields__:
        _require_sound_job(name, getattr(jobs, name), path)


def _require_sound_job(name: str, job: JobConfig, path: Path) -> None:
    if sum(bool(said) for said in (job.every, job.at, job.cron)) > 1:
        only = Text(en="one of every, at and cron", zh="every、at、cron 只能填写一项")
        raise wrong_at(path, f"jobs.{name}", only)
    if job.at and not is_hour(job.at):
        raise wrong_at(path, f"jobs.{name}.at", Text(en="write 02:30", zh="请写作 02:30"))
    require_read(f"jobs.{name}.every", job.every, read_interval, path)
    require_read(f"jobs.{name}.cron", job.cron, read_cron, path)
