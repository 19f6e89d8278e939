"""A play summed up: what one survey takes, step by step, what a million cost, and what the leanest design could do with."""

from __future__ import annotations

from statistics import mean
from typing import Any

from tests.costs.play import Played
from tests.costs.prices import AS_OF, MAIL_PER_MILLION, dollars_per_million

STEPS = ("trigger", "send", "page", "answer", "fan-out", "forward", "sweeper", "score", "settings")

SECONDS = {"trigger": 0.03, "page": 0.03, "answer": 0.03, "fan-out": 0.03, "forward": 0.2, "sweeper": 0.05, "score": 2.0}
"""Assumed, not measured: how long an invocation of each step takes with 512 MB. All forwards of an invocation go side by side."""

SEND_SECONDS = 0.12
"""The same of each send: they follow each other, each waiting for the provider."""

GIGABYTES = 0.5
PLATFORM_LINES = 420
"""Bytes that Lambda itself logs of an invocation (START, END, REPORT), and with an HTTP request the access log's line."""
ACCESS_LINE = 220

MINIMUM = {
    "write units": 4.0,
    "read units": 0.5,
    "HTTP requests": 2.0,
    "invocations": 2.2,
    "GB-seconds": 0.05,
    "queue requests": 0.3,
    "log bytes": 2_200.0,
}
"""One survey in a design with nothing to spare: a write each for trigger, send, answer and forwards, the answer in one request
(nobody looks at the page first), no index to find anything by, no cooldown, and no claim before the send.
"""

BUDGET = {"write units": 17.1, "read units": 5.2, "HTTP requests": 3.0, "invocations": 3.6, "queue requests": 1.7, "log bytes": 3_300.0}
"""What an answered survey with two sinks may take when ten records are handed over at once; `tests/contract/test_costs.py` holds us to
it. Lower it with every saving.
"""


def account(played: Played) -> dict[str, Any]:
    """JSON-ready. Everything is for one answered survey with two sinks, dollars for a million of them."""
    steps = {step: _step(played, step) for step in STEPS}
    names = dict.fromkeys(name for step in steps.values() for name in step)
    total = {name: round(sum(step.get(name, 0.0) for step in steps.values()), 4) for name in names if name != "index"}
    dollars, least = dollars_per_million(total), dollars_per_million(MINIMUM)
    return {
        "surveys": played.surveys,
        "together": played.together,
        "prices_as_of": AS_OF,
        "steps": steps,
        "total": total,
        "dollars": {name: round(each, 3) for name, each in dollars.items()} | {"sum": round(sum(dollars.values()), 2)},
        "minimum": MINIMUM,
        "minimum_dollars": {name: round(each, 3) for name, each in least.items()} | {"sum": round(sum(least.values()), 2)},
        "mail_dollars": MAIL_PER_MILLION,
        "story_bytes": {"mean": round(mean(played.sizes)), "largest": max(played.sizes)},
        "calls": {f"{step}: {name}": round(each / played.surveys, 4) for (step, name), each in sorted(played.meter.calls.items())},
    }


def _step(played: Played, step: str) -> dict[str, float]:
    found = {what: each / played.surveys for (of, what), each in played.meter.units.items() if of == step}
    invocations = found.get("invocations", 0.0)
    if invocations:
        seconds = SEND_SECONDS if step == "send" else invocations * SECONDS[step]
        found["GB-seconds"] = seconds * GIGABYTES
        found["log bytes"] = found.get("log bytes", 0.0) + invocations * PLATFORM_LINES + found.get("HTTP requests", 0.0) * ACCESS_LINE
    return {what: round(each, 4) for what, each in found.items()}
