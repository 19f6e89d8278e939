"""Sample values: sensible defaults, any field overridden by keyword. `NOW` is an ordinary Monday noon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hearback.domain.answer import Answer
from hearback.domain.story import Attempt, Decision, Forward, Outcome, Reason, State, Story
from hearback.domain.survey import Choice, FollowUp, Metric, Policy, Scale, Style, Survey, Texts
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind
from hearback.ports import ForwardMessage, ImportedAnswer, InboundRequest, Secret

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_survey(survey_id: str = "support", **overrides: Any) -> Survey:
    """CSAT 1 to 5, good from 4, asked by e-mail and on the web. `policy` may be a `Policy` or a dict of its fields."""
    if isinstance(overrides.get("policy"), dict):
        overrides["policy"] = Policy(**overrides["policy"])
    survey = Survey(
        id=survey_id,
        metric=Metric.CSAT,
        scale=Scale(1, 5, Style.STARS),
        benchmark=4,
        target=75.0,
        timezone="Europe/Berlin",
        texts={"en": Texts("How was it, {{ contact.name }}?", "bad", "good", "Thank you!", "Your conversation")},
        name="Support",
        follow_ups=(
            FollowUp("reasons", "choices", {"en": "What went wrong?"}, (Choice("slow", {"en": "Too slow"}),), max_rating=3),
            FollowUp("comment", "text", {"en": "Anything else?"}),
        ),
    )
    return replace(survey, **overrides)


def a_survey_body(**overrides: Any) -> dict[str, Any]:
    """The plain form of a survey, as `Survey.from_plain` takes it and the table keeps it."""
    return {
        "metric": "csat",
        "scale": {"min": 1, "max": 5, "style": "stars", "direction": "high_is_good"},
        "benchmark": 4,
        "target": 75.0,
        "timezone": "Europe/Berlin",
        "texts": {"en": {"question": "How was it, {{ contact.name }}?", "low": "bad", "high": "good", "thanks": "", "subject": ""}},
        "name": "Support",
        "enabled": True,
        "follow_ups": [{"id": "comment", "kind": "text", "texts": {"en": "Anything else?"}}],
        "policy": {
            "cooldown_days": 7.0,
            "sample_percent": 100.0,
            "delay_minutes": 0.0,
            "quiet_hours": None,
            "reminder_days": None,
            "expires_days": 14.0,
            "edit_hours": 24.0,
        },
        "channels": ["same", "email", "web"],
        "segments": ["agent", "team", "channel", "tag"],
        "published": False,
        **overrides,
    }


def a_contact(**overrides: Any) -> Contact:
    return replace(
        Contact(id="c-1", name="Ada", email="ada@example.com", phone="+4930123456", language="en", timezone="Europe/Berlin"), **overrides
    )


def a_conversation(**overrides: Any) -> Conversation:
    return replace(Conversation(id="42", channel="email", subject="A broken kettle", tags=("kitchen",)), **overrides)


def a_trigger(event_id: str = "event-1", **overrides: Any) -> Trigger:
    """A conversation closed at NOW, from the source "helpdesk", for the survey "support"."""
    trigger = Trigger(
        source="helpdesk",
        event_id=event_id,
        kind=TriggerKind.CLOSED,
        occurred_at=NOW,
        conversation=a_conversation(),
        contact=a_contact(),
        agent=Agent("7", "Grace", "kitchenware"),
        survey="support",
    )
    return replace(trigger, **overrides)


def a_decision(reason: Reason = Reason.ACCEPTED, **overrides: Any) -> Decision:
    outcomes = {
        Reason.ACCEPTED: Outcome.PENDING,
        Reason.DELAYED: Outcome.PENDING,
        Reason.QUIET_HOURS: Outcome.PENDING,
        Reason.PROVIDER_BUSY: Outcome.PENDING,
        Reason.SENT: Outcome.SURVEYED,
        Reason.SEND_UNKNOWN: Outcome.SURVEYED,
        Reason.IMPORTED: Outcome.SURVEYED,
    }
    return replace(Decision(outcomes.get(reason, Outcome.NOT_SURVEYED), reason, NOW), **overrides)


def a_story(event_id: str = "event-1", **overrides: Any) -> Story:
    """A pending story, due now, of `a_trigger(event_id)` unless a trigger is given."""
    trigger = overrides.pop("trigger", None) or a_trigger(event_id)
    story = Story(
        invitation_id=trigger.invitation_id,
        trigger=trigger,
        survey=trigger.survey,
        decision=a_decision(),
        state=State.PENDING,
        created_at=NOW,
        due_at=NOW,
        language="en",
        facts={"agent": "Grace", "team": "kitchenware", "channel": "email", "source": trigger.source, "tag": ["kitchen"]},
    )
    return replace(story, **overrides)


def an_attempt(token: str = "attempt-1", **overrides: Any) -> Attempt:
    return replace(Attempt(token, "email", "question", NOW), **overrides)


def an_answer(rating: int = 5, **details: Any) -> Answer:
    return Answer(rating, details)


def a_forward(**overrides: Any) -> Forward:
    return replace(Forward(version=1, next_at=NOW), **overrides)


def a_forward_message(invitation_id: str = "", **overrides: Any) -> ForwardMessage:
    return replace(ForwardMessage(invitation_id or a_trigger().invitation_id, 1, ("crm",)), **overrides)


def an_imported_answer(external_id: str = "row-1", **overrides: Any) -> ImportedAnswer:
    return replace(ImportedAnswer(external_id, 4, NOW, "fine", {"agent": "Grace"}), **overrides)


def a_secret(**values: Any) -> Secret:
    return Secret(values or {"secret": "s3cret"})


def a_request(body: bytes = b"{}", **overrides: Any) -> InboundRequest:
    return replace(InboundRequest("POST", "/triggers/helpdesk", {"content-type": "application/json"}, {}, body), **overrides)
