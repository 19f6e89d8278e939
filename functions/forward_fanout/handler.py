"""Tell each sink's forward that an answer was written.

Trigger: the table's stream, filtered to stories with a fresh outbox. Writes: messages to ForwardQueue. Retries: the batch,
halved, 3 times, then its metadata goes to the failure queue; the sweeper sends whatever this did not.
"""

from __future__ import annotations

from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.usecases.fan_out_answer import FanOutAnswer


def make_handler(fan_out: FanOutAnswer) -> Handler:
    def handle(event: Event, context: Any) -> dict[str, list[Any]]:
        begin(context)
        records = event["Records"]
        log().info("fanned out", extra={"records": len(records), "messages": fan_out(records)})
        return {"batchItemFailures": []}

    return handle


lambda_handler = entrypoint(lambda: make_handler(wiring.fan_out_answer()))
