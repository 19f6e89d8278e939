"""Segment values of a trigger: what reports are cut by, and what templates can name."""

from __future__ import annotations

from typing import Any

from hearback.domain.survey import Survey
from hearback.domain.trigger import Trigger

VALUE_LIMIT = 200
"""Characters of a segment's value that are kept; a longer one is a text, not a segment."""


def facts_of(trigger: Trigger, survey: Survey | None, channel: str = "", language: str = "") -> dict[str, Any]:
    """The values that this story is counted under: a name to a text, or to a list of texts where it can be several (tag).

    agent, team, channel, source, language and tag are always there when known; any other name that the survey's
    `segments` list is looked up in the conversation's attributes. `channel` is the one the survey went out on, else the
    conversation's own.
    """
    conversation = trigger.conversation
    known: dict[str, Any] = {
        "agent": trigger.agent.name or trigger.agent.id,
        "team": trigger.agent.team,
        "channel": channel or conversation.channel,
        "source": trigger.source,
        "language": language or trigger.contact.language,
        "tag": list(conversation.tags),
    }
    for name in survey.segment_names if survey else ():
        if name not in known and name in conversation.attributes:
            known[name] = conversation.attributes[name]
    return {name: kept for name, value in known.items() if (kept := _segment_value(value))}


def variables(trigger: Trigger) -> dict[str, Any]:
    """The part of the template variables that the trigger brings: conversation, contact, agent. Every documented name is
    there, empty when unknown, so that a template that was accepted once never fails on a trigger that knows less.
    """
    conversation, contact, agent = trigger.conversation, trigger.contact, trigger.agent
    return {
        "conversation": {
            "id": conversation.id,
            "channel": conversation.channel,
            "closed_at": conversation.closed_at,
            "subject": conversation.subject,
            "tags": list(conversation.tags),
            "attributes": conversation.attributes,
            "source": trigger.source,
        },
        "contact": {
            "id": contact.id,
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "language": contact.language,
            "timezone": contact.timezone,
            "addresses": contact.addresses,
        },
        "agent": {"id": agent.id, "name": agent.name, "team": agent.team},
    }


def _segment_value(value: Any) -> Any:
    if isinstance(value, list):
        return [text for each in value if (text := _segment_value(each))]
    if value is None or isinstance(value, dict):
        return ""
    text = value if isinstance(value, str) else str(value)
    return text.strip()[:VALUE_LIMIT]
