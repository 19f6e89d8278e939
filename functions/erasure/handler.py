"""Erase whom the ledger names and what is older than the stack keeps, and see whether the table was restored from a backup.

Trigger: ErasureQueue (SQS, one a batch), when an erasure was asked for or outlasts one run; and a schedule, each hour, for what waits
for a night, for a sink, or was never taken up. Writes: stories and identities (access patterns 42, 44, 45), days to be counted again
(25), the ledger in the bucket, and nothing that a crash could leave half done. Retries: 5 times, then ErasureDlq; and the next hour.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.runtime.queue import queue_handler
from hearback.usecases.run_erasures import RunErasures


def make_handler(run: RunErasures) -> Handler:
    def handle(event: Event, context: Any) -> Any:
        def go_on() -> dict[str, Any]:
            done = asdict(run(seconds_left=lambda: float(context.get_remaining_time_in_millis()) / 1000))
            log().info("erasures", extra=done)
            return done

        if "Records" in event:
            return queue_handler(lambda _: "busy" if go_on()["busy"] else "done")(event, context)
        begin(context)
        return go_on()

    return handle


lambda_handler = entrypoint(lambda: make_handler(wiring.run_erasures()))
