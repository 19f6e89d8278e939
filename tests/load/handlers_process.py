"""Load on the handlers in a process of its own, which has nothing but the built artefacts; handlers.py starts it.

Reads JSON {replies, folder, events, seconds} from standard input and writes JSON to standard output.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from tests.bench.canned import Canned
from tests.bench.warm_process import module_in, stand_in_for_aws
from tests.load.open_model import Shape, one_by_one, summed_up

SHARE = 0.4
"""Of what one core can take: the steady load."""


def main() -> None:
    wish = json.load(sys.stdin)
    result = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the handlers' logs go
    stand_in_for_aws(Canned.from_plain(wish["replies"]))
    handler, events = module_in(wish["folder"]).lambda_handler, wish["events"]

    def send(number: int) -> int:
        status: int = handler(events[number % len(events)], None)["statusCode"]
        return status

    json.dump(_loaded(send, wish["seconds"]), result)
    result.close()


def _loaded(send: Any, seconds: float) -> dict[str, Any]:
    per_core, per_second = _capacity(send, seconds / 4)
    burst = Shape(SHARE * per_second, seconds, burst_at=seconds / 3, burst_seconds=seconds / 20)
    found = one_by_one(burst, send)
    good = sum(each.result in (200, 202) for each in found)
    return {"per_core": per_core, "accepted": good, **summed_up(found, burst)}


def _capacity(send: Any, seconds: float) -> tuple[float, float]:
    """Requests in a second of processor time, and in a second as it passes on this machine now."""
    for number in range(20):
        send(number)
    began, cpu, count = time.monotonic(), time.process_time(), 0
    while time.monotonic() - began < seconds:
        send(count)
        count += 1
    return count / (time.process_time() - cpu), count / (time.monotonic() - began)


if __name__ == "__main__":
    main()
