"""A cold start of the night's function, from the built artefacts, in turn with the floor that starts.py describes: a bare handler
with one client. Its first event is a night in which no survey is found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import figures
from tests.bench.canned import Canned, CannedReply, served
from tests.bench.packages import RUNTIME_CLIENT, ship
from tests.bench.runtime import MEGABYTE, Start, cold_start
from tests.bench.starts import FLOOR, Variant, floor_variant
from tests.bench.story import ACCOUNT, FUNCTION_ENVIRONMENT

NIGHT = "night"
_LAYERS = ("Vendor", "Hearback", "Analysis")
_NOTHING_TO_DO = {"days": {}, "handed_over": {}, "written": 0}
_EMPTY = CannedReply(200, {"content-type": "application/x-amz-json-1.0"}, b'{"Count": 0, "ScannedCount": 0, "Items": []}')


@dataclass
class _EmptyTable(Canned):
    def answer(self, headers: Mapping[str, Any], body: bytes) -> CannedReply:
        return _EMPTY


def measure(build: Path, rounds: int) -> dict[str, Any]:
    """Processor seconds and peak memory of init and first event, medians; `cpu` in the unit that nights.py shows."""
    runtime = ship([RUNTIME_CLIENT], figures.KEPT / "runtime", compiled=True)
    variants = {FLOOR: floor_variant(build), NIGHT: _night(build)}
    starts: dict[str, list[Start]] = {name: [] for name in variants}
    with served(_EmptyTable()) as url:
        for _ in range(rounds):
            for name, each in variants.items():
                environment = {**ACCOUNT, "AWS_ENDPOINT_URL": url, **each.environment}
                start = cold_start(each.handler, [*each.folders, runtime], environment, each.event)
                if name == NIGHT and start.answer != _NOTHING_TO_DO:
                    raise RuntimeError(f"the night's function does not start: {start.answer}")
                starts[name].append(start)
    return {name: _summed_up(found) for name, found in starts.items()}


def _night(build: Path) -> Variant:
    event = json.loads((figures.ROOT / "events" / "nightly_scoring" / "night.json").read_text(encoding="utf-8"))
    machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:hearback-day-counting"
    folders = [build / "NightlyScoring", *(build / layer / "python" for layer in _LAYERS)]
    return Variant("handler.lambda_handler", folders, event, {**FUNCTION_ENVIRONMENT, "HEARBACK_DAY_MACHINE": machine})


def _summed_up(starts: list[Start]) -> dict[str, Any]:
    cpu = figures.middle([each.cpu_seconds for each in starts])
    peak = figures.middle([each.peak_bytes / MEGABYTE for each in starts])["median"]
    return {"cpu": cpu["median"], "spread": cpu, "peak_mb": peak, "runs": len(starts)}
