"""Each minute: whatever has something to do by now is asked to do it. The one way in which anything happens later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hearback.domain.story import ForwardState, State, Story
from hearback.ports import Clock, ForwardMessage, Outbox, Stories

RESERVE_SECONDS = 5.0
"""Stop when less than this is left: the rest is due again in a minute."""

SOONEST = timedelta(minutes=2)
LATEST = timedelta(hours=1)
"""After a wake-up the sweeper looks again after a twentieth of the story's age, between these: what is stuck behind a
fault is tried often at first and seldom later, and never forgotten."""


@dataclass(frozen=True, slots=True)
class Swept:
    woken: int = 0
    forwards: int = 0
    more: bool = False


@dataclass(frozen=True)
class SweepDue:
    stories: Stories
    outbox: Outbox
    clock: Clock

    def __call__(self, remaining_seconds: Callable[[], float] = lambda: 60.0) -> Swept:
        """Wake everything that is due, as far as the time goes. Waking twice is harmless."""
        now = self.clock.now()
        woken = forwards = 0
        for invitation_id, mark in self.stories.due_before(now):
            if remaining_seconds() < RESERVE_SECONDS:
                return Swept(woken, forwards, more=True)
            story = self.stories.get(invitation_id, consistent=True)
            if story is None:
                continue
            due = story.next_due()
            if due is None or due > now:
                self.stories.push_due(invitation_id, mark, due)
                continue
            sinks = due_forwards(story, now)
            if sinks:
                self.outbox.forward([ForwardMessage(invitation_id, story.version, sinks)])
            if _wants_dispatch(story, now):
                self.outbox.dispatch(invitation_id)
                woken += 1
            forwards += len(sinks)
            self.stories.push_due(invitation_id, mark, now + _look_again(now - story.created_at))
        return Swept(woken, forwards)


def due_forwards(story: Story, now: datetime) -> tuple[str, ...]:
    """The sinks whose next try is due."""
    return tuple(
        sink
        for sink, each in sorted(story.forwards.items())
        if each.state is ForwardState.PENDING and each.next_at is not None and each.next_at <= now
    )


def _wants_dispatch(story: Story, now: datetime) -> bool:
    match story.state:
        case State.PENDING:
            return (story.due_at or story.created_at) <= now
        case State.CLAIMED:
            return story.lease_until is not None and story.lease_until <= now
        case State.SENT:
            return story.reminder_at is not None and story.reminder_at <= now and not story.reminded and not story.answered
        case _:
            return False


def _look_again(age: timedelta) -> timedelta:
    return min(max(age / 20, SOONEST), LATEST)
