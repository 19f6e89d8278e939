"""Functions are killed (`kill -9`) at any moment while webhooks and answers flow. Whatever was acknowledged is there afterwards.

Senders and people do what they do in the world: who got no answer tries again.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from tests.e2e.stage import Asked, Stage
from tests.local.client import Answer, UnexpectedAnswerError
from tests.local.settings import STACK

AT_ONCE = 3
PATIENCE_SECONDS, ASKED_WITHIN_SECONDS = 60, 30
BACK_AFTER_SECONDS = {"DispatchQueue": 3, "ForwardQueue": 3}
"""How soon a queue gives out again what a dead function was working on: in AWS after minutes."""

STORY = ("survey-trigger", "survey-dispatch", "rating-callback", "forward-fanout", "answer-forward", "due-sweeper")
MORTAL = [f"{STACK}-{name}" for name in STORY]
LONGEST_PAUSE_SECONDS = 0.6

RECOVERY_SECONDS = 15 * 60
"""On the stack's clock: claims of the dead lapse, and the sweeper has come by."""


@dataclass
class Outcome:
    """`killed` by function; the lists name invitations."""

    killed: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    answered: int = 0
    lost: list[str] = field(default_factory=list)
    lost_answers: list[str] = field(default_factory=list)
    asked_twice: list[str] = field(default_factory=list)
    not_forwarded: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        kinds = ("lost", "lost_answers", "asked_twice", "not_forwarded")
        return [f"{kind.replace('_', ' ')}: {name}" for kind in kinds for name in getattr(self, kind)]


class Killer(threading.Thread):
    """Strikes a moment after something has gone well: on a slow machine a steady pace would let no function even start."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(daemon=True)
        self.killed: Counter[str] = Counter()
        self._stage = stage
        self._went_well, self._stop_it = threading.Event(), threading.Event()

    def went_well(self) -> None:
        self._went_well.set()

    def run(self) -> None:
        while not self._stop_it.wait(random.uniform(0, LONGEST_PAUSE_SECONDS)):
            if self._went_well.is_set():
                self._went_well.clear()
                self._strike()

    def _strike(self) -> None:
        if name := self._stage.cloud.ok("POST", "/_local/workers/kill", {"functions": MORTAL})["killed"]:
            self.killed[name] += 1

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_it.set()
        self.join()


def play(stage: Stage, people: int) -> Outcome:
    stage.survey()
    source, sink = stage.source(), stage.http_sink("killing", f"{stage.cloud.url}/_local/vendors/http/{stage.mark}")
    with _impatient_queues(stage):
        with Killer(stage) as killer, ThreadPoolExecutor(AT_ONCE) as pool:
            taken = list(pool.map(lambda number: _take_part(stage, killer, source, number), range(people)))
        _recover(stage)
    return _judged(stage, sink, killer.killed, dict(taken))


def _judged(stage: Stage, sink: str, killed: Counter[str], taken: dict[Asked, bool]) -> Outcome:
    """`taken`: whose webhook was acknowledged, and whether the page thanked them."""
    asked, answered = list(taken), [each for each, thanked in taken.items() if thanked]
    outcome = Outcome(killed, len(asked), len(answered))
    found = {each.invitation: _story(stage, each) for each in asked}
    stories = {name: story for name, story in found.items() if story}
    outcome.lost = [name for name, story in found.items() if not story or story["decision"]["outcome"] == "pending"]
    outcome.lost_answers = [
        each.invitation for each in answered if not (found[each.invitation].get("answers") or found[each.invitation].get("quarantined"))
    ]
    outcome.asked_twice = [each.invitation for each in asked if len(stage.messages(each)) > 1]
    reached = {str(each["request"]["body"]) for each in stage.cloud.requests("http")}
    outcome.not_forwarded = [
        name
        for name, story in stories.items()
        if any(each["sink"] == sink for each in story["forwards"]) and not any(name in body for body in reached)
    ]
    return outcome


@contextmanager
def _impatient_queues(stage: Stage) -> Iterator[None]:
    before = stage.cloud.ok("PUT", "/_local/queues", BACK_AFTER_SECONDS)
    try:
        yield
    finally:
        stage.cloud.ok("PUT", "/_local/queues", before)


def _take_part(stage: Stage, killer: Killer, source: str, number: int) -> tuple[Asked, bool]:
    asked = _close(stage, source, number)
    killer.went_well()
    was_asked = _is_asked(stage, asked)
    killer.went_well()
    return asked, was_asked and _press(stage, asked)


def _close(stage: Stage, source: str, number: int) -> Asked:
    """A helpdesk sends the same event until it has been taken."""
    request = stage.sample("standard", address=stage.email(f"person{number}"))
    return stage.taken_or_known(source, _until(lambda: stage.send(source, request), lambda answer: answer.status in (200, 202)))


def _is_asked(stage: Stage, asked: Asked) -> bool:
    """Who has not been asked in time, because the asking function died, does not answer."""
    deadline = time.monotonic() + ASKED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if _story(stage, asked).get("state") == "sent":
            return True
        time.sleep(0.2)
    return False


def _story(stage: Stage, asked: Asked) -> dict[str, Any]:
    """Empty where nobody knows of it."""
    answer = stage.cloud.get(f"/admin/triggers/{asked.source}/{asked.event_id}")
    found: dict[str, Any] = answer.json() if answer.status == 200 else {}
    return found


def _press(stage: Stage, asked: Asked) -> bool:
    def tried() -> Answer | None:
        try:
            return stage.page(asked, 5).press(stage.cloud)
        except (AssertionError, UnexpectedAnswerError):  # no page came
            return None

    return _until(tried, lambda answer: answer is not None and answer.status == 200) is not None


def _until(attempt: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = attempt()
        if enough(found):
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing but {found}")
        time.sleep(0.2)


def _recover(stage: Stage) -> None:
    """Messages of dead functions come back after a while, which the stack's clock knows nothing of."""
    _until(lambda: stage.cloud.request("POST", "/_local/settle?timeout_seconds=10").status, lambda status: status == 200)
    stage.cloud.advance(RECOVERY_SECONDS)
