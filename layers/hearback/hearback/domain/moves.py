"""What each move makes of a story: pure, so that whatever keeps stories moves them in the same way.

A move answers None when the story, as it stands now, cannot make it any more: somebody was faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hearback.domain.answer import Answer, AnswerVersion
from hearback.domain.story import (
    LEGAL_MOVES,
    Attempt,
    Decision,
    Forward,
    Outcome,
    Reason,
    State,
    Story,
)
from hearback.domain.survey import Survey
from hearback.domain.trigger import Trigger, TriggerKind

COMPLETION = timedelta(minutes=30)
"""How long after a rating its follow-ups are taken, however short the survey's edit window."""

FORWARD_GUARD = timedelta(seconds=60)
"""A forward is on its way for about this long before the sweeper doubts that its message was ever sent."""

YOUNG = timedelta(minutes=30)
"""A story's age up to which the sweeper looks after it every two minutes or more often, if it looks at all."""


PREPARED = ("trigger", "person", "channel", "address", "language", "facts")
"""What a claim takes over from the story that its dispatcher prepared; any other move starts from what is kept."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold of a story for a press to count without a closer look: `version` of the answer stands (0: none); nothing
    doubtful came since `calm_since`; the survey was sent before `sent_before`. None: never mind.
    """

    version: int
    calm_since: datetime | None = None
    sent_before: datetime | None = None

    def lets_through(self, story: Story) -> bool:
        calm = self.calm_since is None or story.doubted_at is None or story.doubted_at < self.calm_since
        sent = self.sent_before is None or (story.sent_at is not None and story.sent_at <= self.sent_before)
        return story.version == self.version and calm and sent


class IllegalMove(AssertionError):  # noqa: N818 - a bug, not one of the tree's errors
    """A bug of the caller: the story it holds could never make this move. Losing a race is not one."""


# --- sending ----------------------------------------------------------------------------------------------------------------


def skipped(story: Story, decision: Decision) -> Story | None:
    if story.state is not State.PENDING:
        return None
    return _moved(story, state=State.SKIPPED, decision=decision, due_at=None)


def postponed(story: Story, decision: Decision, due: datetime) -> Story | None:
    if story.state is not State.PENDING:
        return None
    return _moved(story, decision=decision, due_at=due)


def claimed(story: Story, attempt: Attempt, lease_until: datetime, expires_at: datetime) -> Story | None:
    if story.state is not State.PENDING:
        return None
    return _moved(
        story,
        state=State.CLAIMED,
        attempts=(*story.attempts, attempt),
        lease_until=lease_until,
        expires_at=expires_at,
        due_at=None,
    )


def keeps_its_mark(before: Story, after: Story) -> bool:
    """Whether the due mark may stay where it is although the story has something else to do next: when a young story is claimed. Its
    mark is a minute or two away (the sweeper pushes it no further at that age), so it comes before the lease lapses; then the
    sweeper looks, finds nothing due, and moves it. Moving it with every claim would cost each send 2 units.
    """
    young = bool(after.attempts) and timedelta(0) <= after.attempts[-1].at - after.created_at < YOUNG
    return before.state is State.PENDING and after.state is State.CLAIMED and young


def settled(story: Story, attempt: Attempt, state: State, decision: Decision, due: datetime | None) -> Story | None:
    """The newest attempt's outcome and where it leads. A story that goes on to be sent again, or was refused after all,
    was not sent: its `sent_at` goes.
    """
    if not story.attempts or story.attempts[-1].token != attempt.token or state not in LEGAL_MOVES[story.state]:
        return None
    sent = state is State.SENT
    return _moved(
        story,
        state=state,
        decision=decision,
        attempts=(*story.attempts[:-1], attempt),
        lease_until=None,
        due_at=due if state is State.PENDING else None,
        reminder_at=due if sent else None,
        sent_at=attempt.at if sent else None,
        delivered_at=story.delivered_at if sent else None,
    )


def check_settlement(story: Story, attempt: Attempt, state: State) -> None:
    """Raise `IllegalMove` when the story that the caller holds rules this settlement out."""
    if not story.attempts or story.attempts[-1].token != attempt.token:
        raise IllegalMove("only a story's newest attempt can be settled")
    if state not in LEGAL_MOVES[story.state]:
        raise IllegalMove(f"{story.state} never becomes {state}")


def made_by(attempt: Attempt, found: Story, state: State) -> bool:
    """Whether a story that was found in a write's way is what the write with this attempt leads to: its reply was lost, or
    the provider's word said the same first.
    """
    return found.state is state and bool(found.attempts) and found.attempts[-1] == attempt


def delivered(story: Story, attempt: Attempt, delivered_at: datetime | None) -> Story | None:
    """A later word on any attempt of the story, which need not be the newest."""
    if all(each.token != attempt.token for each in story.attempts):
        return None
    attempts = tuple(attempt if each.token == attempt.token else each for each in story.attempts)
    return _moved(story, attempts=attempts, delivered_at=delivered_at or story.delivered_at)


