"""Wake whatever has something to do by now: delayed sends, lapsed claims, reminders, forwards to try again.

Trigger: a schedule, each minute. Reads: the due index (access pattern 12). Writes: messages to our queues, new due marks (13).
Retries: the next minute.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.usecases.sweep_due import SweepDue


def make_handler(sweep: SweepDue) -> Handler:
    def handle(_event: Event, context: Any) -> dict[str, Any]:
        begin(context)
        swept = sweep(lambda: context.get_remaining_time_in_millis() / 1000)
        log().info("swept", extra=asdict(swept))
        return asdict(swept)

    return handle


lambda_handler = entrypoint(lambda: make_handler(wiring.sweep_due()))
