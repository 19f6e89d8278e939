"""Load on the running local cloud: webhooks and answers over HTTP, through the emulator and the whole stack, to the end.

The figures are the emulator's as much as ours: one machine plays AWS, the vendors, the senders and the customers at the same time.
What counts is that nothing is lost: every webhook that was answered with 2xx has its story with a decision, every answer that was
thanked for is kept and has reached its sink.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e.stage import Asked, Stage
from tests.load.open_model import Sent, Shape, at_once, summed_up

SENDERS = 48
SHARE = 0.3
"""Of what this machine takes as fast as it can: the steady load."""

TRIAL = 40
DRAIN_SECONDS = 120


def measure(stage: Stage, seconds: float) -> dict[str, Any]:
    stage.survey()
    source = stage.source()
    stage.http_sink("load", f"{stage.cloud.url}/_local/vendors/http/{stage.mark}")
    rate = SHARE * _webhooks_a_second(stage, source)
    shape = Shape(rate, seconds, burst_at=seconds / 2, burst_seconds=seconds / 20)
    webhooks = at_once(shape, lambda number: _webhook(stage, source, number), SENDERS)
    webhooks_drained = _drained(stage)
    asked = [each.result for each in webhooks if each.result]
    answer_shape = Shape(rate / 2, seconds, burst_at=seconds / 2, burst_seconds=seconds / 20)
    answers = at_once(answer_shape, lambda number: number < len(asked) and _answer(stage, asked[number]), SENDERS)
    return {
        "webhooks, local cloud": {**_told(webhooks, shape), "backlog_seconds": webhooks_drained},
        "answers, local cloud": {**_told(answers, answer_shape), "backlog_seconds": _drained(stage)},
        "lost": _lost(stage, asked, {each for each, said in zip(asked, answers, strict=False) if said.result}),
    }


def _told(found: list[Sent[Any]], shape: Shape) -> dict[str, float]:
    return {**summed_up(found, shape), "accepted": sum(bool(each.result) for each in found)}


def _webhooks_a_second(stage: Stage, source: str) -> float:
    """As fast as a few senders get them in."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _webhook(stage, source, -number - 1), range(TRIAL)))
        began = time.monotonic()
        list(pool.map(lambda number: _webhook(stage, source, -TRIAL - number - 1), range(TRIAL)))
    return TRIAL / (time.monotonic() - began)


def _webhook(stage: Stage, source: str, number: int) -> Asked | None:
    answer = stage.send(source, stage.sample("standard", address=stage.email(f"person{number}")))
    return stage.taken(source, answer) if answer.status == 202 else None


def _answer(stage: Stage, asked: Asked) -> bool:
    """A customer opens the link and presses; the link itself is looked up as the operator."""
    return stage.page(asked, 5).press(stage.cloud).status == 200


def _drained(stage: Stage) -> float:
    began = time.monotonic()
    stage.cloud.ok("POST", f"/_local/settle?timeout_seconds={DRAIN_SECONDS}")
    return time.monotonic() - began


def _lost(stage: Stage, asked: list[Asked], answered: set[Asked]) -> dict[str, int]:
    stage.cloud.advance(15 * 60)
    with ThreadPoolExecutor(4) as pool:
        stories = dict(zip(asked, pool.map(stage.story, asked), strict=True))
    reached = [str(each["request"]["body"]) for each in stage.cloud.requests("http") if stage.mark in each["request"]["url"]]
    return {
        "without a decision": sum(story["decision"]["outcome"] == "pending" for story in stories.values()),
        "answers not kept": sum(not stories[each]["answers"] for each in answered),
        "answers not forwarded": sum(not any(each.invitation in body for body in reached) for each in answered),
    }
