"""What became of a trigger, and why: the whole story in words that need no manual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hearback.domain.answer import AnswerVersion
from hearback.domain.calendar import stamp
from hearback.domain.errors import NotFound
from hearback.domain.facts import variables
from hearback.domain.ids import invitation_id
from hearback.domain.quarantine import waiting
from hearback.domain.story import Attempt, Decision, Forward, Reason, State, Story
from hearback.ports import Clock, Stories
from hearback.usecases.show_quarantine import quarantined

REASONS = {
    Reason.ACCEPTED: "The survey is about to be sent.",
    Reason.DELAYED: "The survey waits for the delay that its policy asks for.",
    Reason.QUIET_HOURS: "The survey waits until the contact's quiet hours are over.",
    Reason.PROVIDER_BUSY: "The channel's provider said to try again later.",
    Reason.SENT: "The survey was sent.",
    Reason.SEND_UNKNOWN: "The survey may have been sent: the provider never confirmed it, and it is not sent twice.",
    Reason.COOLDOWN: "This person was asked not long ago; the survey's cooldown is not over.",
    Reason.SAMPLED_OUT: "Only a share of triggers is asked, and this one was not drawn.",
    Reason.OPTED_OUT: "This person does not want to be asked.",
    Reason.NO_ADDRESS: "No channel of the survey has an address of this contact.",
    Reason.NO_SURVEY: "The survey that was named does not exist, or none was named.",
    Reason.SURVEY_DISABLED: "The survey is switched off.",
    Reason.SOURCE_POLICY: "The source's settings leave such triggers out.",
    Reason.REOPENED: "The conversation was reopened before the survey was sent.",
    Reason.EXPIRED: "It was too late to ask.",
    Reason.REFUSED: "No channel would carry the survey.",
    Reason.IMPORTED: "The answer was given elsewhere and imported.",
    Reason.ERASED: "The person's data was erased before the survey was sent.",
}

STATES = {
    State.PENDING: "Nothing has been sent yet.",
    State.SKIPPED: "Nobody is asked.",
    State.CLAIMED: "The survey is being sent at this moment.",
    State.SENT: "No answer has come yet.",
    State.REFUSED: "Nobody was asked: every way was refused.",
    State.UNKNOWN: "No answer has come yet.",
    State.IMPORTED: "The answer was imported.",
}

_ASKED = frozenset({State.SENT, State.UNKNOWN})


@dataclass(frozen=True)
class ExplainTrigger:
    stories: Stories
    clock: Clock

    def __call__(self, source: str, event_id: str) -> Story:
        story = self.stories.get(invitation_id(source, event_id), consistent=True)
        if story is None:
            raise NotFound("no such trigger has arrived", code="unknown_trigger")
        return story

    def describe(self, story: Story, link: str | None) -> dict[str, Any]:
        """JSON-ready. It holds the contact's data: it is for the operator's eyes alone."""
        trigger = story.trigger
        return {
            "invitation_id": story.invitation_id,
            "source": trigger.source,
            "event_id": trigger.event_id,
            "kind": trigger.kind.value,
            "occurred_at": stamp(trigger.occurred_at),
            "received_at": stamp(story.created_at),
            "survey": story.survey,
            "decision": _decision(story.decision),
            "state": story.state.value,
            "explanation": self._explanation(story),
            "due_at": _time(story.due_at),
            "expires_at": _time(story.expires_at),
            "channel": story.channel,
            "language": story.language,
            "sent_at": _time(story.sent_at),
            "delivered_at": _time(story.delivered_at),
            "reminded": story.reminded,
            "link": link,
            "variables": variables(trigger),
            "segments": story.facts,
            "attempts": [_attempt(each) for each in story.attempts],
            "answers": [_answer(each) for each in story.answers],
            "quarantined": [quarantined(each) for each in waiting(story)],
            "forwards": [_forward(sink, each) for sink, each in sorted(story.forwards.items())],
            "sinks": sorted(story.sinks | set(story.forwards)),
            "erased_at": _time(story.erased_at),
        }

    def _explanation(self, story: Story) -> str:
        said = [REASONS[story.decision.reason]]
        if story.answered:
            newest = story.answers[-1]
            said.append(f"The answer is {newest.answer.rating}, given on {newest.channel}, version {newest.version}.")
        elif story.expires_at and story.expires_at <= self.clock.now() and story.state in _ASKED:
            said.append("No answer came before the invitation expired.")
        else:
            said.append(STATES[story.state])
        if story.erased_at:
            said.append("Whatever led to the person has been erased; what reports count stays.")
        if waiting(story):
            said.append("What is in quarantine may not have been said by a person, and does not count.")
        if story.due_at and story.state is State.PENDING:
            said.append(f"It is due at {stamp(story.due_at)}.")
        return " ".join(said)


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "at": stamp(decision.at),
        "detail": decision.detail,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "channel": attempt.channel,
        "rung": attempt.rung,
        "at": stamp(attempt.at),
        "outcome": attempt.outcome.value,
        "provider_id": attempt.provider_id,
        "code": attempt.code,
        "detail": attempt.detail,
    }


def _answer(version: AnswerVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "rating": version.answer.rating,
        "details": version.answer.details,
        "at": stamp(version.at),
        "channel": version.channel,
    }


def _forward(sink: str, forward: Forward) -> dict[str, Any]:
    return {
        "sink": sink,
        "state": forward.state.value,
        "version": forward.version,
        "attempts": forward.attempts,
        "last_at": _time(forward.last_at),
        "next_at": _time(forward.next_at),
        "status": forward.status,
        "response": forward.note,
    }


def _time(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None
