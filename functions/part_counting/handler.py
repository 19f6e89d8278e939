"""Count one part of a day that is too large for one run of the night.

Trigger: the state machine DayCounting, once for each part: {"survey", "day", "run", "version", "part"}. Writes: the part's
counts and its share of the lake. Retries: the state machine's, three times; counting again writes the same bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hearback.runtime import wiring
from hearback.runtime.entrypoint import Event, Handler, entrypoint
from hearback.runtime.logs import begin, log
from hearback.usecases.count_part import CountPart


def make_handler(count: CountPart) -> Handler:
    def handle(event: Event, context: Any) -> dict[str, Any]:
        begin(context)
        count(event["survey"], date.fromisoformat(event["day"]), event["run"], event["version"], event["part"])
        log().info("part", extra={"survey": event["survey"], "day": event["day"], "part": event["part"]})
        return {"part": event["part"]}

    return handle


lambda_handler = entrypoint(lambda: make_handler(wiring.count_part()))
