"""Bring one answer version to its sinks, and write down what came back. Retries span three days; then a dead letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from hearback.domain.calendar import stamp
from hearback.domain.errors import HearbackError, Misconfigured, Rejected, Unavailable
from hearback.domain.retrying import FORWARD_WAITS, next_try
from hearback.domain.story import Forward, ForwardState, Story
from hearback.domain.survey import Survey
from hearback.ports import (
    Clock,
    ConfigItem,
    Configs,
    Delivered,
    Delivery,
    DeliveryResult,
    ForwardMessage,
    NotForThisSink,
    Outbox,
    RetryLater,
    Secret,
    Secrets,
    SideBySide,
    Sink,
    Stories,
    Undeliverable,
)
from hearback.usecases.compose_question import template_variables

LOST_RACES = 24
"""How often forwards' outcomes are written again when another process wrote first. All sinks of an answer may finish at the same
moment, each elsewhere; in each round one of them gets through.
"""

NOT_TOLD = "not told: the sink has no request for erasing (`erase`)"


class Forwarded(StrEnum):
    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"
    DROPPED = "dropped"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True)
class ForwardAnswer:
    configs: Configs
    stories: Stories
    secrets: Secrets
    sinks: Mapping[str, Sink]
    outbox: Outbox
    clock: Clock
    side_by_side: SideBySide

    def __call__(self, message: ForwardMessage) -> dict[str, Forwarded]:
        """What became of it at each of the sinks. Those that answer at about the same time are written down together: each write of
        a story costs as much as all of it.

        Raises what went wrong on our side with one of them, once what the others said is written down: the message may come
        again, and finds only that one left to do.
        """
        story = self.stories.get(message.invitation_id, consistent=True)
        ended = dict.fromkeys(message.sinks, Forwarded.NOTHING_TO_DO)
        wanted = {sink: forward for sink in ended if (forward := self._wanted(story, sink, message.version)) is not None}
        if story is None or not wanted:
            return ended
        troubles: list[Exception] = []
        for together in self.side_by_side({sink: partial(self._forward, story, sink, forward) for sink, forward in wanted.items()}):
            outcomes = {sink: found for sink, found in together.items() if isinstance(found, Forward)}
            troubles += [found for found in together.values() if isinstance(found, Exception)]
            try:
                self._write(story, outcomes)
            except HearbackError as error:
                troubles.append(error)
            ended |= {sink: _named(found.state) for sink, found in outcomes.items()}
        if troubles:
            raise max(troubles, key=lambda each: not isinstance(each, HearbackError))
        return ended

    def _forward(self, story: Story, sink: str, forward: Forward) -> Forward | Exception:
        try:
            result = self._deliver(story, sink, forward, self.clock.now())
            outcome = _outcome(forward, result, self.clock.now(), story.version, salt=f"{story.invitation_id}:{sink}")
            if outcome.state is ForwardState.DEAD:
                dead = ForwardMessage(story.invitation_id, story.version, (sink,))
                self.outbox.forward_is_dead(dead, f"HTTP status {outcome.status}" if outcome.status else "no answer")
        except Exception as error:  # noqa: BLE001 - one sink's trouble, even a bug in its adapter, must not be another's
            return error
        return outcome

    def _wanted(self, story: Story | None, sink: str, version: int) -> Forward | None:
        """The forward, if a message still asks for something: a newer answer, a done forward and a wait that is not over make it
        pointless. The notice that a story was erased waits from the beginning.
        """
        if story is None or story.version != version:
            return None
        forward = story.forwards.get(sink)
        if forward is None or forward.state is not ForwardState.PENDING:
            return None
        waits = forward.attempts > 0 or story.erased_at is not None
        waiting = waits and forward.next_at is not None and forward.next_at > self.clock.now()
        return None if waiting else forward

    def _deliver(self, story: Story, sink_id: str, forward: Forward, now: datetime) -> DeliveryResult:
        item = self.configs.get("sinks", sink_id)
        if item is None or not item.body.get("enabled", True):
            return NotForThisSink("the sink was removed" if item is None else "the sink is switched off")
        if story.erased_at is not None:
            return self._send(notice_of(story, item, forward), item, now) if item.body.get("erase") else NotForThisSink(NOT_TOLD)
        survey = self.configs.get("surveys", story.survey)
        if survey is None:
            return Undeliverable(0, "the survey was removed")
        return self._send(delivery_of(story, Survey.from_plain(survey.id, survey.body), item, forward), item, now)

    def _send(self, delivery: Delivery, item: ConfigItem, now: datetime) -> DeliveryResult:
        try:
            secret = self.secrets.get(f"sinks/{item.id}") or Secret({})
            sink = self.sinks.get(item.body["kind"])
            if sink is None:
                raise Misconfigured("this version knows no sink of that kind")
            return sink.deliver(delivery, item.body, secret, now)
        except Unavailable as error:
            return RetryLater(0, error.message, float(error.retry_after))
        except Rejected as error:
            return Undeliverable(0, error.message)
        except HearbackError as error:
            return RetryLater(0, error.message)

    def _write(self, story: Story, outcomes: Mapping[str, Forward]) -> None:
        current: Story | None = story
        for _ in range(LOST_RACES):
            if current is None or current.erased_at != story.erased_at or current.version != story.version:
                return
            news = {sink: each for sink, each in outcomes.items() if _is_news(story, current, sink, each)}
            if not news:
                return
            written = self.stories.note_forwards(current, news)
            if written is not None and all(written.forwards.get(sink) == each for sink, each in news.items()):
                return
            current = written or self.stories.get(story.invitation_id, consistent=True)
        raise Unavailable("the forwards' outcomes could not be written")


def _is_news(read: Story, current: Story, sink: str, outcome: Forward) -> bool:
    """Another try of the same forward may have failed meanwhile, and waits: that does not undo this one's success. If both failed,
    the first to say so has counted the try and set the wait.
    """
    forward = current.forwards.get(sink)
    if outcome.state is ForwardState.PENDING:
        return forward == read.forwards.get(sink)
    return forward is not None and forward.state is ForwardState.PENDING


def _named(state: ForwardState) -> Forwarded:
    return Forwarded.RETRY if state is ForwardState.PENDING else Forwarded(state.value)


def notice_of(story: Story, sink: ConfigItem, forward: Forward) -> Delivery:
    """It names the answer by its own id and nothing else: whoever it was about is not known here any more."""
    return Delivery(
        id=f"{story.invitation_id}.{sink.id}.erased",
        invitation_id=story.invitation_id,
        version=story.version,
        attempt=forward.attempts + 1,
        variables={"survey": {"id": story.survey}, "answer": {"id": story.invitation_id}},
        source=story.trigger.source,
        erased=True,
    )


def delivery_of(story: Story, survey: Survey, sink: ConfigItem, forward: Forward) -> Delivery:
    """The delivery's id is the same for every try of one version, so that a receiver can tell a repeat."""
    return Delivery(
        id=f"{story.invitation_id}.{sink.id}.{story.version}",
        invitation_id=story.invitation_id,
        version=story.version,
        attempt=forward.attempts + 1,
        variables=answer_variables(story, survey),
        source=story.trigger.source,
        after_silence=forward.attempts > 0 and forward.status == 0,
    )