def reminded(story: Story, attempt: Attempt) -> Story | None:
    if story.state is not State.SENT or story.reminded or story.answered or story.erased_at:
        return None
    return _moved(story, reminded=True, attempts=(*story.attempts, attempt))


def unreminded(story: Story) -> Story | None:
    """Nobody will be reminded after all: the story has nothing more to do."""
    if story.state is not State.SENT or story.reminded or story.reminder_at is None:
        return None
    return _moved(story, reminder_at=None)


def asked_outcome(story: Story) -> str:
    """The word under which a decided trigger is counted: what the provider said last, or why nobody was asked."""
    if story.state is State.SKIPPED:
        return f"skipped:{story.decision.reason}"
    return "delivered" if story.delivered_at else story.state.value


# --- answering --------------------------------------------------------------------------------------------------------------


def may_answer(story: Story, survey: Survey, at: datetime) -> bool:
    """Before the first answer: until the invitation expires, and also before our own record of having sent it. After it: as
    long as the edit window is open, even past the expiry, so that nobody is cut off between a rating and its comment. Never
    once the person's data was erased.
    """
    if story.erased_at is not None:
        return False
    if story.first_answered_at is not None:
        return survey.policy.edit_hours > 0 and story.first_answered_at > at - timedelta(hours=survey.policy.edit_hours)
    if story.expires_at is not None:
        return story.expires_at > at
    return story.state in {State.PENDING, State.CLAIMED, State.SENT, State.UNKNOWN}


def may_complete(story: Story, answer: Answer, at: datetime) -> bool:
    """A bare rating may be completed with its follow-ups, once, also where answers cannot be changed: they are asked on the
    page that thanks for the rating.
    """
    if story.first_answered_at is None or story.first_answered_at <= at - COMPLETION or story.erased_at is not None:
        return False
    return story.answers[-1].answer == Answer(answer.rating)


def said_already(story: Story, answer: Answer) -> bool:
    return story.answered and story.answers[-1].answer.canonical() == answer.canonical()


def answered(story: Story, answer: Answer, at: datetime, channel: str, sinks: list[str]) -> Story:
    """One version more, and a pending forward for every sink; the guard on them is for a wake-up that got lost."""
    version = story.last_version + 1
    return _moved(
        story,
        answers=(*story.answers, AnswerVersion(version, answer, at, channel)),
        first_answered_at=story.first_answered_at or at,
        forwards={sink: Forward(version=version, next_at=at + FORWARD_GUARD) for sink in sorted(sinks)},
        sinks=story.sinks | {*sinks},
    )


def ledger_form(survey: Survey, answer: Answer, at: datetime, channel: str, *, imported: bool = False) -> dict[str, Any]:
    """What the night reads of an answer, apart from its version: it carries the scale that the rating was given on."""
    return {
        **answer.to_plain(),
        "at": at.astimezone(UTC).isoformat(),
        "channel": channel,
        "scale": [survey.scale.min, survey.scale.max],
        "direction": survey.scale.direction.value,
        "metric": survey.metric.value,
        "imported": imported,
    }


def imported(survey: Survey, external_id: str, answer: Answer, at: datetime, facts: dict[str, Any]) -> Story:
    """The story of an answer that was given elsewhere. Nothing in it depends on when it is imported, so doing it again gives
    the same story.
    """
    trigger = Trigger(source=f"import:{survey.id}", event_id=external_id, kind=TriggerKind.CLOSED, occurred_at=at, survey=survey.id)
    return Story(
        invitation_id=trigger.invitation_id,
        trigger=trigger,
        survey=survey.id,
        decision=Decision(Outcome.SURVEYED, Reason.IMPORTED, at),
        state=State.IMPORTED,
        created_at=at,
        answers=(AnswerVersion(1, answer, at, "import"),),
        first_answered_at=at,
        facts=facts,
    )


# --- forwarding -------------------------------------------------------------------------------------------------------------


def forwarded(story: Story, forwards: Mapping[str, Forward]) -> Story | None:
    """Of an erased story, a forward is the notice of that: it is noted whatever had become of the answer."""
    noted = {sink: each for sink, each in forwards.items() if each.version == story.version}
    if not (story.answered or story.erased_at) or not noted:
        return None
    return _moved(story, forwards={**story.forwards, **noted})


def forwarded_since(read: Story, story: Story, forwards: Mapping[str, Forward]) -> Story | None:
    """As `forwarded`, of a story that others may have moved since it was read: what they made of a sink's forward stays."""
    return forwarded(story, {sink: each for sink, each in forwards.items() if story.forwards.get(sink) == read.forwards.get(sink)})


def replayed(story: Story, sink: str) -> Story | None:
    """Due since the answer was given, or erased: that is always over, and needs no clock."""
    since = story.erased_at or (story.answers[-1].at if story.answered else None)
    if since is None:
        return None
    forward = Forward(version=story.version or story.last_version, next_at=since)
    return _moved(story, forwards={**story.forwards, sink: forward}, sinks=story.sinks if story.erased_at else story.sinks | {sink})


def _moved(story: Story, **changes: Any) -> Story:
    return replace(story, revision=story.revision + 1, **changes)
