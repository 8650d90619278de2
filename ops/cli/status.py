"""`strongroom status`: one screen, read in ten seconds."""

import math
import sys
from typing import Any

import click

from ops.asking import Asked
from ops.cli.common import Place, as_json
from ops.config import read_config
from ops.language import t
from ops.output import json_line, line
from ops.status.findings import Finding, exit_code, findings
from ops.status.health import Health, health_of
from ops.status.screen import WIDTH, screen
from ops.wiring import unasked_vault
from vault.catalogue.jobs import Job


@click.command(help=t("One screen: what is wrong, what is to do.", "一屏概览：异常、待办与总体状况。"))
@as_json
@click.pass_obj
def status(place: Place, as_json: bool) -> int:
    """0: nothing is wrong; 3: something kept is damaged; 5: a store does not answer; 1: something else is wrong. What
    only waits for somebody is no fault."""
    with unasked_vault(place.home, place.working) as vault:
        health = health_of(vault, read_config(place.home))
    found = findings(health)
    if as_json:
        json_line(_object(health, found))
    else:
        for row in screen(health, found, WIDTH if sys.stdout.isatty() else math.inf):
            line(row)
    return exit_code(found)


def _object(health: Health, found: tuple[Finding, ...]) -> dict[str, Any]:
    counted, late, open_ = health.figures, health.arrears, health.waiting
    paused = health.clock.paused or health.rebuilt
    return {
        "vault": health.vault_id,
        "office": health.office,
        "at": health.now,
        "code": exit_code(found),
        "findings": [
            {"weight": one.weight.value, "what": one.what, "command": one.command, "code": one.code} for one in found
        ],
        "stores": [_store(one) for one in health.stores],
        "stores_not_joined": health.new,
        "stores_not_configured": health.strange,
        "records": sum(counted.records.values()),
        "quarantined": sum(count for (_, standing), count in counted.records.items() if standing == "quarantined"),
        "objects": counted.objects,
        "bytes": counted.bytes,
        "holds": counted.holds,
        "due": None if paused else counted.due,
        "due_since": None if paused else open_.oldest_due,
        "expiry_paused": paused,
        "disposals": open_.disposals,
        "deadlines": {
            "announced": late.announced,
            "near": open_.ending,
            "missed": late.missed,
            **late.lateness,
            "ahead": late.ahead,
            "interruptions": late.interruptions,
            "reviews": late.reviews,
        },
        "discs": open_.discs,
        "disc_demands": open_.demands,
        "disc_inspections": health.inspections,
        "disc_copies_lacking": open_.lacking,
        "disc_copies_begun": open_.begun,
        "disc_sets_stopped": open_.stopped,
        "disc_loans": open_.out,
        "disc_loans_overdue": open_.lent,
        "locks_due": dict(health.locks_due),
        "jobs": [_job(one, health) for one in health.jobs],
        "journal_entries": counted.entries,
        "last_act": counted.last_act,
        "clock_agreed": health.clock.agreed,
    }


def _job(one: Job, health: Health) -> dict[str, Any]:
    return {
        "job": one.name,
        "running": one.is_held(health.now),
        "due_at": one.due_at,
        "started_at": one.started_at,
        "succeeded_at": one.succeeded_at,
        "failed_at": one.failed_at,
        "failures": one.failures,
        "error": one.error,
        "found": one.found,
    }


def _store(one: Asked) -> dict[str, Any]:
    room, counted = one.room, one.room.figures
    return {
        "store": one.name,
        "up": room.trouble is None,
        "trouble": room.trouble.what if room.trouble is not None else None,
        "writable": room.writable,
        "fault": one.fault.what if one.fault is not None else None,
        "standing": counted.standing,
        "copies": counted.copies,
        "free": room.free,
        "days_left": room.days_left,
        "journal_entries": counted.journal_size,
        "scrubbed_at": counted.scrubbed_at,
        "passed_at": counted.passed_at,
    }