def answer_variables(story: Story, survey: Survey) -> dict[str, Any]:
    """Everything that a sink's templates may name."""
    newest = story.answers[-1]
    comment = next((text for text in newest.answer.details.values() if isinstance(text, str)), "")
    reasons = [each for ticked in newest.answer.details.values() if isinstance(ticked, list) for each in ticked]
    return {
        **template_variables(story, survey),
        "answer": {
            "id": story.invitation_id,
            "version": newest.version,
            "rating": newest.answer.rating,
            "comment": comment,
            "reasons": reasons,
            "details": newest.answer.details,
            "channel": newest.channel,
            "answered_at": stamp(newest.at),
            "first_answered_at": stamp(story.first_answered_at or newest.at),
            "satisfied": _satisfied(newest.answer.rating, survey),
        },
    }


def _satisfied(rating: int, survey: Survey) -> bool:
    return rating >= survey.benchmark if survey.scale.direction.value == "high_is_good" else rating <= survey.benchmark


def _outcome(forward: Forward, result: DeliveryResult, now: datetime, version: int, *, salt: str) -> Forward:
    """`now` is when the result came: a sink that is slow to say "later" is left alone from then on."""
    tried = replace(forward, version=version, attempts=forward.attempts + 1, last_at=now, next_at=None)
    match result:
        case Delivered(status, note):
            return replace(tried, state=ForwardState.DELIVERED, status=status, note=note)
        case NotForThisSink(note):
            return replace(tried, state=ForwardState.DROPPED, status=0, note=note)
        case Undeliverable(status, note):
            return replace(tried, state=ForwardState.DEAD, status=status, note=note)
        case RetryLater(status, note, retry_after, _):
            due = next_try(FORWARD_WAITS, tried.attempts, now, retry_after, salt=salt)
            state = ForwardState.PENDING if due else ForwardState.DEAD
            return replace(tried, state=state, next_at=due, status=status, note=note)
