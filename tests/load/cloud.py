"""Load on the running local cloud: webhooks and answers over HTTP, through the emulator and the whole stack, to the end.

The figures are the emulator's as much as ours: one machine plays AWS, the vendors, the senders and the customers at the same time.
What counts is that nothing is lost: every webhook that was answered with 202 has its story with a decision, every answer that was
thanked for is kept and has reached its sink.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.e2e.browsing import form_of
from tests.e2e.stage import Asked, Stage
from tests.load.open_model import Sent, Shape, at_once, summed_up
from tests.local import samples
from tests.local.client import Client

SENDERS = 12
"""Who finds none free waits in line. The emulator unpacks a function anew for each that is at work at once, so more would measure that."""

SHARE = 0.3
"""Of what this machine takes as fast as it can: the steady load of webhooks. Of answers, two requests each, half as many come."""

TRIAL, TRIAL_SENDERS = 60, 8
DRAIN_SECONDS = 300
LATER = 15 * 60
"""Seconds on the stack's clock: by then the sweeper has seen to what a queue has lost."""


def measure(stage: Stage, seconds: float) -> dict[str, Any]:
    stage.survey()
    source = stage.source()
    stage.http_sink("load", f"{stage.cloud.url}/_local/vendors/http/{stage.mark}")
    fastest = _webhooks_a_second(stage, source)
    webhooks, about_webhooks = _loaded(stage, SHARE * fastest, seconds, lambda _: _webhook(stage, source))
    asked = [each.result for each in webhooks if each.result]
    links = [str(each["link"]) for each in _stories(stage, asked)]
    answers, about_answers = _loaded(
        stage, SHARE / 2 * fastest, seconds, lambda number: _answer(stage.cloud, links[number % len(links)]) and asked[number % len(links)]
    )
    return {
        "webhooks, local cloud": {**about_webhooks, "as_fast_as_it_can": fastest},
        "answers, local cloud": about_answers,
        "lost": _lost(stage, asked, {each.result for each in answers if each.result}),
    }


def _loaded(stage: Stage, rate: float, seconds: float, send: Callable[[int], Any]) -> tuple[list[Sent[Any]], dict[str, float]]:
    shape = Shape(rate, seconds, burst_at=seconds / 2, burst_seconds=seconds / 20)
    found = at_once(shape, send, SENDERS)
    began = time.monotonic()
    stage.cloud.settle(DRAIN_SECONDS)
    backlog = time.monotonic() - began
    return found, {**summed_up(found, shape), "accepted": sum(bool(each.result) for each in found), "backlog_seconds": backlog}


def _webhooks_a_second(stage: Stage, source: str) -> float:
    """As fast as a few senders get them in, once the functions are warm."""
    with ThreadPoolExecutor(TRIAL_SENDERS) as pool:
        for _ in range(2):
            began = time.monotonic()
            list(pool.map(lambda _: _webhook(stage, source), range(TRIAL)))
            found = TRIAL / (time.monotonic() - began)
    stage.cloud.settle(DRAIN_SECONDS)
    return found


def _webhook(stage: Stage, source: str) -> Asked | None:
    """Everybody is somebody else. The stack's clock has not been moved yet, so a signature's time is this machine's."""
    now = datetime.now(UTC)
    answer = stage.send(source, samples.trigger({"source": "standard", "address": f"{now.timestamp():.6f}@example.com"}, now))
    return stage.taken(source, answer) if answer.status == 202 else None


def _answer(cloud: Client, link: str) -> bool:
    """A customer opens the link and presses."""
    page = cloud.get(f"{link}?rating=5")
    return page.status == 200 and form_of(page).press(cloud).status == 200


def _stories(stage: Stage, asked: list[Asked]) -> list[dict[str, Any]]:
    """An empty one for a trigger that nobody knows of."""
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda each: stage.cloud.get(f"/admin/triggers/{each.source}/{quote(each.event_id, safe='')}"), asked)
        return [answer.json() if answer.status == 200 else {} for answer in found]


def _lost(stage: Stage, asked: list[Asked], answered: set[Asked]) -> dict[str, int]:
    stage.cloud.advance(LATER)
    stories = dict(zip(asked, _stories(stage, asked), strict=True))
    theirs = [(each, stories[each]) for each in answered if stories[each]]
    reached = " ".join(str(each["request"]["body"]) for each in stage.cloud.requests("http") if stage.mark in each["request"]["url"])
    return {
        "webhooks without a story": sum(not story for story in stories.values()),
        "stories without a decision": sum(bool(story) and story["decision"]["outcome"] == "pending" for story in stories.values()),
        "answers not kept": sum(not (story["answers"] or story["quarantined"]) for _, story in theirs),
        "answers not forwarded": sum(bool(story["answers"]) and each.invitation not in reached for each, story in theirs),
    }
