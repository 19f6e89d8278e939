"""respond.io: one webhook an event type, each with its own signing key (give them as a list of secrets).

Its events name no conversation and no channel, and carry no signed time: a contact has one conversation at a time there, so
the contact's id stands for the conversation's, and a reopening cancels whatever is pending for that contact.

Facts: respond-io/typescript-sdk and 8monkey-ai/aikit-respond-io, src/webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hearback.adapters.sources.reading import attributes, first, iso, part, text, texts, unix_time
from hearback.domain.errors import Invalid, Unverified
from hearback.domain.json_object import json_object
from hearback.domain.signatures import any_same, hmac_base64
from hearback.domain.trigger import Agent, Contact, Conversation, Ignored, Trigger, TriggerKind
from hearback.ports import InboundRequest, Secret

SKIP_CLOSED_BY = ("auto_close",)
"""Who closed a conversation without there being anything to ask about, unless the source says otherwise."""

_KINDS = {"conversation.closed": TriggerKind.CLOSED, "conversation.opened": TriggerKind.REOPENED}


class Respondio:
    kind: str = "respondio"
    secret_fields: tuple[str, ...] = ("secret",)

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        """base64(HMAC-SHA256(signing key, body))."""
        expected = [hmac_base64(each, request.body) for each in secret.live("secret", now)]
        if not any_same(expected, [request.headers.get("x-webhook-signature", "")]):
            raise Unverified("the X-Webhook-Signature header does not verify")

    def read(self, request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:
        body = json_object(request.body)
        event = text(body.get("event_type"))
        kind = _KINDS.get(event)
        if kind is None:
            return Ignored(f"the event is {event or 'unnamed'}")
        contact, conversation = part(body, "contact"), part(body, "conversation")
        closed_by = text(conversation.get("closedBySource"))
        skipped = settings.get("skip_closed_by")
        skips = kind is TriggerKind.CLOSED and closed_by in (SKIP_CLOSED_BY if skipped is None else skipped)
        contact_id = text(contact.get("id"))
        if not contact_id:
            raise Invalid("the event names no contact", fields={"contact.id": "is required"})
        moment = conversation.get("closedTime" if kind is TriggerKind.CLOSED else "openedTime")
        occurred_at = unix_time(moment) or now
        agent = part(contact, "assignee") or part(conversation, "closedBy")
        return Trigger(
            source=source_id,
            event_id=text(body.get("event_id")) or f"{contact_id}:{text(moment)}:{event}",
            kind=kind,
            occurred_at=occurred_at,
            conversation=Conversation(
                id=contact_id,
                closed_at=iso(occurred_at) if kind is TriggerKind.CLOSED else "",
                tags=texts(contact.get("tags")),
                attributes=attributes(_attributes(contact, conversation), _custom_fields(contact)),
            ),
            contact=Contact(
                id=contact_id,
                name=_name(contact),
                email=text(contact.get("email")),
                phone=text(contact.get("phone")),
                language=text(contact.get("language")),
            ),
            agent=Agent(id=text(agent.get("id")), name=_name(agent), team=_team(conversation.get("assigneeTeam"))),
            survey=settings.get("survey") or "",
            excluded=f"closed by {closed_by}, which this source skips" if skips else "",
        )


def _name(person: dict[str, Any]) -> str:
    return " ".join(filter(None, (text(person.get("firstName")), text(person.get("lastName")))))


def _team(value: Any) -> str:
    return first(part(value).get("name"), value)


def _attributes(contact: dict[str, Any], conversation: dict[str, Any]) -> dict[str, Any]:
    return {
        "category": text(conversation.get("category")),
        "opened_by": text(conversation.get("openedBySource")),
        "closed_by": text(conversation.get("closedBySource")),
        "lifecycle": text(contact.get("lifecycle")),
        "country": text(contact.get("countryCode")),
    }


def _custom_fields(contact: dict[str, Any]) -> dict[str, Any]:
    fields = contact.get("custom_fields")
    listed = [each for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    return {name: text(each.get("value")) for each in listed if (name := text(each.get("name")))}
